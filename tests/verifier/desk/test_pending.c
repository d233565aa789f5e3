/* Users with nothing but factors that were never confirmed: who may leave the prompt empty, and when. */
#include "office.h"
#include "suite.h"

#include <stdio.h>
#include <unistd.h>

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token spare = {.user = "alice", .uid = 1000, .seed = 0x12};
static const struct unenrolled_rule allow = {.answer = UNENROLLED_ALLOW};

static struct office office;

static void open_with_pending(void)
{
    office_open(&office);
    office_tend(&office);
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
}

static struct job *look(enum door door, uint32_t uid)
{
    struct job *job = office_attempt("alice", "ip:192.0.2.7", NULL);
    job->kind = JOB_LOOK;
    job->caller.door = door;
    job->caller.uid = uid;
    job->pending_rule = allow;
    return job;
}

static struct job *second(enum door door)
{
    struct job *job = look(door, 1000);
    job->resolved = RESOLVED_FOUND;
    memcpy(job->canonical, "alice", sizeof "alice");
    job->resolved_uid = 1000;
    return job;
}

static struct job *answer(const char *code)
{
    struct job *job = office_attempt("alice", "ip:192.0.2.7", secret_copy(code, strlen(code)));
    job->may_be_empty = true;
    job->pending_rule = allow;
    return job;
}

static enum look run(struct job *job)
{
    office_run(&office, job);
    enum look found = job->look;
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    office_free(job);
    return found;
}

/* What the second round says to a trusted caller; *out_may_be_empty. */
static enum look ask(bool *out_may_be_empty)
{
    struct job *job = second(DOOR_TRUSTED);
    office_run(&office, job);
    *out_may_be_empty = job->may_be_empty;
    enum look found = job->look;
    office_free(job);
    return found;
}

/* Neither the prompt nor an empty answer lets alice through now. */
static void is_held(void)
{
    size_t before = office_count_told(&office, EVENT_SKIP, REASON_PENDING);
    bool may_be_empty = false;
    ck_assert_int_eq(ask(&may_be_empty), LOOK_ENROLLED);
    ck_assert(!may_be_empty);
    ck_assert_int_eq(run(answer("")), LOOK_REFUSE);
    ck_assert_uint_eq(office_count_told(&office, EVENT_SKIP, REASON_PENDING), before);
}

static void is_let_through(void)
{
    bool may_be_empty = false;
    ck_assert_int_eq(ask(&may_be_empty), LOOK_ENROLLED);
    ck_assert(may_be_empty);
    ck_assert_int_eq(run(answer("")), LOOK_SKIP);
}

START_TEST(pending_users_are_asked_and_may_leave_it_empty_and_that_is_recorded)
{
    open_with_pending();
    ck_assert_int_eq(run(look(DOOR_TRUSTED, 0)), LOOK_PENDING); /* for the groups */
    is_let_through();
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_SKIP);
    ck_assert_int_eq(entry->reason, REASON_PENDING);
    ck_assert_str_eq(entry->user, "alice");
    ck_assert_uint_eq(entry->uid, 1000);
    ck_assert_str_eq(entry->service, "sshd");
    ck_assert_str_eq(entry->origin, "ip:192.0.2.7");
    ck_assert_int_eq(run(look(DOOR_PUBLIC, 1000)), LOOK_PENDING);
    struct job *job = second(DOOR_PUBLIC);
    office_run(&office, job);
    ck_assert(job->look == LOOK_ENROLLED && job->may_be_empty);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(pending_users_are_held_where_no_rule_is_in_force_at_that_moment)
{
    static const struct unenrolled_rule refuse = {.answer = UNENROLLED_REFUSE};
    open_with_pending();
    const struct unenrolled_rule rules[] = {refuse,
                                            {.answer = UNENROLLED_ALLOW_UNTIL, .until_s = office.now_s},
                                            {.answer = UNENROLLED_ALLOW_UNTIL, .until_s = office.now_s + 1}};
    for (size_t i = 0; i < 3; i++) {
        bool open = i == 2;
        struct job *job = look(DOOR_TRUSTED, 0);
        job->pending_rule = rules[i];
        job->rule = allow; /* which is for others */
        ck_assert_int_eq(run(job), open ? LOOK_PENDING : LOOK_ENROLLED);
        job = second(DOOR_TRUSTED);
        job->pending_rule = rules[i];
        job->rule = allow;
        office_run(&office, job);
        ck_assert_int_eq(job->look, LOOK_ENROLLED);
        ck_assert_int_eq(job->may_be_empty, open);
        office_free(job);
        job = answer("");
        job->pending_rule = rules[i];
        ck_assert_int_eq(run(job), open ? LOOK_SKIP : LOOK_REFUSE);
    }
    office_close(&office);
}
END_TEST

