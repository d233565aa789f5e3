#include "suite.h"
#include "toolbox.h"

START_TEST(totp_gives_the_codes_of_rfc_6238)
{
    /* Appendix B, 8 digits, period 30 s. */
    static const struct {
        int64_t now_s;
        uint64_t step;
        const char *sha1, *sha256, *sha512;
    } rows[] = {
        {59, 0x1, "94287082", "46119246", "90693936"},
        {1111111109, 0x23523EC, "07081804", "68084774", "25091201"},
        {1111111111, 0x23523ED, "14050471", "67062674", "99943326"},
        {1234567890, 0x273EF07, "89005924", "91819424", "93441116"},
        {2000000000, 0x3F940AA, "69279037", "90698825", "38618901"},
        {20000000000, 0x27BC86AA, "65353130", "77737706", "47863826"},
    };
    crypto_owner struct crypto *crypto = new_crypto();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const codes[] = {rows[i].sha1, rows[i].sha256, rows[i].sha512};
        uint64_t step = otp_step(rows[i].now_s, 30);
        ck_assert_uint_eq(step, rows[i].step);
        for (unsigned algorithm = ALGORITHM_SHA1; algorithm <= ALGORITHM_SHA512; algorithm++) {
            secret_owner struct secret *key = rfc_key((enum factor_algorithm)algorithm);
            secret_owner struct secret *code = NULL;
            ck_assert_int_eq(otp_code(crypto, key, (enum factor_algorithm)algorithm, 8, step, &code), STATUS_OK);
            assert_secret_is(code, codes[algorithm - 1]);
        }
    }
}
END_TEST

START_TEST(step_changes_with_the_first_second_of_a_period)
{
    ck_assert_uint_eq(otp_step(0, 30), 0);
    ck_assert_uint_eq(otp_step(29, 30), 0);
    ck_assert_uint_eq(otp_step(30, 30), 1);
    ck_assert_uint_eq(otp_step(59, 30), 1);
    ck_assert_uint_eq(otp_step(60, 30), 2);
    ck_assert_uint_eq(otp_step(119, 120), 0);
    ck_assert_uint_eq(otp_step(7, 1), 7);
}
END_TEST

START_TEST(step_holds_at_the_ends_of_time)
{
    ck_assert_uint_eq(otp_step(-1, 30), 0);
    ck_assert_uint_eq(otp_step(INT64_MIN, 30), 0);
    ck_assert(otp_step(INT64_MAX, 1) == INT64_MAX);
    ck_assert_uint_eq(otp_step(INT64_C(1) << 32, 30), 143165576);
}
END_TEST

START_TEST(step_never_falls_while_time_grows)
{
    uint64_t state = 1;
    for (int i = 0; i < 1000; i++) {
        int64_t now_s = (int64_t)(next_number(&state) >> 24);
        uint32_t period_s = (uint32_t)next_below(&state, FACTOR_PERIOD_MAX_S) + 1;
        uint64_t step = otp_step(now_s, period_s);
        ck_assert(otp_step(now_s + 1, period_s) - step <= 1);
        ck_assert_uint_eq(otp_step(now_s + period_s, period_s), step + 1);
    }
}
END_TEST

SUITE("totp", totp_gives_the_codes_of_rfc_6238, step_changes_with_the_first_second_of_a_period,
      step_holds_at_the_ends_of_time, step_never_falls_while_time_grows)
