/* Two codes in a row of a device that has gone off. */
#include "office.h"
#include "suite.h"

#define DESK "ip:192.0.2.7"

static const struct office_token phone = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token other = {.user = "alice", .uid = 1000, .seed = 0x12};
static const struct office_token token = {.user = "carol", .uid = 1002, .kind = FACTOR_HOTP, .seed = 0x33};

static struct office office;

static struct wire_result resync(struct office_token what, int64_t id, int64_t first, int64_t second)
{
    return office_ask(
        &office, office_resync(what.user, id, office_code(&office, what, first), office_code(&office, what, second)));
}

static enum reason log_in(struct office_token what, int64_t shift)
{
    return office_log_in(&office, what.user, DESK, office_code(&office, what, shift));
}

START_TEST(a_phone_that_is_four_minutes_slow_logs_in_after_a_resync)
{
    office_open(&office);
    int64_t id = office_give(&office, phone);
    office.now_s += 86400;
    ck_assert_int_eq(log_in(phone, -8), REASON_WRONG_CODE);
    struct wire_result result = resync(phone, 0, -9, -8);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, id);
    ck_assert_int_eq(result.offset_steps, -8);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_RESYNCED);
    ck_assert_int_eq(entry->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(entry->factor_id, id);
    ck_assert_str_eq(entry->note, "offset=-8");
    ck_assert_str_eq(entry->actor, "uid=0 login=1000 sudo=ann");

    ck_assert_int_eq(log_in(phone, -9), REASON_REPLAYED);
    ck_assert_int_eq(log_in(phone, -8), REASON_REPLAYED);
    office.now_s += 30;
    ck_assert_int_eq(log_in(phone, -8), ACCEPTED);
    office.now_s += 86400;
    ck_assert_int_eq(log_in(phone, -8), ACCEPTED);
    ck_assert_int_eq(log_in(phone, 0), REASON_WRONG_CODE);
    office_close(&office);
}
END_TEST

