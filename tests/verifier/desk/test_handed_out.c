/* Factors that were given away on a sheet or taken over from elsewhere, and what else an enrolment may say. */
#include "office.h"
#include "suite.h"

#define DESK       "ip:192.0.2.7"
#define DAY        86400
#define COUNT(all) (sizeof(all) / sizeof(all)[0])

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token fresh = {.user = "alice", .uid = 1000, .seed = 0x12};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};
static const struct office_token token = {.user = "carol", .uid = 1002, .kind = FACTOR_HOTP, .seed = 0x33};

static struct office office;

static enum reason log_in(struct office_token what, int64_t shift)
{
    return office_log_in(&office, what.user, DESK, office_code(&office, what, shift));
}

static struct wire_result confirm(struct office_token what)
{
    return office_ask(&office, office_confirmation(what.user, office_code(&office, what, 0)));
}

/* Handed out, for 14 days. */
static struct job *sheet(struct office_token what)
{
    struct job *job = office_enrolment(what);
    job->request.enrol.handed_out = 1;
    job->request.enrol.pending_for_s = 14 * DAY;
    return job;
}

static int64_t hand_out(struct office_token what)
{
    struct wire_result result = office_ask(&office, sheet(what));
    ck_assert_int_eq(result.code, WIRE_OK);
    return result.number;
}

static struct wire_factor shown(const char *user, int64_t id)
{
    return office_row(&office, user, id);
}

START_TEST(the_first_right_code_at_a_login_confirms_a_factor_that_was_handed_out)
{
    office_open(&office);
    int64_t id = hand_out(alice);
    office.now_s += 3 * DAY;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);

    const struct entry *login = office_last(&office), *confirmed = login - 1;
    ck_assert_int_eq(login->event, EVENT_LOGIN);
    ck_assert_int_eq(login->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(login->factor_id, id);
    ck_assert_int_eq(confirmed->event, EVENT_CONFIRMED);
    ck_assert_int_eq(confirmed->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(confirmed->factor_id, id);
    ck_assert_str_eq(confirmed->service, "sshd");
    ck_assert_str_eq(confirmed->origin, DESK);
    ck_assert_str_eq(confirmed->actor, login->actor);

    struct wire_factor row = shown("alice", id);
    ck_assert_int_eq(row.state, FACTOR_ACTIVE);
    ck_assert_int_eq(row.confirmed_s, office.now_s);
    ck_assert_int_eq(row.last_used_s, office.now_s);
    ck_assert_int_eq(row.handed_out, 0);
    ck_assert_int_eq(log_in(alice, 0), REASON_REPLAYED);
    office.now_s += 30 * DAY;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    ck_assert_uint_eq(office_count_told(&office, EVENT_CONFIRMED, REASON_NONE), 1);
    office_close(&office);
}
END_TEST

START_TEST(the_admins_verify_confirms_a_factor_that_was_handed_out_as_a_login_does)
{
    office_open(&office);
    int64_t id = hand_out(alice);
    struct wire_result result = office_ask(&office, office_try("alice", office_code(&office, alice, 0)));
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(shown("alice", id).state, FACTOR_ACTIVE);
    ck_assert_int_eq(office_last(&office)->event, EVENT_VERIFIED);
    office_close(&office);
}
END_TEST

START_TEST(a_confirmation_without_a_number_is_for_the_phone_at_the_desk_and_not_for_a_sheet)
{
    office_open(&office);
    int64_t phone = office_ask(&office, office_enrolment(alice)).number;
    int64_t handed = hand_out(fresh); /* newer */
    struct wire_result result = confirm(alice);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, phone);
    result = confirm(fresh);
    ck_assert_int_eq(result.code, WIRE_OK); /* where there is nothing else, the sheet is meant */
    ck_assert_int_eq(result.number, handed);
    office_close(&office);
}
END_TEST

START_TEST(a_pending_factor_that_was_not_handed_out_opens_nothing)
{
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
    ck_assert_int_eq(log_in(alice, 0), REASON_PENDING);
    hand_out(fresh);
    ck_assert_int_eq(log_in(alice, 0), REASON_WRONG_CODE); /* of the other one it is wrong */
    ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
    ck_assert_int_eq(confirm(alice).code, WIRE_OK); /* not spent by the wrong attempt */
    office_close(&office);
}
END_TEST

