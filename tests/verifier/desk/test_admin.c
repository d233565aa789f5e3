#include "office.h"
#include "suite.h"

#include <stdio.h>

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};
static const struct office_token token = {
    .user = "carol", .uid = 1002, .kind = FACTOR_HOTP, .counter = 7, .seed = 0x33};

static struct office office;

static struct wire_result enrol(struct office_token what)
{
    return office_ask(&office, office_enrolment(what));
}

static struct wire_result confirm(struct office_token what, int64_t shift)
{
    return office_ask(&office, office_confirmation(what.user, office_code(&office, what, shift)));
}

static struct wire_result change(enum wire_change_kind kind, const char *user, int64_t id)
{
    return office_ask(&office, office_change(kind, user, id));
}

static enum reason log_in(struct office_token what, int64_t shift)
{
    return office_log_in(&office, what.user, DESK, office_code(&office, what, shift));
}

START_TEST(enrol_makes_a_pending_factor_and_says_until_when)
{
    office_open(&office);
    struct wire_result result = enrol(alice);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 1);
    ck_assert_int_eq(result.until_s, OFFICE_START_S + 900);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_ENROLLED);
    ck_assert_str_eq(entry->user, "alice");
    ck_assert_uint_eq(entry->uid, 1000);
    ck_assert_int_eq(entry->factor_id, 1);
    ck_assert_str_eq(entry->actor, "uid=0 login=1000 sudo=ann");
    ck_assert_str_eq(entry->service, "garde");
    office_close(&office);
}
END_TEST

static void set_length(struct wire_enrol *ask, size_t len)
{
    secret_free(ask->secret);
    ask->secret = secret_new(len);
    if (ask->secret != NULL) /* zeroes at the end make no difference */
        memset(secret_fill(ask->secret), 0x42, len);
}

#define GOOD .user = "alice", .uid = 1000, .label = "phone", .algorithm = 1, .digits = 6, .secret_len = 20

static const struct request {
    const char *user, *label;
    uint32_t uid, kind, algorithm, digits, period_s;
    uint64_t counter;
    size_t secret_len;
} bad[] = {
    {GOOD, .kind = 1, .period_s = 0},
    {GOOD, .kind = 1, .period_s = FACTOR_PERIOD_MAX_S + 1},
    {GOOD, .kind = 2, .period_s = 30},
    {GOOD, .kind = 2, .counter = UINT64_MAX},
    {GOOD, .kind = 0, .period_s = 30},
    {GOOD, .kind = 3, .period_s = 30},
    {"alice", "phone", 1000, 1, 0, 6, 30, 0, 20},
    {"alice", "phone", 1000, 1, 4, 6, 30, 0, 20},
    {"alice", "phone", 1000, 1, 1, 5, 30, 0, 20},
    {"alice", "phone", 1000, 1, 1, 9, 30, 0, 20},
    {"", "phone", 1000, 1, 1, 6, 30, 0, 20},
    {"ali\nce", "phone", 1000, 1, 1, 6, 30, 0, 20},
    {"alice", "ph\x1bone", 1000, 1, 1, 6, 30, 0, 20},
    {"alice", "phone\x7f", 1000, 1, 1, 6, 30, 0, 20},
    {"alice", "phone", NO_UID, 1, 1, 6, 30, 0, 20},
    {"alice", "phone", OVERFLOW_UID, 1, 1, 6, 30, 0, 20},
    {"alice", "phone", 1000, 1, 1, 6, 30, 0, FACTOR_SECRET_MIN - 1},
    {"alice", "phone", 1000, 1, 1, 6, 30, 0, FACTOR_SECRET_MAX + 1},
};

