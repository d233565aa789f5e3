/* A vault on a key ring of the test's own making. */
#ifndef GARDE_TESTS_OPEN_VAULT_H
#define GARDE_TESTS_OPEN_VAULT_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <garde/vault.h>

#define OK(call) ck_assert_int_eq(call, STATUS_OK)

#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX_B "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f"
#define HEX_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define RING_A   "garde-key-ring 1\nkey 1 " HEX_A "\n"
#define RING_AB  RING_A "key 5 " HEX_B "\n"
#define RING_B   "garde-key-ring 1\nkey 1 " HEX_B "\n"
#define RING_ABC RING_AB "key 2147483647 " HEX_C "\n"

static const uint8_t a_store[STORE_ID_SIZE] = "one store......";
static const uint8_t other_store[STORE_ID_SIZE] = "another store..";

/* A file with this text, 0400; its name is written over the template. */
static inline void write_ring(char name[32], const void *text, size_t len)
{
    strcpy(name, "/tmp/garde-ring.XXXXXX");
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, 0400), 0);
    ck_assert_int_eq(close(fd), 0);
}

static inline struct crypto *a_crypto(void)
{
    struct crypto *crypto = NULL;
    OK(crypto_new(&crypto));
    return crypto;
}

static inline struct vault *open_vault(struct crypto *crypto, const char *text)
{
    char name[32];
    struct vault *vault = NULL;
    struct problem problem;
    write_ring(name, text, strlen(text));
    enum status status = vault_open(crypto, name, geteuid(), &vault, &problem);
    ck_assert_int_eq(unlink(name), 0);
    OK(status);
    return vault;
}

static inline struct vault_keys *open_keys(struct vault *vault, const uint8_t store_id[STORE_ID_SIZE])
{
    struct vault_keys *keys = NULL;
    OK(vault_keys_new(vault, store_id, &keys));
    return keys;
}

#define WITH_KEYS(text)                                                                                                \
    crypto_owner struct crypto *crypto = a_crypto();                                                                   \
    vault_owner struct vault *vault = open_vault(crypto, text);                                                        \
    vault_keys_owner struct vault_keys *keys = open_keys(vault, a_store)

static inline struct factor a_factor(void)
{
    return (struct factor){.id = 7,
                           .user = "alice",
                           .uid = 1001,
                           .label = "phone",
                           .kind = FACTOR_TOTP,
                           .algorithm = ALGORITHM_SHA1,
                           .digits = 6,
                           .period_s = 30,
                           .state = FACTOR_ACTIVE,
                           .created_s = 100,
                           .confirmed_s = 101};
}

/* Sealed and tagged. */
static inline struct factor a_whole_factor(struct vault_keys *keys, const char *text)
{
    secret_owner struct secret *secret = secret_copy(text, strlen(text));
    struct factor factor = a_factor();
    OK(vault_seal(keys, secret, &factor));
    OK(vault_tag_factor(keys, &factor));
    return factor;
}

#endif