START_TEST(a_lapsed_factor_that_was_handed_out_opens_nothing_and_its_secret_can_return)
{
    office_open(&office);
    hand_out(alice);
    office.now_s += 14 * DAY;
    ck_assert_int_eq(log_in(alice, 0), REASON_PENDING);
    ck_assert_int_eq(confirm(alice).code, WIRE_NO_FACTOR);
    hand_out(alice);
    office.now_s += 14 * DAY - 1;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(wrong_codes_of_a_factor_that_was_handed_out_are_counted_and_throttled)
{
    office_open(&office);
    int64_t id = hand_out(token);
    for (int i = 0; i < POLICY_LOCK_AT; i++) {
        ck_assert_int_eq(office_log_in(&office, "carol", DESK, office_wrong_code(&office, token)), REASON_WRONG_CODE);
        if (i < POLICY_LOCK_AT - 1)
            office.now_s += 64;
    }
    ck_assert_int_eq(log_in(token, 0), REASON_LOCKED);
    ck_assert_int_eq(shown("carol", id).state, FACTOR_PENDING);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "carol", 0)).code, WIRE_OK);
    ck_assert_int_eq(log_in(token, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(a_factor_that_was_handed_out_keeps_to_its_dates)
{
    office_open(&office);
    struct job *job = sheet(alice);
    job->request.enrol.not_before_s = OFFICE_START_S + 30 * DAY;
    job->request.enrol.not_after_s = OFFICE_START_S + 40 * DAY;
    struct wire_result result = office_ask(&office, job);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.until_s, OFFICE_START_S + 44 * DAY); /* from its first day on */
    office.now_s = OFFICE_START_S + 30 * DAY - 60;
    ck_assert_int_eq(log_in(alice, 0), REASON_NOT_YET);
    office.now_s += 60;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    office.now_s = OFFICE_START_S + 40 * DAY - 30;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    office.now_s += 30;
    ck_assert_int_eq(log_in(alice, 0), REASON_EXPIRED);
    office_close(&office);
}
END_TEST

START_TEST(the_old_factor_ends_in_the_change_that_confirms_the_new_one)
{
    for (int at_login = 0; at_login < 2; at_login++) {
        office_open(&office);
        int64_t old = office_give(&office, alice);
        office.now_s += 60;
        struct job *job = at_login ? sheet(fresh) : office_enrolment(fresh);
        job->request.enrol.replaces = old;
        struct wire_result result = office_ask(&office, job);
        ck_assert_int_eq(result.code, WIRE_OK);
        ck_assert_int_eq(shown("alice", result.number).replaces, old);
        ck_assert_int_eq(log_in(alice, 0), ACCEPTED); /* both overlap */
        office.now_s += 60;
        size_t told = office.told_count;
        if (at_login)
            ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
        else
            ck_assert_int_eq(confirm(fresh).code, WIRE_OK);
        ck_assert_int_eq(office.told[told].event, EVENT_CONFIRMED);
        ck_assert_int_eq(office.told[told].factor_id, result.number);
        ck_assert_int_eq(office.told[told + 1].event, EVENT_REVOKED);
        ck_assert_int_eq(office.told[told + 1].reason, REASON_REPLACED);
        ck_assert_int_eq(office.told[told + 1].factor_id, old);
        ck_assert_uint_eq(office.told_count, told + 2 + (size_t)at_login);
        ck_assert_int_eq(shown("alice", old).state, FACTOR_REVOKED);
        ck_assert_int_eq(shown("alice", result.number).replaces, 0);
        office.now_s += 60;
        ck_assert_int_eq(log_in(alice, 0), REASON_WRONG_CODE);
        ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);

        /* Its tombstone keeps the mark: what was spent stays spent. */
        office.now_s -= 120;
        ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
        ck_assert_int_eq(confirm(alice).reason, REASON_REPLAYED);
        office_close(&office);
    }
}
END_TEST

