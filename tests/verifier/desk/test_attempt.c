#include "office.h"
#include "suite.h"

#include <stdio.h>

#define DESK  "ip:192.0.2.7"
#define OTHER "ip:198.51.100.9"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .kind = FACTOR_HOTP, .counter = 5, .seed = 0x22};

static struct office office;

/* A user with a confirmed factor, one period after the confirmation. */
static void open_with(struct office_token token)
{
    office_open(&office);
    office_give(&office, token);
    office.now_s += 60;
}

static enum reason right(struct office_token token, const char *origin, int64_t shift)
{
    return office_log_in(&office, token.user, origin, office_code(&office, token, shift));
}

static enum reason wrong(struct office_token token, const char *origin)
{
    return office_log_in(&office, token.user, origin, office_wrong_code(&office, token));
}

START_TEST(attempt_accepts_a_right_code_once)
{
    open_with(alice);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_LOGIN);
    ck_assert_int_eq(entry->verdict, VERDICT_ACCEPTED);
    ck_assert_str_eq(entry->user, "alice");
    ck_assert_uint_eq(entry->uid, 1000);
    ck_assert_int_eq(entry->factor_id, 1);
    ck_assert_str_eq(entry->service, "sshd");
    ck_assert_str_eq(entry->origin, DESK);
    ck_assert_str_eq(entry->actor, "uid=0");

    ck_assert_int_eq(right(alice, DESK, 0), REASON_REPLAYED);
    ck_assert_int_eq(office_last(&office)->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(office_last(&office)->reason, REASON_REPLAYED);
    office_restart(&office);
    ck_assert_int_eq(right(alice, OTHER, 0), REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_refuses_the_code_that_confirmed_the_factor)
{
    office_open(&office);
    office_give(&office, alice);
    ck_assert_int_eq(right(alice, DESK, 0), REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_takes_one_step_either_side_and_never_an_older_one_than_the_last)
{
    open_with(alice);
    office.now_s += 300;
    ck_assert_int_eq(right(alice, DESK, -2), REASON_WRONG_CODE);
    ck_assert_int_eq(right(alice, DESK, 2), REASON_WRONG_CODE);
    ck_assert_int_eq(right(alice, DESK, -1), ACCEPTED);
    ck_assert_int_eq(right(alice, DESK, 1), ACCEPTED);
    ck_assert_int_eq(right(alice, DESK, 0), REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_stays_refused_when_the_clock_goes_back)
{
    open_with(alice);
    struct secret *spent = office_code(&office, alice, 0);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    office.now_s -= 30;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, spent), REASON_REPLAYED);
    ck_assert_int_eq(right(alice, DESK, 0), REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_looks_ahead_ten_counters_and_tells_a_replay)
{
    open_with(bob); /* counter 5 was spent by the confirmation */
    ck_assert_int_eq(right(bob, DESK, 16), REASON_WRONG_CODE);
    ck_assert_int_eq(right(bob, DESK, 15), ACCEPTED);
    ck_assert_int_eq(right(bob, DESK, 15), REASON_REPLAYED);
    ck_assert_int_eq(right(bob, DESK, 10), REASON_WRONG_CODE);
    ck_assert_int_eq(right(bob, DESK, 16), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_knows_eight_digits_and_the_longer_hashes)
{
    static const struct office_token tokens[] = {
        {.user = "u1", .uid = 1, .digits = 8, .seed = 1},
        {.user = "u2", .uid = 2, .digits = 8, .seed = 2, .algorithm = ALGORITHM_SHA256},
        {.user = "u3", .uid = 3, .digits = 7, .seed = 3, .algorithm = ALGORITHM_SHA512, .period_s = 60},
    };
    office_open(&office);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        office_give(&office, tokens[i]);
        office.now_s += 120;
        ck_assert_int_eq(right(tokens[i], DESK, 0), ACCEPTED);
        ck_assert_int_eq(right(tokens[i], DESK, 0), REASON_REPLAYED);
    }
    office_close(&office);
}
END_TEST

START_TEST(attempt_tries_all_factors_and_spends_the_one_that_matched)
{
    struct office_token second = {.user = "alice", .uid = 1000, .seed = 0x33};
    open_with(alice);
    int64_t id = office_give(&office, second);
    office.now_s += 60;
    ck_assert_int_eq(right(second, DESK, 0), ACCEPTED);
    ck_assert_int_eq(office_last(&office)->factor_id, id);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    ck_assert_int_eq(right(second, DESK, 0), REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_does_not_take_a_code_of_a_pending_factor_beside_an_active_one)
{
    struct office_token pending = {.user = "alice", .uid = 1000, .seed = 0x33};
    open_with(alice);
    ck_assert_int_eq(office_ask(&office, office_enrolment(pending)).code, WIRE_OK);
    ck_assert_int_eq(right(pending, DESK, 0), REASON_WRONG_CODE);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_says_in_the_audit_why_no_factor_can_be_used)
{
    static const struct office_token second = {.user = "alice", .uid = 1000, .seed = 0x33};
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
    ck_assert_int_eq(right(alice, DESK, 0), REASON_PENDING);
    ck_assert_int_eq(office_last(&office)->reason, REASON_PENDING);
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    office.now_s += 60;
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_enrolment(second)).code, WIRE_OK); /* pending: less of a reason */
    ck_assert_int_eq(right(alice, DESK, 0), REASON_SUSPENDED);
    ck_assert_int_eq(office_last(&office)->reason, REASON_SUSPENDED);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_RESUME, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED); /* the refused ones did not spend it */
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    office.now_s += 30;
    ck_assert_int_eq(right(alice, DESK, 0), REASON_REVOKED);
    ck_assert_int_eq(office_last(&office)->reason, REASON_REVOKED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_inside_the_delay_is_refused_unspent)
{
    open_with(alice);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(wrong(alice, DESK), REASON_WRONG_CODE);
        office.now_s += i < 2 ? 0 : 1;
    }
    ck_assert_int_eq(right(alice, DESK, 0), REASON_DELAYED);
    ck_assert_int_eq(office_last(&office)->reason, REASON_DELAYED);
    ck_assert_int_eq(right(alice, OTHER, 0), ACCEPTED); /* unspent, and delayed there only */
    office.now_s += 30;
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_is_locked_after_ten_failures_until_the_lock_is_over)
{
    open_with(alice);
    for (int i = 0; i < POLICY_LOCK_AT; i++) {
        ck_assert_int_eq(wrong(alice, DESK), REASON_WRONG_CODE);
        office.now_s += 64;
    }
    ck_assert_int_eq(right(alice, DESK, 0), REASON_LOCKED);
    office_restart(&office);
    ck_assert_int_eq(right(alice, DESK, 0), REASON_LOCKED);
    office.now_s += 900;
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    ck_assert_int_eq(wrong(alice, DESK), REASON_WRONG_CODE); /* a success cleared the origin: no lock at once */
    ck_assert_int_eq(wrong(alice, DESK), REASON_WRONG_CODE);
    office_close(&office);
}
END_TEST

