/* A user whose rows do not hold: all of them go, and the name is refused until enrolled anew. */
#include "office.h"
#include "suite.h"

#include <stdio.h>

#define DESK       "ip:192.0.2.7"
#define COUNT(all) (sizeof(all) / sizeof(all)[0])

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token anew = {.user = "alice", .uid = 1000, .seed = 0x12};
static const struct office_token lost = {.user = "alice", .uid = 1000, .seed = 0x13};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

static enum reason log_in(struct office_token token)
{
    office.now_s += 60;
    return office_log_in(&office, token.user, DESK, office_code(&office, token, 0));
}

/* Alice with a tombstone, a factor and an origin; bob with a factor and an origin. */
static void open_both(void)
{
    office_open(&office);
    int64_t id = office_give(&office, lost);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", id)).code, WIRE_OK);
    office_give(&office, alice);
    office_give(&office, bob);
    ck_assert_int_eq(log_in(alice), ACCEPTED);
    ck_assert_int_eq(log_in(bob), ACCEPTED);
}

/* As the admin's session does: page after page. */
static struct wire_result clear(const char *user, unsigned *out_pages)
{
    struct job *job = office_change(WIRE_CLEAR, user, 0);
    *out_pages = 0;
    do {
        office_run(&office, job);
        ck_assert_uint_eq(job->row_count, 0);
        ++*out_pages;
    } while (!job->finished);
    struct wire_result result = job->reply.result;
    office_free(job);
    return result;
}

static void is_cleared(const char *user, int64_t rows)
{
    unsigned pages = 0;
    struct wire_result result = clear(user, &pages);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, rows);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_CLEARED);
    ck_assert_str_eq(entry->user, user);
    ck_assert_str_eq(entry->actor, "uid=0 login=1000 sudo=ann");
}

static enum wire_scan scan(void)
{
    enum wire_scan found = WIRE_SCAN_RUNNING;
    office.notice_count = 0;
    office_restart(&office);
    office_tend(&office);
    for (size_t i = 0; i < office.notice_count; i++)
        if (office.notices[i].kind == NOTICE_SCAN_PASSED)
            found = WIRE_SCAN_PASSED;
        else if (office.notices[i].kind == NOTICE_SCAN_FAILED)
            found = WIRE_SCAN_BROKEN;
    return found;
}

static struct wire_state status(void)
{
    struct job *job = office_admin(WIRE_STATUS);
    struct wire_state state = {.scan = 0};
    do {
        office_run(&office, job);
        for (size_t i = 0; i < job->row_count; i++)
            if (job->rows[i].type == WIRE_STATE)
                state = job->rows[i].state;
    } while (!job->finished);
    office_free(job);
    return state;
}

static void ignore_row(const char *user, const char *what, void *context)
{
    (void)user;
    (void)what;
    (void)context;
}

/* `garded accept` */
static void take_rows(void)
{
    struct desk_survey survey;
    struct entry entry;
    office_restart(&office);
    ck_assert_int_eq(desk_survey_rows(office.desk, ignore_row, NULL, &survey), STATUS_OK);
    ck_assert_int_eq(desk_accept_rows(office.desk, &survey, office.now_s * 1000, "uid=0", &entry), STATUS_OK);
}

static bool examines(void)
{
    struct problem problem;
    return desk_examine(office.desk, office.store, &problem) == STATUS_OK;
}

static enum look look_at(const char *user, uint32_t uid)
{
    struct job *job = office_attempt(user, DESK, NULL);
    job->kind = JOB_LOOK;
    job->rule = (struct unenrolled_rule){.answer = UNENROLLED_ALLOW};
    job->resolved = RESOLVED_FOUND;
    memcpy(job->canonical, user, strlen(user) + 1);
    job->resolved_uid = uid;
    office_run(&office, job);
    enum look found = job->look;
    office_free(job);
    return found;
}

static void enrols_anew(struct office_token token)
{
    office_give(&office, token);
    ck_assert_int_eq(log_in(token), ACCEPTED);
}

START_TEST(a_user_whose_rows_hold_is_not_cleared)
{
    unsigned pages = 0;
    open_both();
    size_t told = office.told_count;
    ck_assert_int_eq(clear("alice", &pages).code, WIRE_SOUND);
    ck_assert_int_eq(clear("nobody", &pages).code, WIRE_NO_USER);
    ck_assert_int_eq(clear("", &pages).code, WIRE_BAD_REQUEST);
    struct job *job = office_change(WIRE_CLEAR, "alice", 1);
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    ck_assert_uint_eq(office.told_count, told);
    ck_assert_int_eq(log_in(alice), ACCEPTED);
    office_close(&office);
}
END_TEST