static struct job *job_of(const struct request *request)
{
    struct job *job = office_enrolment(alice);
    struct wire_enrol *ask = &job->request.enrol;
    memcpy(ask->user, request->user, strlen(request->user) + 1);
    memcpy(ask->label, request->label, strlen(request->label) + 1);
    ask->uid = request->uid;
    ask->kind = (enum factor_kind)request->kind;
    ask->algorithm = (enum factor_algorithm)request->algorithm;
    ask->digits = request->digits;
    ask->period_s = request->period_s;
    ask->counter = request->counter;
    set_length(ask, request->secret_len);
    return job;
}

START_TEST(enrol_refuses_every_value_out_of_range)
{
    office_open(&office);
    size_t told = office.told_count;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(office_ask(&office, job_of(&bad[i])).code == WIRE_BAD_REQUEST, "case %zu was taken", i);
    struct job *job = office_enrolment(alice);
    secret_drop(&job->request.enrol.secret);
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    ck_assert_uint_eq(office.told_count, told);
    ck_assert_int_eq(log_in(alice, 0), REASON_UNENROLLED);

    const struct request good = {GOOD, .kind = 1, .period_s = 30};
    ck_assert_int_eq(office_ask(&office, job_of(&good)).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(enrol_takes_the_ends_of_every_range)
{
    office_open(&office);
    struct job *job = office_enrolment(alice);
    set_length(&job->request.enrol, FACTOR_SECRET_MIN);
    job->request.enrol.period_s = 1;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    job = office_enrolment(alice);
    set_length(&job->request.enrol, FACTOR_SECRET_MAX);
    job->request.enrol.period_s = FACTOR_PERIOD_MAX_S;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(enrol_keeps_name_and_uid_one_to_one)
{
    struct office_token moved = {.user = "alice", .uid = 2000, .seed = 0x44};
    struct office_token alias = {.user = "alice2", .uid = 1000, .seed = 0x55};
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    ck_assert_int_eq(enrol(moved).code, WIRE_OTHER_UID);
    ck_assert_int_eq(enrol(alias).code, WIRE_OTHER_UID);
    ck_assert_int_eq(confirm(alice, 0).code, WIRE_OK);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_OK);
    ck_assert_int_eq(enrol(moved).code, WIRE_OTHER_UID);
    office_close(&office);
}
END_TEST

START_TEST(enrol_lets_an_account_that_was_never_used_take_another_uid)
{
    struct office_token moved = {.user = "alice", .uid = 2000, .seed = 0x44};
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_OK);
    ck_assert_int_eq(enrol(moved).code, WIRE_OK);
    office.now_s += 900; /* lapsed */
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    ck_assert_int_eq(confirm(alice, 0).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(enrol_refuses_the_17th_factor_of_a_user)
{
    struct office_token more = alice;
    office_open(&office);
    for (uint8_t i = 0; i < FACTORS_PER_USER; i++) {
        more.seed = (uint8_t)(100 + i);
        ck_assert_int_eq(enrol(more).code, WIRE_OK);
    }
    more.seed = 99;
    ck_assert_int_eq(enrol(more).code, WIRE_TOO_MANY);
    office.now_s += 900;
    ck_assert_int_eq(enrol(more).code, WIRE_OK); /* all of them have lapsed and are gone */
    ck_assert_uint_eq(office_count_told(&office, EVENT_REVOKED, REASON_EXPIRED), FACTORS_PER_USER);
    ck_assert_int_eq(confirm(more, 0).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(enrol_refuses_a_secret_that_is_live)
{
    struct office_token same = {.user = "bob", .uid = 1001, .seed = 0x11};
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    ck_assert_int_eq(enrol(same).code, WIRE_SECRET_IN_USE);
    ck_assert_int_eq(enrol(alice).code, WIRE_SECRET_IN_USE);
    office_close(&office);
}
END_TEST

START_TEST(enrol_takes_over_a_secret_whose_pending_factor_has_lapsed)
{
    struct office_token same = {.user = "bob", .uid = 1001, .seed = 0x11};
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    office.now_s += 900;
    ck_assert_int_eq(enrol(same).code, WIRE_OK);
    ck_assert_int_eq(confirm(same, 0).code, WIRE_OK);
    ck_assert_int_eq(log_in(alice, 0), REASON_UNENROLLED); /* nothing of alice is left */
    office.now_s += 900;
    ck_assert_int_eq(enrol(alice).code, WIRE_SECRET_IN_USE);
    office_close(&office);
}
END_TEST

START_TEST(a_revoked_secret_that_returns_does_not_accept_a_spent_code)
{
    office_open(&office);
    office_give(&office, alice);
    office.now_s += 60;
    ck_assert_int_eq(log_in(alice, 1), ACCEPTED);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_OK);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    struct wire_result result = confirm(alice, 1);
    ck_assert_int_eq(result.code, WIRE_WRONG_CODE);
    ck_assert_int_eq(result.reason, REASON_REPLAYED);
    ck_assert_int_eq(confirm(alice, 0).reason, REASON_REPLAYED);
    office.now_s += 60;
    ck_assert_int_eq(confirm(alice, 0).code, WIRE_OK);
    ck_assert_int_eq(log_in(alice, 0), REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(a_revoked_secret_that_returns_with_a_zero_byte_behind_it_is_the_same)
{
    uint8_t bytes[21] = {0};
    office_open(&office);
    struct job *job = office_enrolment(alice);
    memcpy(bytes, secret_read(job->request.enrol.secret), 20);
    office_free(job);
    office_give(&office, alice);
    office.now_s += 60;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    for (int again = 0; again < 2; again++) {
        job = office_enrolment(alice);
        secret_free(job->request.enrol.secret);
        job->request.enrol.secret = secret_copy(bytes, sizeof bytes);
        if (again == 0) {
            ck_assert_int_eq(office_ask(&office, job).code, WIRE_SECRET_IN_USE);
            ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_OK);
        } else {
            ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
        }
    }
    ck_assert_int_eq(confirm(alice, 0).reason, REASON_REPLAYED);
    office_close(&office);
}
END_TEST

START_TEST(a_returning_counter_starts_above_the_tombstones_mark_for_any_user)
{
    struct office_token back = {.user = "bob", .uid = 1001, .kind = FACTOR_HOTP, .counter = 0, .seed = 0x33};
    office_open(&office);
    office_give(&office, token); /* 7 is spent */
    ck_assert_int_eq(log_in(token, 12), ACCEPTED);
    ck_assert_int_eq(change(WIRE_REVOKE, "carol", 0).code, WIRE_OK);
    ck_assert_int_eq(enrol(back).code, WIRE_OK);
    ck_assert_int_eq(confirm(back, 7).reason, REASON_WRONG_CODE);
    ck_assert_int_eq(confirm(back, 12).reason, REASON_REPLAYED);
    ck_assert_int_eq(confirm(back, 13).code, WIRE_OK);
    ck_assert_int_eq(change(WIRE_REVOKE, "bob", 0).code, WIRE_OK);
    back.counter = 40; /* the tool may know of more */
    ck_assert_int_eq(enrol(back).code, WIRE_OK);
    ck_assert_int_eq(confirm(back, 14).reason, REASON_WRONG_CODE);
    ck_assert_int_eq(confirm(back, 40).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(a_revoked_secret_does_not_return_as_another_kind_or_with_another_period)
{
    struct office_token other = alice;
    office_open(&office);
    office_give(&office, alice);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_OK);
    other.period_s = 60;
    ck_assert_int_eq(enrol(other).code, WIRE_SECRET_CHANGED);
    other.period_s = 0;
    other.kind = FACTOR_HOTP;
    ck_assert_int_eq(enrol(other).code, WIRE_SECRET_CHANGED);
    other = alice;
    other.algorithm = ALGORITHM_SHA256;
    ck_assert_int_eq(enrol(other).code, WIRE_SECRET_CHANGED);
    other = alice;
    other.digits = 8;
    ck_assert_int_eq(enrol(other).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(confirm_refuses_a_wrong_code_and_takes_a_right_one_after)
{
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    struct wire_result result = office_ask(&office, office_confirmation("alice", office_wrong_code(&office, alice)));
    ck_assert_int_eq(result.code, WIRE_WRONG_CODE);
    ck_assert_int_eq(result.reason, REASON_WRONG_CODE);
    ck_assert_int_eq(office_last(&office)->event, EVENT_CONFIRM_FAILED);
    result = confirm(alice, 0);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 1);
    ck_assert_int_eq(office_last(&office)->event, EVENT_CONFIRMED);
    ck_assert_int_eq(confirm(alice, 1).code, WIRE_NO_FACTOR);
    office_close(&office);
}
END_TEST

START_TEST(confirm_comes_too_late_when_the_pending_time_is_over)
{
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    office.now_s += 899;
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_wrong_code(&office, alice))).code,
                     WIRE_WRONG_CODE);
    office.now_s += 1;
    struct wire_result result = confirm(alice, 0);
    ck_assert_int_eq(result.code, WIRE_NO_FACTOR);
    ck_assert_int_eq(result.reason, REASON_EXPIRED);
    ck_assert_int_eq(log_in(alice, 0), REASON_PENDING); /* and is not un-enrolled */
    office_close(&office);
}
END_TEST

START_TEST(confirm_finds_the_newest_or_the_one_that_is_named)
{
    struct office_token second = {.user = "alice", .uid = 1000, .seed = 0x44};
    office_open(&office);
    int64_t first_id = enrol(alice).number;
    int64_t second_id = enrol(second).number;
    ck_assert_int_eq(confirm(alice, 0).code, WIRE_WRONG_CODE);
    struct job *job = office_confirmation("alice", office_code(&office, alice, 0));
    job->request.confirm.factor_id = first_id;
    ck_assert_int_eq(office_ask(&office, job).number, first_id);
    ck_assert_int_eq(confirm(second, 0).number, second_id);
    job = office_confirmation("alice", office_code(&office, alice, 1));
    job->request.confirm.factor_id = 77;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(confirm(bob, 0).code, WIRE_NO_USER);
    office_close(&office);
}
END_TEST

START_TEST(change_applies_to_the_factors_in_the_right_state_and_tells_each)
{
    struct office_token second = {.user = "alice", .uid = 1000, .seed = 0x44};
    struct office_token third = {.user = "alice", .uid = 1000, .seed = 0x55};
    office_open(&office);
    int64_t first_id = office_give(&office, alice);
    int64_t second_id = office_give(&office, second);
    int64_t third_id = enrol(third).number;

    ck_assert_int_eq(change(WIRE_RESUME, "alice", 0).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(change(WIRE_SUSPEND, "alice", third_id).code, WIRE_NO_FACTOR);
    struct wire_result result = change(WIRE_SUSPEND, "alice", 0);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 2);
    ck_assert_uint_eq(office_count_told(&office, EVENT_SUSPENDED, REASON_ADMIN), 2);
    ck_assert_int_eq(office_last(&office)->factor_id, second_id);
    ck_assert_str_eq(office_last(&office)->actor, "uid=0 login=1000 sudo=ann");

    ck_assert_int_eq(change(WIRE_RESUME, "alice", first_id).number, 1);
    office.now_s += 60;
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    ck_assert_int_eq(log_in(second, 0), REASON_WRONG_CODE);

    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).number, 3);
    ck_assert_uint_eq(office_count_told(&office, EVENT_REVOKED, REASON_ADMIN), 3);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", first_id).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(change(WIRE_RESUME, "alice", first_id).code, WIRE_NO_FACTOR);
    ck_assert_int_eq(change(WIRE_SUSPEND, "bob", 0).code, WIRE_NO_USER);
    ck_assert_int_eq(change(WIRE_UNLOCK, "alice", first_id).code, WIRE_BAD_REQUEST);
    office_close(&office);
}
END_TEST

START_TEST(revoking_a_factor_that_was_never_confirmed_leaves_nothing)
{
    office_open(&office);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_OK);
    ck_assert_int_eq(log_in(alice, 0), REASON_UNENROLLED);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0).code, WIRE_NO_USER);
    ck_assert_int_eq(enrol(alice).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(unlock_lifts_the_lock_of_every_origin)
{
    office_open(&office);
    office_give(&office, alice);
    for (int i = 0; i < POLICY_LOCK_AT; i++) {
        office.now_s += 64;
        (void)office_log_in(&office, "alice", DESK, office_wrong_code(&office, alice));
    }
    ck_assert_int_eq(log_in(alice, 0), REASON_LOCKED);
    ck_assert_int_eq(change(WIRE_UNLOCK, "alice", 0).code, WIRE_OK);
    ck_assert_int_eq(office_last(&office)->event, EVENT_UNLOCKED);
    ck_assert_int_eq(log_in(alice, 0), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(verify_checks_and_spends_as_a_login_does)
{
    office_open(&office);
    int64_t id = office_give(&office, alice);
    office.now_s += 60;
    struct wire_result result = office_ask(&office, office_try("alice", office_wrong_code(&office, alice)));
    ck_assert_int_eq(result.code, WIRE_WRONG_CODE);
    ck_assert_int_eq(result.reason, REASON_WRONG_CODE);
    ck_assert_int_eq(office_ask(&office, office_try("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    ck_assert_int_eq(office_last(&office)->event, EVENT_VERIFIED);
    ck_assert_int_eq(office_last(&office)->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(office_last(&office)->factor_id, id);
    ck_assert_str_eq(office_last(&office)->origin, "admin:0");
    ck_assert_int_eq(log_in(alice, 0), REASON_REPLAYED);
    ck_assert_int_eq(office_ask(&office, office_try("bob", secret_copy("123456", 6))).code, WIRE_NO_USER);
    office_close(&office);
}
END_TEST

START_TEST(admin_requests_are_answered_at_the_admins_door_only)
{
    office_open(&office);
    struct job *job = office_enrolment(alice);
    job->caller.door = DOOR_TRUSTED;
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    ck_assert_int_eq(office_ask(&office, office_admin(WIRE_VERDICT)).code, WIRE_BAD_REQUEST);
    ck_assert_int_eq(log_in(alice, 0), REASON_UNENROLLED);
    office_close(&office);
}
END_TEST

SUITE("admin", enrol_makes_a_pending_factor_and_says_until_when, enrol_refuses_every_value_out_of_range,
      enrol_takes_the_ends_of_every_range, enrol_keeps_name_and_uid_one_to_one,
      enrol_lets_an_account_that_was_never_used_take_another_uid, enrol_refuses_the_17th_factor_of_a_user,
      enrol_refuses_a_secret_that_is_live, enrol_takes_over_a_secret_whose_pending_factor_has_lapsed,
      a_revoked_secret_that_returns_does_not_accept_a_spent_code,
      a_revoked_secret_that_returns_with_a_zero_byte_behind_it_is_the_same,
      a_returning_counter_starts_above_the_tombstones_mark_for_any_user,
      a_revoked_secret_does_not_return_as_another_kind_or_with_another_period,
      confirm_refuses_a_wrong_code_and_takes_a_right_one_after, confirm_comes_too_late_when_the_pending_time_is_over,
      confirm_finds_the_newest_or_the_one_that_is_named,
      change_applies_to_the_factors_in_the_right_state_and_tells_each,
      revoking_a_factor_that_was_never_confirmed_leaves_nothing, unlock_lifts_the_lock_of_every_origin,
      verify_checks_and_spends_as_a_login_does, admin_requests_are_answered_at_the_admins_door_only)
