#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "journal_line.h"
#include "journal_notice.h"

#define FIRST NOTICE_SCAN_PASSED
#define LAST  NOTICE_RECOVERY_LOW

START_TEST(a_notice_says_what_is_wrong_and_then_the_facts)
{
    char line[JOURNAL_LINE_SIZE];
    struct notice notice = {.kind = NOTICE_ROW_TAMPERED, .user = "alice", .what = "factor 12", .number = 7};
    journal_notice_line(&notice, line, sizeof line);
    ck_assert_ptr_nonnull(strstr(line, "row-tampered: the scan found a row that was changed without the key"));
    ck_assert_str_eq(strstr(line, " user="), " user=alice row=\"factor 12\"");

    notice = (struct notice){.kind = NOTICE_CLOCK_OFF, .number = -7200, .other = 3};
    journal_notice_line(&notice, line, sizeof line);
    ck_assert_str_eq(strstr(line, " offset_s="), " offset_s=-7200 users=3");

    notice = (struct notice){.kind = NOTICE_SCAN_FAILED, .number = 12, .other = INT64_MAX};
    journal_notice_line(&notice, line, sizeof line);
    ck_assert_str_eq(strstr(line, " rows="), " rows=12 expected=9223372036854775807");
}
END_TEST

START_TEST(no_name_in_a_notice_can_forge_a_field_or_a_line)
{
    char line[JOURNAL_LINE_SIZE];
    struct notice notice = {
        .kind = NOTICE_ROW_TAMPERED, .user = "x\nlogin user=root", .what = "origin \"y\" user=root"};
    journal_notice_line(&notice, line, sizeof line);
    ck_assert_str_eq(strstr(line, " user="), " user=\"x\\x0alogin user=root\" row=\"origin \\\"y\\\" user=root\"");

    memset(notice.user, '\xff', sizeof notice.user - 1);
    memset(notice.what, '\n', sizeof notice.what - 1);
    journal_notice_line(&notice, line, sizeof line);
    ck_assert_uint_lt(strlen(line), sizeof line - 1);
    ck_assert_int_eq(line[strlen(line) - 1], '"');
}
END_TEST

START_TEST(each_kind_has_an_id_a_name_and_a_text_of_its_own)
{
    for (int i = FIRST; i <= LAST; i++) {
        const struct journal_notice_kind *kind = journal_notice_kind((enum notice_kind)i);
        ck_assert_uint_eq(strlen(kind->id), 32);
        for (int j = FIRST; j < i; j++) {
            const struct journal_notice_kind *before = journal_notice_kind((enum notice_kind)j);
            ck_assert_str_ne(kind->id, before->id);
            ck_assert_str_ne(kind->name, before->name);
            ck_assert_str_ne(kind->text, before->text);
        }
    }
    ck_assert_str_eq(journal_notice_kind((enum notice_kind)0)->name, "?");
    ck_assert_str_eq(journal_notice_kind((enum notice_kind)(LAST + 1))->name, "?");
}
END_TEST

START_TEST(what_refuses_people_is_loudest_and_what_is_well_again_is_not)
{
    static const enum notice_kind loud[] = {NOTICE_ROW_TAMPERED, NOTICE_SCAN_FAILED, NOTICE_ROOM_NONE,
                                            NOTICE_CLOCK_OFF};
    static const enum notice_kind low[] = {NOTICE_SCAN_PASSED, NOTICE_ROOM_BACK, NOTICE_CLOCK_BACK};
    for (size_t i = 0; i < sizeof loud / sizeof loud[0]; i++)
        ck_assert_int_eq(journal_notice_kind(loud[i])->priority, LOG_CRIT);
    for (size_t i = 0; i < sizeof low / sizeof low[0]; i++)
        ck_assert_int_ge(journal_notice_kind(low[i])->priority, LOG_NOTICE);
    ck_assert_int_eq(journal_notice_kind(NOTICE_ROOM_LOW)->priority, LOG_WARNING);
}
END_TEST

SUITE("notices", a_notice_says_what_is_wrong_and_then_the_facts, no_name_in_a_notice_can_forge_a_field_or_a_line,
      each_kind_has_an_id_a_name_and_a_text_of_its_own, what_refuses_people_is_loudest_and_what_is_well_again_is_not)
