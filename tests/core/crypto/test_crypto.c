#include "hex.h"
#include "suite.h"

#include <garde/crypto.h>

static struct crypto *new_crypto(void)
{
    struct crypto *crypto = NULL;
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    ck_assert_ptr_nonnull(crypto);
    return crypto;
}

START_TEST(derive_gives_the_keys_of_rfc_5869)
{
    /* Appendix A.1 to A.3: the first 32 bytes of OKM, since expanding to less gives the start of the same. */
    static const struct {
        const char *key, *salt, *info, *want;
    } vectors[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
         "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
         "404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
         "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
         "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca"
         "\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xe1\xe2\xe3\xe4\xe5"
         "\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"},
    };
    crypto_owner struct crypto *crypto = new_crypto();
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t salt[80], want[CRYPTO_KEY_SIZE];
        size_t salt_len = hex_bytes(vectors[i].salt, salt, sizeof salt);
        ck_assert_uint_eq(hex_bytes(vectors[i].want, want, sizeof want), sizeof want);
        secret_owner struct secret *key = hex_secret(vectors[i].key);
        secret_owner struct secret *derived = NULL;
        ck_assert_int_eq(crypto_derive(crypto, key, salt, salt_len, vectors[i].info, &derived), STATUS_OK);
        ck_assert_uint_eq(secret_len(derived), sizeof want);
        ck_assert_mem_eq(secret_read(derived), want, sizeof want);
    }
}
END_TEST

START_TEST(derive_tells_purposes_and_salts_apart)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = hex_secret("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    secret_owner struct secret *seal = NULL;
    secret_owner struct secret *tag = NULL;
    secret_owner struct secret *elsewhere = NULL;
    ck_assert_int_eq(crypto_derive(crypto, key, "store one", 9, "seal", &seal), STATUS_OK);
    ck_assert_int_eq(crypto_derive(crypto, key, "store one", 9, "tag", &tag), STATUS_OK);
    ck_assert_int_eq(crypto_derive(crypto, key, "store two", 9, "seal", &elsewhere), STATUS_OK);
    ck_assert_mem_ne(secret_read(seal), secret_read(tag), CRYPTO_KEY_SIZE);
    ck_assert_mem_ne(secret_read(seal), secret_read(elsewhere), CRYPTO_KEY_SIZE);
}
END_TEST

START_TEST(random_bytes_fill_the_whole_length_and_differ_each_time)
{
    /* That one byte of 32 stays zero in 64 draws has probability 32 * 2^-512. */
    crypto_owner struct crypto *crypto = new_crypto();
    uint8_t seen[32] = {0}, last[32] = {0};
    for (int draw = 0; draw < 64; draw++) {
        uint8_t bytes[33] = {0};
        ck_assert_int_eq(crypto_random(crypto, bytes, 32), STATUS_OK);
        ck_assert_uint_eq(bytes[32], 0);
        ck_assert_mem_ne(bytes, last, 32);
        memcpy(last, bytes, 32);
        for (size_t i = 0; i < 32; i++)
            seen[i] |= bytes[i];
    }
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_ne(seen[i], 0);
    ck_assert_int_eq(crypto_random(crypto, last, 0), STATUS_OK);
}
END_TEST

START_TEST(random_secrets_have_the_length_asked_for_and_differ)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *one = NULL;
    secret_owner struct secret *two = NULL;
    ck_assert_int_eq(crypto_random_secret(crypto, 64, &one), STATUS_OK);
    ck_assert_int_eq(crypto_random_secret(crypto, 64, &two), STATUS_OK);
    ck_assert_uint_eq(secret_len(one), 64);
    ck_assert_mem_ne(secret_read(one), secret_read(two), 16);
    ck_assert_mem_ne(secret_read(one) + 48, secret_read(two) + 48, 16);

    secret_owner struct secret *large = NULL;
    ck_assert_int_eq(crypto_random_secret(crypto, SECRET_MAX + 1, &large), STATUS_NO_MEMORY);
    ck_assert_ptr_null(large);
}
END_TEST

START_TEST(equal_sees_a_difference_in_any_bit)
{
    uint8_t one[20] = {1, 2, 3}, two[20] = {1, 2, 3};
    ck_assert(crypto_equal(one, two, sizeof one));
    ck_assert(crypto_equal(one, two, 0));
    for (size_t bit = 0; bit < 8 * sizeof two; bit++) {
        two[bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert(!crypto_equal(one, two, sizeof one));
        two[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}
END_TEST

START_TEST(two_contexts_stand_beside_each_other)
{
    crypto_owner struct crypto *one = new_crypto();
    struct crypto *two = new_crypto();
    crypto_free(two);
    uint8_t bytes[8];
    ck_assert_int_eq(crypto_random(one, bytes, sizeof bytes), STATUS_OK);
    crypto_free(NULL);
}
END_TEST

SUITE("crypto", derive_gives_the_keys_of_rfc_5869, derive_tells_purposes_and_salts_apart,
      random_bytes_fill_the_whole_length_and_differ_each_time, random_secrets_have_the_length_asked_for_and_differ,
      equal_sees_a_difference_in_any_bit, two_contexts_stand_beside_each_other)
