#include "hex.h"
#include "suite.h"

#include <garde/crypto.h>

struct vector {
    const char *key, *message, *sha1, *sha256, *sha512;
};

#define TIMES_5(x) x x x x x
#define AA_20      TIMES_5("aaaaaaaa")
#define DD_50      TIMES_5(TIMES_5("dddd"))
#define CD_50      TIMES_5(TIMES_5("cdcd"))
#define AA_80      AA_20 AA_20 AA_20 AA_20
#define AA_131     AA_80 AA_20 AA_20 "aaaaaaaaaaaaaaaaaaaaaa"

/* RFC 4231 4.2 to 4.8 (without 4.6, which truncates) for SHA-256 and SHA-512; RFC 2202 3 for SHA-1, whose cases 6 and 7
 * have another key length and stand apart. */
static const struct vector vectors[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "b617318655057264e28bc0b6fb378c8ef146be00",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {AA_20, DD_50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819", CD_50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
     "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
     "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
    {AA_80,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
     "aa4ae5e15272d00e95705637ce8a3b55ed402112", NULL, NULL},
    {AA_80,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b657920616e64204c6172676572205468616e20"
     "4f6e6520426c6f636b2d53697a652044617461",
     "e8e99d0f45237d786d6bbaa7965c7808bbff1a91", NULL, NULL},
    {AA_131,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
     NULL, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    {AA_131,
     "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e6420"
     "61206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173"
     "686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
     NULL, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
     "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
     "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},
};

static struct crypto *new_crypto(void)
{
    struct crypto *crypto = NULL;
    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    return crypto;
}

static void check_vectors(enum factor_algorithm hash, size_t hash_len, size_t offset)
{
    crypto_owner struct crypto *crypto = new_crypto();
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const char *want_hex = NULL;
        memcpy(&want_hex, (const char *)&vectors[i] + offset, sizeof want_hex);
        if (want_hex == NULL)
            continue;

        uint8_t message[160], want[CRYPTO_HASH_MAX], got[CRYPTO_HASH_MAX];
        size_t len = hex_bytes(vectors[i].message, message, sizeof message), got_len = 0;
        ck_assert_uint_eq(hex_bytes(want_hex, want, sizeof want), hash_len);
        secret_owner struct secret *key = hex_secret(vectors[i].key);
        crypto_mac_owner struct crypto_mac *mac = NULL;
        ck_assert_int_eq(crypto_mac_new(crypto, hash, key, &mac), STATUS_OK);
        ck_assert_int_eq(crypto_mac_sign(mac, message, len, got, &got_len), STATUS_OK);
        ck_assert_uint_eq(got_len, hash_len);
        ck_assert_mem_eq(got, want, hash_len);
    }
}

START_TEST(mac_with_sha1_gives_the_codes_of_rfc_2202)
{
    check_vectors(ALGORITHM_SHA1, 20, offsetof(struct vector, sha1));
}
END_TEST

START_TEST(mac_with_sha256_gives_the_codes_of_rfc_4231)
{
    check_vectors(ALGORITHM_SHA256, 32, offsetof(struct vector, sha256));
}
END_TEST

START_TEST(mac_with_sha512_gives_the_codes_of_rfc_4231)
{
    check_vectors(ALGORITHM_SHA512, 64, offsetof(struct vector, sha512));
}
END_TEST

START_TEST(mac_signs_message_after_message_with_its_one_key)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = hex_secret(vectors[1].key);
    crypto_mac_owner struct crypto_mac *mac = NULL;
    ck_assert_int_eq(crypto_mac_new(crypto, ALGORITHM_SHA256, key, &mac), STATUS_OK);

    uint8_t message[32], want[32];
    size_t len = hex_bytes(vectors[1].message, message, sizeof message);
    (void)hex_bytes(vectors[1].sha256, want, sizeof want);
    for (int round = 0; round < 3; round++) {
        uint8_t got[CRYPTO_HASH_MAX], other[CRYPTO_HASH_MAX];
        size_t got_len = 0, other_len = 0;
        ck_assert_int_eq(crypto_mac_sign(mac, "", 0, other, &other_len), STATUS_OK);
        ck_assert_int_eq(crypto_mac_sign(mac, message, len, got, &got_len), STATUS_OK);
        ck_assert_uint_eq(got_len, 32);
        ck_assert_mem_eq(got, want, 32);
        ck_assert_mem_ne(other, want, 32);
    }
}
END_TEST

START_TEST(mac_refuses_a_hash_that_it_does_not_know)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = hex_secret(AA_20);
    struct crypto_mac *mac = NULL;
    ck_assert_int_eq(crypto_mac_new(crypto, (enum factor_algorithm)0, key, &mac), STATUS_INVALID);
    ck_assert_int_eq(crypto_mac_new(crypto, (enum factor_algorithm)4, key, &mac), STATUS_INVALID);
    ck_assert_ptr_null(mac);
    crypto_mac_free(NULL);
}
END_TEST

SUITE("mac", mac_with_sha1_gives_the_codes_of_rfc_2202, mac_with_sha256_gives_the_codes_of_rfc_4231,
      mac_with_sha512_gives_the_codes_of_rfc_4231, mac_signs_message_after_message_with_its_one_key,
      mac_refuses_a_hash_that_it_does_not_know)