START_TEST(attempt_keeps_strangers_from_locking_out_the_users_own_desk)
{
    open_with(alice);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    for (int i = 0; i < POLICY_OTHER_BUDGET; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:203.0.113.%d", i / 10);
        office.now_s += 64;
        ck_assert_int_eq(wrong(alice, origin), REASON_WRONG_CODE);
    }
    office.now_s += 64;
    ck_assert_int_eq(right(alice, OTHER, 0), REASON_BUDGET);
    ck_assert_int_eq(office_last(&office)->reason, REASON_BUDGET);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "alice", 0)).code, WIRE_OK);
    office.now_s += 30;
    ck_assert_int_eq(right(alice, OTHER, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_from_the_usual_origins_has_a_budget_of_its_own)
{
    static const char *const desks[] = {DESK, "ip:192.0.2.8", "ip:192.0.2.9", "ip:192.0.2.10"};
    open_with(alice);
    for (size_t i = 0; i < 4; i++, office.now_s += 30)
        ck_assert_int_eq(right(alice, desks[i], 0), ACCEPTED);
    for (int i = 0; i < POLICY_USUAL_BUDGET; i++) {
        office.now_s += 64;
        ck_assert_int_eq(wrong(alice, desks[i / 10]), REASON_WRONG_CODE);
    }
    office.now_s += 3600; /* every lock is over */
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(right(alice, desks[i], 0), REASON_BUDGET);
    ck_assert_int_eq(right(alice, OTHER, 0), ACCEPTED); /* which cannot be guessed at from there */
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "alice", 0)).code, WIRE_OK);
    office.now_s += 30;
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_gives_the_strangers_budget_back_also_when_the_clock_was_set_back)
{
    open_with(bob);
    int64_t counter = 6;
    ck_assert_int_eq(right(bob, DESK, counter++), ACCEPTED);
    office.now_s += 30 * 86400;
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "bob", 0)).code, WIRE_OK);
    office.now_s -= 29 * 86400;
    for (int i = 0; i < POLICY_OTHER_BUDGET; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:203.0.113.%d", i / 10);
        office.now_s += 64;
        ck_assert_int_eq(wrong(bob, origin), REASON_WRONG_CODE);
    }
    ck_assert_int_eq(right(bob, DESK, counter++), ACCEPTED); /* gives nothing back, but puts the time right */
    office.now_s += 3600;
    ck_assert_int_eq(right(bob, OTHER, counter), REASON_BUDGET);
    ck_assert_int_eq(right(bob, DESK, counter++), ACCEPTED);
    ck_assert_int_eq(right(bob, OTHER, counter), ACCEPTED);
    office_close(&office);
}
END_TEST