static const struct edit {
    const char *sql;
    int64_t rows;  /* taken away */
    uint32_t free; /* no row says any more which uid it was */
} edits[] = {
    {"UPDATE factor SET mark = 0 WHERE user = 'alice' AND state = 2", 3, 0},
    {"UPDATE factor SET label = 'x' WHERE user = 'alice' AND state = 4", 3, 0}, /* a tombstone */
    {"UPDATE account SET uid = 7 WHERE user = 'alice'", 4, 0},
    {"UPDATE account SET uid = 7, live_factors = 0, confirmed_s = 0 WHERE user = 'alice'", 4, 0},
    {"UPDATE origin SET failures = 9 WHERE user = 'alice'", 3, 0},
    {"UPDATE account SET uid = 7 WHERE user = 'alice'; UPDATE factor SET uid = 7 WHERE user = 'alice'", 4, 1},
    {"DELETE FROM factor WHERE user = 'alice' AND state = 2", 2, 0},
    {"DELETE FROM account WHERE user = 'alice'", 3, 0},
    {"DELETE FROM account WHERE user = 'alice'; DELETE FROM factor WHERE user = 'alice'", 1, 1},
    {"DELETE FROM factor WHERE user = 'alice'; UPDATE account SET tag = zeroblob(32) WHERE user = 'alice'", 2, 1},
    {"UPDATE factor SET sealed = zeroblob(500), kind = 9 WHERE user = 'alice'", 3, 0},
};

START_TEST(a_cleared_user_is_refused_until_enrolled_anew_and_never_let_through)
{
    for (size_t i = 0; i < COUNT(edits); i++) {
        open_both();
        office_sql(&office, "%s", edits[i].sql);
        is_cleared("alice", edits[i].rows);
        ck_assert_int_eq(log_in(alice), REASON_REVOKED);
        ck_assert_int_eq(log_in(bob), ACCEPTED);

        /* The rows add up only when an admin has taken them, as before. */
        ck_assert_msg(scan() == WIRE_SCAN_BROKEN, "%s: clearing has hidden it", edits[i].sql);
        ck_assert_uint_eq(office.notice_count, 1);
        take_rows();
        ck_assert_msg(scan() == WIRE_SCAN_PASSED, "%s", edits[i].sql);
        ck_assert_uint_eq(office.notice_count, 1);
        ck_assert(examines());
        ck_assert_int_eq(look_at("alice", 1000), LOOK_ENROLLED);
        ck_assert_int_eq(look_at("alias", 1000), edits[i].free ? LOOK_SKIP : LOOK_ENROLLED);

        struct office_token moved = anew;
        moved.uid = 4000;
        ck_assert_int_eq(office_ask(&office, office_enrolment(moved)).code, edits[i].free ? WIRE_OK : WIRE_OTHER_UID);
        if (!edits[i].free)
            enrols_anew(anew);
        ck_assert_int_eq(scan(), WIRE_SCAN_PASSED);
        ck_assert(examines());
        ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_OK);
        office_close(&office);
    }
}
END_TEST

START_TEST(after_garded_accept_a_clear_leaves_rows_that_add_up)
{
    for (size_t i = 0; i < COUNT(edits); i++) {
        open_both();
        office_sql(&office, "%s", edits[i].sql);
        take_rows();
        ck_assert_int_eq(scan(), WIRE_SCAN_PASSED);
        is_cleared("alice", edits[i].rows);
        ck_assert_uint_eq(status().bad_rows, 0); /* at once, and not only after the next start */
        ck_assert_int_eq(status().scan, WIRE_SCAN_PASSED);
        ck_assert_msg(scan() == WIRE_SCAN_PASSED, "%s", edits[i].sql);
        ck_assert_uint_eq(office.notice_count, 1);
        ck_assert(examines());
        office_close(&office);
    }
}
END_TEST

/* The walk of the scan has seen some of the rows when they go, and will not see others. */
START_TEST(a_clear_in_the_middle_of_a_scan_is_part_of_what_the_scan_counts)
{
    bool more = true;
    open_both();
    struct office_token filler = {.user = NULL, .uid = 3000, .seed = 0};
    for (int i = 0; i < 125; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "zz%03d", i);
        filler.user = name;
        filler.seed = (uint8_t)(0x40 + i);
        filler.uid++;
        office_give(&office, filler);
    }
    office.told_count = 0;
    office_sql(&office,
               "UPDATE account SET uid = 7 WHERE user = 'alice'; UPDATE factor SET mark = 0 WHERE user = 'alice'; "
               "UPDATE origin SET failures = 3 WHERE user = 'alice'");
    take_rows();
    office_restart(&office);
    ck_assert_int_eq(desk_tend(office.desk, false, &more), STATUS_OK); /* the accounts, and a factor */
    ck_assert_int_eq(status().scan, WIRE_SCAN_RUNNING);
    ck_assert_uint_eq(status().bad_rows, 2);
    is_cleared("alice", 4);
    office_tend(&office);
    ck_assert_int_eq(status().scan, WIRE_SCAN_PASSED);
    ck_assert_uint_eq(status().bad_rows, 0);
    ck_assert_int_eq(scan(), WIRE_SCAN_PASSED);
    office_close(&office);
}
END_TEST

