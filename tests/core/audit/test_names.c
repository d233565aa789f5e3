#include "suite.h"
#include "toolbox.h"

static const char *event_name(unsigned number)
{
    return audit_event_name((enum event)number);
}

static const char *reason_name(unsigned number)
{
    return audit_reason_name((enum reason)number);
}

/* Each number of first..last has a name of its own, in small letters and dashes; no other number has one. */
static void check_names(const char *(*name)(unsigned), unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++) {
        const char *text = name(i);
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_gt(strlen(text), 1);
        ck_assert_uint_eq(strspn(text, "abcdefghijklmnopqrstuvwxyz-"), strlen(text));
        for (unsigned j = first; j < i; j++)
            ck_assert_str_ne(text, name(j));
    }
    if (first > 0)
        ck_assert_str_eq(name(first - 1), "?");
    ck_assert_str_eq(name(last + 1), "?");
    ck_assert_str_eq(name(0xffffffffU), "?");
}

START_TEST(every_event_has_a_name_of_its_own)
{
    check_names(event_name, EVENT_STORE_MADE, EVENT_CLEARED);
}
END_TEST

START_TEST(every_reason_has_a_name_of_its_own)
{
    check_names(reason_name, REASON_NONE, REASON_USED_UP);
}
END_TEST

START_TEST(the_names_that_reports_look_for_stay)
{
    ck_assert_str_eq(audit_event_name(EVENT_LOGIN), "login");
    ck_assert_str_eq(audit_event_name(EVENT_CONFIRM_FAILED), "confirm-failed");
    ck_assert_str_eq(audit_reason_name(REASON_NONE), "none");
    ck_assert_str_eq(audit_reason_name(REASON_WRONG_CODE), "wrong-code");
    ck_assert_str_eq(audit_reason_name(REASON_REPLAYED), "replayed");
    ck_assert_str_eq(audit_reason_name(REASON_TAMPERED), "tampered");
}
END_TEST

SUITE("names", every_event_has_a_name_of_its_own, every_reason_has_a_name_of_its_own,
      the_names_that_reports_look_for_stay)
