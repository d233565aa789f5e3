#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include <garde/policy.h>

#define NOW  INT64_C(1800000000)
#define HOUR 3600
#define DAY  86400

static const struct policy_limits limits = {.window_steps = 1, .lock_for_s = 900};

static bool admits(const struct account *account, const struct origin *here, int64_t now_s, enum reason *out_reason)
{
    return policy_admits(&limits, account, here, policy_usual_failures(here, 1, now_s), now_s, out_reason);
}

START_TEST(the_table_of_waits_is_the_one_in_the_header)
{
    static const int64_t waits[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 900, 900, 900};
    for (uint32_t n = 0; n < sizeof waits / sizeof waits[0]; n++)
        ck_assert_int_eq(policy_wait_s(&limits, n), waits[n]);
    ck_assert_int_eq(policy_wait_s(&limits, UINT32_MAX), 900);
    struct policy_limits longer = {.lock_for_s = DAY};
    ck_assert_int_eq(policy_wait_s(&longer, 9), 64);
    ck_assert_int_eq(policy_wait_s(&longer, 10), DAY);
}
END_TEST

START_TEST(an_attempt_inside_the_wait_is_refused_and_admitted_when_it_ends)
{
    struct account account = {0};
    for (uint32_t n = 0; n < 15; n++) {
        struct origin here = {.failures = n, .last_failure_s = NOW};
        int64_t wait = policy_wait_s(&limits, n);
        enum reason reason = REASON_NONE;
        ck_assert(admits(&account, &here, NOW + wait, &reason));
        if (wait == 0)
            continue;
        ck_assert_int_eq(reason, REASON_NONE);
        ck_assert(!admits(&account, &here, NOW, &reason));
        ck_assert_int_eq(reason, n < 10 ? REASON_DELAYED : REASON_LOCKED);
        ck_assert(!admits(&account, &here, NOW + wait - 1, &reason));
    }
}
END_TEST

START_TEST(a_lock_that_is_over_comes_back_with_the_next_failure)
{
    struct account account = {0};
    struct origin here = {.failures = 10, .last_failure_s = NOW};
    enum reason reason = REASON_NONE;
    ck_assert(admits(&account, &here, NOW + 900, &reason));
    policy_count_failure(&account, &here, NOW + 900);
    ck_assert(!admits(&account, &here, NOW + 901, &reason));
    ck_assert_int_eq(reason, REASON_LOCKED);
    ck_assert(admits(&account, &here, NOW + 1800, &reason));
}
END_TEST

START_TEST(a_last_failure_in_the_future_is_no_wait)
{
    struct account account = {0};
    struct origin here = {.failures = 30, .last_failure_s = NOW + 1};
    enum reason reason = REASON_NONE;
    ck_assert(admits(&account, &here, NOW, &reason));
    here.last_failure_s = INT64_MAX;
    ck_assert(admits(&account, &here, INT64_MIN, &reason));
}
END_TEST

START_TEST(an_origin_is_usual_until_30_days_after_its_last_success)
{
    struct origin here = {.last_success_s = NOW};
    ck_assert(policy_is_usual(&here, NOW));
    ck_assert(policy_is_usual(&here, NOW + 30 * DAY));
    ck_assert(!policy_is_usual(&here, NOW + 30 * DAY + 1));
    ck_assert(policy_is_usual(&here, NOW - HOUR)); /* the clock was set back */
    here.last_success_s = 0;                       /* never */
    ck_assert(!policy_is_usual(&here, NOW));
    ck_assert(!policy_is_usual(&here, 1));
}
END_TEST

START_TEST(a_failure_counts_for_its_origin_and_from_elsewhere_also_for_the_strangers)
{
    struct account account = {0};
    struct origin desk = {.last_success_s = NOW - DAY}, elsewhere = {.last_success_s = NOW - 31 * DAY};
    policy_count_failure(&account, &desk, NOW);
    ck_assert_uint_eq(desk.failures, 1);
    ck_assert_int_eq(desk.last_failure_s, NOW);
    ck_assert_uint_eq(account.other_failures, 0);
    policy_count_failure(&account, &elsewhere, NOW);
    ck_assert_uint_eq(elsewhere.failures, 1);
    ck_assert_uint_eq(account.other_failures, 1);
    ck_assert_uint_eq(desk.failures, 1);
}
END_TEST

START_TEST(counters_do_not_wrap)
{
    struct account account = {.other_failures = UINT32_MAX};
    struct origin both[2] = {{.failures = UINT32_MAX, .last_success_s = NOW},
                             {.failures = UINT32_MAX, .last_success_s = NOW}};
    ck_assert_uint_eq(policy_usual_failures(both, 2, NOW), UINT32_MAX);
    both[0].last_success_s = 0;
    policy_count_failure(&account, &both[0], NOW);
    ck_assert_uint_eq(both[0].failures, UINT32_MAX);
    ck_assert_uint_eq(account.other_failures, UINT32_MAX);
}
END_TEST

