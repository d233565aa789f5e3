#include "suite.h"

#include <string.h>

#include <security/pam_appl.h>

#include "texts.h"

static void prompt_of(enum language language, uint32_t digits, uint32_t may_be_empty, char out_text[PAM_MAX_MSG_SIZE])
{
    const struct wire_prompt prompt = {.language = language, .digits = digits, .may_be_empty = may_be_empty};
    memset(out_text, 'x', PAM_MAX_MSG_SIZE);
    texts_prompt(&prompt, NULL, out_text, PAM_MAX_MSG_SIZE);
    ck_assert_msg(memchr(out_text, '\0', PAM_MAX_MSG_SIZE) != NULL && strlen(out_text) + 1 < PAM_MAX_MSG_SIZE, "%s",
                  out_text);
}

START_TEST(every_prompt_is_there_in_both_languages_and_whole)
{
    static const uint32_t digits[] = {0, 5, 6, 7, 8, 9, UINT32_MAX};

    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
        for (uint32_t empty = 0; empty <= 1; empty++) {
            char english[PAM_MAX_MSG_SIZE], french[PAM_MAX_MSG_SIZE];
            prompt_of(LANGUAGE_EN, digits[i], empty, english);
            prompt_of(LANGUAGE_FR, digits[i], empty, french);
            ck_assert_ptr_nonnull(strstr(english, "phone"));
            ck_assert_ptr_nonnull(strstr(french, "t\xc3\xa9l\xc3\xa9phone"));
            ck_assert_str_eq(english + strlen(english) - 2, ": ");
            ck_assert_str_eq(french + strlen(french) - 3, " : ");
        }
    }
}
END_TEST

START_TEST(what_is_told_without_a_verdict_is_there_in_both_languages)
{
    const struct wire_prompt english = {.language = LANGUAGE_EN, .digits = 6};
    const struct wire_prompt french = {.language = LANGUAGE_FR, .digits = 6};
    const char *both = texts_unavailable(NULL);

    ck_assert_str_ne(texts_unavailable(&english), texts_unavailable(&french));
    ck_assert_ptr_nonnull(strstr(texts_unavailable(&english), "not available"));
    ck_assert_ptr_nonnull(strstr(texts_unavailable(&french), "indisponible"));
    ck_assert_ptr_nonnull(strstr(both, "not available"));
    ck_assert_ptr_nonnull(strstr(both, "indisponible"));
    ck_assert_uint_le(strlen(both), 99); /* xsecurelock cuts off what does not go into one line */
}
END_TEST

SUITE("texts", every_prompt_is_there_in_both_languages_and_whole,
      what_is_told_without_a_verdict_is_there_in_both_languages)
