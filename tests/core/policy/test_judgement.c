#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include <garde/policy.h>

#define NOW INT64_C(1800000000)

static struct policy_limits limits = {.window_steps = 1, .lock_for_s = 900};

static struct policy_range totp(uint32_t window, int64_t now_s, uint32_t period_s, int32_t offset)
{
    struct factor factor = {.kind = FACTOR_TOTP, .period_s = period_s, .offset_steps = offset};
    limits.window_steps = window;
    return policy_range(&limits, &factor, now_s);
}

static struct policy_range hotp(uint64_t mark)
{
    struct factor factor = {.kind = FACTOR_HOTP, .mark = mark};
    return policy_range(&limits, &factor, NOW);
}

#define ck_assert_range(range, from, many)                                                                             \
    do {                                                                                                               \
        struct policy_range got = (range);                                                                             \
        ck_assert(got.first == (from));                                                                                \
        ck_assert_uint_eq(got.count, (many));                                                                          \
    } while (0)

START_TEST(totp_compares_the_window_round_now_and_the_offset)
{
    ck_assert_range(totp(0, 59, 30, 0), 1, 1);
    ck_assert_range(totp(1, 60, 30, 0), 1, 3);
    ck_assert_range(totp(1, 89, 30, 0), 1, 3);
    ck_assert_range(totp(1, 90, 30, 0), 2, 3);
    ck_assert_range(totp(2, 300, 30, 0), 8, 5);
    ck_assert_range(totp(1, 300, 30, 3), 12, 3);
    ck_assert_range(totp(1, 300, 30, -3), 6, 3);
    ck_assert_range(totp(1, 600, 60, 0), 9, 3);
}
END_TEST

START_TEST(the_window_is_never_wider_than_its_maximum)
{
    ck_assert_range(totp(3, 300, 30, 0), 8, 5);
    ck_assert_range(totp(UINT32_MAX, 300, 30, 0), 8, 5);
}
END_TEST

START_TEST(the_window_stops_at_step_0)
{
    ck_assert_range(totp(1, 0, 30, 0), 0, 2);
    ck_assert_range(totp(1, -100, 30, 0), 0, 2);
    ck_assert_range(totp(1, INT64_MIN, 30, 0), 0, 2);
    ck_assert_range(totp(2, 30, 30, 0), 0, 4);
    ck_assert_range(totp(2, 60, 30, 0), 0, 5);
    ck_assert_range(totp(2, 90, 30, 0), 1, 5);
    ck_assert_range(totp(1, 90, 30, -3), 0, 2);
    ck_assert_range(totp(1, 90, 30, -4), 0, 1);
    ck_assert_range(totp(1, 90, 30, -50), 0, 1);
    ck_assert_range(totp(1, 0, 30, INT32_MIN), 0, 1);
}
END_TEST

START_TEST(the_end_of_time_does_not_wrap)
{
    struct policy_range range = totp(2, INT64_MAX, 1, INT32_MAX);
    ck_assert_uint_eq(range.count, 5);
    ck_assert(range.first + range.count - 1 <= (uint64_t)INT64_MAX);
}
END_TEST

START_TEST(a_period_of_0_gives_nothing_to_compare_with)
{
    ck_assert_uint_eq(totp(1, NOW, 0, 0).count, 0);
}
END_TEST

START_TEST(hotp_compares_the_counter_before_the_mark_and_the_next_ten)
{
    ck_assert_range(hotp(5), 4, 11);
    ck_assert_range(hotp(1), 0, 11);
    ck_assert_range(hotp(0), 0, 10); /* no counter before the first */
}
END_TEST

START_TEST(hotp_at_the_last_counters_does_not_wrap)
{
    ck_assert_range(hotp(UINT64_MAX - 20), UINT64_MAX - 21, 11);
    ck_assert_range(hotp(UINT64_MAX - 10), UINT64_MAX - 11, 11);
    ck_assert_range(hotp(UINT64_MAX - 9), UINT64_MAX - 10, 10);
    ck_assert_range(hotp(UINT64_MAX - 1), UINT64_MAX - 2, 2);
    ck_assert_range(hotp(UINT64_MAX), UINT64_MAX - 1, 1); /* used up: only the spent one */
}
END_TEST