START_TEST(pending_users_who_type_anything_make_an_ordinary_attempt)
{
    open_with_pending();
    static const char *const typed[] = {"000000", " ", "\n", "x"};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        ck_assert_int_eq(run(answer(typed[i])), LOOK_REFUSE);
        ck_assert_int_eq(office_last(&office)->event, EVENT_LOGIN);
    }
    ck_assert_uint_eq(office_count_told(&office, EVENT_SKIP, REASON_PENDING), 0);
    office_close(&office);
}
END_TEST

START_TEST(pending_users_with_an_empty_answer_that_no_prompt_allowed_are_refused)
{
    open_with_pending();
    struct job *job = answer("");
    job->may_be_empty = false;
    ck_assert_int_eq(run(job), LOOK_REFUSE);
    ck_assert_int_eq(office_last(&office)->event, EVENT_LOGIN);
    ck_assert_int_eq(office_last(&office)->verdict, VERDICT_REFUSED);
    office_close(&office);
}
END_TEST

START_TEST(pending_users_whose_enrolment_has_lapsed_are_held)
{
    open_with_pending();
    office.now_s += office.rules.pending_for_s - 1;
    is_let_through();
    ck_assert_int_eq(office_ask(&office, office_enrolment(spare)).code, WIRE_OK);
    office.now_s += 1; /* one has lapsed, the other has not */
    is_let_through();
    office.now_s += office.rules.pending_for_s;
    ck_assert_int_eq(run(look(DOOR_TRUSTED, 0)), LOOK_ENROLLED);
    is_held();
    office_close(&office);
}
END_TEST

START_TEST(pending_is_over_with_the_first_confirmation_whatever_becomes_of_the_factor)
{
    static const enum wire_change_kind changes[] = {WIRE_SUSPEND, WIRE_RESUME, WIRE_REVOKE};
    open_with_pending();
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    is_held();
    ck_assert_int_eq(office_ask(&office, office_enrolment(spare)).code, WIRE_OK); /* one active, one pending */
    is_held();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct job *job = office_change(changes[i], "alice", 1);
        job->request.change.last = 1;
        ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
        is_held();
    }
    ck_assert_int_eq(run(look(DOOR_TRUSTED, 0)), LOOK_ENROLLED);
    office_close(&office);
}
END_TEST

/* Decision 0016: a code that is not a device's confirms nobody. */
START_TEST(pending_users_who_were_given_codes_are_still_pending)
{
    open_with_pending();
    struct wire_result result = office_ask(&office, office_tempcode("alice", "00420815", 60, 0, "phone at home"));
    ck_assert_int_eq(result.code, WIRE_OK);
    is_let_through();
    ck_assert_int_eq(office_log_in(&office, "alice", "ip:192.0.2.7", office_typed("00420815")), ACCEPTED);
    is_let_through();
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", result.number)).code, WIRE_OK);
    is_held();
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_RESUME, "alice", result.number)).code, WIRE_OK);
    office.now_s += 60; /* the code is over */
    is_let_through();
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    is_held();
    office_close(&office);
}
END_TEST

START_TEST(pending_users_are_held_where_rows_were_tampered_with)
{
    static const char *const edits[] = {"UPDATE factor SET pending_until_s = pending_until_s + 1",
                                        "UPDATE account SET uid = 1001", "UPDATE account SET live_factors = 2"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        open_with_pending();
        office_sql(&office, "%s", edits[i]);
        office_tend(&office);
        is_held();
        office_close(&office);
    }
}
END_TEST

/* The rows of then, with tags that hold, where alice had a confirmed factor by now. */
START_TEST(pending_users_who_were_put_back_into_that_state_are_held)
{
    open_with_pending();
    char copy[160];
    (void)snprintf(copy, sizeof copy, "%s.then", office.store);
    office_sql(&office, "VACUUM INTO '%s'", copy);
    office_tend(&office);
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    office_sql(&office,
               "ATTACH '%s' AS past; DELETE FROM factor; DELETE FROM account; INSERT INTO factor SELECT * FROM "
               "past.factor; INSERT INTO account SELECT * FROM past.account",
               copy);
    office_tend(&office);
    is_held();
    (void)unlink(copy);
    office_close(&office);
}
END_TEST