/* Whoever wants to take bob's rows away unseen writes their tags onto rows of alice, and waits for alice to be cleared. */
START_TEST(a_clear_never_takes_another_users_rows_out_of_the_sum)
{
    open_both();
    office_sql(&office, "UPDATE factor SET tag = (SELECT tag FROM factor WHERE user = 'bob') WHERE user = 'alice' AND "
                        "state = 2; UPDATE account SET tag = (SELECT tag FROM account WHERE user = 'bob') WHERE user = "
                        "'alice'; UPDATE origin SET tag = (SELECT tag FROM origin WHERE user = 'bob') WHERE user = "
                        "'alice'; DELETE FROM factor WHERE user = 'bob'; DELETE FROM account WHERE user = 'bob'; "
                        "DELETE FROM origin WHERE user = 'bob'");
    is_cleared("alice", 4);
    ck_assert_int_eq(scan(), WIRE_SCAN_BROKEN);
    ck_assert_int_eq(look_at("bob", 1001), LOOK_ENROLLED);
    office_close(&office);
}
END_TEST

START_TEST(more_rows_than_are_ever_written_go_page_by_page)
{
    unsigned pages = 0;
    open_both();
    office_sql(&office,
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 700) INSERT INTO factor "
               "SELECT 500 + i, user, uid, label, kind, algorithm, digits, period_s, state, created_s, "
               "pending_until_s, confirmed_s, not_before_s, not_after_s, last_used_s, mark, offset_steps, uses, "
               "replaces, handed_out, CAST(printf('%%032d', i) AS BLOB), key_id, sealed, tag FROM factor, n "
               "WHERE user = 'alice' AND state = 2; "
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO origin "
               "SELECT user, 'ip:' || i, failures, last_failure_s, last_success_s, key_id, tag FROM origin, n "
               "WHERE user = 'alice'");
    struct wire_result result = clear("alice", &pages);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 3 + 700 + 1500);
    ck_assert_uint_gt(pages, 7);
    ck_assert_uint_lt(pages, 14);
    ck_assert_int_eq(log_in(alice), REASON_REVOKED);
    take_rows();
    ck_assert_int_eq(scan(), WIRE_SCAN_PASSED);
    ck_assert_int_eq(office.notices[0].number, 4); /* both accounts, bob's factor and origin */
    ck_assert(examines());
    enrols_anew(anew);
    office_close(&office);
}
END_TEST

START_TEST(a_clear_that_stops_half_way_leaves_a_user_who_is_refused)
{
    open_both();
    office_sql(&office, "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 255) INSERT INTO origin "
                        "SELECT user, 'ip:' || i, failures, last_failure_s, last_success_s, key_id, tag FROM origin, n "
                        "WHERE user = 'alice'; DELETE FROM account WHERE user = 'alice'");
    struct job *job = office_change(WIRE_CLEAR, "alice", 0);
    office_run(&office, job);
    ck_assert(!job->finished);
    office_free(job);
    take_rows();
    (void)scan();
    ck_assert_int_eq(look_at("alice", 1000), LOOK_ENROLLED);
    ck_assert_int_ne(log_in(alice), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(whoever_was_enrolled_between_two_pages_of_a_clear_stays)
{
    open_both();
    office_sql(&office, "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 255) INSERT INTO origin "
                        "SELECT user, 'ip:' || i, failures, last_failure_s, last_success_s, key_id, tag FROM origin, n "
                        "WHERE user = 'alice'");
    struct job *job = office_change(WIRE_CLEAR, "alice", 0);
    office_run(&office, job);
    ck_assert(!job->finished); /* there could be more */
    office_give(&office, anew);
    office_run(&office, job);
    ck_assert(job->finished);
    office_free(job);
    ck_assert_int_eq(log_in(anew), ACCEPTED);
    office_close(&office);
}
END_TEST

/* A secret of alice's is held fast by a row of bob's that does not hold. */
START_TEST(a_clear_frees_a_secret_that_another_users_rows_held_fast)
{
    struct office_token same = {.user = "alice", .uid = 1000, .seed = 0x22};
    open_both();
    office_sql(&office, "UPDATE factor SET label = 'x' WHERE user = 'bob'");
    ck_assert_int_eq(office_ask(&office, office_enrolment(same)).code, WIRE_TAMPERED);
    is_cleared("bob", 2);
    enrols_anew(same);
    office_close(&office);
}
END_TEST

SUITE("verifier/desk/clear", a_user_whose_rows_hold_is_not_cleared,
      a_cleared_user_is_refused_until_enrolled_anew_and_never_let_through,
      after_garded_accept_a_clear_leaves_rows_that_add_up,
      a_clear_in_the_middle_of_a_scan_is_part_of_what_the_scan_counts,
      a_clear_never_takes_another_users_rows_out_of_the_sum, more_rows_than_are_ever_written_go_page_by_page,
      a_clear_that_stops_half_way_leaves_a_user_who_is_refused, whoever_was_enrolled_between_two_pages_of_a_clear_stays,
      a_clear_frees_a_secret_that_another_users_rows_held_fast)
