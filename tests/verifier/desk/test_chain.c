#include "office.h"
#include "suite.h"

#include <garde/problem.h>

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};

static struct office office;

/* 1 made, 2 enrolled, 3 confirmed, then 9 failures: 12 entries. */
static void open_with_entries(void)
{
    office_open(&office);
    office_give(&office, alice);
    for (int i = 0; i < 9; i++) {
        office.now_s += 900;
        (void)office_log_in(&office, "alice", DESK, office_wrong_code(&office, alice));
    }
    ck_assert(office_last(&office)->seq == 12);
}

static struct wire_result verify(void)
{
    struct job *job = office_admin(WIRE_AUDIT_VERIFY);
    for (int pages = 0; pages < 100 && !job->finished; pages++)
        office_run(&office, job);
    struct wire_result result = job->reply.result;
    office_free(job);
    return result;
}

static void examine(enum status wanted, const char *item)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    ck_assert_int_eq(desk_examine(office.desk, office.store, &problem), wanted);
    if (wanted == STATUS_OK)
        return;
    ck_assert_int_eq(problem.kind, PROBLEM_TAMPERED);
    ck_assert_str_eq(problem.item, item);
    ck_assert_str_eq(problem.path, office.store);
}

START_TEST(chain_that_holds_tells_how_many_entries_there_are)
{
    open_with_entries();
    ck_assert_int_eq(verify().code, WIRE_OK);
    ck_assert_int_eq(verify().number, 12);
    examine(STATUS_OK, "");
    office_close(&office);
}
END_TEST

/* Each pair of jobs makes one entry. */
static struct job *entries(int count)
{
    struct job *first = NULL;
    while (count-- > 0) {
        struct job *note = office_attempt("x", "", NULL);
        note->kind = JOB_NOTE;
        note->reason = REASON_BUSY;
        note->next = job_new(JOB_COUNTS);
        note->next->last = true;
        note->next->next = first;
        first = note;
    }
    return first;
}

START_TEST(chain_of_many_pages_holds_while_entries_are_added)
{
    struct job *many = entries(1100);
    struct job *one = entries(1);
    office_open(&office);
    office_run(&office, many);

    struct job *job = office_admin(WIRE_AUDIT_VERIFY);
    int pages = 0;
    while (!job->finished) {
        office_run(&office, job);
        office_run(&office, one);
        ck_assert_int_lt(++pages, 10);
    }
    ck_assert_int_gt(pages, 2);
    ck_assert_int_eq(job->reply.result.code, WIRE_OK);
    ck_assert_int_eq(job->reply.result.number, 1100 + pages);
    office_free(job);
    office_free(one);
    office_free(many);
    office_close(&office);
}
END_TEST

START_TEST(chain_names_the_first_entry_that_was_changed)
{
    static const char *const edits[] = {
        "time_ms = 1", "event = 3",     "verdict = 1",        "reason = 2",      "user = 'bob'",
        "uid = 1",     "factor_id = 9", "service = 'su'",     "origin = 'ip:9'", "actor = ''",
        "count = 2",   "key_id = 9",    "tag = zeroblob(32)", "event = 99999",   "key_id = 0",
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        open_with_entries();
        office_sql(&office, "UPDATE entry SET %s WHERE seq = 5", edits[i]);
        struct wire_result result = verify();
        ck_assert_msg(result.code == WIRE_BROKEN_ENTRY && result.number == 5, "%s: %d %d", edits[i], (int)result.code,
                      (int)result.number);
        examine(STATUS_TAMPERED, "entry 5");
        office_close(&office);
    }
}
END_TEST

START_TEST(chain_misses_an_entry_taken_out_of_the_middle)
{
    open_with_entries();
    office_sql(&office, "DELETE FROM entry WHERE seq = 7");
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 7);
    office_close(&office);
}
END_TEST

START_TEST(chain_misses_an_entry_also_when_the_rest_moved_up)
{
    open_with_entries();
    office_sql(&office, "DELETE FROM entry WHERE seq = 7; UPDATE entry SET seq = seq - 1 WHERE seq > 7");
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 7);
    office_close(&office);
}
END_TEST

START_TEST(chain_shows_a_tail_that_was_cut_off)
{
    open_with_entries();
    office_sql(&office, "DELETE FROM entry WHERE seq > 9");
    struct wire_result result = verify();
    ck_assert_int_eq(result.code, WIRE_CUT_TAIL);
    ck_assert_int_eq(result.number, 9);
    examine(STATUS_TAMPERED, "entries after 9");
    /* and goes on showing it when there are new entries */
    (void)office_log_in(&office, "alice", "ip:198.51.100.9", office_wrong_code(&office, alice));
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 10);
    office_close(&office);
}
END_TEST

START_TEST(chain_shows_a_head_that_was_changed_and_logins_go_on)
{
    static const char *const edits[] = {
        "UPDATE head SET count = 9",
        "UPDATE head SET count = 13",
        "DELETE FROM head",
        "UPDATE head SET count = 9, last_tag = (SELECT tag FROM entry WHERE seq = 9)",
        "UPDATE head SET count = 0, key_id = 0, tag = zeroblob(32), last_tag = zeroblob(32)",
        "UPDATE head SET tag = zeroblob(32)",
        "UPDATE head SET key_id = 7"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        open_with_entries();
        office_sql(&office, "%s", edits[i]);
        ck_assert_msg(verify().code == WIRE_TAMPERED, "%s", edits[i]);
        examine(STATUS_TAMPERED, "head after entry 12");

        office.now_s += 900;
        ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
        ck_assert(office_last(&office)->seq == 13);
        ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY); /* a new head does not hide it */
        ck_assert_int_eq(verify().number, 13);
        office_close(&office);
    }
}
END_TEST

