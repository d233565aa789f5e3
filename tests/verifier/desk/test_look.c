#include "office.h"
#include "suite.h"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct unenrolled_rule allow = {.answer = UNENROLLED_ALLOW};

static struct office office;

static void open_scanned(void)
{
    office_open(&office);
    office_tend(&office);
}

static struct job *look(const char *user, enum door door, uint32_t uid)
{
    struct job *job = office_attempt(user, "ip:192.0.2.7", NULL);
    job->kind = JOB_LOOK;
    job->caller.door = door;
    job->caller.uid = uid;
    job->rule = allow;
    return job;
}

static enum look first(const char *user, enum door door, uint32_t uid)
{
    struct job *job = look(user, door, uid);
    office_run(&office, job);
    enum look found = job->look;
    ck_assert_str_eq(job->user, user);
    office_free(job);
    return found;
}

static struct job *second(const char *user, enum door door, const char *canonical, uint32_t resolved_uid)
{
    struct job *job = look(user, door, resolved_uid);
    job->resolved = RESOLVED_FOUND;
    memcpy(job->canonical, canonical, strlen(canonical) + 1);
    job->resolved_uid = resolved_uid;
    return job;
}

static enum look run(struct job *job)
{
    office_run(&office, job);
    enum look found = job->look;
    office_free(job);
    return found;
}

START_TEST(look_tells_the_enrolled_from_the_unknown)
{
    open_scanned();
    ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_UNKNOWN);
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
    ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_ENROLLED); /* pending is enrolled */
    office.now_s += 100000;
    ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_ENROLLED); /* so is lapsed */
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_UNKNOWN);
    office_give(&office, alice);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_ENROLLED);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_ENROLLED); /* and who lost all factors */
    office_close(&office);
}
END_TEST

START_TEST(look_never_skips_in_the_first_round)
{
    open_scanned();
    struct job *job = look("zoe", DOOR_TRUSTED, 0);
    memcpy(job->canonical, "zoe", 4);
    job->resolved_uid = 1005;
    ck_assert_int_eq(run(job), LOOK_UNKNOWN);
    office_close(&office);
}
END_TEST

START_TEST(look_skips_who_is_known_and_unenrolled_and_records_it)
{
    open_scanned();
    ck_assert_int_eq(run(second("zoe", DOOR_TRUSTED, "zoe", 1005)), LOOK_SKIP);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_SKIP);
    ck_assert_int_eq(entry->reason, REASON_RULE);
    ck_assert_str_eq(entry->user, "zoe");
    ck_assert_uint_eq(entry->uid, 1005);
    ck_assert_str_eq(entry->service, "sshd");
    ck_assert_int_eq(run(second("zoe", DOOR_PUBLIC, "zoe", 1005)), LOOK_SKIP);
    office_close(&office);
}
END_TEST

START_TEST(look_that_only_looks_says_skip_and_records_nothing)
{
    open_scanned();
    uint64_t before = office_last(&office)->seq;
    struct job *job = second("zoe", DOOR_TRUSTED, "zoe", 1005);
    job->only_looks = true;
    ck_assert_int_eq(run(job), LOOK_SKIP);
    ck_assert_uint_eq(office_last(&office)->seq, before);
    ck_assert_int_eq(run(second("zoe", DOOR_TRUSTED, "zoe", 1005)), LOOK_SKIP);
    ck_assert_uint_eq(office_last(&office)->seq, before + 1);
    office_close(&office);
}
END_TEST

START_TEST(look_asks_for_a_code_when_no_rule_is_in_force)
{
    open_scanned();
    struct job *job = second("zoe", DOOR_TRUSTED, "zoe", 1005);
    job->rule.answer = UNENROLLED_REFUSE;
    ck_assert_int_eq(run(job), LOOK_ENROLLED);
    job = second("zoe", DOOR_TRUSTED, "zoe", 1005);
    job->rule = (struct unenrolled_rule){.answer = UNENROLLED_ALLOW_UNTIL, .until_s = office.now_s};
    ck_assert_int_eq(run(job), LOOK_ENROLLED);
    job = second("zoe", DOOR_TRUSTED, "zoe", 1005);
    job->rule = (struct unenrolled_rule){.answer = UNENROLLED_ALLOW_UNTIL, .until_s = office.now_s + 1};
    ck_assert_int_eq(run(job), LOOK_SKIP);
    office_close(&office);
}
END_TEST

START_TEST(look_skips_any_uid_of_a_directory_service_but_those_that_stand_for_nobody)
{
    open_scanned();
    ck_assert_int_eq(run(second("zoe", DOOR_TRUSTED, "zoe", 1234567890)), LOOK_SKIP);
    ck_assert_int_eq(run(second("root", DOOR_TRUSTED, "root", 0)), LOOK_SKIP);
    ck_assert_int_eq(run(second("nobody", DOOR_TRUSTED, "nobody", OVERFLOW_UID)), LOOK_ENROLLED);
    ck_assert_int_eq(run(second("none", DOOR_TRUSTED, "none", NO_UID)), LOOK_ENROLLED);
    office_close(&office);
}
END_TEST