START_TEST(a_token_that_was_pressed_too_often_logs_in_after_a_resync)
{
    office_open(&office);
    int64_t id = office_give(&office, token); /* the mark is 1 */
    ck_assert_int_eq(log_in(token, 38), REASON_WRONG_CODE);
    struct wire_result result = resync(token, id, 38, 39);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.offset_steps, 37);
    ck_assert_str_eq(office_last(&office)->note, "passed=37");
    ck_assert_int_eq(log_in(token, 38), REASON_WRONG_CODE);
    ck_assert_int_eq(log_in(token, 39), REASON_REPLAYED);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "carol", 0)).code, WIRE_OK);
    ck_assert_int_eq(log_in(token, 40), ACCEPTED);

    ck_assert_int_eq(resync(token, id, 1041, 1042).reason, REASON_WRONG_CODE);
    ck_assert_int_eq(resync(token, id, 1039, 1040).code, WIRE_OK);
    ck_assert_int_eq(log_in(token, 1041), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(codes_that_do_not_prove_the_device_are_refused_and_recorded)
{
    office_open(&office);
    int64_t id = office_give(&office, phone);
    office.now_s += 7200;
    const struct {
        int64_t first, second;
        enum reason reason;
    } cases[] = {{3, 3, REASON_WRONG_CODE},
                 {4, 3, REASON_WRONG_CODE},
                 {3, 5, REASON_WRONG_CODE},
                 {120, 121, REASON_WRONG_CODE},
                 {-122, -121, REASON_WRONG_CODE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_result result = resync(phone, 0, cases[i].first, cases[i].second);
        ck_assert_int_eq(result.code, WIRE_WRONG_CODE);
        ck_assert_int_eq(result.reason, cases[i].reason);
        const struct entry *entry = office_last(&office);
        ck_assert_int_eq(entry->event, EVENT_RESYNC_FAILED);
        ck_assert_int_eq(entry->verdict, VERDICT_REFUSED);
        ck_assert_int_eq(entry->reason, cases[i].reason);
        ck_assert_int_eq(entry->factor_id, id);
        office.now_s += 900;
    }
    ck_assert_int_eq(resync(phone, 0, 2, 3).code, WIRE_OK);
    office.now_s += 900;
    ck_assert_int_eq(resync(phone, 0, 2 - 30, 3 - 30).reason, REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(a_resync_is_throttled_like_a_login_and_unspent_inside_the_wait)
{
    office_open(&office);
    office_give(&office, phone);
    office.now_s += 7200;
    for (int i = 0; i < POLICY_LOCK_AT; i++) {
        ck_assert_int_eq(resync(phone, 0, 3, 5).reason, REASON_WRONG_CODE);
        if (i < POLICY_LOCK_AT - 1)
            office.now_s += 64;
    }
    ck_assert_int_eq(resync(phone, 0, 3, 4).reason, REASON_LOCKED);
    ck_assert_int_eq(office_last(&office)->event, EVENT_RESYNC_FAILED);
    ck_assert_int_eq(office_last(&office)->reason, REASON_LOCKED);
    /* It is the same count as that of `garde verify`, and not that of the user's own desk. */
    struct wire_result result = office_ask(&office, office_try("alice", office_code(&office, phone, 0)));
    ck_assert_int_eq(result.reason, REASON_LOCKED);
    ck_assert_int_eq(log_in(phone, 0), ACCEPTED);
    office.now_s += 900;
    ck_assert_int_eq(resync(phone, 0, 3, 4).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(the_device_must_be_told_where_it_could_be_several_or_none)
{
    office_open(&office);
    ck_assert_int_eq(resync(phone, 0, 3, 4).code, WIRE_NO_USER);
    int64_t id = office_give(&office, phone), second = office_give(&office, other);
    office.now_s += 600;
    struct wire_result result = resync(other, 0, 3, 4);
    ck_assert_int_eq(result.code, WIRE_NO_FACTOR);
    ck_assert_int_eq(result.number, 2);
    ck_assert_int_eq(resync(other, second + 1, 3, 4).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(resync(other, id, 3, 4).code, WIRE_WRONG_CODE);
    ck_assert_int_eq(resync(other, second, 3, 4).code, WIRE_OK);

    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", second)).code, WIRE_OK);
    ck_assert_int_eq(resync(other, second, 13, 14).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(resync(phone, 0, 3, 4).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(resync(phone, id, 13, 14).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(resync(phone, 0, 13, 14).number, 0);
    ck_assert_int_eq(resync(phone, -1, 13, 14).code, WIRE_BAD_REQUEST);
    ck_assert_int_eq(office_ask(&office, office_resync("alice", 0, NULL, office_code(&office, phone, 0))).code,
                     WIRE_BAD_REQUEST);
    office_close(&office);
}
END_TEST

START_TEST(a_pending_device_is_set_right_where_it_is_named_and_stays_pending)
{
    office_open(&office);
    struct wire_result enrolled = office_ask(&office, office_enrolment(token));
    ck_assert_int_eq(resync(token, 0, 50, 51).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(resync(token, enrolled.number, 50, 51).code, WIRE_OK);
    ck_assert_int_eq(log_in(token, 52), REASON_PENDING);
    ck_assert_int_eq(office_ask(&office, office_confirmation("carol", office_code(&office, token, 52))).code, WIRE_OK);
    ck_assert_int_eq(log_in(token, 53), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(rows_that_do_not_hold_are_not_set_right)
{
    office_open(&office);
    office_give(&office, phone);
    office_sql(&office, "UPDATE factor SET offset_steps = 3");
    ck_assert_int_eq(resync(phone, 0, 3, 4).code, WIRE_TAMPERED);
    ck_assert_int_eq(office_last(&office)->event, EVENT_DENIED);
    office_close(&office);
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

/* Shows codes as a device does that is `drift` steps off (TOTP) or that is pressed (HOTP), and remembers them all. */
static void lives_with_drifts(struct office_token what, uint64_t seed)
{
    uint64_t state = seed, pressed = 1;
    int64_t drift = 0;
    const int64_t most = what.kind == FACTOR_HOTP ? 998 : POLICY_OFFSET_MAX_S / (int64_t)what.period_s;

    office_open(&office);
    office_give(&office, what);
    for (int turn = 0; turn < 25; turn++) {
        office.now_s += 2 * POLICY_OFFSET_MAX_S + 30 * (int64_t)(next_random(&state) % 1000);
        int64_t at = 0;
        if (what.kind == FACTOR_HOTP) {
            pressed += next_random(&state) % (uint64_t)(most + 1);
            at = (int64_t)pressed;
            pressed += 3;
        } else {
            drift = (int64_t)(next_random(&state) % (uint64_t)(2 * most + 1)) - most;
            at = drift - 1;
        }
        struct wire_result result = resync(what, 0, at, at + 1);
        ck_assert_msg(result.code == WIRE_OK, "seed %llu, turn %d, at %lld: %d", (unsigned long long)seed, turn,
                      (long long)at, (int)result.code);
        enum reason spent = log_in(what, at + 1);
        ck_assert_int_eq(spent, REASON_REPLAYED);
        ck_assert_int_ne(log_in(what, at), ACCEPTED);
        if (what.kind == FACTOR_TOTP)
            office.now_s += what.period_s;
        else
            at++;
        ck_assert_msg(log_in(what, at + 1) == ACCEPTED, "seed %llu, turn %d", (unsigned long long)seed, turn);
        ck_assert_int_eq(log_in(what, at + 1), REASON_REPLAYED);
        ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, what.user, 0)).code, WIRE_OK);
    }
    office_close(&office);
}

START_TEST(after_a_resync_of_any_drift_the_next_code_counts_and_none_twice)
{
    static const uint32_t periods[] = {15, 30, 60, 120};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct office_token what = phone;
        what.digits = 8; /* none of some thousand codes is another's by chance */
        what.period_s = periods[seed - 1];
        lives_with_drifts(what, seed);
        what = token;
        what.digits = 8;
        lives_with_drifts(what, seed + 100);
    }
}
END_TEST

SUITE("verifier/desk/resync", a_phone_that_is_four_minutes_slow_logs_in_after_a_resync,
      a_token_that_was_pressed_too_often_logs_in_after_a_resync,
      codes_that_do_not_prove_the_device_are_refused_and_recorded,
      a_resync_is_throttled_like_a_login_and_unspent_inside_the_wait,
      the_device_must_be_told_where_it_could_be_several_or_none,
      a_pending_device_is_set_right_where_it_is_named_and_stays_pending, rows_that_do_not_hold_are_not_set_right,
      after_a_resync_of_any_drift_the_next_code_counts_and_none_twice)