START_TEST(the_strangers_have_60_and_the_usual_origins_40_over_all_of_them)
{
    struct account account = {.other_failures = 59};
    struct origin stranger = {0}, desk = {.last_success_s = NOW};
    enum reason reason = REASON_NONE;
    ck_assert(policy_admits(&limits, &account, &stranger, 39, NOW, &reason));
    ck_assert(policy_admits(&limits, &account, &desk, 39, NOW, &reason));

    account.other_failures = 60;
    ck_assert(!policy_admits(&limits, &account, &stranger, 0, NOW, &reason));
    ck_assert_int_eq(reason, REASON_BUDGET);
    ck_assert(policy_admits(&limits, &account, &desk, 39, NOW, &reason)); /* strangers do not lock the desk */

    account.other_failures = 0;
    reason = REASON_NONE;
    ck_assert(!policy_admits(&limits, &account, &desk, 40, NOW, &reason));
    ck_assert_int_eq(reason, REASON_BUDGET);
    ck_assert(policy_admits(&limits, &account, &stranger, 40, NOW, &reason)); /* nor the other way round */
}
END_TEST

START_TEST(the_sum_is_over_usual_origins_only)
{
    struct origin origins[] = {{.failures = 7, .last_success_s = NOW - 30 * DAY},
                               {.failures = 100, .last_success_s = NOW - 30 * DAY - 1},
                               {.failures = 5, .last_success_s = NOW},
                               {.failures = 1000}};
    ck_assert_uint_eq(policy_usual_failures(origins, 4, NOW), 12);
    ck_assert_uint_eq(policy_usual_failures(origins, 0, NOW), 0);
}
END_TEST

START_TEST(a_success_clears_its_own_origin_and_no_other)
{
    struct account account = {0};
    struct origin here = {.failures = 9, .last_failure_s = NOW - HOUR}, there = {.failures = 5};
    policy_count_success(&account, &here, NOW);
    ck_assert_uint_eq(here.failures, 0);
    ck_assert_int_eq(here.last_success_s, NOW);
    ck_assert_uint_eq(there.failures, 5);
    enum reason reason = REASON_NONE;
    ck_assert(admits(&account, &here, NOW, &reason));
}
END_TEST

static uint32_t left_after_success(uint32_t failures, int64_t refilled_s, int64_t now_s)
{
    struct account account = {.other_failures = failures, .other_refilled_s = refilled_s};
    struct origin here = {0};
    policy_count_success(&account, &here, now_s);
    return account.other_failures;
}

START_TEST(the_strangers_budget_comes_back_one_for_a_whole_hour_and_24_at_most)
{
    ck_assert_uint_eq(left_after_success(60, NOW, NOW), 60);
    ck_assert_uint_eq(left_after_success(60, NOW, NOW + HOUR - 1), 60);
    ck_assert_uint_eq(left_after_success(60, NOW, NOW + HOUR), 59);
    ck_assert_uint_eq(left_after_success(60, NOW, NOW + 2 * HOUR - 1), 59);
    ck_assert_uint_eq(left_after_success(60, NOW, NOW + 24 * HOUR), 36);
    ck_assert_uint_eq(left_after_success(60, NOW, NOW + 25 * HOUR), 36);
    ck_assert_uint_eq(left_after_success(60, NOW, NOW + 365 * DAY), 36);
    ck_assert_uint_eq(left_after_success(60, 0, NOW), 36);
    ck_assert_uint_eq(left_after_success(5, NOW, NOW + 24 * HOUR), 0);
    ck_assert_uint_eq(left_after_success(0, NOW, NOW + 24 * HOUR), 0);
}
END_TEST

START_TEST(hours_are_given_back_once_and_a_part_of_an_hour_is_not_lost_to_an_early_success)
{
    struct account account = {.other_failures = 60, .other_refilled_s = NOW};
    struct origin here = {0};
    for (int64_t minute = 0; minute < 60; minute++)
        policy_count_success(&account, &here, NOW + minute * 60);
    ck_assert_uint_eq(account.other_failures, 60);
    policy_count_success(&account, &here, NOW + HOUR);
    policy_count_success(&account, &here, NOW + HOUR);
    policy_count_success(&account, &here, NOW + HOUR + 1);
    ck_assert_uint_eq(account.other_failures, 59);
}
END_TEST

START_TEST(a_clock_set_back_gives_nothing_and_does_not_stop_the_budget_for_ever)
{
    struct account account = {.other_failures = 60, .other_refilled_s = NOW + 3650 * (int64_t)DAY};
    struct origin here = {0};
    policy_count_success(&account, &here, NOW);
    ck_assert_uint_eq(account.other_failures, 60);
    policy_count_success(&account, &here, NOW + 3 * HOUR);
    ck_assert_uint_eq(account.other_failures, 57);
}
END_TEST

