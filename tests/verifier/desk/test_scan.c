#include "office.h"
#include "suite.h"

#include <stdio.h>

#define DESK       "ip:192.0.2.7"
#define OTHER      "ip:192.0.2.8"
#define COUNT(all) (sizeof(all) / sizeof(all)[0])

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};
static const struct unenrolled_rule allow = {.answer = UNENROLLED_ALLOW};

static struct office office;

static enum reason log_in(struct office_token token, const char *origin)
{
    office.now_s += 60;
    return office_log_in(&office, token.user, origin, office_code(&office, token, 0));
}

static void keep_a_copy(void)
{
    office_sql(&office,
               "ATTACH '%s/old' AS old; CREATE TABLE old.account AS SELECT * FROM account; CREATE TABLE old.factor AS "
               "SELECT * FROM factor; CREATE TABLE old.origin AS SELECT * FROM origin; CREATE TABLE old.rows_head AS "
               "SELECT * FROM rows_head; CREATE TABLE old.head AS SELECT * FROM head",
               office.folder);
}

/* Alice and bob with a factor each, alice with a tombstone and origins; a copy of all rows; and a login of each since. */
static void open_busy(void)
{
    static const struct office_token lost = {.user = "alice", .uid = 1000, .seed = 0x33};
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", office_give(&office, lost))).code,
                     WIRE_OK);
    office_give(&office, alice);
    office_give(&office, bob);
    ck_assert_int_eq(log_in(alice, DESK), ACCEPTED);
    ck_assert_int_eq(log_in(bob, DESK), ACCEPTED);
    keep_a_copy();
    ck_assert_int_eq(log_in(alice, DESK), ACCEPTED);
    ck_assert_int_eq(log_in(bob, OTHER), ACCEPTED);
}

/* What the scan of a start says. */
static const struct notice *scan(void)
{
    const struct notice *found = NULL;
    office.notice_count = 0;
    office_restart(&office);
    office_tend(&office);
    for (size_t i = 0; i < office.notice_count; i++) {
        if (office.notices[i].kind != NOTICE_SCAN_PASSED && office.notices[i].kind != NOTICE_SCAN_FAILED)
            continue;
        ck_assert_ptr_null(found);
        found = &office.notices[i];
    }
    ck_assert_ptr_nonnull(found);
    return found;
}

static enum look look_at_nobody(bool waited)
{
    struct job *job = office_attempt("zoe", DESK, NULL);
    job->kind = JOB_LOOK;
    job->rule = allow;
    job->resolved = RESOLVED_FOUND;
    memcpy(job->canonical, "zoe", 4);
    job->resolved_uid = 1005;
    job->waited = waited;
    office_run(&office, job);
    enum look found = job->look;
    office_free(job);
    return found;
}

START_TEST(scan_passes_over_a_sound_store_and_says_so_once)
{
    open_busy();
    const struct notice *notice = scan();
    ck_assert_int_eq(notice->kind, NOTICE_SCAN_PASSED);
    ck_assert_int_eq(notice->number, 8); /* two accounts, three factors, three origins */
    ck_assert_uint_eq(office.notice_count, 1);
    office_tend(&office);
    ck_assert_uint_eq(office.notice_count, 1);
    ck_assert_uint_eq(office_count_told(&office, EVENT_ROWS_BROKEN, REASON_TAMPERED), 0);
    office_close(&office);
}
END_TEST

START_TEST(scan_of_a_new_store_passes_with_no_rows)
{
    office_open(&office);
    ck_assert_int_eq(scan()->kind, NOTICE_SCAN_PASSED);
    ck_assert_int_eq(scan()->number, 0);
    office_close(&office);
}
END_TEST

#define BACK(table, where)                                                                                             \
    "DELETE FROM " table " WHERE " where "; INSERT INTO " table " SELECT * FROM old." table " WHERE " where

struct edit {
    const char *sql;
    const char *what; /* the notice's */
    size_t bad_rows;  /* whose user is refused, though every single tag holds */
};

static const struct edit rows_edited[] = {
    {"DELETE FROM factor WHERE user = 'bob'", "", 1},
    {"DELETE FROM account WHERE user = 'bob'", "", 1},
    {"DELETE FROM factor WHERE user = 'bob'; DELETE FROM account WHERE user = 'bob'", ""},
    {"DELETE FROM factor WHERE user = 'bob'; DELETE FROM account WHERE user = 'bob'; DELETE FROM origin WHERE user = "
     "'bob'",
     ""},
    {"DELETE FROM factor WHERE state = 4", ""},
    {"DELETE FROM origin WHERE user = 'bob' AND name = '" OTHER "'", ""},
    {BACK("factor", "user = 'alice' AND state = 2"), ""},
    {BACK("origin", "user = 'alice'"), ""},
    {"DELETE FROM origin; INSERT INTO origin SELECT * FROM old.origin; " BACK("factor", "1") "; " BACK("account", "1"),
     ""},
};