START_TEST(chain_that_was_cut_with_its_head_turned_back_goes_on_showing_it)
{
    open_with_entries();
    office_sql(&office, "UPDATE head SET count = 9, last_tag = (SELECT tag FROM entry WHERE seq = 9); "
                        "DELETE FROM entry WHERE seq > 9");
    ck_assert_int_eq(verify().code, WIRE_TAMPERED);
    office.now_s += 900;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 10);
    office_close(&office);
}
END_TEST

START_TEST(chain_shows_that_an_older_head_was_put_back)
{
    open_with_entries();
    office_sql(&office, "ATTACH '%s/old' AS old; CREATE TABLE old.head AS SELECT * FROM head", office.folder);
    for (int i = 0; i < 3; i++) {
        office.now_s += 900;
        (void)office_log_in(&office, "alice", DESK, office_wrong_code(&office, alice));
    }
    office_sql(&office, "ATTACH '%s/old' AS old; DELETE FROM head; INSERT INTO head SELECT * FROM old.head",
               office.folder);
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 13);
    office.now_s += 900;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 16);
    office_close(&office);
}
END_TEST

START_TEST(chain_cannot_be_started_afresh_by_deleting_all_of_it)
{
    open_with_entries();
    office_sql(&office, "DELETE FROM entry; UPDATE head SET count = 0, key_id = 0, last_tag = zeroblob(32), "
                        "tag = zeroblob(32)");
    ck_assert_int_eq(verify().code, WIRE_TAMPERED);
    office.now_s += 900;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(verify().number, 1);
    office_close(&office);
}
END_TEST

#define INTRUDER(seq, time_ms)                                                                                         \
    "INSERT INTO entry SELECT " seq ", " time_ms ", event, verdict, reason, user, uid, factor_id, service, origin, "   \
    "actor, note, count, key_id, tag FROM entry WHERE seq = 5"

START_TEST(chain_with_an_entry_that_somebody_put_ahead_stops_no_login)
{
    static const struct {
        const char *edit;
        uint64_t first;
    } cases[] = {
        {INTRUDER("13", "5"), 14},
        {INTRUDER("13", "-5"), 14},
        {INTRUDER("9223372036854775807", "5"), 13},
        {INTRUDER("9223372036854775807", "-5"), 13},
        {INTRUDER("9223372036854775807", "5") "; " INTRUDER("13", "5"), 14},
        {INTRUDER("9223372036854775807", "5") "; UPDATE head SET count = 9223372036854775807", 13},
        {INTRUDER("9223372036854775807", "5") "; DELETE FROM head", 13},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_with_entries();
        office_sql(&office, "%s", cases[i].edit);
        for (uint64_t login = 0; login < 3; login++) {
            office.now_s += 900;
            ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
            ck_assert_uint_eq(office_last(&office)->seq, cases[i].first + login);
        }
        ck_assert_int_eq(verify().code, WIRE_BROKEN_ENTRY);
        ck_assert_int_eq(verify().number, 13);
        office_close(&office);
    }
}
END_TEST

/* The chain is whole, but whoever asks for entries since yesterday would not see all. */
START_TEST(chain_names_the_first_entry_that_an_index_leaves_out)
{
    static const char definition[] = "CREATE INDEX entry_time ON entry (time_ms, seq)";
    open_with_entries();
    office_sql(&office,
               "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' WHERE seq <> 6' "
               "WHERE name = 'entry_time'; PRAGMA writable_schema = RESET; REINDEX entry_time;"
               "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '%s' WHERE name = 'entry_time';"
               "PRAGMA writable_schema = RESET",
               definition);
    struct wire_result result = verify();
    ck_assert_int_eq(result.code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(result.number, 6);
    office_close(&office);
}
END_TEST

START_TEST(examine_names_the_first_row_that_does_not_hold)
{
    static const char *const edits[][2] = {
        {"UPDATE factor SET label = 'x'", "account alice"},
        {"UPDATE origin SET failures = 0", "account alice"},
        {"UPDATE account SET uid = 7", "account alice"},
        {"DELETE FROM factor", "account alice"},
        {"DELETE FROM account", "factor 1"},
        {"UPDATE factor SET user = 'zed'; DELETE FROM account; DELETE FROM origin", "factor 1"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        open_with_entries();
        office_sql(&office, "%s", edits[i][0]);
        examine(STATUS_TAMPERED, edits[i][1]);
        office_close(&office);
    }
}
END_TEST

START_TEST(examine_looks_at_tombstones_too)
{
    open_with_entries();
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    examine(STATUS_OK, "");
    office_sql(&office, "UPDATE factor SET mark = 0");
    examine(STATUS_TAMPERED, "factor 1");
    office_close(&office);
}
END_TEST

SUITE("chain", chain_that_holds_tells_how_many_entries_there_are, chain_of_many_pages_holds_while_entries_are_added,
      chain_names_the_first_entry_that_was_changed, chain_misses_an_entry_taken_out_of_the_middle,
      chain_misses_an_entry_also_when_the_rest_moved_up, chain_shows_a_tail_that_was_cut_off,
      chain_shows_a_head_that_was_changed_and_logins_go_on,
      chain_that_was_cut_with_its_head_turned_back_goes_on_showing_it, chain_shows_that_an_older_head_was_put_back,
      chain_cannot_be_started_afresh_by_deleting_all_of_it, chain_with_an_entry_that_somebody_put_ahead_stops_no_login,
      chain_names_the_first_entry_that_an_index_leaves_out, examine_names_the_first_row_that_does_not_hold,
      examine_looks_at_tombstones_too)
