#include "suite.h"

#include <string.h>

#include "token_key.h"

static enum status decode(enum token_key_form form, const char *text, struct secret **out_key)
{
    secret_owner struct secret *typed = secret_copy(text, strlen(text));
    return token_key_decode(form, typed, out_key);
}

START_TEST(keys_are_taken_as_makers_write_them)
{
    static const struct {
        enum token_key_form form;
        const char *text;
    } same[] = {
        {TOKEN_KEY_HEX, "3132333435363738393061626364656F"},
        {TOKEN_KEY_HEX, "3132333435363738393061626364656f"},
        {TOKEN_KEY_HEX, "3132 3334 3536 3738 3930 6162 6364 656f"},
        {TOKEN_KEY_HEX, " 31:32:33:34:35:36:37:38:39:30:61:62:63:64:65:6f "},
        {TOKEN_KEY_HEX, "31323334-35363738-39306162-6364656f"},
        {TOKEN_KEY_BASE32, "GEZDGNBVGY3TQOJQMFRGGZDFN4"},
        {TOKEN_KEY_BASE32, "gezd gnbv gy3t qojq mfrg gzdf n4======"},
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        secret_owner struct secret *key = NULL;
        ck_assert_msg(decode(same[i].form, same[i].text, &key) == STATUS_OK, "%s", same[i].text);
        ck_assert_uint_eq(secret_len(key), 16);
        ck_assert_mem_eq(secret_read(key), "1234567890abcdeo", 16);
    }
}
END_TEST

START_TEST(texts_that_are_no_hexadecimal_are_refused)
{
    static const char *const bad[] = {"",      " ",  "3",      "313",  "3 1",     "0x3132",
                                      "31,32", "3g", "31\n32", "31 3", "\xff\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        secret_owner struct secret *key = NULL;
        ck_assert_msg(decode(TOKEN_KEY_HEX, bad[i], &key) == STATUS_INVALID, "%s", bad[i]);
        ck_assert_ptr_null(key);
    }
}
END_TEST

SUITE("token_key", keys_are_taken_as_makers_write_them, texts_that_are_no_hexadecimal_are_refused)