START_TEST(the_old_factor_does_not_end_before_the_first_day_of_the_new_one)
{
    office_open(&office);
    int64_t old = office_give(&office, alice);
    struct job *job = office_enrolment(fresh);
    job->request.enrol.replaces = old;
    job->request.enrol.not_before_s = office.now_s + 3 * DAY;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST); /* could never be confirmed in time */

    job = sheet(fresh);
    job->request.enrol.replaces = old;
    job->request.enrol.not_before_s = office.now_s + 3 * DAY;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    struct wire_result result = confirm(fresh);
    ck_assert_int_eq(result.code, WIRE_NO_FACTOR);
    ck_assert_int_eq(result.reason, REASON_NOT_YET);
    office.now_s += 3 * DAY - 30;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    office.now_s += 30;
    ck_assert_int_eq(confirm(fresh).code, WIRE_OK);
    ck_assert_int_eq(shown("alice", old).state, FACTOR_REVOKED);
    office.now_s += 30;
    ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

/* The suspended one stands behind the usable ones when a login looks at them. */
START_TEST(a_factor_that_cannot_be_used_is_replaced_at_a_login_all_the_same)
{
    office_open(&office);
    int64_t old = office_give(&office, alice);
    struct job *job = sheet(fresh);
    job->request.enrol.replaces = old;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", old)).code, WIRE_OK);
    ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
    ck_assert_int_eq(shown("alice", old).state, FACTOR_REVOKED);
    ck_assert_int_eq(log_in(fresh, 1), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(a_factor_that_is_gone_already_is_replaced_by_nothing)
{
    for (int at_login = 0; at_login < 2; at_login++) {
        office_open(&office);
        int64_t old = office_give(&office, alice);
        struct job *job = at_login ? sheet(fresh) : office_enrolment(fresh);
        job->request.enrol.replaces = old;
        ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
        ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", old)).code, WIRE_OK);
        if (at_login)
            ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
        else
            ck_assert_int_eq(confirm(fresh).code, WIRE_OK);
        ck_assert_uint_eq(office_count_told(&office, EVENT_REVOKED, REASON_REPLACED), 0);
        office.now_s += 60;
        ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
        office_close(&office);
    }
}
END_TEST

START_TEST(only_a_live_factor_of_the_same_user_can_be_replaced)
{
    office_open(&office);
    int64_t old = office_give(&office, alice), bobs = office_give(&office, bob);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", old)).code, WIRE_OK);
    int64_t on_a_sheet = hand_out(fresh);
    const int64_t none[] = {old, bobs, on_a_sheet, on_a_sheet + 1, -1, INT64_MAX};
    for (size_t i = 0; i < COUNT(none); i++) {
        struct job *job = sheet(alice);
        job->request.enrol.replaces = none[i];
        job->request.enrol.anew = 1; /* which takes the sheet away */
        ck_assert_int_eq(office_ask(&office, job).code, WIRE_NO_FACTOR);
    }
    ck_assert_int_eq(shown("alice", on_a_sheet).state, FACTOR_PENDING);
    office_close(&office);
}
END_TEST

START_TEST(enrolled_anew_a_user_has_one_sheet_and_its_secret_may_be_the_same)
{
    office_open(&office);
    int64_t active = office_give(&office, alice), sheets[3];
    struct office_token more = alice;
    for (uint8_t i = 0; i < 3; i++) {
        more.seed = (uint8_t)(0x40 + i);
        sheets[i] = hand_out(more);
    }
    more.seed = 0x50;
    struct wire_result at_the_desk = office_ask(&office, office_enrolment(more));
    struct job *job = sheet(fresh);
    job->request.enrol.anew = 1;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    ck_assert_uint_eq(office_count_told(&office, EVENT_REVOKED, REASON_REPLACED), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(shown("alice", sheets[i]).id, 0);
    ck_assert_int_eq(shown("alice", active).state, FACTOR_ACTIVE);
    job = office_confirmation("alice", office_code(&office, more, 0));
    job->request.confirm.factor_id = at_the_desk.number;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);

    job = sheet(fresh); /* an import that is run once more */
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_SECRET_IN_USE);
    job = sheet(fresh);
    job->request.enrol.anew = 1;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    office.now_s += 60;
    ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
    job = sheet(fresh); /* but not what is active */
    job->request.enrol.anew = 1;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_SECRET_IN_USE);
    office_close(&office);
}
END_TEST

