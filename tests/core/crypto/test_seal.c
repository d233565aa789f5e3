#include "hex.h"
#include "suite.h"

#include <garde/crypto.h>

#define AAD  "alice 1000 totp"
#define KEY  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define OVER (CRYPTO_NONCE_SIZE + CRYPTO_AEAD_TAG_SIZE)

static struct crypto *crypto;

static void open_crypto(void)
{
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
}

static enum status unseal(const char *key_hex, const char *aad, const uint8_t *sealed, size_t len,
                          struct secret **out_plain)
{
    secret_owner struct secret *key = hex_secret(key_hex);
    return crypto_unseal(crypto, key, aad, strlen(aad), sealed, len, out_plain);
}

static void refused(const char *key_hex, const char *aad, const uint8_t *sealed, size_t len)
{
    struct secret *plain = NULL;
    ck_assert_int_eq(unseal(key_hex, aad, sealed, len, &plain), STATUS_TAMPERED);
    ck_assert_ptr_null(plain);
}

static size_t seal(const char *text, const char *aad, uint8_t *out, size_t size)
{
    secret_owner struct secret *key = hex_secret(KEY);
    secret_owner struct secret *plain = secret_copy(text, strlen(text));
    size_t len = 0;
    ck_assert_int_eq(crypto_seal(crypto, key, aad, strlen(aad), plain, out, size, &len), STATUS_OK);
    ck_assert_uint_eq(len, strlen(text) + OVER);
    return len;
}

START_TEST(unseal_gives_back_what_was_sealed_at_every_length)
{
    open_crypto();
    secret_owner struct secret *key = hex_secret(KEY);
    static const size_t lens[] = {0, 1, 15, 16, 17, 20, 64, 128, SECRET_MAX};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        secret_owner struct secret *plain = NULL;
        secret_owner struct secret *again = NULL;
        ck_assert_int_eq(crypto_random_secret(crypto, lens[i], &plain), STATUS_OK);
        uint8_t sealed[SECRET_MAX + OVER];
        size_t len = 0;
        ck_assert_int_eq(crypto_seal(crypto, key, AAD, strlen(AAD), plain, sealed, sizeof sealed, &len), STATUS_OK);
        ck_assert_uint_eq(len, lens[i] + OVER);
        ck_assert_int_eq(crypto_unseal(crypto, key, AAD, strlen(AAD), sealed, len, &again), STATUS_OK);
        ck_assert_uint_eq(secret_len(again), lens[i]);
        ck_assert_int_eq(memcmp(secret_read(again), secret_read(plain), lens[i]), 0);
    }
    crypto_drop(&crypto);
}
END_TEST

START_TEST(unseal_opens_the_gcm_test_case_16)
{
    /* McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B, case 16. */
    open_crypto();
    uint8_t aad[32], want[64], sealed[128];
    size_t aad_len = hex_bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad, sizeof aad);
    size_t want_len = hex_bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                                want, sizeof want);
    size_t len = hex_bytes("cafebabefacedbaddecaf888"
                           "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                           "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                           "76fc6ece0f4e1768cddf8853bb2d551b",
                           sealed, sizeof sealed);
    secret_owner struct secret *key = hex_secret(KEY);
    secret_owner struct secret *plain = NULL;
    ck_assert_int_eq(crypto_unseal(crypto, key, aad, aad_len, sealed, len, &plain), STATUS_OK);
    ck_assert_uint_eq(secret_len(plain), want_len);
    ck_assert_mem_eq(secret_read(plain), want, want_len);
    crypto_drop(&crypto);
}
END_TEST

START_TEST(unseal_refuses_any_single_bit_that_was_changed)
{
    open_crypto();
    uint8_t sealed[64];
    size_t len = seal("12345678901234567890", AAD, sealed, sizeof sealed);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        refused(KEY, AAD, sealed, len);
        sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    char aad[] = AAD;
    for (size_t bit = 0; bit < 8 * strlen(AAD); bit++) {
        if ((unsigned char)aad[bit / 8] == 1U << bit % 8)
            continue; /* would end the string */
        aad[bit / 8] = (char)(aad[bit / 8] ^ (char)(1U << bit % 8));
        refused(KEY, aad, sealed, len);
        aad[bit / 8] = (char)(aad[bit / 8] ^ (char)(1U << bit % 8));
    }
    struct secret *plain = NULL;
    ck_assert_int_eq(unseal(KEY, AAD, sealed, len, &plain), STATUS_OK);
    secret_free(plain);
    crypto_drop(&crypto);
}
END_TEST

START_TEST(unseal_refuses_any_other_length_key_or_data)
{
    open_crypto();
    uint8_t sealed[64] = {0};
    size_t len = seal("12345678901234567890", AAD, sealed, sizeof sealed);
    for (size_t cut = 0; cut < sizeof sealed; cut++)
        if (cut != len)
            refused(KEY, AAD, sealed, cut);
    refused("ffffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", AAD, sealed, len);
    refused(KEY, "", sealed, len);
    refused(KEY, AAD " ", sealed, len);
    uint8_t huge[SECRET_MAX + OVER + 1] = {0};
    refused(KEY, AAD, huge, sizeof huge);
    crypto_drop(&crypto);
}
END_TEST

START_TEST(seal_never_repeats_a_nonce)
{
    open_crypto();
    uint8_t sealed[256][OVER + 1];
    for (size_t i = 0; i < 256; i++) {
        (void)seal("x", "", sealed[i], sizeof sealed[i]);
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(sealed[i], sealed[j], CRYPTO_NONCE_SIZE);
    }
    crypto_drop(&crypto);
}
END_TEST

START_TEST(seal_touches_nothing_where_the_key_or_the_room_is_too_short)
{
    open_crypto();
    secret_owner struct secret *key = hex_secret(KEY);
    secret_owner struct secret *short_key = hex_secret("00112233445566778899aabbccddeeff");
    secret_owner struct secret *plain = hex_secret("3132333435");
    uint8_t sealed[5 + OVER], untouched[5 + OVER];
    memset(sealed, 0x5a, sizeof sealed);
    memset(untouched, 0x5a, sizeof untouched);
    size_t len = 42;
    ck_assert_int_eq(crypto_seal(crypto, key, "", 0, plain, sealed, sizeof sealed - 1, &len), STATUS_INVALID);
    ck_assert_int_eq(crypto_seal(crypto, short_key, "", 0, plain, sealed, sizeof sealed, &len), STATUS_INVALID);
    ck_assert_mem_eq(sealed, untouched, sizeof sealed);
    ck_assert_uint_eq(len, 42);

    struct secret *out = NULL;
    ck_assert_int_eq(crypto_unseal(crypto, short_key, "", 0, sealed, sizeof sealed, &out), STATUS_INVALID);
    ck_assert_ptr_null(out);
    crypto_drop(&crypto);
}
END_TEST

SUITE("seal", unseal_gives_back_what_was_sealed_at_every_length, unseal_opens_the_gcm_test_case_16,
      unseal_refuses_any_single_bit_that_was_changed, unseal_refuses_any_other_length_key_or_data,
      seal_never_repeats_a_nonce, seal_touches_nothing_where_the_key_or_the_room_is_too_short)
