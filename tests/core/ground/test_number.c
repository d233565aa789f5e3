#include "suite.h"

#include <stdlib.h>
#include <time.h>

#include <garde/number.h>

START_TEST(number_takes_a_whole_decimal_in_range)
{
    uint64_t value = 0;
    ck_assert_int_eq(number_parse("0", 0, 9, &value), STATUS_OK);
    ck_assert_uint_eq(value, 0);
    ck_assert_int_eq(number_parse("007", 0, 9, &value), STATUS_OK);
    ck_assert_uint_eq(value, 7);
    ck_assert_int_eq(number_parse("18446744073709551615", 0, UINT64_MAX, &value), STATUS_OK);
    ck_assert(value == UINT64_MAX);
}
END_TEST

START_TEST(number_refuses_anything_else_and_leaves_the_output_alone)
{
    static const char *const bad[] = {"",
                                      "5x",
                                      "+5",
                                      "-1",
                                      " 5",
                                      "5 ",
                                      "0x5",
                                      "1e3",
                                      "10",
                                      "3",
                                      "5.0",
                                      "５",
                                      "18446744073709551616",
                                      "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t value = 42;
        ck_assert_int_eq(number_parse(bad[i], 4, 9, &value), STATUS_INVALID);
        ck_assert_uint_eq(value, 42);
    }
}
END_TEST

START_TEST(duration_wants_exactly_one_unit)
{
    int64_t s = 0;
    ck_assert_int_eq(number_parse_duration("90s", 1, 1000, &s), STATUS_OK);
    ck_assert_int_eq(s, 90);
    ck_assert_int_eq(number_parse_duration("15min", 1, 1000, &s), STATUS_OK);
    ck_assert_int_eq(s, 900);
    ck_assert_int_eq(number_parse_duration("8h", 1, 100000, &s), STATUS_OK);
    ck_assert_int_eq(s, 8 * 3600);
    ck_assert_int_eq(number_parse_duration("14d", 1, 10000000, &s), STATUS_OK);
    ck_assert_int_eq(s, 14 * 86400);

    static const char *const bad[] = {"",        "15",  "min", "15m",   "15 min",           "15min ",
                                      "1h30min", "-1s", "0s",  "2000s", "106751991167301d", "99999999999999999999s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(number_parse_duration(bad[i], 1, 1000, &s), STATUS_INVALID);
}
END_TEST

START_TEST(date_is_the_start_of_that_day_where_we_are)
{
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    int64_t s = 0;
    ck_assert_int_eq(number_parse_date("2026-12-31", &s), STATUS_OK);
    ck_assert_int_eq(s, 1798671600); /* date -d 'TZ="Europe/Paris" 2026-12-31' +%s */
    ck_assert_int_eq(number_parse_date("2028-02-29", &s), STATUS_OK);
}
END_TEST

START_TEST(date_refuses_days_that_are_not_in_the_calendar)
{
    static const char *const bad[] = {"",         "2026-02-29", "2026-13-01", "2026-00-10",  "2026-01-00", "2026-1-1",
                                      "26-01-01", "2026/01/01", "2026-01-32", "2026-01-01 ", "1969-12-31", "tomorrow"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t s = 42;
        ck_assert_int_eq(number_parse_date(bad[i], &s), STATUS_INVALID);
        ck_assert_int_eq(s, 42);
    }
}
END_TEST

SUITE("number", number_takes_a_whole_decimal_in_range, number_refuses_anything_else_and_leaves_the_output_alone,
      duration_wants_exactly_one_unit, date_is_the_start_of_that_day_where_we_are,
      date_refuses_days_that_are_not_in_the_calendar)