START_TEST(enrolled_anew_a_user_with_16_sheets_has_room)
{
    office_open(&office);
    struct office_token more = alice;
    for (uint8_t i = 0; i < FACTORS_PER_USER; i++) {
        more.seed = (uint8_t)(100 + i);
        hand_out(more);
    }
    ck_assert_int_eq(office_ask(&office, sheet(fresh)).code, WIRE_TOO_MANY);
    struct job *job = sheet(fresh);
    job->request.enrol.anew = 1;
    job->request.enrol.uid = 2000; /* and, never used, may take another uid */
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    ck_assert_int_eq(log_in(fresh, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

static const struct times {
    int64_t pending_for_s, not_before_s, not_after_s;
    uint32_t handed_out;
} bad[] =
    {
        {.pending_for_s = 59},
        {.pending_for_s = -1},
        {.pending_for_s = INT64_MIN},
        {.pending_for_s = 90 * DAY + 1},
        {.pending_for_s = INT64_MAX},
        {.not_before_s = -1},
        {.not_after_s = -1},
        {.not_after_s = OFFICE_START_S},
        {.not_after_s = 1},
        {.not_before_s = OFFICE_START_S + 10, .not_after_s = OFFICE_START_S + 10},
        {.not_before_s = OFFICE_START_S + 11, .not_after_s = OFFICE_START_S + 10},
        {.not_before_s = OFFICE_START_S + 90 * DAY + 1, .handed_out = 1},
        {.not_before_s = INT64_MAX, .handed_out = 1},
},
  good[] = {
      {.pending_for_s = 60},
      {.pending_for_s = 90 * DAY},
      {.not_before_s = 1},
      {.not_after_s = OFFICE_START_S + 1},
      {.not_before_s = OFFICE_START_S + 10, .not_after_s = OFFICE_START_S + 11},
      {.not_before_s = OFFICE_START_S + 90 * DAY, .pending_for_s = 90 * DAY, .handed_out = 1},
      {.not_before_s = OFFICE_START_S + 900 * DAY},
};

static struct job *job_of(const struct times *times, uint8_t seed)
{
    struct office_token what = alice;
    what.seed = seed;
    struct job *job = office_enrolment(what);
    job->request.enrol.pending_for_s = times->pending_for_s;
    job->request.enrol.not_before_s = times->not_before_s;
    job->request.enrol.not_after_s = times->not_after_s;
    job->request.enrol.handed_out = times->handed_out;
    return job;
}

START_TEST(times_that_no_factor_can_have_are_refused)
{
    office_open(&office);
    size_t told = office.told_count;
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(office_ask(&office, job_of(&bad[i], 0x11)).code == WIRE_BAD_REQUEST, "case %zu was taken", i);
    ck_assert_uint_eq(office.told_count, told);
    for (size_t i = 0; i < COUNT(good); i++) {
        struct wire_result result = office_ask(&office, job_of(&good[i], (uint8_t)(0x60 + i)));
        ck_assert_msg(result.code == WIRE_OK, "case %zu was refused", i);
        struct wire_factor row = shown("alice", result.number);
        ck_assert_int_eq(row.not_before_s, good[i].not_before_s);
        ck_assert_int_eq(row.not_after_s, good[i].not_after_s);
        ck_assert_int_eq(row.pending_until_s, result.until_s);
        int64_t for_s = good[i].pending_for_s != 0 ? good[i].pending_for_s : 900;
        ck_assert_int_eq(result.until_s, for_s + (good[i].handed_out ? good[i].not_before_s : OFFICE_START_S));
    }
    office_close(&office);
}
END_TEST

START_TEST(a_step_that_was_spent_elsewhere_is_taken_over_and_none_that_shuts_the_user_out)
{
    const uint64_t now = OFFICE_START_S / 30;
    office_open(&office);
    struct job *job = sheet(alice);
    job->request.enrol.counter = now + 3; /* a code that was accepted now leaves at most now + 2 */
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    job = sheet(alice);
    job->request.enrol.counter = UINT64_MAX;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    job = sheet(alice);
    job->request.enrol.counter = now + 2;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    ck_assert_int_eq(log_in(alice, 0), REASON_REPLAYED);
    ck_assert_int_eq(log_in(alice, 1), REASON_REPLAYED);
    office.now_s += 60;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(an_offset_is_taken_over_within_its_bounds)
{
    office_open(&office);
    const int64_t bad_offsets[] = {121, -121, INT64_MAX, INT64_MIN, INT64_C(1) << 32};
    for (size_t i = 0; i < COUNT(bad_offsets); i++) {
        struct job *job = sheet(alice);
        job->request.enrol.offset_steps = bad_offsets[i];
        ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    }
    struct job *job = sheet(token);
    job->request.enrol.offset_steps = 1;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    job = sheet(alice);
    job->request.enrol.offset_steps = -120;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    ck_assert_int_eq(log_in(alice, 0), REASON_WRONG_CODE);
    ck_assert_int_eq(log_in(alice, -120), ACCEPTED);
    office_close(&office);
}
END_TEST

static struct job *weak(struct office_token what, size_t len, uint32_t accept)
{
    struct job *job = office_enrolment(what);
    secret_free(job->request.enrol.secret);
    job->request.enrol.secret = secret_new(len);
    memset(secret_fill(job->request.enrol.secret), what.seed, len);
    job->request.enrol.accept_weak = accept;
    return job;
}

START_TEST(a_weak_secret_is_taken_only_where_that_is_accepted_and_shown_as_weak)
{
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, weak(alice, FACTOR_SECRET_MIN - 1, 0)).code, WIRE_BAD_REQUEST);
    ck_assert_int_eq(office_ask(&office, weak(alice, FACTOR_SECRET_WEAK_MIN - 1, 1)).code, WIRE_BAD_REQUEST);
    ck_assert_int_eq(office_ask(&office, weak(alice, FACTOR_SECRET_WEAK_MIN, 1)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, weak(fresh, FACTOR_SECRET_MIN - 1, 1)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, weak(bob, FACTOR_SECRET_MIN, 1)).code, WIRE_OK);
    ck_assert_int_eq(shown("alice", 1).weak, 1);
    ck_assert_int_eq(shown("alice", 2).weak, 1);
    ck_assert_int_eq(shown("bob", 3).weak, 0);
    office_close(&office);
}
END_TEST

SUITE("verifier/desk/handed_out", the_first_right_code_at_a_login_confirms_a_factor_that_was_handed_out,
      the_admins_verify_confirms_a_factor_that_was_handed_out_as_a_login_does,
      a_confirmation_without_a_number_is_for_the_phone_at_the_desk_and_not_for_a_sheet,
      a_pending_factor_that_was_not_handed_out_opens_nothing,
      a_lapsed_factor_that_was_handed_out_opens_nothing_and_its_secret_can_return,
      wrong_codes_of_a_factor_that_was_handed_out_are_counted_and_throttled,
      a_factor_that_was_handed_out_keeps_to_its_dates, the_old_factor_ends_in_the_change_that_confirms_the_new_one,
      the_old_factor_does_not_end_before_the_first_day_of_the_new_one,
      a_factor_that_cannot_be_used_is_replaced_at_a_login_all_the_same,
      a_factor_that_is_gone_already_is_replaced_by_nothing, only_a_live_factor_of_the_same_user_can_be_replaced,
      enrolled_anew_a_user_has_one_sheet_and_its_secret_may_be_the_same, enrolled_anew_a_user_with_16_sheets_has_room,
      times_that_no_factor_can_have_are_refused,
      a_step_that_was_spent_elsewhere_is_taken_over_and_none_that_shuts_the_user_out,
      an_offset_is_taken_over_within_its_bounds, a_weak_secret_is_taken_only_where_that_is_accepted_and_shown_as_weak)
