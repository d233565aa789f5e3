#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <garde/otp.h>

#include "desk/clock_watch.h"

static struct clock_watch watch;

static void begin(void)
{
    watch = (struct clock_watch){.looks = 0};
}

static void hit(const char *user, int64_t offset_s, int64_t at_s)
{
    clock_watch_hit(&watch, user, offset_s, 30, at_s);
}

/* The kind of the notice, 0 for none. */
static int judged(int64_t at_s, int64_t *out_number, int64_t *out_other)
{
    struct notice notice = {.kind = 0};
    if (!clock_watch_judge(&watch, at_s, &notice))
        return 0;
    if (out_number != NULL) {
        *out_number = notice.number;
        *out_other = notice.other;
    }
    return (int)notice.kind;
}
#define judge(at_s) judged((at_s), NULL, NULL)

static void doubt(int64_t at_s)
{
    hit("anne", 3600, at_s);
    hit("bob", 3600, at_s);
    hit("carl", 3600, at_s);
    ck_assert_int_eq(judge(at_s), NOTICE_CLOCK_OFF);
}

START_TEST(three_users_who_agree_within_a_step_are_a_doubt_and_it_is_told_once)
{
    int64_t number = 0, other = 0;
    begin();
    hit("anne", 3630, 100);
    ck_assert_int_eq(judge(100), 0);
    hit("bob", 3600, 101);
    ck_assert_int_eq(judge(101), 0);
    hit("carl", 3600, 102);
    ck_assert_int_eq(judged(102, &number, &other), NOTICE_CLOCK_OFF);
    ck_assert_int_eq(number, 3600);
    ck_assert_int_eq(other, 3);
    hit("dora", 3600, 103);
    ck_assert_int_eq(judge(103), 0);
    ck_assert(watch.off && watch.users == 4 && watch.offset_s == 3600);
}
END_TEST

START_TEST(two_users_or_one_user_often_or_three_who_disagree_are_none)
{
    begin();
    for (int64_t at_s = 0; at_s < 50; at_s++) {
        hit(at_s % 2 == 0 ? "anne" : "bob", 3600, at_s);
        ck_assert_int_eq(judge(at_s), 0);
    }
    hit("carl", 3631, 51);
    hit("dora", 3569, 51);
    hit("emil", -3600, 51);
    ck_assert_int_eq(judge(52), 0);
}
END_TEST

START_TEST(a_hit_counts_for_an_hour)
{
    begin();
    hit("anne", -60, 0);
    hit("bob", -60, 10);
    hit("carl", -60, 3600);
    ck_assert_int_eq(judge(3600), 0);
    hit("dora", -60, 3609);
    ck_assert_int_eq(judge(3609), NOTICE_CLOCK_OFF);
}
END_TEST

START_TEST(codes_that_are_accepted_speak_for_the_clock)
{
    begin();
    hit("anne", 3600, 0);
    hit("bob", 3600, 0);
    clock_watch_right(&watch, "dora");
    clock_watch_right(&watch, "dora");
    clock_watch_right(&watch, "emil");
    ck_assert_int_eq(judge(1), 0);
    clock_watch_right(&watch, "fred");
    ck_assert_int_eq(judge(2), 0);
    hit("carl", 3600, 3);
    ck_assert_int_eq(judge(3), 0); /* anne and bob are forgotten */

    begin();
    hit("anne", 3600, 0);
    hit("bob", 3600, 0);
    clock_watch_right(&watch, "anne"); /* her own hit is void */
    hit("carl", 3600, 1);
    ck_assert_int_eq(judge(1), 0);
    hit("anne", 3600, 2);
    ck_assert_int_eq(judge(2), NOTICE_CLOCK_OFF);
}
END_TEST

START_TEST(a_doubt_ends_when_codes_of_three_users_were_accepted_since)
{
    begin();
    doubt(0);
    clock_watch_right(&watch, "anne");
    clock_watch_right(&watch, "anne");
    clock_watch_right(&watch, "bob");
    ck_assert_int_eq(judge(1), 0);
    ck_assert(watch.off);
    hit("dora", 3600, 2); /* so it is not over */
    clock_watch_right(&watch, "carl");
    ck_assert_int_eq(judge(2), 0);
    clock_watch_right(&watch, "bob");
    clock_watch_right(&watch, "anne");
    ck_assert_int_eq(judge(3), NOTICE_CLOCK_BACK);
    ck_assert(!watch.off && watch.users == 0 && watch.offset_s == 0);
    ck_assert_int_eq(judge(4), 0);
    doubt(5); /* and may come again */
}
END_TEST

START_TEST(a_doubt_outlives_the_night_but_not_for_ever)
{
    begin();
    doubt(0);
    ck_assert_int_eq(judge(8 * 3600), 0); /* nobody tries any more: nothing is mended by that */
    ck_assert(watch.off && watch.users == 3);
    ck_assert_int_eq(judge(CLOCK_QUIET_S - 1), 0);
    ck_assert_int_eq(judge(CLOCK_QUIET_S), NOTICE_CLOCK_BACK);
}
END_TEST

START_TEST(many_users_push_out_the_oldest_and_nothing_overflows)
{
    char user[USER_SIZE];
    begin();
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(user, sizeof user, "user%d", i);
        hit(user, i * 100, i / 10);
    }
    ck_assert_uint_eq(watch.hit_count, CLOCK_HITS);
    ck_assert_str_eq(watch.hits[0].user, "user984");
    ck_assert_int_eq(judge(100), 0);
    memset(user, 'x', sizeof user - 1);
    user[sizeof user - 1] = '\0';
    hit(user, INT64_MIN / 2, 100);
    hit("y", INT64_MAX / 2, 100);
    ck_assert_int_eq(judge(100), 0);
}
END_TEST

