#include "suite.h"

#include <string.h>

#include "typed.h"

static void splits(const char *text, uint32_t digits, const char *password, const char *code)
{
    secret_owner struct secret *typed = secret_copy(text, strlen(text));
    secret_owner struct secret *first = NULL;
    secret_owner struct secret *second = NULL;
    ck_assert_int_eq(typed_split(typed, digits, &first, &second), STATUS_OK);
    const char *got_password = (const char *)secret_read(first), *got_code = (const char *)secret_read(second);
    ck_assert_msg(strcmp(got_password, password) == 0 && strcmp(got_code, code) == 0,
                  "`%s`, %u digits: `%s` and `%s`, not `%s` and `%s`", text, digits, got_password, got_code, password,
                  code);
    ck_assert_uint_eq(secret_len(first), strlen(password));
    ck_assert_uint_eq(secret_len(second), strlen(code));
}

START_TEST(a_code_right_behind_the_password_is_its_last_digits)
{
    splits("correct123456", 6, "correct", "123456");
    splits("correct1234567", 7, "correct", "1234567");
    splits("correct12345678", 8, "correct", "12345678");
    splits("winter2026123456", 6, "winter2026", "123456"); /* a password that ends in digits */
    splits("123456", 6, "", "123456");
    splits("1234567", 6, "1", "234567");
    splits("pass-123456", 6, "pass-", "123456"); /* a dash is no separator */
    splits("\xc3\xa9t\xc3\xa9"
           "123456",
           6, "\xc3\xa9t\xc3\xa9", "123456");
}
END_TEST

START_TEST(a_code_right_behind_the_password_may_be_in_two_groups)
{
    splits("correct123 456", 6, "correct", "123456");
    splits("correct123-456", 6, "correct", "123456");
    splits("correct1234 5678", 8, "correct", "12345678");
    splits("correct1-23456", 6, "correct", "123456");
    splits("correct12-34-56", 6, "correct12-34-56", ""); /* in three it is none */
    splits("correct123  456", 6, "correct123  456", "");
}
END_TEST

START_TEST(a_code_set_off_by_space_or_comma_may_be_grouped_in_any_way)
{
    splits("correct 123456", 6, "correct", "123456");
    splits("correct,123456", 6, "correct", "123456");
    splits("correct 123 456", 6, "correct", "123456");
    splits("correct,123 456", 6, "correct", "123456");
    splits("correct,12-34 56", 6, "correct", "123456");
    splits("correct, 123 456 ", 6, "correct,", "123456"); /* the shortest tail is the one behind the space */
    splits(" 123456", 6, "", "123456");
    splits(",123456", 6, "", "123456");
}
END_TEST

START_TEST(one_separator_is_dropped_and_the_rest_is_the_password)
{
    splits("ends in a space  123456", 6, "ends in a space ", "123456");
    splits("ends in a comma,,123456", 6, "ends in a comma,", "123456");
    splits("two words 123456", 6, "two words", "123456");
    splits("a,b,c 123456", 6, "a,b,c", "123456");
    splits("  123456", 6, " ", "123456");
}
END_TEST

START_TEST(a_help_desk_code_is_eight_digits_set_off)
{
    splits("correct 12345678", 6, "correct", "12345678");
    splits("correct 1234 5678", 6, "correct", "12345678");
    splits("correct,1234-5678", 6, "correct", "12345678");
    splits("correct12345678", 6, "correct12", "345678"); /* not set off */
    splits("correct 1234567", 6, "correct 1", "234567");
    splits("correct 12 345678", 6, "correct 12", "345678"); /* the shortest tail */
}
END_TEST

START_TEST(a_recovery_code_is_fifteen_characters_set_off)
{
    splits("correct ABCDE-FGHJK-MNPQR", 6, "correct", "ABCDEFGHJKMNPQR");
    splits("correct,abcde fghjk mnpqr", 6, "correct", "abcdefghjkmnpqr");
    splits("correct abcdefghjkmnpqr", 6, "correct", "abcdefghjkmnpqr");
    splits("correct OIL0O-1LI0o-il000", 6, "correct", "OIL0O1LI0oil000"); /* read as it is meant, by the verifier */
    splits("two words ABCDE-FGHJK-MNPQR", 6, "two words", "ABCDEFGHJKMNPQR");
    splits("correctABCDE-FGHJK-MNPQR", 6, "correctABCDE-FGHJK-MNPQR", "");   /* not set off */
    splits("correct ABCDE-FGHJK-MNPQU", 6, "correct ABCDE-FGHJK-MNPQU", ""); /* no U in any */
    splits("correct ABCDE-FGHJK-MNPQ", 6, "correct ABCDE-FGHJK-MNPQ", "");
    splits("correct ABCDE-FGHJK-MNPQRS", 6, "correct ABCDE-FGHJK-MNPQRS", "");
}
END_TEST