START_TEST(an_unlock_takes_all_counters_back_and_invents_no_success)
{
    struct account account = {.other_failures = 60, .other_refilled_s = 5};
    struct origin here = {.failures = 12, .last_failure_s = NOW, .last_success_s = 0};
    enum reason reason = REASON_NONE;
    policy_unlock_account(&account, NOW);
    policy_unlock_origin(&here);
    ck_assert_uint_eq(account.other_failures, 0);
    ck_assert_int_eq(account.other_refilled_s, NOW);
    ck_assert_uint_eq(here.failures, 0);
    ck_assert_int_eq(here.last_success_s, 0);
    ck_assert(admits(&account, &here, NOW, &reason));
    ck_assert(!policy_is_usual(&here, NOW));
}
END_TEST

START_TEST(an_origin_is_forgotten_30_days_after_success_and_failure)
{
    struct origin origin = {.failures = 3, .last_failure_s = NOW, .last_success_s = NOW - 10 * DAY};
    ck_assert(!policy_forgets(&origin, NOW + 30 * DAY));
    ck_assert(policy_forgets(&origin, NOW + 30 * DAY + 1));
    origin = (struct origin){.last_failure_s = NOW - 10 * DAY, .last_success_s = NOW};
    ck_assert(!policy_forgets(&origin, NOW + 30 * DAY));
    ck_assert(policy_forgets(&origin, NOW + 30 * DAY + 1));
    ck_assert(!policy_forgets(&origin, NOW - DAY)); /* a clock set back forgets nothing */
    ck_assert(policy_forgets(&(struct origin){0}, NOW));
}
END_TEST

/* Guesses from ever new origins whenever the rules admit one. */
static unsigned guess_all(struct account *account, int64_t now_s)
{
    unsigned guesses = 0;
    for (;;) {
        struct origin fresh = {0};
        enum reason reason = REASON_NONE;
        if (!admits(account, &fresh, now_s, &reason))
            return guesses;
        policy_count_failure(account, &fresh, now_s);
        guesses++;
    }
}

/* The stranger tries before and after each login of the user; the user, at the usual desk, must never notice. */
static unsigned guesses_in_a_year(int64_t login_every_s)
{
    struct account account = {0};
    struct origin desk = {.last_success_s = NOW - DAY};
    unsigned guesses = 0;
    for (int64_t at = 0; at < 365 * (int64_t)DAY; at += login_every_s) {
        enum reason reason = REASON_NONE;
        guesses += guess_all(&account, NOW + at);
        ck_assert(admits(&account, &desk, NOW + at, &reason));
        policy_count_success(&account, &desk, NOW + at);
        guesses += guess_all(&account, NOW + at);
    }
    return guesses;
}

START_TEST(a_stranger_who_guesses_for_a_year_gets_at_most_9000_guesses)
{
    static const int64_t every[] = {DAY, DAY + HOUR / 2, HOUR, HOUR + 1, HOUR - 1, 600, 7 * DAY};
    for (size_t i = 0; i < sizeof every / sizeof every[0]; i++)
        ck_assert_uint_le(guesses_in_a_year(every[i]), 9000);
    ck_assert_uint_ge(guesses_in_a_year(DAY), 8000); /* the simulation does guess */
}
END_TEST

START_TEST(one_origin_alone_is_slowed_down_to_its_lock)
{
    struct account account = {0};
    struct origin here = {0};
    unsigned guesses = 0;
    for (int64_t s = 0; s < HOUR; s++) {
        enum reason reason = REASON_NONE;
        for (unsigned more = 0; more < 5 && admits(&account, &here, NOW + s, &reason); more++) {
            policy_count_failure(&account, &here, NOW + s);
            guesses++;
        }
    }
    ck_assert_uint_eq(guesses, 13); /* ten in 127 s, then one each 15 minutes */
}
END_TEST

SUITE("policy throttle", the_table_of_waits_is_the_one_in_the_header,
      an_attempt_inside_the_wait_is_refused_and_admitted_when_it_ends,
      a_lock_that_is_over_comes_back_with_the_next_failure, a_last_failure_in_the_future_is_no_wait,
      an_origin_is_usual_until_30_days_after_its_last_success,
      a_failure_counts_for_its_origin_and_from_elsewhere_also_for_the_strangers, counters_do_not_wrap,
      the_strangers_have_60_and_the_usual_origins_40_over_all_of_them, the_sum_is_over_usual_origins_only,
      a_success_clears_its_own_origin_and_no_other, the_strangers_budget_comes_back_one_for_a_whole_hour_and_24_at_most,
      hours_are_given_back_once_and_a_part_of_an_hour_is_not_lost_to_an_early_success,
      a_clock_set_back_gives_nothing_and_does_not_stop_the_budget_for_ever,
      an_unlock_takes_all_counters_back_and_invents_no_success,
      an_origin_is_forgotten_30_days_after_success_and_failure,
      a_stranger_who_guesses_for_a_year_gets_at_most_9000_guesses, one_origin_alone_is_slowed_down_to_its_lock)