static enum verdict judge(uint64_t mark, struct policy_range range, uint64_t matches, uint64_t *mark_out,
                          enum reason *reason)
{
    struct factor factor = {.kind = FACTOR_TOTP, .mark = mark};
    return policy_judge(&factor, range, matches, mark_out, reason);
}

START_TEST(the_lowest_match_at_or_above_the_mark_is_accepted)
{
    struct policy_range range = {100, 3};
    uint64_t mark = 7;
    enum reason reason = REASON_NONE;
    ck_assert_int_eq(judge(0, range, 1, &mark, &reason), VERDICT_ACCEPTED);
    ck_assert(mark == 101);
    ck_assert_int_eq(judge(0, range, 6, &mark, &reason), VERDICT_ACCEPTED);
    ck_assert(mark == 102);
    ck_assert_int_eq(judge(102, range, 7, &mark, &reason), VERDICT_ACCEPTED); /* two spent ones match as well */
    ck_assert(mark == 103);
    ck_assert_int_eq(judge(101, range, 6, &mark, &reason), VERDICT_ACCEPTED); /* at the mark */
    ck_assert(mark == 102);
    ck_assert_int_eq(reason, REASON_NONE);
}
END_TEST

START_TEST(a_spent_code_is_a_replay_and_any_other_is_wrong)
{
    struct policy_range range = {100, 3};
    uint64_t mark = 7;
    enum reason reason = REASON_NONE;
    ck_assert_int_eq(judge(101, range, 1, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert_int_eq(judge(103, range, 7, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert_int_eq(judge(101, range, 0, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_WRONG_CODE);
    ck_assert(mark == 7);
}
END_TEST

START_TEST(matches_outside_of_the_range_count_for_nothing)
{
    uint64_t mark = 7;
    enum reason reason = REASON_NONE;
    ck_assert_int_eq(judge(0, (struct policy_range){100, 3}, ~UINT64_C(7), &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_WRONG_CODE);
    ck_assert_int_eq(judge(0, (struct policy_range){100, 0}, UINT64_MAX, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(judge(164, (struct policy_range){100, 200}, UINT64_MAX, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert(mark == 7);
}
END_TEST

START_TEST(the_last_counter_is_never_accepted_because_no_mark_lies_above_it)
{
    uint64_t mark = 7;
    enum reason reason = REASON_NONE;
    struct policy_range range = {UINT64_MAX - 1, 2};
    ck_assert_int_eq(judge(UINT64_MAX, range, 2, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_WRONG_CODE);
    ck_assert_int_eq(judge(UINT64_MAX, range, 1, &mark, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, REASON_REPLAYED);
    ck_assert_int_eq(judge(5, (struct policy_range){UINT64_MAX, 1}, 1, &mark, &reason), VERDICT_REFUSED);
    ck_assert(mark == 7);
    ck_assert_int_eq(judge(UINT64_MAX - 1, range, 1, &mark, &reason), VERDICT_ACCEPTED);
    ck_assert(mark == UINT64_MAX);
}
END_TEST

START_TEST(only_an_active_factor_within_its_time_is_usable)
{
    struct factor factor = {.state = FACTOR_ACTIVE};
    enum reason reason = REASON_NONE;
    ck_assert(policy_is_usable(&factor, NOW, &reason));
    ck_assert_int_eq(reason, REASON_NONE);

    static const struct {
        enum factor_state state;
        enum reason reason;
    } others[] = {{FACTOR_PENDING, REASON_PENDING},
                  {FACTOR_SUSPENDED, REASON_SUSPENDED},
                  {FACTOR_REVOKED, REASON_REVOKED},
                  {(enum factor_state)0, REASON_REVOKED},
                  {(enum factor_state)9, REASON_REVOKED}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        factor.state = others[i].state;
        ck_assert(!policy_is_usable(&factor, NOW, &reason));
        ck_assert_int_eq(reason, others[i].reason);
    }
}
END_TEST

START_TEST(not_before_is_included_and_not_after_is_not)
{
    struct factor factor = {.state = FACTOR_ACTIVE, .not_before_s = NOW, .not_after_s = NOW + 10};
    enum reason reason = REASON_NONE;
    ck_assert(!policy_is_usable(&factor, NOW - 1, &reason));
    ck_assert_int_eq(reason, REASON_NOT_YET);
    ck_assert(policy_is_usable(&factor, NOW, &reason));
    ck_assert(policy_is_usable(&factor, NOW + 9, &reason));
    ck_assert(!policy_is_usable(&factor, NOW + 10, &reason));
    ck_assert_int_eq(reason, REASON_EXPIRED);
}
END_TEST

START_TEST(only_a_pending_factor_can_be_confirmed_and_only_before_it_lapses)
{
    struct factor factor = {.state = FACTOR_PENDING, .pending_until_s = NOW};
    ck_assert(policy_is_confirmable(&factor, NOW - 1));
    ck_assert(!policy_is_confirmable(&factor, NOW));
    factor.state = FACTOR_ACTIVE;
    ck_assert(!policy_is_confirmable(&factor, NOW - 1));
    factor.state = FACTOR_SUSPENDED;
    ck_assert(!policy_is_confirmable(&factor, NOW - 1));
    factor.state = FACTOR_REVOKED;
    ck_assert(!policy_is_confirmable(&factor, NOW - 1));
    ck_assert(!policy_is_confirmable(&(struct factor){.state = FACTOR_PENDING}, NOW));
}
END_TEST

START_TEST(a_pending_factor_is_usable_only_where_it_was_handed_out_and_can_be_confirmed)
{
    struct factor factor = {
        .state = FACTOR_PENDING, .created_s = NOW - 10, .pending_until_s = NOW + 50, .handed_out = 1};
    enum reason reason = REASON_NONE;
    ck_assert(policy_is_usable(&factor, NOW, &reason));
    ck_assert(policy_is_usable(&factor, NOW + 49, &reason));
    ck_assert(!policy_is_usable(&factor, NOW + 50, &reason));
    ck_assert_int_eq(reason, REASON_PENDING);
    factor.handed_out = 0;
    ck_assert(!policy_is_usable(&factor, NOW, &reason));
    ck_assert_int_eq(reason, REASON_PENDING);
    factor.handed_out = 1;
    factor.state = FACTOR_SUSPENDED;
    ck_assert(!policy_is_usable(&factor, NOW, &reason));
    ck_assert_int_eq(reason, REASON_SUSPENDED);
}
END_TEST

START_TEST(a_factor_that_was_handed_out_keeps_to_its_own_time_too)
{
    struct factor factor = {.state = FACTOR_PENDING,
                            .created_s = NOW,
                            .pending_until_s = NOW + 900,
                            .handed_out = 1,
                            .not_before_s = NOW + 10,
                            .not_after_s = NOW + 20};
    enum reason reason = REASON_NONE;
    ck_assert(!policy_is_usable(&factor, NOW + 9, &reason));
    ck_assert_int_eq(reason, REASON_NOT_YET);
    ck_assert(policy_is_confirmable(&factor, NOW + 9)); /* at the desk */
    ck_assert(policy_is_usable(&factor, NOW + 10, &reason));
    ck_assert(policy_is_usable(&factor, NOW + 19, &reason));
    ck_assert(!policy_is_usable(&factor, NOW + 20, &reason));
    ck_assert(!policy_is_confirmable(&factor, NOW + 20));
}
END_TEST

START_TEST(an_active_device_is_totp_or_hotp_and_neither_suspended_nor_expired)
{
    const struct factor good = {.kind = FACTOR_HOTP, .state = FACTOR_ACTIVE, .not_after_s = NOW + 1};
    ck_assert(policy_is_active_device(&good, NOW));
    ck_assert(!policy_is_active_device(&good, NOW + 1));
    for (int state = 0; state < 6; state++)
        for (int kind = 0; kind < 6; kind++) {
            struct factor factor = {.kind = (enum factor_kind)kind, .state = (enum factor_state)state};
            bool device = kind == FACTOR_TOTP || kind == FACTOR_HOTP;
            ck_assert(policy_has_device(&factor) == device);
            ck_assert(policy_is_active_device(&factor, NOW) == (device && state == FACTOR_ACTIVE));
        }
}
END_TEST

START_TEST(only_an_explicit_rule_skips)
{
    ck_assert(!policy_skips(&(struct unenrolled_rule){0}, NOW));
    ck_assert(!policy_skips(&(struct unenrolled_rule){.until_s = INT64_MAX}, NOW));
    ck_assert(policy_skips(&(struct unenrolled_rule){.answer = UNENROLLED_ALLOW}, NOW));
    struct unenrolled_rule until = {UNENROLLED_ALLOW_UNTIL, NOW};
    ck_assert(policy_skips(&until, NOW - 1));
    ck_assert(!policy_skips(&until, NOW));
    ck_assert(!policy_skips(&(struct unenrolled_rule){UNENROLLED_ALLOW_UNTIL, 0}, NOW));
    ck_assert(!policy_skips(&(struct unenrolled_rule){(enum unenrolled)7, INT64_MAX}, NOW));
}
END_TEST

/* The same random numbers on every machine. */
static uint64_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

struct trial {
    struct factor factor;
    int64_t now_s;
    bool accepted[4096]; /* by distance from base */
    uint64_t base;
};

/* One code offered at a random time near the last one (the clock may go back), with random coincidences. */
static unsigned offer(struct trial *trial, uint64_t *state)
{
    trial->now_s += (int64_t)(random_next(state) % 90) - 25;
    if (trial->now_s < NOW || trial->now_s > NOW + 30 * 1500)
        trial->now_s = NOW + (int64_t)(random_next(state) % 3000);
    trial->factor.offset_steps = (int32_t)(random_next(state) % 7) - 3;

    struct policy_range range = policy_range(&limits, &trial->factor, trial->now_s);
    uint64_t matches = random_next(state) % 4 == 0 ? random_next(state) : UINT64_C(1) << random_next(state) % 12;
    uint64_t mark = trial->factor.mark;
    enum reason reason = REASON_NONE;
    if (policy_judge(&trial->factor, range, matches, &mark, &reason) != VERDICT_ACCEPTED)
        return 0;

    ck_assert(mark > trial->factor.mark);
    ck_assert(mark - 1 >= range.first && mark - 1 < range.first + range.count);
    uint64_t at = mark - 1 - trial->base;
    ck_assert(at < 4096);
    ck_assert(!trial->accepted[at]);
    trial->accepted[at] = true;
    trial->factor.mark = mark;
    return 1;
}

static unsigned run_trial(enum factor_kind kind, uint64_t *state)
{
    struct trial trial = {.now_s = NOW};
    trial.factor = (struct factor){.kind = kind, .period_s = kind == FACTOR_TOTP ? 30 : 0};
    trial.factor.mark = kind == FACTOR_TOTP ? 0 : 1000;
    trial.base = kind == FACTOR_TOTP ? (uint64_t)(NOW / 30 - 100) : 1000;
    unsigned accepted = 0;
    for (unsigned i = 0; i < 600; i++)
        accepted += offer(&trial, state);
    return accepted;
}

START_TEST(over_random_sequences_nothing_is_accepted_twice_and_the_mark_never_falls)
{
    uint64_t state = 4226;
    unsigned accepted = 0;
    limits.window_steps = 2;
    for (unsigned trial = 0; trial < 60; trial++)
        accepted += run_trial(trial % 2 == 0 ? FACTOR_TOTP : FACTOR_HOTP, &state);
    ck_assert_uint_gt(accepted, 1000);
}
END_TEST

START_TEST(a_pending_factor_of_a_clock_that_was_ahead_does_not_stay_pending_for_years)
{
    const int64_t year = 366 * 86400;
    struct factor factor = {.state = FACTOR_PENDING, .created_s = NOW + year, .pending_until_s = NOW + year + 900};
    ck_assert(!policy_is_confirmable(&factor, NOW));
    ck_assert(!policy_is_confirmable(&factor, NOW + year - 901));
    ck_assert(
        policy_is_confirmable(&factor, NOW + year - 900)); /* a small step back is none of the person's business */
    ck_assert(policy_is_confirmable(&factor, NOW + year + 899));
    ck_assert(!policy_is_confirmable(&factor, NOW + year + 900));

    factor.created_s = INT64_MIN; /* nothing overflows */
    ck_assert(policy_is_confirmable(&factor, NOW));
    factor.created_s = INT64_MAX;
    (void)policy_is_confirmable(&factor, NOW);
}
END_TEST

static bool mark_is_ahead(struct factor factor, int64_t now_s, int64_t usable_from_s)
{
    int64_t from_s = 0;
    bool is_ahead = policy_mark_is_ahead(&limits, &factor, now_s, &from_s);
    ck_assert_int_eq(from_s, is_ahead ? usable_from_s : 0);
    return is_ahead;
}

START_TEST(a_mark_is_ahead_when_no_code_of_now_can_have_left_it)
{
    struct factor factor = {.kind = FACTOR_TOTP, .period_s = 30};
    uint64_t step = (uint64_t)NOW / 30;

    limits.window_steps = 1;
    for (uint64_t accepted = step - 1; accepted <= step + 1; accepted++) { /* whatever a login just left */
        factor.mark = accepted + 1;
        ck_assert(!mark_is_ahead(factor, NOW, 0));
    }
    factor.mark = step + 3;
    ck_assert(mark_is_ahead(factor, NOW, NOW + 60)); /* then the last step of the window is the mark */
    ck_assert(mark_is_ahead(factor, NOW + 29, NOW + 60));
    ck_assert(!mark_is_ahead(factor, NOW + 30, 0));
    factor.mark = step + 120 + 2; /* a login with the clock an hour ahead, by a device a step ahead */
    ck_assert(mark_is_ahead(factor, NOW, NOW + 3600 + 30));
    factor.offset_steps = 119;
    ck_assert(mark_is_ahead(factor, NOW, NOW + 60));
    factor.offset_steps = 120;
    ck_assert(!mark_is_ahead(factor, NOW, 0));
    limits.window_steps = 0;
    ck_assert(mark_is_ahead(factor, NOW, NOW + 60));
    limits.window_steps = 1;
}
END_TEST

START_TEST(a_mark_at_the_end_of_time_is_ahead_for_ever_and_one_of_hotp_never)
{
    struct factor factor = {.kind = FACTOR_TOTP, .period_s = 30, .mark = UINT64_MAX};
    ck_assert(mark_is_ahead(factor, NOW, INT64_MAX));
    factor.mark = INT64_MAX / 29;
    ck_assert(mark_is_ahead(factor, NOW, INT64_MAX));
    factor.period_s = 0;
    ck_assert(!mark_is_ahead(factor, NOW, 0));
    factor = (struct factor){.kind = FACTOR_HOTP, .mark = UINT64_MAX};
    ck_assert(!mark_is_ahead(factor, NOW, 0));
    factor = (struct factor){.kind = FACTOR_TOTP, .period_s = 30, .mark = 100};
    ck_assert(mark_is_ahead(factor, -1, 99 * 30)); /* before 1970 it is step 0 */
}
END_TEST

SUITE("policy judgement", a_pending_factor_of_a_clock_that_was_ahead_does_not_stay_pending_for_years,
      a_mark_is_ahead_when_no_code_of_now_can_have_left_it,
      a_mark_at_the_end_of_time_is_ahead_for_ever_and_one_of_hotp_never,
      totp_compares_the_window_round_now_and_the_offset, the_window_is_never_wider_than_its_maximum,
      the_window_stops_at_step_0, the_end_of_time_does_not_wrap, a_period_of_0_gives_nothing_to_compare_with,
      hotp_compares_the_counter_before_the_mark_and_the_next_ten, hotp_at_the_last_counters_does_not_wrap,
      the_lowest_match_at_or_above_the_mark_is_accepted, a_spent_code_is_a_replay_and_any_other_is_wrong,
      matches_outside_of_the_range_count_for_nothing, the_last_counter_is_never_accepted_because_no_mark_lies_above_it,
      only_an_active_factor_within_its_time_is_usable, not_before_is_included_and_not_after_is_not,
      only_a_pending_factor_can_be_confirmed_and_only_before_it_lapses,
      a_pending_factor_is_usable_only_where_it_was_handed_out_and_can_be_confirmed,
      a_factor_that_was_handed_out_keeps_to_its_own_time_too,
      an_active_device_is_totp_or_hotp_and_neither_suspended_nor_expired, only_an_explicit_rule_skips,
      over_random_sequences_nothing_is_accepted_twice_and_the_mark_never_falls)
