#include "suite.h"
#include "toolbox.h"

START_TEST(hotp_gives_the_codes_of_rfc_4226)
{
    /* Appendix D. */
    static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
                                        "254676", "287922", "162583", "399871", "520489"};
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    for (uint64_t counter = 0; counter < 10; counter++) {
        secret_owner struct secret *code = NULL;
        ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, 6, counter, &code), STATUS_OK);
        assert_secret_is(code, codes[counter]);
    }
}
END_TEST

START_TEST(hotp_takes_more_digits_from_the_same_number)
{
    /* Appendix D, "Decimal": 1284755224 and 82162583. */
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    static const struct {
        uint64_t counter;
        uint32_t digits;
        const char *code;
    } wanted[] = {{0, 7, "4755224"}, {0, 8, "84755224"}, {7, 7, "2162583"}, {7, 8, "82162583"}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        secret_owner struct secret *code = NULL;
        ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, wanted[i].digits, wanted[i].counter, &code), STATUS_OK);
        assert_secret_is(code, wanted[i].code);
    }
}
END_TEST

START_TEST(hotp_counts_with_all_64_bits)
{
    /* oathtool --hotp -c 18446744073709551615 and -c 4294967296, with the key of the RFC. */
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    secret_owner struct secret *last = NULL;
    secret_owner struct secret *middle = NULL;
    ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, 6, UINT64_MAX, &last), STATUS_OK);
    ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, 6, UINT64_C(1) << 32, &middle), STATUS_OK);
    assert_secret_is(last, "094451");
    assert_secret_is(middle, "999456");
}
END_TEST

START_TEST(hotp_keeps_leading_zeros)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    bool seen = false;
    for (uint64_t counter = 0; counter < 200; counter++) {
        secret_owner struct secret *code = NULL;
        ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, 6, counter, &code), STATUS_OK);
        ck_assert_uint_eq(secret_len(code), 6);
        for (size_t i = 0; i < 6; i++)
            ck_assert(secret_read(code)[i] >= '0' && secret_read(code)[i] <= '9');
        seen = seen || secret_read(code)[0] == '0';
    }
    ck_assert(seen);
}
END_TEST

START_TEST(hotp_refuses_digits_and_algorithms_that_are_not_ours)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    struct secret *code = NULL;
    ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, 5, 0, &code), STATUS_INVALID);
    ck_assert_int_eq(otp_code(crypto, key, ALGORITHM_SHA1, 9, 0, &code), STATUS_INVALID);
    ck_assert_int_eq(otp_code(crypto, key, (enum factor_algorithm)0, 6, 0, &code), STATUS_INVALID);
    ck_assert_int_eq(otp_code(crypto, key, (enum factor_algorithm)4, 6, 0, &code), STATUS_INVALID);
    ck_assert_ptr_null(code);
}
END_TEST

START_TEST(secrets_are_as_long_as_their_hash)
{
    ck_assert_uint_eq(otp_secret_len(ALGORITHM_SHA1), 20);
    ck_assert_uint_eq(otp_secret_len(ALGORITHM_SHA256), 32);
    ck_assert_uint_eq(otp_secret_len(ALGORITHM_SHA512), 64);
    ck_assert_uint_eq(otp_secret_len((enum factor_algorithm)4), 0);
}
END_TEST

SUITE("hotp", hotp_gives_the_codes_of_rfc_4226, hotp_takes_more_digits_from_the_same_number,
      hotp_counts_with_all_64_bits, hotp_keeps_leading_zeros, hotp_refuses_digits_and_algorithms_that_are_not_ours,
      secrets_are_as_long_as_their_hash)
