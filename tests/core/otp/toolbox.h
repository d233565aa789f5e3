/* What the tests of otp share: a context, secrets from text, and a generator of reproducible "random" numbers. */
#ifndef GARDE_TESTS_OTP_TOOLBOX_H
#define GARDE_TESTS_OTP_TOOLBOX_H

#include <check.h>
#include <string.h>

#include <garde/otp.h>

static inline struct crypto *new_crypto(void)
{
    struct crypto *crypto = NULL;
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    return crypto;
}

static inline struct secret *text_secret(const char *text)
{
    struct secret *secret = secret_copy(text, strlen(text));
    ck_assert_ptr_nonnull(secret);
    return secret;
}

/* The RFCs' test key: "1234567890" over and over, as long as the hash. */
static inline struct secret *rfc_key(enum factor_algorithm algorithm)
{
    struct secret *key = secret_new(otp_secret_len(algorithm));
    ck_assert_ptr_nonnull(key);
    for (size_t i = 0; i < secret_len(key); i++)
        secret_fill(key)[i] = (uint8_t)('0' + (i + 1) % 10);
    return key;
}

static inline void assert_secret_is(const struct secret *secret, const char *text)
{
    ck_assert_ptr_nonnull(secret);
    ck_assert_uint_eq(secret_len(secret), strlen(text));
    ck_assert_mem_eq(secret_read(secret), text, strlen(text));
}

/* SplitMix64: the same numbers in each run, so that a failure comes again. */
static inline uint64_t next_number(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15U;
    uint64_t mixed = *state;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebU;
    return mixed ^ mixed >> 31;
}

static inline size_t next_below(uint64_t *state, size_t limit)
{
    return (size_t)(next_number(state) % limit);
}

#endif
