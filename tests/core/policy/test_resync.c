#include <check.h>

#include <garde/policy.h>

#include "suite.h"

#define NOW 1800000000

static const struct factor totp = {.kind = FACTOR_TOTP, .period_s = 30, .state = FACTOR_ACTIVE};
static const struct factor hotp = {.kind = FACTOR_HOTP, .mark = 500, .state = FACTOR_ACTIVE};

static void set(struct policy_matches *matches, struct policy_range range, uint64_t moving)
{
    if (moving >= range.first && moving - range.first < range.count)
        matches->words[(moving - range.first) / 64] |= UINT64_C(1) << (moving - range.first) % 64;
}

/* The device shows `first` and then `second`. */
static enum verdict judge(const struct factor *factor, uint64_t first, uint64_t second, struct policy_resync *out_found,
                          enum reason *out_reason)
{
    struct policy_range range = policy_resync_range(factor, NOW);
    struct policy_matches firsts = {.words = {0}}, seconds = {.words = {0}};
    set(&firsts, range, first);
    set(&seconds, range, second);
    return policy_judge_resync(factor, range, &firsts, &seconds, NOW, out_found, out_reason);
}

START_TEST(a_clock_may_be_an_hour_off_either_way_and_no_more)
{
    static const struct {
        uint32_t period_s;
        int64_t steps;
    } periods[] = {{1, 3600}, {7, 514}, {30, 120}, {60, 60}, {120, 30}};
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        struct factor factor = totp;
        factor.period_s = periods[i].period_s;
        const uint64_t now = (uint64_t)(NOW / factor.period_s);
        ck_assert_int_eq(policy_offset_max_steps(factor.period_s), periods[i].steps);
        for (int64_t drift = -periods[i].steps - 2; drift <= periods[i].steps + 2; drift++) {
            struct policy_resync found = {.mark = 0};
            enum reason reason = REASON_NONE;
            uint64_t second = now + (uint64_t)drift;
            bool within = drift >= -periods[i].steps && drift <= periods[i].steps;
            ck_assert_int_eq(judge(&factor, second - 1, second, &found, &reason), within ? VERDICT_ACCEPTED : 0);
            if (within) {
                ck_assert_int_eq(found.offset_steps, drift);
                ck_assert_uint_eq(found.mark, second + 1);
                ck_assert_int_eq(reason, REASON_NONE);
            } else {
                ck_assert_int_eq(reason, REASON_WRONG_CODE);
                ck_assert_uint_eq(found.mark, 0);
            }
        }
    }
}
END_TEST

START_TEST(a_counter_may_be_a_thousand_ahead_and_no_more)
{
    for (uint64_t ahead = 0; ahead <= POLICY_RESYNC_COUNTERS; ahead++) {
        struct policy_resync found = {.mark = 0};
        enum reason reason = REASON_NONE;
        bool within = ahead + 2 <= POLICY_RESYNC_COUNTERS;
        ck_assert_int_eq(judge(&hotp, 500 + ahead, 501 + ahead, &found, &reason), within ? VERDICT_ACCEPTED : 0);
        ck_assert_uint_eq(found.mark, within ? 502 + ahead : 0);
        ck_assert_uint_eq(found.passed, within ? ahead : 0);
        ck_assert_int_eq(found.offset_steps, 0);
    }
}
END_TEST

START_TEST(codes_that_do_not_follow_each_other_are_wrong)
{
    static const int64_t seconds[] = {-2, -1, 0, 2, 3, 10};
    struct policy_resync found;
    enum reason reason = REASON_NONE;
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        ck_assert_int_eq(judge(&hotp, 520, 520 + (uint64_t)seconds[i], &found, &reason), VERDICT_REFUSED);
        ck_assert_int_eq(reason, REASON_WRONG_CODE);
    }
}
END_TEST