/* Two counters' tokens that show the same code among their next ten. */
static void find_a_pair(struct office_token *a, struct office_token *b, int64_t *out_a, int64_t *out_b)
{
    enum { SEEDS = 255, AHEAD = 9 };
    static char codes[SEEDS][AHEAD][8];

    for (int i = 0; i < SEEDS * AHEAD; i++) {
        struct office_token token = {.kind = FACTOR_HOTP, .seed = (uint8_t)(1 + i / AHEAD)};
        secret_owner struct secret *code = office_code(&office, token, 2 + i % AHEAD);
        memcpy(codes[i / AHEAD][i % AHEAD], secret_read(code), 6);
        for (int j = 0; j < i / AHEAD * AHEAD; j++) {
            if (memcmp(codes[i / AHEAD][i % AHEAD], codes[j / AHEAD][j % AHEAD], 6) != 0)
                continue;
            *a = (struct office_token){
                .user = "alice", .uid = 1000, .kind = FACTOR_HOTP, .seed = (uint8_t)(1 + j / AHEAD)};
            *b = *a;
            b->seed = token.seed;
            *out_a = 2 + j % AHEAD;
            *out_b = 2 + i % AHEAD;
            return;
        }
    }
    ck_abort_msg("no two of %d codes are alike", SEEDS * AHEAD);
}

