/* Secrets leave only after the audit says so, and only those whose rows hold. */
#include "office.h"
#include "suite.h"

#include <stdio.h>

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token alices = {
    .user = "alice", .uid = 1000, .seed = 0x12, .kind = FACTOR_HOTP, .counter = 41, .digits = 8};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

static struct job *export(const char *user)
{
    struct job *job = office_admin(WIRE_EXPORT);
    memcpy(job->request.export.user, user, strlen(user) + 1);
    return job;
}

static struct wire_result finish(struct job *job)
{
    struct wire_result result = job->reply.result;
    ck_assert(job->finished);
    office_free(job);
    return result;
}

static void assert_row(const struct wire_message *row, const char *user, uint8_t seed)
{
    ck_assert_int_eq(row->type, WIRE_SECRET);
    ck_assert_str_eq(row->secret.user, user);
    ck_assert_uint_eq(secret_len(row->secret.secret), 20);
    for (size_t i = 0; i < 20; i++)
        ck_assert_uint_eq(secret_read(row->secret.secret)[i], seed);
}

START_TEST(export_is_in_the_audit_before_the_first_secret_is_handed_out)
{
    office_open(&office);
    office_give(&office, alice);
    office_give(&office, bob);
    struct job *job = export("");
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 0);
    ck_assert(!job->finished);
    ck_assert_int_eq(office_last(&office)->event, EVENT_EXPORTED);
    ck_assert_str_eq(office_last(&office)->note, "secrets=2");
    ck_assert_str_eq(office_last(&office)->user, "");
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 2);
    assert_row(&job->rows[0], "alice", 0x11);
    assert_row(&job->rows[1], "bob", 0x22);
    struct wire_result result = finish(job);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 2);
    office_close(&office);
}
END_TEST

START_TEST(export_of_one_user_gives_marks_and_names_the_user_in_the_audit)
{
    office_open(&office);
    office_give(&office, alice);
    office_give(&office, alices);
    office_give(&office, bob);
    struct job *job = export("alice");
    office_run(&office, job);
    ck_assert_str_eq(office_last(&office)->user, "alice");
    ck_assert_uint_eq(office_last(&office)->uid, 1000);
    ck_assert_str_eq(office_last(&office)->note, "secrets=2");
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 2);
    assert_row(&job->rows[0], "alice", 0x11);
    ck_assert_uint_eq(job->rows[0].secret.counter, OFFICE_START_S / 30 + 1);
    assert_row(&job->rows[1], "alice", 0x12);
    ck_assert_int_eq(job->rows[1].secret.kind, FACTOR_HOTP);
    ck_assert_uint_eq(job->rows[1].secret.digits, 8);
    ck_assert_uint_eq(job->rows[1].secret.counter, 42);
    ck_assert_int_eq(finish(job).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(export_comes_in_pages_that_are_wiped_one_by_one)
{
    size_t count = 0;
    office_open(&office);
    for (int i = 0; i < 130; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "user%03d", i);
        struct office_token token = {.user = name, .uid = (uint32_t)(2000 + i), .seed = (uint8_t)(i + 1)};
        ck_assert_int_eq(office_ask(&office, office_enrolment(token)).code, WIRE_OK);
    }
    struct job *job = export("");
    for (int pages = 0; pages < 20 && !job->finished; pages++) {
        office_run(&office, job);
        for (size_t i = 0; i < job->row_count; i++)
            ck_assert_uint_eq(secret_read(job->rows[i].secret.secret)[19], count + i + 1);
        for (size_t i = job->row_count; job->rows != NULL && i < JOB_ROWS_MAX; i++)
            ck_assert_ptr_null(job->rows[i].secret.secret);
        count += job->row_count;
    }
    ck_assert_uint_eq(count, 130);
    ck_assert_int_eq(finish(job).number, 130);
    ck_assert_uint_eq(office_count_told(&office, EVENT_EXPORTED, REASON_ADMIN), 1);
    office_close(&office);
}
END_TEST