static const struct edit heads_edited[] = {
    {BACK("factor", "1") "; " BACK("account", "1") "; " BACK("origin", "1") "; " BACK("rows_head", "1"),
     "last audit entry"},
    {BACK("rows_head", "1"), "last audit entry"},
    {BACK("head", "1"), "last audit entry"},
    {"DELETE FROM rows_head", "head"},
    {"UPDATE rows_head SET generation = generation + 1", "head"},
    {"UPDATE rows_head SET row_count = row_count + 1", "head"},
    {"UPDATE rows_head SET masked = zeroblob(32)", "head"},
    {"UPDATE rows_head SET key_id = 7", "head"},
};

static void open_edited(const struct edit *edit)
{
    open_busy();
    office_sql(&office, "ATTACH '%s/old' AS old; %s", office.folder, edit->sql);
}

static void is_found(const struct edit *edit)
{
    open_edited(edit);
    const struct notice *notice = scan();
    ck_assert_msg(notice->kind == NOTICE_SCAN_FAILED, "%s was not found", edit->sql);
    ck_assert_msg(strcmp(notice->what, edit->what) == 0, "%s: %s", edit->sql, notice->what);
    ck_assert_uint_eq(office.notice_count, 1 + edit->bad_rows);
    ck_assert_int_eq(office_last(&office)->event, EVENT_ROWS_BROKEN);
    ck_assert_int_eq(office_last(&office)->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(look_at_nobody(false), LOOK_ENROLLED);
    ck_assert_int_eq(log_in(alice, DESK), ACCEPTED); /* and it stays found, whatever is written since */
    notice = scan();
    ck_assert_msg(notice->kind == NOTICE_SCAN_FAILED, "%s was forgotten", edit->sql);
    office_close(&office);
}

START_TEST(scan_finds_rows_taken_away_or_put_back)
{
    for (size_t i = 0; i < COUNT(rows_edited); i++)
        is_found(&rows_edited[i]);
}
END_TEST

START_TEST(scan_finds_a_head_that_does_not_go_with_rows_and_audit)
{
    for (size_t i = 0; i < COUNT(heads_edited); i++)
        is_found(&heads_edited[i]);
}
END_TEST

/* That is the audit's own to keep in mind: its chain shows it from now on. */
START_TEST(scan_finds_that_the_last_entry_is_gone_or_another)
{
    static const char *const gone[] = {"DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
                                       "UPDATE entry SET tag = zeroblob(32) WHERE seq = (SELECT max(seq) FROM entry)"};
    for (size_t i = 0; i < COUNT(gone); i++) {
        open_busy();
        office_sql(&office, "%s", gone[i]);
        ck_assert_str_eq(scan()->what, "last audit entry");
        ck_assert_int_eq(look_at_nobody(false), LOOK_ENROLLED);
        ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_BROKEN_ENTRY);
        office_close(&office);
    }
}
END_TEST