START_TEST(attempt_spends_every_factor_that_shows_the_code)
{
    struct office_token a, b;
    int64_t at_a = 0, at_b = 0;

    office_open(&office);
    find_a_pair(&a, &b, &at_a, &at_b);
    int64_t first = office_give(&office, a);
    office_give(&office, b);
    ck_assert_int_eq(right(a, DESK, at_a), ACCEPTED);
    ck_assert_int_eq(office_last(&office)->factor_id, first);
    ck_assert_int_eq(right(b, DESK, at_b), REASON_REPLAYED);
    ck_assert_int_eq(right(b, DESK, at_b + 1), ACCEPTED);
    ck_assert_int_eq(right(a, DESK, at_a + 1), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(attempt_keeps_at_most_64_origins_and_the_usual_one_among_them)
{
    open_with(alice);
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    for (int i = 0; i < 100; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:203.0.113.%d", i);
        office.now_s += 1;
        enum reason reason = wrong(alice, origin);
        ck_assert(reason == REASON_WRONG_CODE || reason == REASON_BUDGET);
        if (i == POLICY_OTHER_BUDGET - 1)
            ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "alice", 0)).code, WIRE_OK);
    }
    struct job *job = office_admin(WIRE_SHOW);
    memcpy(job->request.show.user, "alice", 6);
    office_run(&office, job);
    office_run(&office, job);
    ck_assert(job->finished);
    ck_assert_uint_eq(job->row_count, POLICY_ORIGINS_MAX);
    bool found = false;
    for (size_t i = 0; i < job->row_count; i++)
        found = found || strcmp(job->rows[i].origin.name, DESK) == 0;
    ck_assert(found);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(attempt_forgets_origins_that_were_silent_for_long_when_a_new_one_comes)
{
    open_with(alice);
    for (int i = 0; i < 5; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:203.0.113.%d", i);
        ck_assert_int_eq(wrong(alice, origin), REASON_WRONG_CODE);
    }
    office.now_s += 31 * 86400;
    ck_assert_int_eq(right(alice, DESK, 0), ACCEPTED);
    struct job *job = office_admin(WIRE_SHOW);
    memcpy(job->request.show.user, "alice", 6);
    office_run(&office, job);
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 1);
    ck_assert_str_eq(job->rows[0].origin.name, DESK);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(attempt_of_another_uid_on_the_public_door_spends_nothing)
{
    open_with(alice);
    struct job *job = office_attempt("alice", "local:1007", office_code(&office, alice, 0));
    job->caller.door = DOOR_PUBLIC;
    job->caller.uid = 1007;
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(job->reason, REASON_OTHER_UID);
    job->caller.uid = 1000;
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_ACCEPTED);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(attempt_with_an_odd_code_is_only_wrong)
{
    static const char *const odd[] = {"", "12345", "1234567", "abcdef", "      ", "-12345"};
    char longest[WIRE_CODE_MAX];
    memset(longest, '1', sizeof longest);
    open_with(alice);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        ck_assert_int_eq(office_log_in(&office, "alice", DESK, secret_copy(odd[i], strlen(odd[i]))), REASON_WRONG_CODE);
        office.now_s += 64;
    }
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, secret_copy(longest, sizeof longest)), REASON_WRONG_CODE);
    office_close(&office);
}
END_TEST

SUITE("attempt", attempt_accepts_a_right_code_once, attempt_refuses_the_code_that_confirmed_the_factor,
      attempt_takes_one_step_either_side_and_never_an_older_one_than_the_last,
      attempt_stays_refused_when_the_clock_goes_back, attempt_looks_ahead_ten_counters_and_tells_a_replay,
      attempt_knows_eight_digits_and_the_longer_hashes, attempt_tries_all_factors_and_spends_the_one_that_matched,
      attempt_does_not_take_a_code_of_a_pending_factor_beside_an_active_one,
      attempt_says_in_the_audit_why_no_factor_can_be_used, attempt_inside_the_delay_is_refused_unspent,
      attempt_is_locked_after_ten_failures_until_the_lock_is_over,
      attempt_keeps_strangers_from_locking_out_the_users_own_desk,
      attempt_from_the_usual_origins_has_a_budget_of_its_own,
      attempt_gives_the_strangers_budget_back_also_when_the_clock_was_set_back,
      attempt_spends_every_factor_that_shows_the_code, attempt_keeps_at_most_64_origins_and_the_usual_one_among_them,
      attempt_forgets_origins_that_were_silent_for_long_when_a_new_one_comes,
      attempt_of_another_uid_on_the_public_door_spends_nothing, attempt_with_an_odd_code_is_only_wrong)
