/* Whatever call fails beneath the desk: the first code of a factor that was handed out, a resync and a clear do all that they do, or nothing. */
#include "suite.h"
#include "turns.h"

static const struct office_token fresh = {.user = "alice", .uid = 1000, .kind = FACTOR_HOTP};

static bool logs_in(struct office_token token, int64_t at)
{
    return office_log_in(&office, token.user, origin, office_code(&office, token, at)) == ACCEPTED;
}

static bool is_done(struct job *job)
{
    return office_ask(&office, job).code == WIRE_OK;
}

static int64_t hand_out(struct office_token token, int64_t replaces)
{
    struct job *job = office_enrolment(token);
    job->request.enrol.handed_out = 1;
    job->request.enrol.replaces = replaces;
    struct wire_result result = office_ask(&office, job);
    ck_assert_int_eq(result.code, WIRE_OK);
    return result.number;
}

/* Each time another secret; one that comes back does above its mark. */
static struct office_token secret_of(int number)
{
    struct office_token token = fresh;
    token.counter = (uint64_t)(number / 200 * 20);
    token.seed = (uint8_t)(0x20 + number % 200);
    return token;
}

START_TEST(a_factor_that_was_handed_out_is_confirmed_and_takes_its_place_or_neither_whatever_fails)
{
    int number = 0;
    office_open(&office);
    struct office_token old = secret_of(number);
    int64_t old_id = office_give(&office, old), old_at = (int64_t)old.counter + 1;
    EACH_TURN(turn)
    {
        struct office_token token = secret_of(++number);
        int64_t at = (int64_t)token.counter, id = hand_out(token, old_id);
        office.told_count = 0;
        struct job *job = office_attempt("alice", origin, office_code(&office, token, at));
        run(&turn, job);
        bool accepted = job->verdict == VERDICT_ACCEPTED;
        office_free(job);
        HOLDS(accepted || !turn.over, turn);
        HOLDS(office_count_told(&office, EVENT_CONFIRMED, REASON_NONE) == accepted, turn);
        HOLDS(office_count_told(&office, EVENT_REVOKED, REASON_REPLACED) == accepted, turn);
        HOLDS(logs_in(old, old_at) == !accepted, turn);
        HOLDS(logs_in(token, at) == !accepted, turn);
        HOLDS(is_done(office_change(WIRE_UNLOCK, "alice", 0)), turn);
        HOLDS(logs_in(token, at + 1), turn);
        old = token;
        old_id = id;
        old_at = at + 2;
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_confirmation_at_the_desk_takes_the_old_factors_place_or_does_nothing_whatever_fails)
{
    int number = 0;
    office_open(&office);
    struct office_token old = secret_of(number);
    int64_t old_id = office_give(&office, old), old_at = (int64_t)old.counter + 1;
    EACH_TURN(turn)
    {
        struct office_token token = secret_of(++number);
        int64_t at = (int64_t)token.counter;
        struct job *job = office_enrolment(token);
        job->request.enrol.replaces = old_id;
        int64_t id = office_ask(&office, job).number;
        bool done = ask(&turn, office_confirmation("alice", office_code(&office, token, at))) == WIRE_OK;
        HOLDS(done || !turn.over, turn);
        HOLDS(logs_in(old, old_at) == !done, turn);
        HOLDS(is_done(office_change(WIRE_UNLOCK, "alice", 0)), turn);
        if (!done)
            HOLDS(is_done(office_confirmation("alice", office_code(&office, token, at))), turn);
        HOLDS(logs_in(token, at + 1), turn);
        old = token;
        old_id = id;
        old_at = at + 2;
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

/* A clock with long steps: there are fewest codes to compare with. */
static const struct office_token phone = {.user = "bob", .uid = 1001, .period_s = 120, .seed = 0x15};

START_TEST(a_resync_is_whole_or_absent_whatever_fails)
{
    int64_t drift = 0;
    office_open(&office);
    office_give(&office, phone);
    EACH_TURN(turn)
    {
        office.now_s += 3600;
        office.told_count = 0;
        int64_t other = drift == 0 ? 9 : 0;
        bool done = ask(&turn, office_resync("bob", 0, office_code(&office, phone, other - 1),
                                             office_code(&office, phone, other))) == WIRE_OK;
        HOLDS(done || !turn.over, turn);
        HOLDS(office_count_told(&office, EVENT_RESYNCED, REASON_ADMIN) == done, turn);
        HOLDS(!logs_in(phone, other), turn); /* spent, or the phone is off */
        office.now_s += 120;
        HOLDS(logs_in(phone, other) == done, turn);
        HOLDS(is_done(office_change(WIRE_UNLOCK, "bob", 0)), turn);
        drift = done ? other : drift;
        office.now_s += 120;
        HOLDS(logs_in(phone, drift), turn);
        office.now_s += 1200; /* nine steps back are none that was spent */
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

/* Rows of each kind that hold, and rows of each kind that do not. */
static void spoil(void)
{
    struct office_token token = alice;
    ck_assert(logs_in(alice, counter++));
    token.seed = 0x12;
    office_give(&office, token);
    office_sql(&office,
               "UPDATE factor SET label = 'x' WHERE id = (SELECT max(id) FROM factor); UPDATE account SET uid = 7; "
               "INSERT INTO origin SELECT user, 'ip:192.0.2.99', failures, last_failure_s, last_success_s, "
               "key_id, tag FROM origin");
    office_tend(&office);
}

START_TEST(rows_are_cleared_all_or_none_whatever_fails)
{
    open_with_alice();
    spoil();
    EACH_TURN(turn)
    {
        office.told_count = 0;
        bool done = ask(&turn, office_change(WIRE_CLEAR, "alice", 0)) == WIRE_OK;
        HOLDS(done || !turn.over, turn);
        HOLDS(office_count_told(&office, EVENT_CLEARED, REASON_ADMIN) == done, turn);
        enum reason reason = office_log_in(&office, "alice", origin, office_code(&office, alice, counter));
        HOLDS(reason == (done ? REASON_REVOKED : REASON_TAMPERED), turn);
        if (done) {
            office_close(&office);
            open_with_alice();
            spoil();
        }
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

SUITE("verifier/desk/failing_life",
      a_factor_that_was_handed_out_is_confirmed_and_takes_its_place_or_neither_whatever_fails,
      a_confirmation_at_the_desk_takes_the_old_factors_place_or_does_nothing_whatever_fails,
      a_resync_is_whole_or_absent_whatever_fails, rows_are_cleared_all_or_none_whatever_fails)
