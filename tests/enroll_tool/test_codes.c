#include "suite.h"

#include <string.h>

#include <garde/otp.h>

#include "codes.h"

#define ROUNDS 20 /* a character or digit is missing less than once in 10^30 runs */

START_TEST(a_set_is_ten_codes_as_tidying_leaves_them_and_uses_every_character)
{
    bool seen[256] = {false};
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    for (int round = 0; round < ROUNDS; round++) {
        secret_owner struct secret *codes = NULL;
        ck_assert_int_eq(codes_make_set(&codes), TOOL_DONE);
        ck_assert_uint_eq(secret_len(codes), RECOVERY_CODES * RECOVERY_CODE_LEN);
        for (size_t i = 0; i < RECOVERY_CODES; i++) {
            const uint8_t *code = secret_read(codes) + i * RECOVERY_CODE_LEN;
            secret_owner struct secret *one = secret_copy(code, RECOVERY_CODE_LEN);
            secret_owner struct secret *tidied = NULL;
            enum otp_shape shape = OTP_SHAPE_OTHER;
            ck_assert_int_eq(otp_tidy(one, &tidied, &shape), STATUS_OK);
            ck_assert_int_eq(shape, OTP_SHAPE_RECOVERY);
            ck_assert_mem_eq(secret_read(tidied), code, RECOVERY_CODE_LEN);
            for (size_t at = 0; at < RECOVERY_CODE_LEN; at++)
                seen[code[at]] = true;
        }
    }
    for (const char *c = alphabet; *c != '\0'; c++)
        ck_assert(seen[(unsigned char)*c]);
}
END_TEST

START_TEST(a_help_desk_code_is_eight_digits_and_each_digit_comes)
{
    bool seen[256] = {false};

    for (int round = 0; round < 5 * ROUNDS; round++) {
        secret_owner struct secret *code = NULL;
        ck_assert_int_eq(codes_make_temporary(&code), TOOL_DONE);
        ck_assert_uint_eq(secret_len(code), TEMPORARY_CODE_LEN);
        for (size_t at = 0; at < TEMPORARY_CODE_LEN; at++) {
            ck_assert(secret_read(code)[at] >= '0' && secret_read(code)[at] <= '9');
            seen[secret_read(code)[at]] = true;
        }
    }
    for (unsigned c = '0'; c <= '9'; c++)
        ck_assert(seen[c]);
}
END_TEST

SUITE("codes", a_set_is_ten_codes_as_tidying_leaves_them_and_uses_every_character,
      a_help_desk_code_is_eight_digits_and_each_digit_comes)
