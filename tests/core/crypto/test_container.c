/* Figures 6 and 7 of RFC 6030, and what must be refused. */
#include "hex.h"
#include "suite.h"

#include <garde/crypto.h>

static struct crypto *crypto;

static struct secret *decoded(const char *base64)
{
    secret_owner struct secret *text = secret_copy(base64, strlen(base64));
    struct secret *bytes = NULL;
    ck_assert_int_eq(crypto_base64_decode(text, &bytes), STATUS_OK);
    return bytes;
}

static void equals(const struct secret *secret, const char *hex)
{
    secret_owner struct secret *want = hex_secret(hex);
    ck_assert_uint_eq(secret_len(secret), secret_len(want));
    ck_assert_int_eq(memcmp(secret_read(secret), secret_read(want), secret_len(want)), 0);
}

static struct secret *decrypted(const struct secret *key, const char *base64)
{
    secret_owner struct secret *bytes = decoded(base64);
    struct secret *plain = NULL;
    ck_assert_int_eq(crypto_cbc_decrypt(crypto, key, secret_read(bytes), secret_len(bytes), &plain), STATUS_OK);
    return plain;
}

static void mac_is(const struct secret *mac_key, const char *value, const char *mac)
{
    crypto_mac_owner struct crypto_mac *made = NULL;
    secret_owner struct secret *bytes = decoded(value);
    secret_owner struct secret *want = decoded(mac);
    uint8_t have[CRYPTO_HASH_MAX];
    size_t len = 0;
    ck_assert_int_eq(crypto_mac_new(crypto, ALGORITHM_SHA1, mac_key, &made), STATUS_OK);
    ck_assert_int_eq(crypto_mac_sign(made, secret_read(bytes), secret_len(bytes), have, &len), STATUS_OK);
    ck_assert_uint_eq(len, secret_len(want));
    ck_assert_int_eq(memcmp(have, secret_read(want), len), 0);
}

START_TEST(the_container_with_a_shared_key_of_rfc_6030_is_read)
{
    static const char value[] = "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv";
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    secret_owner struct secret *key = hex_secret("12345678901234567890123456789012");
    secret_owner struct secret *mac_key =
        decrypted(key, "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX");
    equals(mac_key, "1122334455667788990011223344556677889900");
    mac_is(mac_key, value, "Su+NvtQfmvfJzF6bmQiJqoLRExc=");
    secret_owner struct secret *plain = decrypted(key, value);
    equals(plain, "3132333435363738393031323334353637383930");
    crypto_drop(&crypto);
}
END_TEST

START_TEST(the_container_with_a_passphrase_of_rfc_6030_is_read)
{
    static const char value[] = "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f";
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    secret_owner struct secret *word = secret_copy("qwerty", 6);
    secret_owner struct secret *salt = decoded("Ej7/PEpyEpw=");
    secret_owner struct secret *key = NULL;
    ck_assert_int_eq(crypto_stretch(crypto, ALGORITHM_SHA1, word, secret_read(salt), secret_len(salt), 1000, 16, &key),
                     STATUS_OK);
    equals(key, "651e63cd57008476af1ff6422cd02e41");
    secret_owner struct secret *mac_key =
        decrypted(key, "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx");
    mac_is(mac_key, value, "LP6xMvjtypbfT9PdkJhBZ+D6O4w=");
    secret_owner struct secret *plain = decrypted(key, value);
    equals(plain, "3132333435363738393031323334353637383930");
    crypto_drop(&crypto);
}
END_TEST

START_TEST(what_is_encrypted_comes_back_at_every_length)
{
    static const size_t lens[] = {0, 1, 15, 16, 17, 20, 64, 128, SECRET_MAX - 32}, keys[] = {16, 24, 32};
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    for (size_t i = 0; i < 27; i++) {
        secret_owner struct secret *key = NULL;
        secret_owner struct secret *plain = NULL;
        secret_owner struct secret *again = NULL;
        uint8_t bytes[SECRET_MAX];
        size_t len = 0;
        ck_assert_int_eq(crypto_random_secret(crypto, keys[i % 3], &key), STATUS_OK);
        ck_assert_int_eq(crypto_random_secret(crypto, lens[i / 3], &plain), STATUS_OK);
        ck_assert_int_eq(crypto_cbc_encrypt(crypto, key, plain, bytes, sizeof bytes, &len), STATUS_OK);
        ck_assert_uint_eq(len, 16 + (lens[i / 3] / 16 + 1) * 16);
        ck_assert_int_eq(crypto_cbc_decrypt(crypto, key, bytes, len, &again), STATUS_OK);
        ck_assert_uint_eq(secret_len(again), lens[i / 3]);
        ck_assert_int_eq(memcmp(secret_read(again), secret_read(plain), lens[i / 3]), 0);
    }
    crypto_drop(&crypto);
}
END_TEST