START_TEST(a_pair_below_the_mark_is_told_as_replayed_and_one_across_it_too)
{
    struct factor spent = totp;
    struct policy_resync found = {.mark = 0};
    enum reason reason = REASON_NONE;
    const uint64_t now = NOW / 30;
    spent.mark = now;
    ck_assert_int_eq(judge(&spent, now - 2, now - 1, &found, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert_int_eq(judge(&spent, now - 1, now, &found, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert_int_eq(judge(&spent, now, now + 1, &found, &reason), VERDICT_ACCEPTED);
    ck_assert_uint_eq(found.mark, now + 2);

    ck_assert_int_eq(judge(&hotp, 498, 499, &found, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert_int_eq(judge(&hotp, 499, 500, &found, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
}
END_TEST

START_TEST(of_several_pairs_the_lowest_that_is_not_spent_counts)
{
    struct policy_range range = policy_resync_range(&hotp, NOW);
    struct policy_matches firsts = {.words = {0}}, seconds = {.words = {0}};
    struct policy_resync found;
    enum reason reason = REASON_NONE;
    static const uint64_t pairs[] = {498, 600, 900};
    for (size_t i = 0; i < 3; i++) {
        set(&firsts, range, pairs[i]);
        set(&seconds, range, pairs[i] + 1);
    }
    ck_assert_int_eq(policy_judge_resync(&hotp, range, &firsts, &seconds, NOW, &found, &reason), VERDICT_ACCEPTED);
    ck_assert_uint_eq(found.mark, 602);
    ck_assert_uint_eq(found.passed, 100);
}
END_TEST

START_TEST(a_resync_at_the_ends_of_all_numbers_stays_within_them)
{
    struct factor factor = hotp;
    for (uint64_t left = 0; left < 1100; left++) {
        factor.mark = UINT64_MAX - left;
        struct policy_range range = policy_resync_range(&factor, NOW);
        ck_assert_uint_le(range.first, factor.mark);
        ck_assert(range.count == 0 || range.first + (range.count - 1) < UINT64_MAX);
        factor.mark = left;
        range = policy_resync_range(&factor, NOW);
        ck_assert_uint_eq(range.first, left < 2 ? 0 : left - 2);
    }
    static const int64_t times[] = {INT64_MIN, -1, 0, 1, 29, 30, 3599, 3600, 3630, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        for (uint32_t period_s = 1; period_s <= FACTOR_PERIOD_MAX_S; period_s++) {
            factor = (struct factor){.kind = FACTOR_TOTP, .period_s = period_s};
            struct policy_range range = policy_resync_range(&factor, times[i]);
            ck_assert_uint_gt(range.count, 0);
            ck_assert_uint_le(range.count, POLICY_RESYNC_SPAN);
            ck_assert_uint_lt(range.first + range.count, INT64_MAX);
        }
}
END_TEST

START_TEST(what_has_no_device_has_no_range_and_no_match)
{
    static const struct factor none[] = {
        {.kind = FACTOR_TOTP}, {.kind = FACTOR_RECOVERY}, {.kind = FACTOR_TEMPORARY}, {.kind = (enum factor_kind)9}};
    struct policy_matches all;
    struct policy_resync found;
    enum reason reason = REASON_NONE;
    for (size_t i = 0; i < sizeof all.words / sizeof all.words[0]; i++)
        all.words[i] = UINT64_MAX;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct policy_range range = policy_resync_range(&none[i], NOW);
        ck_assert_uint_eq(range.count, 0);
        ck_assert_int_eq(policy_judge_resync(&none[i], range, &all, &all, NOW, &found, &reason), VERDICT_REFUSED);
    }
    ck_assert_int_eq(policy_offset_max_steps(0), 0);
}
END_TEST

SUITE("core/policy/resync", a_clock_may_be_an_hour_off_either_way_and_no_more,
      a_counter_may_be_a_thousand_ahead_and_no_more, codes_that_do_not_follow_each_other_are_wrong,
      a_pair_below_the_mark_is_told_as_replayed_and_one_across_it_too,
      of_several_pairs_the_lowest_that_is_not_spent_counts, a_resync_at_the_ends_of_all_numbers_stays_within_them,
      what_has_no_device_has_no_range_and_no_match)