START_TEST(a_recovery_code_that_ends_in_digits_counts_as_it_is_printed)
{
    splits("correct ABCDE-FGHJ1-23456", 6, "correct", "ABCDEFGHJ123456");
    splits("correct ABCDE FGHJ1 23456 ", 6, "correct", "ABCDEFGHJ123456");
    splits("correct 12345-12345-12345", 6, "correct", "123451234512345");
    splits("correct ABCDEFGHJK12345", 6, "correct", "ABCDEFGHJK12345"); /* five digits are no code of six */
}
END_TEST

START_TEST(the_last_word_of_a_pass_phrase_with_a_code_is_no_recovery_code)
{
    splits("correct fifteenis123456", 6, "correct fifteenis", "123456");
    splits("some old cats in123456", 6, "some old cats in", "123456"); /* fifteen, with spaces */
    splits("correct horse battery staple 123456", 6, "correct horse battery staple", "123456");
    splits("correct horse battery staple123456", 6, "correct horse battery staple", "123456");
}
END_TEST

START_TEST(a_text_without_a_code_is_the_password_as_it_is)
{
    splits("correct", 6, "correct", "");
    splits("", 6, "", "");
    splits("correct12345", 6, "correct12345", "");
    splits("correct123456x", 6, "correct123456x", "");
    splits("correct123456 ", 6, "correct123456 ", "");
    splits("correct 12a456", 6, "correct 12a456", "");
    splits("correct,123,456", 6, "correct,123,456", "");
    splits("-", 6, "-", "");
    splits(" ", 6, " ", "");
    splits("correct ", 6, "correct ", "");
    splits("correct\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6", 6,
           "correct\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6", ""); /* digits, but not ASCII */
}
END_TEST

START_TEST(a_comma_at_the_end_says_that_there_is_no_code)
{
    splits("winter202612,", 6, "winter202612", "");
    splits("correct 123456,", 6, "correct 123456", "");
    splits("correct,,", 6, "correct,", "");
    splits(",", 6, "", "");
}
END_TEST

START_TEST(the_number_of_digits_is_the_sites_and_no_other)
{
    splits("correct 1234567", 7, "correct", "1234567");
    splits("correct 123456", 7, "correct 123456", "");
    splits("correct 123456", 8, "correct 123456", "");
    splits("pass 12 345678", 8, "pass", "12345678");

    secret_owner struct secret *typed = secret_copy("correct123456", 13);
    struct secret *password = NULL, *code = NULL;
    static const uint32_t others[] = {0, 1, 5, 9, 15, UINT32_MAX};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_int_eq(typed_split(typed, others[i], &password, &code), STATUS_INVALID);
    ck_assert(password == NULL && code == NULL);
}
END_TEST

START_TEST(a_text_of_1024_bytes_is_split_and_a_longer_one_is_not)
{
    char text[TYPED_MAX + 2], rest[TYPED_MAX + 2];
    struct secret *password = NULL, *code = NULL;

    memset(text, 'x', sizeof text);
    strcpy(text + TYPED_MAX - 6, "123456");
    memcpy(rest, text, sizeof rest);
    rest[TYPED_MAX - 6] = '\0';
    splits(text, 6, rest, "123456");

    strcpy(text + TYPED_MAX - 6, "1234567");
    secret_owner struct secret *longer = secret_copy(text, TYPED_MAX + 1);
    ck_assert_int_eq(typed_split(longer, 6, &password, &code), STATUS_INVALID);
    ck_assert(password == NULL && code == NULL);
}
END_TEST

START_TEST(a_code_with_hundreds_of_spaces_in_it_is_still_a_short_one)
{
    char text[TYPED_MAX + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "correct 1", 9);
    strcpy(text + TYPED_MAX - 5, "23456");
    splits(text, 6, "correct", "123456");
}
END_TEST

SUITE("typed", a_code_right_behind_the_password_is_its_last_digits,
      a_code_right_behind_the_password_may_be_in_two_groups, a_code_set_off_by_space_or_comma_may_be_grouped_in_any_way,
      one_separator_is_dropped_and_the_rest_is_the_password, a_help_desk_code_is_eight_digits_set_off,
      a_recovery_code_is_fifteen_characters_set_off, a_recovery_code_that_ends_in_digits_counts_as_it_is_printed,
      the_last_word_of_a_pass_phrase_with_a_code_is_no_recovery_code, a_text_without_a_code_is_the_password_as_it_is,
      a_comma_at_the_end_says_that_there_is_no_code, the_number_of_digits_is_the_sites_and_no_other,
      a_text_of_1024_bytes_is_split_and_a_longer_one_is_not, a_code_with_hundreds_of_spaces_in_it_is_still_a_short_one)