START_TEST(export_leaves_out_what_is_revoked_lapsed_or_came_later)
{
    office_open(&office);
    int64_t revoked = office_give(&office, alice);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", revoked)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_enrolment(bob)).code, WIRE_OK);
    office.now_s += office.rules.pending_for_s;
    office_give(&office, alices);
    struct job *job = export("");
    office_run(&office, job);
    ck_assert_str_eq(office_last(&office)->note, "secrets=1");
    office_give(&office, (struct office_token){.user = "eve", .uid = 1002, .seed = 0x33});
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 1);
    assert_row(&job->rows[0], "alice", 0x12);
    ck_assert_int_eq(finish(job).code, WIRE_OK);
    office_close(&office);
}
END_TEST

/* A key container cannot say it: on the host that reads it the factor would count. */
START_TEST(export_leaves_out_what_is_suspended)
{
    office_open(&office);
    int64_t lost = office_give(&office, alice);
    office_give(&office, alices);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", lost)).code, WIRE_OK);
    struct job *job = export("");
    office_run(&office, job);
    ck_assert_str_eq(office_last(&office)->note, "secrets=1");
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 1);
    assert_row(&job->rows[0], "alice", 0x12);
    ck_assert_int_eq(finish(job).number, 1);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_RESUME, "alice", lost)).code, WIRE_OK);
    job = export("");
    office_run(&office, job);
    ck_assert_str_eq(office_last(&office)->note, "secrets=2");
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(export_of_nobody_is_no_export_and_no_entry)
{
    office_open(&office);
    office_give(&office, alice);
    struct job *job = export("nobody");
    office_run(&office, job);
    ck_assert_int_eq(finish(job).code, WIRE_NO_FACTOR);
    ck_assert_uint_eq(office_count_told(&office, EVENT_EXPORTED, REASON_ADMIN), 0);
    office_close(&office);
}
END_TEST

START_TEST(export_keeps_the_secret_of_a_row_that_does_not_hold)
{
    office_open(&office);
    office_give(&office, alice);
    office_give(&office, bob);
    office_sql(&office, "UPDATE factor SET label = 'x' WHERE user = 'alice'");
    struct job *job = export("");
    office_run(&office, job);
    office_run(&office, job);
    ck_assert_uint_eq(job->row_count, 1);
    assert_row(&job->rows[0], "bob", 0x22);
    struct wire_result result = finish(job);
    ck_assert_int_eq(result.code, WIRE_TAMPERED);
    ck_assert_int_eq(result.number, 1);
    office_close(&office);
}
END_TEST

START_TEST(export_is_given_at_no_other_door_than_the_admins)
{
    office_open(&office);
    office_give(&office, alice);
    static const enum door doors[] = {DOOR_PUBLIC, DOOR_PEER, DOOR_TRUSTED};
    for (size_t i = 0; i < 3; i++) {
        struct job *job = export("");
        job->caller.door = doors[i];
        office_run(&office, job);
        ck_assert_uint_eq(job->row_count, 0);
        ck_assert_int_eq(finish(job).code, WIRE_BAD_REQUEST);
    }
    ck_assert_uint_eq(office_count_told(&office, EVENT_EXPORTED, REASON_ADMIN), 0);
    office_close(&office);
}
END_TEST

START_TEST(enrol_says_whether_the_secret_in_use_is_of_this_very_user)
{
    office_open(&office);
    int64_t id = office_give(&office, alice);
    struct wire_result again = office_ask(&office, office_enrolment(alice));
    ck_assert_int_eq(again.code, WIRE_SECRET_IN_USE);
    ck_assert_int_eq(again.number, id);
    struct office_token other = alice;
    other.user = "bob";
    other.uid = 1001;
    again = office_ask(&office, office_enrolment(other));
    ck_assert_int_eq(again.code, WIRE_SECRET_IN_USE);
    ck_assert_int_eq(again.number, 0);
    office_close(&office);
}
END_TEST

SUITE("export", export_is_in_the_audit_before_the_first_secret_is_handed_out,
      export_of_one_user_gives_marks_and_names_the_user_in_the_audit, export_comes_in_pages_that_are_wiped_one_by_one,
      export_leaves_out_what_is_revoked_lapsed_or_came_later, export_leaves_out_what_is_suspended,
      export_of_nobody_is_no_export_and_no_entry, export_keeps_the_secret_of_a_row_that_does_not_hold,
      export_is_given_at_no_other_door_than_the_admins, enrol_says_whether_the_secret_in_use_is_of_this_very_user)
