#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "journal_line.h"

static struct entry login_of(const char *user)
{
    struct entry entry = {.seq = 12,
                          .event = EVENT_LOGIN,
                          .reason = REASON_WRONG_CODE,
                          .uid = 1000,
                          .factor_id = 3,
                          .service = "sshd",
                          .origin = "ip:192.0.2.7",
                          .actor = "uid=0",
                          .count = 1};
    snprintf(entry.user, sizeof entry.user, "%s", user);
    for (size_t i = 0; i < sizeof entry.tag; i++)
        entry.tag[i] = (uint8_t)(i * 17 + 1);
    return entry;
}

START_TEST(a_login_is_one_line_of_facts)
{
    char line[JOURNAL_LINE_SIZE];
    struct entry entry = login_of("alice");
    journal_line(&entry, line, sizeof line);
    ck_assert_str_eq(line, "login user=alice uid=1000 verdict=refused reason=wrong-code factor=3 service=sshd "
                           "origin=ip:192.0.2.7 actor=\"uid=0\" seq=12 tag=0112233445566778");
}
END_TEST

START_TEST(a_fact_that_is_not_there_is_left_out)
{
    char line[JOURNAL_LINE_SIZE];
    struct entry entry = {.seq = 1, .event = EVENT_STORE_MADE, .uid = NO_UID, .count = 1};
    journal_line(&entry, line, sizeof line);
    ck_assert_str_eq(line, "store-made seq=1 tag=0000000000000000");

    entry = (struct entry){.seq = 2, .event = EVENT_UNKNOWN, .reason = REASON_UNENROLLED, .uid = NO_UID, .count = 40};
    journal_line(&entry, line, sizeof line);
    ck_assert_str_eq(line, "unknown verdict=refused reason=unenrolled count=40 seq=2 tag=0000000000000000");
}
END_TEST

START_TEST(no_name_can_forge_a_field_or_a_line)
{
    static const struct {
        const char *user, *quoted;
    } rows[] = {
        {"a b", " user=\"a b\" "},
        {"x verdict=accepted", " user=\"x verdict=accepted\" "},
        {"x\" verdict=accepted y=\"", " user=\"x\\\" verdict=accepted y=\\\"\" "},
        {"a\nlogin user=root", " user=\"a\\x0alogin user=root\" "},
        {"\x1b[31m", " user=\"\\x1b[31m\" "},
        {"back\\slash", " user=\"back\\\\slash\" "},
        {"\xc3\xa9lodie", " user=\"\\xc3\\xa9lodie\" "},
        {"\x7f", " user=\"\\x7f\" "},
        {"a=b", " user=\"a=b\" "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[JOURNAL_LINE_SIZE];
        struct entry entry = login_of(rows[i].user);
        journal_line(&entry, line, sizeof line);
        ck_assert_msg(strstr(line, rows[i].quoted) != NULL, "%s", line);
        for (const char *at = line; *at != '\0'; at++)
            ck_assert((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7f);
    }
}
END_TEST

START_TEST(the_longest_entry_fits_and_a_short_buffer_is_not_overrun)
{
    char line[JOURNAL_LINE_SIZE];
    struct entry entry = login_of("");
    memset(entry.user, 1, sizeof entry.user - 1);
    memset(entry.service, 1, sizeof entry.service - 1);
    memset(entry.origin, 1, sizeof entry.origin - 1);
    memset(entry.actor, 1, sizeof entry.actor - 1);
    journal_line(&entry, line, sizeof line);
    ck_assert_ptr_nonnull(strstr(line, " tag=0112233445566778"));

    char small[16];
    journal_line(&entry, small, sizeof small);
    ck_assert_uint_eq(strlen(small), sizeof small - 1);
}
END_TEST

START_TEST(what_an_admin_should_see_is_louder)
{
    struct entry entry = login_of("alice");
    ck_assert_int_eq(journal_priority(&entry), LOG_NOTICE);
    entry.reason = REASON_REPLAYED;
    ck_assert_int_eq(journal_priority(&entry), LOG_WARNING);
    entry.reason = REASON_TAMPERED;
    ck_assert_int_eq(journal_priority(&entry), LOG_CRIT);
    entry.reason = REASON_NONE;
    entry.verdict = VERDICT_ACCEPTED;
    ck_assert_int_eq(journal_priority(&entry), LOG_INFO);
}
END_TEST

SUITE("journal_line", a_login_is_one_line_of_facts, a_fact_that_is_not_there_is_left_out,
      no_name_can_forge_a_field_or_a_line, the_longest_entry_fits_and_a_short_buffer_is_not_overrun,
      what_an_admin_should_see_is_louder)
