#include "suite.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "moment.h"

#define NOW 1795600000 /* 2026-11-25T09:46:40Z */

static void live_in_paris(void)
{
    setenv("TZ", "Europe/Paris", 1);
    tzset();
}

START_TEST(moments_are_local_for_people_and_utc_for_programs)
{
    char out[MOMENT_SIZE];
    live_in_paris();
    ck_assert_str_eq(moment_show(NOW, out), "2026-11-25 10:46");
    ck_assert_str_eq(moment_show_exact(NOW, out), "2026-11-25 10:46:40");
    ck_assert_str_eq(moment_utc(NOW, out), "2026-11-25T09:46:40Z");
    ck_assert_str_eq(moment_utc_ms(NOW * INT64_C(1000) + 7, out), "2026-11-25T09:46:40.007Z");
}
END_TEST

START_TEST(moments_that_no_calendar_holds_are_said_so)
{
    char out[MOMENT_SIZE];
    ck_assert_str_eq(moment_show(0, out), "-");
    ck_assert_str_eq(moment_show(INT64_MAX, out), "?");
    ck_assert_str_eq(moment_show_exact(INT64_C(999999999999999), out), "?");
    ck_assert_ptr_null(moment_utc(INT64_MAX, out));
    ck_assert_ptr_null(moment_utc_ms(-1, out));
}
END_TEST

START_TEST(a_day_begins_at_midnight_where_the_admin_sits)
{
    live_in_paris();
    ck_assert_int_eq(moment_day_ms(NOW), (NOW - 10 * 3600 - 46 * 60 - 40) * INT64_C(1000));
    ck_assert_int_eq(moment_day_ms(1792893600), 1792879200 * INT64_C(1000)); /* 25 October: 25 hours long */
    ck_assert_int_eq(moment_day_ms(1792969199), 1792879200 * INT64_C(1000)); /* a second before it ends: 23:59:59 CET */
}
END_TEST

START_TEST(since_takes_dates_times_and_durations)
{
    static const struct {
        const char *text;
        int64_t s;
    } good[] = {
        {"24h", NOW - 86400},
        {"7d", NOW - 7 * 86400},
        {"90s", NOW - 90},
        {"2026-11-24", 1795474800}, /* 23:00 UTC the day before */
        {"2026-11-25T09:46:40Z", NOW},
        {"2026-11-25T10:46:40+01:00", NOW},
        {"2026-11-25T04:16:40-05:30", NOW},
        {"2026-11-25T09:46:40.999Z", NOW},
        {"100d", NOW - 100 * 86400},
    };
    live_in_paris();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = -1;
        ck_assert_int_eq(moment_parse_since(good[i].text, NOW, &ms), STATUS_OK);
        ck_assert_msg(ms == good[i].s * 1000, "%s: %lld", good[i].text, (long long)ms);
    }
}
END_TEST

START_TEST(since_refuses_everything_else)
{
    static const char *const bad[] = {
        "",
        "yesterday",
        "7",
        "-7d",
        "7w",
        "2026-11-31",
        "2026-11-25T09:46:40",
        "2026-11-25 09:46:40Z",
        "2026-11-25T24:00:00Z",
        "2026-11-25T09:60:00Z",
        "2026-11-25T09:46:40+1:00",
        "2026-11-25T09:46:40.Z",
        "2026-11-25T09:46:40z ",
        "2026-11-25T09:46Z",
        "2026-02-29T00:00:00Z",
        "2026-11-25T09:46:40+24:00",
        "2026-11-25T",
        "2026-11-25T09:46:40Zulu",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms = 42;
        ck_assert_msg(moment_parse_since(bad[i], NOW, &ms) == STATUS_INVALID, "%s", bad[i]);
        ck_assert(ms == 42);
    }
}
END_TEST

START_TEST(days_end_when_the_next_begins_also_when_clocks_are_set)
{
    static const struct {
        const char *text;
        int64_t s;
    } days[] = {
        {"2026-12-31", 1798758000}, {"2026-02-28", 1772319600},
        {"2028-02-29", 1835478000}, {"2026-03-29", 1774821600}, /* 23 hours long */
        {"2026-10-25", 1792969200},                             /* 25 */
    };
    live_in_paris();
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        char out[MOMENT_SIZE];
        int64_t s = -1;
        ck_assert_int_eq(moment_parse_day_end(days[i].text, &s), STATUS_OK);
        ck_assert_msg(s == days[i].s, "%s: %lld", days[i].text, (long long)s);
        ck_assert_str_eq(moment_show_end(s, out), days[i].text);
    }
    int64_t s = -1;
    static const char *const bad[] = {"", "2026-02-30", "2026-1-1", "31.12.2026", "24h", "2026-12-31T10:00:00Z"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(moment_parse_day_end(bad[i], &s), STATUS_INVALID);
    ck_assert_int_eq(s, -1);
}
END_TEST

START_TEST(an_end_within_a_day_is_shown_with_its_time)
{
    char out[MOMENT_SIZE];
    live_in_paris();
    ck_assert_str_eq(moment_show_end(NOW, out), "2026-11-25 10:46");
    ck_assert_str_eq(moment_show_end(0, out), "-");
    ck_assert_str_eq(moment_show_end(INT64_MAX, out), "?");
}
END_TEST

START_TEST(spans_are_told_in_the_units_that_fit)
{
    char out[MOMENT_SIZE];
    ck_assert_str_eq(moment_span(0, out), "0 min 00 s");
    ck_assert_str_eq(moment_span(-240, out), "4 min 00 s");
    ck_assert_str_eq(moment_span(3599, out), "59 min 59 s");
    ck_assert_str_eq(moment_span(3600, out), "1 h 00 min");
    ck_assert_str_eq(moment_span(86399, out), "23 h 59 min");
    ck_assert_str_eq(moment_span(90000, out), "1 d 01 h");
    ck_assert(strlen(moment_span(INT64_MIN, out)) > 10);
}
END_TEST

SUITE("moment", a_day_begins_at_midnight_where_the_admin_sits, moments_are_local_for_people_and_utc_for_programs,
      moments_that_no_calendar_holds_are_said_so, since_takes_dates_times_and_durations, since_refuses_everything_else,
      days_end_when_the_next_begins_also_when_clocks_are_set, an_end_within_a_day_is_shown_with_its_time,
      spans_are_told_in_the_units_that_fit)