START_TEST(scan_records_that_rows_are_broken_once_in_a_row)
{
    open_edited(&rows_edited[0]);
    for (int i = 0; i < 3; i++)
        (void)scan();
    ck_assert_uint_eq(office_count_told(&office, EVENT_ROWS_BROKEN, REASON_TAMPERED), 1);
    ck_assert_int_eq(log_in(alice, DESK), ACCEPTED);
    (void)scan();
    ck_assert_uint_eq(office_count_told(&office, EVENT_ROWS_BROKEN, REASON_TAMPERED), 2);
    ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(scan_names_each_row_whose_tag_does_not_hold)
{
    open_busy();
    office_sql(&office, "UPDATE factor SET mark = 0 WHERE user = 'bob'; UPDATE account SET uid = 7 WHERE user = 'bob'; "
                        "UPDATE origin SET failures = 3 WHERE user = 'alice'");
    ck_assert_int_eq(scan()->kind, NOTICE_SCAN_FAILED);
    ck_assert_uint_eq(office.notice_count, 4);
    const char *const found[][2] = {{"bob", "account"}, {"bob", "factor 3"}, {"alice", "origin " DESK}};
    for (size_t i = 0; i < COUNT(found); i++) {
        ck_assert_int_eq(office.notices[i].kind, NOTICE_ROW_TAMPERED);
        ck_assert_str_eq(office.notices[i].user, found[i][0]);
        ck_assert_str_eq(office.notices[i].what, found[i][1]);
    }
    office_close(&office);
}
END_TEST

/* What is left when an admin has taken rows of which some are missing: nothing but the account's own count tells. */
START_TEST(scan_names_whoever_is_refused_although_each_row_holds)
{
    open_busy();
    office_sql(&office, "DELETE FROM factor WHERE user = 'bob'; DELETE FROM account WHERE user = 'alice'");
    ck_assert_int_eq(scan()->kind, NOTICE_SCAN_FAILED);
    const char *const found[][2] = {
        {"bob", "factors (0 of 1)"}, {"alice", "factor 1 without account"}, {"alice", "factor 2 without account"}};
    ck_assert_uint_eq(office.notice_count, 1 + COUNT(found));
    for (size_t i = 0; i < COUNT(found); i++) {
        ck_assert_int_eq(office.notices[i].kind, NOTICE_ROW_TAMPERED);
        ck_assert_str_eq(office.notices[i].user, found[i][0]);
        ck_assert_str_eq(office.notices[i].what, found[i][1]);
    }
    ck_assert_int_eq(log_in(bob, DESK), REASON_TAMPERED);
    ck_assert_int_eq(log_in(alice, DESK), REASON_TAMPERED);
    office_close(&office);
}
END_TEST

START_TEST(scan_finds_a_row_of_another_store)
{
    struct office other;
    office_open(&office);
    office_give(&office, bob);
    other = office;
    memset(&office, 0, sizeof office);
    office_open(&office);
    desk_close(other.desk);
    office_sql(&office,
               "ATTACH '%s' AS other; INSERT INTO account SELECT * FROM other.account; "
               "INSERT INTO factor SELECT * FROM other.factor",
               other.store);
    ck_assert_int_eq(scan()->kind, NOTICE_SCAN_FAILED);
    ck_assert_uint_eq(office.notice_count, 3);
    office_close(&office);
    office_reopen(&other);
    office_close(&other);
}
END_TEST

START_TEST(scan_that_meets_a_row_that_cannot_be_read_has_failed)
{
    open_busy();
    office_sql(&office, "PRAGMA ignore_check_constraints = ON; UPDATE origin SET name = printf('%%01000d', 1) WHERE "
                        "user = 'bob' AND name = '" OTHER "'");
    const struct notice *notice = scan();
    ck_assert_int_eq(notice->kind, NOTICE_SCAN_FAILED);
    ck_assert_str_eq(notice->what, "unreadable");
    ck_assert_int_eq(look_at_nobody(false), LOOK_ENROLLED);
    ck_assert_int_eq(log_in(alice, DESK), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(scan_is_waited_for_before_anybody_is_let_through)
{
    open_busy();
    ck_assert_int_eq(look_at_nobody(false), LOOK_LATER);
    ck_assert_int_eq(look_at_nobody(true), LOOK_ENROLLED); /* in vain: like anybody else */
    ck_assert_uint_eq(office_count_told(&office, EVENT_SKIP, REASON_RULE), 0);
    office_tend(&office);
    ck_assert_int_eq(look_at_nobody(false), LOOK_SKIP);
    office_close(&office);
}
END_TEST

START_TEST(logins_go_on_in_a_broken_store)
{
    open_edited(&rows_edited[4]);
    ck_assert_int_eq(scan()->kind, NOTICE_SCAN_FAILED);
    ck_assert_int_eq(log_in(alice, DESK), ACCEPTED);
    ck_assert_int_eq(log_in(bob, OTHER), ACCEPTED);
    office_close(&office);
}
END_TEST

/* One that had to make room for another is put back, with a tag that holds. */
START_TEST(more_origins_than_are_ever_written_are_tampered)
{
    char origin[ORIGIN_SIZE];
    office_open(&office);
    office_give(&office, alice);
    for (int i = 0; i <= POLICY_ORIGINS_MAX; i++) {
        if (i == POLICY_ORIGINS_MAX)
            keep_a_copy();
        (void)snprintf(origin, sizeof origin, "ip:192.0.2.%d", i);
        ck_assert_int_eq(log_in(alice, origin), ACCEPTED);
    }
    office_sql(&office, "ATTACH '%s/old' AS old; INSERT OR IGNORE INTO origin SELECT * FROM old.origin", office.folder);
    ck_assert_int_eq(log_in(alice, origin), REASON_TAMPERED);
    office_close(&office);
}
END_TEST

SUITE("scan", scan_passes_over_a_sound_store_and_says_so_once, scan_of_a_new_store_passes_with_no_rows,
      scan_finds_rows_taken_away_or_put_back, scan_finds_a_head_that_does_not_go_with_rows_and_audit,
      scan_finds_that_the_last_entry_is_gone_or_another, scan_records_that_rows_are_broken_once_in_a_row,
      scan_names_each_row_whose_tag_does_not_hold, scan_names_whoever_is_refused_although_each_row_holds,
      scan_finds_a_row_of_another_store, scan_that_meets_a_row_that_cannot_be_read_has_failed,
      scan_is_waited_for_before_anybody_is_let_through, logins_go_on_in_a_broken_store,
      more_origins_than_are_ever_written_are_tampered)