START_TEST(look_never_lets_a_configured_peer_or_an_admin_skip)
{
    open_scanned();
    ck_assert_int_eq(run(second("zoe", DOOR_PEER, "zoe", 1005)), LOOK_ENROLLED);
    ck_assert_int_eq(run(second("zoe", DOOR_ADMIN, "zoe", 1005)), LOOK_ENROLLED);
    office_close(&office);
}
END_TEST

START_TEST(look_follows_another_spelling_and_an_alias_to_the_account)
{
    open_scanned();
    office_give(&office, alice);
    struct job *job = second("Alice", DOOR_TRUSTED, "alice", 1000);
    office_run(&office, job);
    ck_assert_int_eq(job->look, LOOK_ENROLLED);
    ck_assert_str_eq(job->user, "alice");
    office_free(job);
    job = second("a.liddell", DOOR_TRUSTED, "a.liddell", 1000);
    office_run(&office, job);
    ck_assert_int_eq(job->look, LOOK_ENROLLED);
    ck_assert_str_eq(job->user, "alice");
    office_free(job);
    ck_assert_uint_eq(office_count_told(&office, EVENT_SKIP, REASON_RULE), 0);
    office_close(&office);
}
END_TEST

START_TEST(look_asks_a_name_that_nobody_knows_for_a_code)
{
    open_scanned();
    struct job *job = look("ghost", DOOR_TRUSTED, 0);
    job->resolved = RESOLVED_NO_SUCH_NAME;
    ck_assert_int_eq(run(job), LOOK_ENROLLED);
    office_close(&office);
}
END_TEST

START_TEST(look_refuses_an_unprivileged_peer_any_name_but_its_own)
{
    open_scanned();
    office_give(&office, alice);
    ck_assert_int_eq(first("alice", DOOR_PUBLIC, 1000), LOOK_ENROLLED);
    ck_assert_int_eq(first("alice", DOOR_PUBLIC, 1005),
                     LOOK_UNKNOWN); /* as for zoe, who is not enrolled: that is nobody else's to know */
    ck_assert_int_eq(first("zoe", DOOR_PUBLIC, 1005), LOOK_UNKNOWN);
    struct job *job = second("alice", DOOR_PUBLIC, "alice", 1000);
    job->caller.uid = 1005;
    ck_assert_int_eq(run(job), LOOK_REFUSE);
    job = second("zoe", DOOR_PUBLIC, "zoe", 1006);
    job->caller.uid = 1005;
    ck_assert_int_eq(run(job), LOOK_REFUSE);
    job = look("ghost", DOOR_PUBLIC, 1005);
    job->resolved = RESOLVED_NO_SUCH_NAME;
    ck_assert_int_eq(run(job), LOOK_REFUSE);
    job = job_new(JOB_COUNTS);
    job->last = true;
    office_run(&office, job);
    office_free(job);
    ck_assert_uint_eq(office_count_told(&office, EVENT_DENIED, REASON_OTHER_UID), 1);
    ck_assert_uint_eq(office_count_told(&office, EVENT_DENIED, REASON_LOOKUP), 1);
    office_close(&office);
}
END_TEST

START_TEST(look_asks_for_a_code_where_rows_were_tampered_with)
{
    static const char *const edits[] = {"DELETE FROM account", "DELETE FROM factor",
                                        "UPDATE account SET live_factors = 0, confirmed_s = 0",
                                        "UPDATE account SET user = 'zed'"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        open_scanned();
        office_give(&office, alice);
        office_sql(&office, "%s", edits[i]);
        office_tend(&office);
        ck_assert_int_eq(first("alice", DOOR_TRUSTED, 0), LOOK_ENROLLED);
        ck_assert_int_eq(run(second("alice", DOOR_TRUSTED, "alice", 1000)), LOOK_ENROLLED);
        office_close(&office);
    }
}
END_TEST

SUITE("look", look_tells_the_enrolled_from_the_unknown, look_never_skips_in_the_first_round,
      look_skips_who_is_known_and_unenrolled_and_records_it, look_that_only_looks_says_skip_and_records_nothing,
      look_asks_for_a_code_when_no_rule_is_in_force,
      look_skips_any_uid_of_a_directory_service_but_those_that_stand_for_nobody,
      look_never_lets_a_configured_peer_or_an_admin_skip, look_follows_another_spelling_and_an_alias_to_the_account,
      look_asks_a_name_that_nobody_knows_for_a_code, look_refuses_an_unprivileged_peer_any_name_but_its_own,
      look_asks_for_a_code_where_rows_were_tampered_with)
