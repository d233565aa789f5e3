#include "suite.h"

#include <garde/audit.h>

#include "words.h"

START_TEST(words_for_programs_are_those_of_the_log)
{
    for (int i = 0; i < 64; i++) {
        ck_assert_str_eq(words_event_name((enum event)i), audit_event_name((enum event)i));
        ck_assert_str_eq(words_reason_name((enum reason)i), audit_reason_name((enum reason)i));
    }
}
END_TEST

START_TEST(words_are_there_for_every_number)
{
    for (int i = EVENT_STORE_MADE; i <= EVENT_CLEARED; i++)
        ck_assert_str_ne(words_event((enum event)i), "?");
    for (int i = REASON_NONE; i <= REASON_USED_UP; i++)
        ck_assert_str_ne(words_reason((enum reason)i), "?");
    for (int i = FACTOR_PENDING; i <= FACTOR_REVOKED; i++)
        ck_assert_str_ne(words_state((enum factor_state)i), "?");
    ck_assert_str_eq(words_algorithm(ALGORITHM_SHA512), "SHA-512");
    ck_assert_str_eq(words_algorithm((enum factor_algorithm)9), "?");
    ck_assert_str_eq(words_kind((enum factor_kind)0), "?");
    ck_assert_str_eq(words_state((enum factor_state) - 1), "?");
}
END_TEST

SUITE("words", words_for_programs_are_those_of_the_log, words_are_there_for_every_number)
