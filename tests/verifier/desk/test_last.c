/* The last active factor with a device is not revoked by mistake. */
#include "office.h"
#include "suite.h"

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token second = {.user = "alice", .uid = 1000, .kind = FACTOR_HOTP, .seed = 0x12};
static const struct office_token third = {.user = "alice", .uid = 1000, .seed = 0x13};

static struct office office;

static enum wire_result_code revoke(int64_t id, uint32_t last)
{
    struct job *job = office_change(WIRE_REVOKE, "alice", id);
    job->request.change.last = last;
    return office_ask(&office, job).code;
}

START_TEST(the_last_active_factor_is_revoked_only_where_that_is_said)
{
    office_open(&office);
    int64_t first = office_give(&office, alice), other = office_give(&office, second);
    ck_assert_int_eq(revoke(0, 0), WIRE_LAST_FACTOR);
    ck_assert_int_eq(revoke(first, 0), WIRE_OK);
    size_t told = office.told_count;
    ck_assert_int_eq(revoke(other, 0), WIRE_LAST_FACTOR);
    ck_assert_int_eq(revoke(0, 0), WIRE_LAST_FACTOR);
    ck_assert_int_eq(revoke(first, 0), WIRE_NO_FACTOR);
    ck_assert_uint_eq(office.told_count, told);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, second, 1)), ACCEPTED);
    ck_assert_int_eq(revoke(0, 1), WIRE_OK);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, second, 2)), REASON_REVOKED);
    office_close(&office);
}
END_TEST

START_TEST(what_opens_nothing_any_more_is_no_last_factor_and_does_not_stand_in_for_it)
{
    office_open(&office);
    int64_t active = office_give(&office, alice), suspended = office_give(&office, second);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", suspended)).code, WIRE_OK);
    struct job *job = office_enrolment(third);
    job->request.enrol.not_after_s = office.now_s + 60;
    struct wire_result result = office_ask(&office, job);
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, third, 0))).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_enrolment((struct office_token){"alice", 1000, .seed = 0x14})).code,
                     WIRE_OK); /* pending */
    office.now_s += 60;        /* the third has expired */
    ck_assert_int_eq(revoke(active, 0), WIRE_LAST_FACTOR);
    ck_assert_int_eq(revoke(suspended, 0), WIRE_OK);
    ck_assert_int_eq(revoke(result.number, 0), WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", active)).code, WIRE_OK);
    ck_assert_int_eq(revoke(0, 0), WIRE_OK); /* none was active */
    office_close(&office);
}
END_TEST

START_TEST(the_last_factor_can_be_suspended_at_any_time)
{
    office_open(&office);
    office_give(&office, alice);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", 0)).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(what_opens_nothing_yet_does_not_stand_in_for_what_opens_now)
{
    office_open(&office);
    int64_t now = office_give(&office, alice);
    struct job *job = office_enrolment(second);
    job->request.enrol.not_before_s = office.now_s + 86400;
    int64_t later = office_ask(&office, job).number;
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, second, 0))).code, WIRE_OK);
    ck_assert_int_eq(revoke(now, 0), WIRE_LAST_FACTOR);
    ck_assert_int_eq(revoke(now, 1), WIRE_OK);
    ck_assert_int_eq(revoke(later, 0), WIRE_LAST_FACTOR);
    office.now_s += 86400;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, second, 1)), ACCEPTED);
    office_close(&office);
}
END_TEST

SUITE("verifier/desk/last", the_last_active_factor_is_revoked_only_where_that_is_said,
      what_opens_nothing_any_more_is_no_last_factor_and_does_not_stand_in_for_it,
      the_last_factor_can_be_suspended_at_any_time, what_opens_nothing_yet_does_not_stand_in_for_what_opens_now)