START_TEST(two_encryptions_of_the_same_bytes_differ_from_the_first_byte_on)
{
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    secret_owner struct secret *key = hex_secret("12345678901234567890123456789012");
    secret_owner struct secret *plain = hex_secret("3132333435363738393031323334353637383930");
    uint8_t a[64], b[64];
    size_t len = 0;
    ck_assert_int_eq(crypto_cbc_encrypt(crypto, key, plain, a, sizeof a, &len), STATUS_OK);
    ck_assert_int_eq(crypto_cbc_encrypt(crypto, key, plain, b, sizeof b, &len), STATUS_OK);
    for (size_t block = 0; block < len; block += 16)
        ck_assert_int_ne(memcmp(a + block, b + block, 16), 0);
    ck_assert_int_eq(crypto_cbc_encrypt(crypto, key, plain, a, 47, &len), STATUS_INVALID);
    crypto_drop(&crypto);
}
END_TEST

START_TEST(bytes_that_no_cbc_made_are_refused)
{
    static const uint8_t zeroes[SECRET_MAX + 16];
    struct secret *plain = NULL;
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    secret_owner struct secret *key = hex_secret("12345678901234567890123456789012");
    secret_owner struct secret *odd = hex_secret("1234567890123456789012345678901234");
    static const size_t lens[] = {0, 1, 16, 31, 33, 47, SECRET_MAX + 16};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++)
        ck_assert_int_eq(crypto_cbc_decrypt(crypto, key, zeroes, lens[i], &plain), STATUS_INVALID);
    ck_assert_int_eq(crypto_cbc_decrypt(crypto, odd, zeroes, 32, &plain), STATUS_INVALID);
    /* The padding of zeroes under this key is none. */
    ck_assert_int_eq(crypto_cbc_decrypt(crypto, key, zeroes, 32, &plain), STATUS_TAMPERED);
    ck_assert_ptr_null(plain);
    crypto_drop(&crypto);
}
END_TEST

START_TEST(stretching_refuses_what_costs_nothing_or_too_much)
{
    struct secret *key = NULL;
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    secret_owner struct secret *word = secret_copy("qwerty", 6);
    ck_assert_int_eq(crypto_stretch(crypto, ALGORITHM_SHA1, word, "salt", 4, 0, 16, &key), STATUS_INVALID);
    ck_assert_int_eq(crypto_stretch(crypto, ALGORITHM_SHA1, word, "salt", 4, CRYPTO_ITERATIONS_MAX + 1, 16, &key),
                     STATUS_INVALID);
    ck_assert_int_eq(crypto_stretch(crypto, ALGORITHM_SHA1, word, "salt", 0, 1000, 16, &key), STATUS_INVALID);
    ck_assert_int_eq(crypto_stretch(crypto, (enum factor_algorithm)9, word, "salt", 4, 1000, 16, &key), STATUS_INVALID);
    ck_assert_ptr_null(key);
    crypto_drop(&crypto);
}
END_TEST

START_TEST(base64_is_that_of_rfc_4648_and_nothing_else)
{
    static const char *const good[][2] = {{"", ""},           {"66", "Zg=="},           {"666f", "Zm8="},
                                          {"666f6f", "Zm9v"}, {"666f6f62", "Zm9vYg=="}, {"666f6f6261", "Zm9vYmE="}};
    static const char *const bad[] = {"Z", "Zg", "Zg=", "=", "====", "Zg==Zg==", "Zg=a", "Z*==", "Zm-_", "Zm9v\x80"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        secret_owner struct secret *bytes = hex_secret(good[i][0]);
        secret_owner struct secret *text = NULL;
        ck_assert_int_eq(crypto_base64_encode(bytes, &text), STATUS_OK);
        ck_assert_str_eq((const char *)secret_read(text), good[i][1]);
        secret_owner struct secret *again = decoded(good[i][1]);
        equals(again, good[i][0]);
    }
    secret_owner struct secret *spaced = decoded("\n Zm 9v\r\n\tYmE=\n");
    equals(spaced, "666f6f6261");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        secret_owner struct secret *text = secret_copy(bad[i], strlen(bad[i]));
        struct secret *bytes = NULL;
        ck_assert_int_eq(crypto_base64_decode(text, &bytes), STATUS_INVALID);
        ck_assert_ptr_null(bytes);
    }
}
END_TEST

SUITE("container", the_container_with_a_shared_key_of_rfc_6030_is_read,
      the_container_with_a_passphrase_of_rfc_6030_is_read, what_is_encrypted_comes_back_at_every_length,
      two_encryptions_of_the_same_bytes_differ_from_the_first_byte_on, bytes_that_no_cbc_made_are_refused,
      stretching_refuses_what_costs_nothing_or_too_much, base64_is_that_of_rfc_4648_and_nothing_else)