START_TEST(looks_are_one_a_second_with_a_few_at_once)
{
    begin();
    unsigned looks = 0;
    for (int i = 0; i < 100; i++)
        looks += clock_watch_may_look(&watch, 1000) ? 1 : 0;
    ck_assert_uint_eq(looks, CLOCK_LOOKS_AT_ONCE);
    for (int64_t at_s = 1001; at_s < 2001; at_s++)
        for (int i = 0; i < 10; i++)
            looks += clock_watch_may_look(&watch, at_s) ? 1 : 0;
    ck_assert_uint_eq(looks, CLOCK_LOOKS_AT_ONCE + 1000 * CLOCK_LOOKS_A_SECOND);

    for (int64_t at_s = 3000; at_s < 4000; at_s += 10) /* what was not used in quiet times is not saved up */
        ck_assert(clock_watch_may_look(&watch, at_s));
    looks = 0;
    for (int i = 0; i < 100; i++)
        looks += clock_watch_may_look(&watch, 4000) ? 1 : 0;
    ck_assert_uint_eq(looks, CLOCK_LOOKS_AT_ONCE);
}
END_TEST

static bool covers(const struct policy_range *ranges, size_t count, int64_t step)
{
    for (size_t i = 0; i < count; i++)
        if (step >= (int64_t)ranges[i].first && step < (int64_t)ranges[i].first + (int64_t)ranges[i].count)
            return true;
    return false;
}

START_TEST(the_ranges_are_forty_steps_and_whole_hours_either_side)
{
    struct policy_range ranges[CLOCK_RANGES];
    const int64_t middle = 60000000;
    size_t count = clock_watch_ranges((uint64_t)middle, 30, ranges), steps = 0;

    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_le(ranges[i].count, OTP_SPAN_MAX);
        ck_assert_uint_ge(ranges[i].count, 1);
        steps += ranges[i].count;
    }
    ck_assert_uint_eq(steps, 220); /* the sum in the header */
    for (int64_t away = 1; away <= 15 * 120; away++) {
        int64_t rest = (away + 60) % 120 - 60; /* steps from the nearest hour */
        bool wanted = away <= 40 || (away >= 118 && away <= 14 * 120 + 2 && rest >= -2 && rest <= 2);
        ck_assert_msg(covers(ranges, count, middle + away) == wanted, "%d", (int)away);
        ck_assert_msg(covers(ranges, count, middle - away) == wanted, "-%d", (int)away);
    }
}
END_TEST

START_TEST(the_ranges_of_any_period_and_time_stay_in_bounds)
{
    struct policy_range ranges[CLOCK_RANGES];
    static const uint64_t middles[] = {0, 1, 39, 41, 119, 1681, 60000000, INT64_MAX / 2, INT64_MAX, UINT64_MAX};
    for (uint32_t period = 0; period <= FACTOR_PERIOD_MAX_S; period++)
        for (size_t i = 0; i < sizeof middles / sizeof middles[0]; i++) {
            size_t count = clock_watch_ranges(middles[i], period, ranges);
            ck_assert_uint_le(count, CLOCK_RANGES);
            for (size_t j = 0; j < count; j++) {
                ck_assert(ranges[j].count >= 1 && ranges[j].count <= OTP_SPAN_MAX);
                ck_assert(ranges[j].first + ranges[j].count <= (uint64_t)INT64_MAX);
            }
        }
    ck_assert_uint_eq(clock_watch_ranges(0, 30, ranges), 1 + CLOCK_HOURS);
}
END_TEST

/* Guesses as fast as they are looked at, each a hit with the chance of the header, for thirty years, and nobody ever right. */
START_TEST(guessing_for_years_seldom_raises_a_doubt)
{
    char user[USER_SIZE];
    unsigned alarms = 0;
    uint64_t seed = 42;
    begin();
    for (int64_t at_s = 0; at_s < INT64_C(30) * 366 * 86400;) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        at_s += 1 + (int64_t)((seed >> 33) % 9090); /* a hit each 4545 s on the average: 1 / 2.2e-4 */
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        (void)snprintf(user, sizeof user, "user%u", (unsigned)(seed >> 40) % 10000);
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        hit(user, (int64_t)((seed >> 33) % 220) * 30, at_s);
        alarms += judge(at_s) == NOTICE_CLOCK_OFF ? 1 : 0;
    }
    ck_assert_uint_le(alarms, 15);
}
END_TEST

SUITE("clock watch", three_users_who_agree_within_a_step_are_a_doubt_and_it_is_told_once,
      two_users_or_one_user_often_or_three_who_disagree_are_none, a_hit_counts_for_an_hour,
      codes_that_are_accepted_speak_for_the_clock, a_doubt_ends_when_codes_of_three_users_were_accepted_since,
      a_doubt_outlives_the_night_but_not_for_ever, many_users_push_out_the_oldest_and_nothing_overflows,
      looks_are_one_a_second_with_a_few_at_once, the_ranges_are_forty_steps_and_whole_hours_either_side,
      the_ranges_of_any_period_and_time_stay_in_bounds, guessing_for_years_seldom_raises_a_doubt)