START_TEST(pending_users_wait_for_the_scan_and_are_held_where_it_does_not_end)
{
    open_with_pending();
    office_restart(&office); /* and it has not begun */
    bool may_be_empty = true;
    ck_assert_int_eq(ask(&may_be_empty), LOOK_LATER);
    struct job *job = second(DOOR_TRUSTED);
    job->waited = true;
    office_run(&office, job);
    ck_assert_int_eq(job->look, LOOK_ENROLLED);
    ck_assert(!job->may_be_empty);
    office_free(job);
    ck_assert_int_eq(run(answer("")), LOOK_REFUSE);
    office_tend(&office);
    is_let_through();
    office_close(&office);
}
END_TEST

START_TEST(pending_users_are_never_let_through_by_a_configured_peer_or_an_admin)
{
    static const enum door doors[] = {DOOR_PEER, DOOR_ADMIN};
    open_with_pending();
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(run(look(doors[i], 118)), LOOK_ENROLLED);
        struct job *job = second(doors[i]);
        office_run(&office, job);
        ck_assert_int_eq(job->look, LOOK_ENROLLED);
        ck_assert(!job->may_be_empty);
        office_free(job);
        job = answer("");
        job->caller.door = doors[i];
        ck_assert_int_eq(run(job), LOOK_REFUSE);
    }
    office_close(&office);
}
END_TEST

START_TEST(pending_users_are_no_strangers_business)
{
    open_with_pending();
    ck_assert_int_eq(run(look(DOOR_PUBLIC, 1005)), LOOK_UNKNOWN); /* as for whom there is no account */
    struct job *job = second(DOOR_PUBLIC);
    job->caller.uid = 1005;
    ck_assert_int_eq(run(job), LOOK_REFUSE);
    job = answer("");
    job->caller.door = DOOR_PUBLIC;
    job->caller.uid = 1005;
    ck_assert_int_eq(run(job), LOOK_REFUSE);
    ck_assert_uint_eq(office_count_told(&office, EVENT_SKIP, REASON_PENDING), 0);
    office_close(&office);
}
END_TEST

START_TEST(pending_users_have_the_rules_of_the_uid_that_was_resolved_and_of_no_other)
{
    open_with_pending();
    struct job *job = second(DOOR_TRUSTED);
    job->resolved_uid = 1001; /* the name is another one's by now: so are the groups */
    office_run(&office, job);
    ck_assert_int_eq(job->look, LOOK_ENROLLED);
    ck_assert(!job->may_be_empty);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(pending_users_are_found_by_another_spelling_and_held_by_an_alias)
{
    static const char *const names[] = {"alice", "a.liddell"}; /* what the name service makes of "Alice" */
    open_with_pending();
    for (size_t i = 0; i < 2; i++) {
        struct job *job = second(DOOR_TRUSTED);
        strcpy(job->user, "Alice");
        strcpy(job->canonical, names[i]);
        office_run(&office, job);
        ck_assert_int_eq(job->look, LOOK_ENROLLED);
        ck_assert_str_eq(job->user, "alice");
        ck_assert_int_eq(job->may_be_empty, i == 0); /* the alias has groups of its own */
        office_free(job);
    }
    office_close(&office);
}
END_TEST

SUITE("pending", pending_users_are_asked_and_may_leave_it_empty_and_that_is_recorded,
      pending_users_are_held_where_no_rule_is_in_force_at_that_moment,
      pending_users_who_type_anything_make_an_ordinary_attempt,
      pending_users_with_an_empty_answer_that_no_prompt_allowed_are_refused,
      pending_users_whose_enrolment_has_lapsed_are_held,
      pending_is_over_with_the_first_confirmation_whatever_becomes_of_the_factor,
      pending_users_who_were_given_codes_are_still_pending, pending_users_are_held_where_rows_were_tampered_with,
      pending_users_who_were_put_back_into_that_state_are_held,
      pending_users_wait_for_the_scan_and_are_held_where_it_does_not_end,
      pending_users_are_never_let_through_by_a_configured_peer_or_an_admin, pending_users_are_no_strangers_business,
      pending_users_have_the_rules_of_the_uid_that_was_resolved_and_of_no_other,
      pending_users_are_found_by_another_spelling_and_held_by_an_alias)
