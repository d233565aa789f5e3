#include "suite.h"
#include "toolbox.h"

/* Under valgrind the codes that are typed count as undefined, and a branch or an address that depends on them is an
 * error; elsewhere these do nothing. */
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(at, len) 0
#define VALGRIND_MAKE_MEM_DEFINED(at, len)   0
#endif

static uint64_t match_text(struct crypto *crypto, const char *typed_text, uint64_t first, unsigned count)
{
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    secret_owner struct secret *typed = text_secret(typed_text);
    uint64_t matches = 42;
    ck_assert_int_eq(otp_match(crypto, key, ALGORITHM_SHA1, 6, first, count, typed, &matches), STATUS_OK);
    return matches;
}

START_TEST(match_finds_each_code_of_the_span_at_its_own_place)
{
    /* RFC 4226, appendix D. */
    crypto_owner struct crypto *crypto = new_crypto();
    ck_assert_uint_eq(match_text(crypto, "755224", 0, 10), 1U << 0);
    ck_assert_uint_eq(match_text(crypto, "338314", 0, 10), 1U << 4);
    ck_assert_uint_eq(match_text(crypto, "520489", 0, 10), 1U << 9);
    ck_assert_uint_eq(match_text(crypto, "520489", 9, 1), 1);
    ck_assert(match_text(crypto, "755224", 0, 64) == 1);
}
END_TEST

START_TEST(match_finds_nothing_outside_its_span)
{
    crypto_owner struct crypto *crypto = new_crypto();
    ck_assert_uint_eq(match_text(crypto, "755224", 1, 9), 0);
    ck_assert_uint_eq(match_text(crypto, "520489", 0, 9), 0);
    ck_assert_uint_eq(match_text(crypto, "000000", 0, 10), 0);
}
END_TEST

START_TEST(match_takes_only_the_bytes_of_the_code_and_nothing_more_or_less)
{
    crypto_owner struct crypto *crypto = new_crypto();
    static const char *const typed[] = {"",
                                        "7",
                                        "75522",
                                        "7552240",
                                        "0755224",
                                        "755224 ",
                                        " 755224",
                                        "755 224",
                                        "75522\n",
                                        "755225",
                                        ("7552\xef\xbc\x92"
                                         "4"),
                                        "+55224",
                                        "75522A",
                                        "00755224",
                                        "75522400"};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
        ck_assert_uint_eq(match_text(crypto, typed[i], 0, 1), 0);
}
END_TEST

START_TEST(match_takes_no_zero_bytes_for_the_end_of_a_code)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    for (size_t len = 0; len <= 16; len++) {
        uint8_t bytes[16] = "755224";
        secret_owner struct secret *typed = secret_copy(bytes, len);
        uint64_t matches = 42;
        ck_assert_int_eq(otp_match(crypto, key, ALGORITHM_SHA1, 6, 0, 1, typed, &matches), STATUS_OK);
        ck_assert_uint_eq(matches, len == 6 ? 1 : 0);
    }
}
END_TEST

START_TEST(match_agrees_with_the_codes_one_by_one)
{
    crypto_owner struct crypto *crypto = new_crypto();
    uint64_t state = 4226;
    for (int round = 0; round < 60; round++) {
        enum factor_algorithm algorithm = (enum factor_algorithm)(1 + next_below(&state, 3));
        uint32_t digits = (uint32_t)(6 + next_below(&state, 3));
        unsigned count = (unsigned)(1 + next_below(&state, OTP_SPAN_MAX));
        uint64_t first = next_number(&state) >> next_below(&state, 60);
        if (first > UINT64_MAX - count)
            first -= count;
        unsigned right = (unsigned)next_below(&state, count);
        secret_owner struct secret *key = NULL;
        ck_assert_int_eq(crypto_random_secret(crypto, 16 + next_below(&state, 113), &key), STATUS_OK);

        secret_owner struct secret *typed = NULL;
        ck_assert_int_eq(otp_code(crypto, key, algorithm, digits, first + right, &typed), STATUS_OK);
        uint64_t want = 0, got = 0;
        for (unsigned i = 0; i < count; i++) {
            secret_owner struct secret *code = NULL;
            ck_assert_int_eq(otp_code(crypto, key, algorithm, digits, first + i, &code), STATUS_OK);
            if (memcmp(secret_read(code), secret_read(typed), digits) == 0)
                want |= UINT64_C(1) << i;
        }
        ck_assert_int_eq(otp_match(crypto, key, algorithm, digits, first, count, typed, &got), STATUS_OK);
        ck_assert(got == want && (got >> right & 1) == 1);
    }
}
END_TEST

START_TEST(match_refuses_spans_that_cannot_be)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    secret_owner struct secret *typed = text_secret("755224");
    static const struct {
        uint64_t first;
        unsigned count;
        uint32_t digits;
        unsigned algorithm;
    } bad[] = {{0, 0, 6, 1},          {0, OTP_SPAN_MAX + 1, 6, 1},
               {UINT64_MAX, 2, 6, 1}, {UINT64_MAX - 62, 64, 6, 1},
               {0, UINT32_MAX, 6, 1}, {0, 1, 5, 1},
               {0, 1, 9, 1},          {0, 1, 6, 0},
               {0, 1, 6, 4}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t matches = 42;
        ck_assert_int_eq(otp_match(crypto, key, (enum factor_algorithm)bad[i].algorithm, bad[i].digits, bad[i].first,
                                   bad[i].count, typed, &matches),
                         STATUS_INVALID);
        ck_assert_uint_eq(matches, 42);
    }
    uint64_t matches = 42;
    ck_assert_int_eq(otp_match(crypto, key, ALGORITHM_SHA1, 6, UINT64_MAX, 1, typed, &matches), STATUS_OK);
    ck_assert_uint_eq(matches, 0);
}
END_TEST

START_TEST(match_takes_no_branch_on_what_was_typed)
{
    crypto_owner struct crypto *crypto = new_crypto();
    secret_owner struct secret *key = rfc_key(ALGORITHM_SHA1);
    static const char *const codes[] = {"338314", "338315", "938314", "33831", "3383140", "338314000000"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        secret_owner struct secret *typed = text_secret(codes[i]);
        (void)VALGRIND_MAKE_MEM_UNDEFINED(secret_fill(typed), secret_len(typed));
        uint64_t matches = 0;
        ck_assert_int_eq(otp_match(crypto, key, ALGORITHM_SHA1, 6, 0, 10, typed, &matches), STATUS_OK);
        (void)VALGRIND_MAKE_MEM_DEFINED(&matches, sizeof matches);
        ck_assert_uint_eq(matches, i == 0 ? 1U << 4 : 0);
    }
}
END_TEST

SUITE("match", match_finds_each_code_of_the_span_at_its_own_place, match_finds_nothing_outside_its_span,
      match_takes_only_the_bytes_of_the_code_and_nothing_more_or_less, match_takes_no_zero_bytes_for_the_end_of_a_code,
      match_agrees_with_the_codes_one_by_one, match_refuses_spans_that_cannot_be,
      match_takes_no_branch_on_what_was_typed)
