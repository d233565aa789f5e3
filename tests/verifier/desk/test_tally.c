/* Who is pending or locked, and the day's logins, as status tells them: a real store. */
#include "suite.h"

#include <stdio.h>

#include "desk/inside.h"
#include "office.h"

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

struct answer {
    struct wire_state state;
    size_t pages;
};

static struct answer ask_since(int64_t today_ms)
{
    struct answer answer = {.pages = 0};
    struct job *job = office_admin(WIRE_STATUS);

    job->request.status.today_ms = today_ms;
    do {
        office_run(&office, job);
        answer.pages++;
    } while (!job->finished && answer.pages < 1000);
    ck_assert(job->finished);
    ck_assert_int_eq(job->reply.result.code, WIRE_OK);
    ck_assert_int_eq(job->rows[job->row_count - 1].type, WIRE_STATE);
    answer.state = job->rows[job->row_count - 1].state;
    office_free(job);
    return answer;
}

static struct answer ask(void)
{
    return ask_since(0);
}

static uint64_t count_locked(void)
{
    return ask().state.users_locked;
}

static void guess_wrong(struct office_token token, const char *origin, int times, int64_t every_s)
{
    for (int i = 0; i < times; i++) {
        office.now_s += every_s;
        ck_assert_int_ne(office_log_in(&office, token.user, origin, office_wrong_code(&office, token)), ACCEPTED);
    }
}

START_TEST(users_are_pending_until_a_factor_of_theirs_is_confirmed)
{
    static const struct office_token second = {.user = "alice", .uid = 1000, .kind = FACTOR_HOTP, .seed = 0x33};
    static const struct office_token other = {.user = "bob", .uid = 1001, .kind = FACTOR_HOTP, .seed = 0x44};
    office_open(&office);
    (void)office_give(&office, alice);
    ck_assert_int_eq(office_ask(&office, office_enrolment(second)).code, WIRE_OK);
    ck_assert_uint_eq(ask().state.users_pending, 0);
    ck_assert_int_eq(office_ask(&office, office_enrolment(bob)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_enrolment(other)).code, WIRE_OK);
    ck_assert_uint_eq(ask().state.users_pending, 1);
    /* The newest is confirmed: the one before is met first, and is still pending. */
    ck_assert_int_eq(office_ask(&office, office_confirmation("bob", office_code(&office, other, 0))).code, WIRE_OK);
    ck_assert_uint_eq(ask().state.users_pending, 0);
    office_close(&office);
}
END_TEST

START_TEST(a_pending_factor_that_lapsed_makes_nobody_pending)
{
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, office_enrolment(bob)).code, WIRE_OK);
    ck_assert_uint_eq(ask().state.users_pending, 1);
    office.now_s += office.rules.pending_for_s;
    ck_assert_uint_eq(ask().state.users_pending, 0);
    office_close(&office);
}
END_TEST

START_TEST(a_user_is_locked_as_long_as_an_origin_is_and_counted_once)
{
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    guess_wrong(alice, DESK, POLICY_LOCK_AT - 1, 100);
    ck_assert_uint_eq(count_locked(), 0); /* a delay is no lock */
    guess_wrong(alice, DESK, 1, 100);
    ck_assert_uint_eq(count_locked(), 1);
    guess_wrong(alice, "ip:192.0.2.8", POLICY_LOCK_AT, 70);
    ck_assert_uint_eq(count_locked(), 1);
    office.now_s += office.rules.limits.lock_for_s;
    ck_assert_uint_eq(count_locked(), 0);
    office_close(&office);
}
END_TEST

START_TEST(a_budget_that_is_used_up_locks_until_an_admin_comes)
{
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 1)), ACCEPTED);
    guess_wrong(alice, DESK, POLICY_USUAL_BUDGET, 1000);
    guess_wrong(bob, DESK, POLICY_OTHER_BUDGET - 1, 1000);
    office.now_s += 1000;
    ck_assert_uint_eq(count_locked(), 1);
    guess_wrong(bob, DESK, 1, 1000);
    ck_assert_uint_eq(count_locked(), 2); /* bob's origin, too, is locked: he counts once */
    office.now_s += 1000;
    ck_assert_uint_eq(count_locked(), 2);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "alice", 0)).code, WIRE_OK);
    ck_assert_uint_eq(count_locked(), 1);
    office_close(&office);
}
END_TEST

START_TEST(failures_of_a_user_are_added_up_over_pages_of_origins)
{
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    for (int i = 0; i < POLICY_USUAL_BUDGET; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:198.51.100.%d", i);
        office.now_s += 60;
        ck_assert_int_eq(office_log_in(&office, "alice", origin, office_code(&office, alice, 0)), ACCEPTED);
        ck_assert_int_eq(office_log_in(&office, "bob", origin, office_code(&office, bob, 0)), ACCEPTED);
    }
    for (int i = 0; i < POLICY_USUAL_BUDGET; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:198.51.100.%d", i);
        ck_assert_uint_eq(count_locked(), 0);
        guess_wrong(bob, origin, 1, 1);
        guess_wrong(alice, origin, i % 2, 1);
    }
    ck_assert_uint_eq(count_locked(), 1);
    office_close(&office);
}
END_TEST

START_TEST(accounts_whose_budget_is_used_up_are_looked_at_a_few_a_page)
{
    office_open(&office);
    for (int i = 0; i < 30; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "user%02d", i);
        struct office_token token = {.user = name, .uid = (uint32_t)(2000 + i), .seed = (uint8_t)(i + 1)};
        ck_assert_int_eq(office_ask(&office, office_enrolment(token)).code, WIRE_OK);
    }
    size_t pages = ask().pages;
    office_sql(&office, "UPDATE account SET other_failures = %d WHERE user > 'user04'", POLICY_OTHER_BUDGET);
    struct answer answer = ask();
    ck_assert_uint_eq(answer.state.users_locked, 25);
    ck_assert_uint_ge(answer.pages, pages + 25 / 4);
    office_close(&office);
}
END_TEST

START_TEST(logins_and_refusals_are_counted_since_the_day_began)
{
    office_open(&office);
    (void)office_give(&office, alice);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 1)), ACCEPTED);
    office.now_s += 86400;
    int64_t day_ms = office.now_s * 1000;
    for (int i = 0; i < 70; i++) {
        office.now_s += 60;
        ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    }
    guess_wrong(alice, DESK, 2, 60);
    ck_assert_int_eq(office_ask(&office, office_try("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    struct answer answer = ask_since(day_ms);
    ck_assert_uint_eq(answer.state.logins_today, 70);
    ck_assert_uint_eq(answer.state.refusals_today, 2);
    answer = ask_since(0);
    ck_assert_uint_eq(answer.state.logins_today, 71);
    answer = ask_since((office.now_s + 1) * 1000);
    ck_assert_uint_eq(answer.state.logins_today + answer.state.refusals_today, 0);
    office_close(&office);
}
END_TEST

SUITE("tally", users_are_pending_until_a_factor_of_theirs_is_confirmed,
      a_pending_factor_that_lapsed_makes_nobody_pending, a_user_is_locked_as_long_as_an_origin_is_and_counted_once,
      a_budget_that_is_used_up_locks_until_an_admin_comes, failures_of_a_user_are_added_up_over_pages_of_origins,
      accounts_whose_budget_is_used_up_are_looked_at_a_few_a_page, logins_and_refusals_are_counted_since_the_day_began)
