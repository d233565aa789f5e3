/* How the verifier is, as the desk answers it: a real store; what scan, room and clock watch found is put there by hand. */
#include "suite.h"

#include <stdio.h>

#include "desk/inside.h"
#include "office.h"

#define DESK     "ip:192.0.2.7"
#define ROWS_MAX 700

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;
static struct wire_message rows[ROWS_MAX];

struct answer {
    struct wire_result result;
    struct wire_state state;
    size_t marks;
    size_t bad_rows;
    size_t pages;
};

/* Asks page by page; rows are copied out. Each can be sent, and they come in their order: marks, bad rows, one state. */
static struct answer ask(void)
{
    struct answer answer = {.pages = 0};
    struct job *job = office_admin(WIRE_STATUS);
    size_t count = 0, states = 0;

    do {
        office_run(&office, job);
        ck_assert_uint_le(job->row_count, JOB_ROWS_MAX);
        for (size_t i = 0; i < job->row_count; i++) {
            const struct wire_message *row = &job->rows[i];
            secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
            ck_assert_int_eq(wire_encode(row, packet), STATUS_OK);
            ck_assert_uint_eq(states, 0);
            if (row->type == WIRE_FUTURE_MARK)
                ck_assert_uint_eq(answer.bad_rows, 0);
            answer.marks += row->type == WIRE_FUTURE_MARK ? 1 : 0;
            answer.bad_rows += row->type == WIRE_BAD_ROW ? 1 : 0;
            states += row->type == WIRE_STATE ? 1 : 0;
            ck_assert_uint_lt(count, ROWS_MAX);
            rows[count++] = *row;
        }
        answer.pages++;
    } while (!job->finished && answer.pages < 1000);
    ck_assert(job->finished);
    ck_assert_uint_eq(states, 1);
    ck_assert_uint_eq(count, answer.marks + answer.bad_rows + 1);
    answer.state = rows[count - 1].state;
    answer.result = job->reply.result;
    office_free(job);
    return answer;
}

/* A login while the verifier's clock is ahead by so much. */
static void log_in_ahead(struct office_token token, int64_t ahead_s)
{
    office.now_s += ahead_s;
    ck_assert_int_eq(office_log_in(&office, token.user, DESK, office_code(&office, token, 0)), ACCEPTED);
    office.now_s -= ahead_s;
}

START_TEST(a_new_store_has_nobody_and_one_entry)
{
    office_open(&office);
    office.now_s += 5;
    struct answer answer = ask();
    ck_assert_int_eq(answer.result.code, WIRE_OK);
    ck_assert_str_eq(answer.state.version, GARDE_VERSION);
    ck_assert_int_eq(answer.state.now_s, OFFICE_START_S + 5);
    ck_assert_uint_eq(answer.state.users, 0);
    ck_assert_uint_eq(answer.state.factors, 0);
    ck_assert_uint_eq(answer.state.future_marks, 0);
    ck_assert_uint_eq(answer.state.entries, 1);
    ck_assert_int_eq(answer.state.scan, WIRE_SCAN_RUNNING);
    ck_assert_uint_eq(answer.state.clock_users, 0);
    ck_assert_uint_eq(answer.marks, 0);
    ck_assert_uint_eq(answer.bad_rows, 0);
    office_close(&office);
}
END_TEST

START_TEST(the_start_is_told_by_the_clock_as_it_is_now)
{
    office_open(&office);
    office.desk->started_s = desk_uptime_s() - 3600;
    int64_t since_s = office.now_s - ask().state.started_s;
    ck_assert_int_ge(since_s, 3600);
    ck_assert_int_lt(since_s, 3600 + 600); /* so long may this test take */
    office.now_s -= 86400;                 /* the clock is set back: the start goes with it */
    since_s = office.now_s - ask().state.started_s;
    ck_assert_int_ge(since_s, 3600);
    ck_assert_int_lt(since_s, 3600 + 600);
    office_close(&office);
}
END_TEST

START_TEST(users_are_counted_once_and_only_by_factors_that_are_not_revoked)
{
    static const struct office_token second = {.user = "bob", .uid = 1001, .kind = FACTOR_HOTP, .seed = 0x33};
    static const struct office_token gone = {.user = "carl", .uid = 1002, .seed = 0x44};
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    ck_assert_int_eq(office_ask(&office, office_enrolment(second)).code, WIRE_OK); /* pending */
    (void)office_give(&office, gone);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "carl", 0)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "alice", 0)).code, WIRE_OK);
    struct answer answer = ask();
    ck_assert_uint_eq(answer.state.users, 2);
    ck_assert_uint_eq(answer.state.factors, 3);
    ck_assert_uint_eq(answer.state.entries, 1 + office.told_count - 1);
    office_close(&office);
}
END_TEST

START_TEST(many_users_are_counted_a_page_at_a_time)
{
    office_open(&office);
    for (int i = 0; i < 600; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "user%03d", i / 2);
        struct office_token token = {.user = name, .uid = (uint32_t)(2000 + i / 2), .digits = 6 + (uint32_t)i % 3};
        struct job *job = office_enrolment(token);
        secret_fill(job->request.enrol.secret)[0] = (uint8_t)i;
        secret_fill(job->request.enrol.secret)[1] = (uint8_t)(i >> 8);
        ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
    }
    struct answer answer = ask();
    ck_assert_uint_eq(answer.state.users, 300);
    ck_assert_uint_eq(answer.state.factors, 600);
    ck_assert_uint_ge(answer.pages, 2);
    office_close(&office);
}
END_TEST

START_TEST(a_mark_in_the_future_is_listed_until_the_clock_has_come_there)
{
    office_open(&office);
    (void)office_give(&office, alice);
    int64_t id = office_give(&office, bob);
    log_in_ahead(bob, 7200);
    struct answer answer = ask();
    ck_assert_uint_eq(answer.marks, 1);
    ck_assert_uint_eq(answer.state.future_marks, 1);
    ck_assert_int_eq(rows[0].type, WIRE_FUTURE_MARK);
    ck_assert_str_eq(rows[0].future_mark.user, "bob");
    ck_assert_str_eq(rows[0].future_mark.label, "phone");
    ck_assert_int_eq(rows[0].future_mark.factor_id, id);

    int64_t from_s = rows[0].future_mark.usable_from_s;
    office.now_s = from_s - 31;
    ck_assert_uint_eq(ask().state.future_marks, 1);
    office.now_s = from_s - 1; /* no longer called the future: any code of the window's end leaves such a mark */
    ck_assert_int_ne(office_log_in(&office, "bob", DESK, office_code(&office, bob, 1)), ACCEPTED);
    office.now_s = from_s;
    ck_assert_uint_eq(ask().state.future_marks, 0);
    ck_assert_int_eq(office_log_in(&office, "bob", DESK, office_code(&office, bob, 1)), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(a_revoked_factor_is_no_longer_listed_and_a_suspended_one_is)
{
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    log_in_ahead(alice, 7200);
    log_in_ahead(bob, 7200);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, "bob", 0)).code, WIRE_OK);
    struct answer answer = ask();
    ck_assert_uint_eq(answer.marks, 1);
    ck_assert_str_eq(rows[0].future_mark.user, "bob");
    office_close(&office);
}
END_TEST

START_TEST(a_row_that_does_not_hold_is_counted_but_its_mark_is_not_believed)
{
    office_open(&office);
    (void)office_give(&office, alice);
    office_sql(&office, "UPDATE factor SET mark = 4000000000");
    struct answer answer = ask();
    ck_assert_int_eq(answer.result.code, WIRE_OK);
    ck_assert_uint_eq(answer.state.factors, 1);
    ck_assert_uint_eq(answer.state.future_marks, 0);
    office_close(&office);
}
END_TEST

/* More of them than fit a page, and every one is sent once. */
START_TEST(all_marks_in_the_future_are_listed_however_many_there_are)
{
    static bool seen[150];
    office_open(&office);
    memset(seen, 0, sizeof seen);
    office.now_s += 7200;
    for (uint8_t i = 0; i < 150; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "user%03u", (unsigned)i);
        (void)office_give(&office, (struct office_token){.user = name, .uid = 2000U + i, .seed = (uint8_t)(i + 1)});
    }
    office.now_s -= 7200;
    struct answer answer = ask();
    ck_assert_uint_eq(answer.state.future_marks, 150);
    ck_assert_uint_eq(answer.marks, 150);
    for (size_t i = 0; i < 150; i++) {
        size_t number = (size_t)strtoul(rows[i].future_mark.user + 4, NULL, 10);
        ck_assert_uint_lt(number, 150);
        ck_assert(!seen[number]);
        seen[number] = true;
    }
    office_close(&office);
}
END_TEST

START_TEST(what_the_scan_found_is_told_row_by_row_and_as_numbers)
{
    office_open(&office);
    (void)office_give(&office, alice);
    log_in_ahead(alice, 7200); /* marks come before them */
    struct scan *scan = &office.desk->scan;
    scan->state = WIRE_SCAN_BROKEN;
    scan->rows = 1000;
    scan->expected = 1002;
    scan->bad_rows = 117;
    scan->named = SCAN_BAD_ROWS;
    for (size_t i = 0; i < SCAN_BAD_ROWS; i++) {
        (void)snprintf(scan->bad[i].user, sizeof scan->bad[i].user, "user%zu", i);
        (void)snprintf(scan->bad[i].what, sizeof scan->bad[i].what, "factor %zu", i);
    }
    struct answer answer = ask();
    ck_assert_int_eq(answer.result.code, WIRE_OK);
    ck_assert_uint_eq(answer.marks, 1);
    ck_assert_uint_eq(answer.bad_rows, SCAN_BAD_ROWS);
    for (size_t i = 0; i < SCAN_BAD_ROWS; i++) {
        char what[32];
        (void)snprintf(what, sizeof what, "factor %zu", i);
        ck_assert_str_eq(rows[i + 1].bad_row.what, what);
        ck_assert_str_eq(rows[i + 1].bad_row.user, scan->bad[i].user);
    }
    ck_assert_int_eq(answer.state.scan, WIRE_SCAN_BROKEN);
    ck_assert_uint_eq(answer.state.rows_scanned, 1000);
    ck_assert_uint_eq(answer.state.rows_expected, 1002);
    ck_assert_uint_eq(answer.state.bad_rows, 117);
    office_close(&office);
}
END_TEST

START_TEST(room_that_was_not_seen_yet_is_told_as_nothing)
{
    office_open(&office);
    office.desk->room.last = (struct store_room){.disk_bytes = 5000, .reserve_bytes = 600, .low = true};
    office.desk->room.known = false;
    struct answer answer = ask();
    ck_assert_uint_eq(answer.state.disk_bytes, 0);
    ck_assert_uint_eq(answer.state.reserve_bytes, 0);
    ck_assert_uint_eq(answer.state.room_low, 0);
    office.desk->room.known = true;
    answer = ask();
    ck_assert_uint_eq(answer.state.disk_bytes, 5000);
    ck_assert_uint_eq(answer.state.reserve_bytes, 600);
    ck_assert_uint_eq(answer.state.room_low, 1);
    office_close(&office);
}
END_TEST

START_TEST(a_doubt_about_the_clock_is_told_as_long_as_there_is_one)
{
    static const char *const names[] = {"anne", "bob", "carl"};
    office_open(&office);
    for (uint8_t i = 0; i < 3; i++) {
        struct office_token token = {.user = names[i], .uid = 1000U + i, .seed = (uint8_t)(i + 1)};
        (void)office_give(&office, token);
        office.now_s += 60;
        ck_assert_int_eq(office_log_in(&office, token.user, DESK, office_code(&office, token, 0)), ACCEPTED);
    }
    for (uint8_t i = 0; i < 3; i++) {
        struct office_token token = {.user = names[i], .uid = 1000U + i, .seed = (uint8_t)(i + 1)};
        ck_assert_uint_eq(ask().state.clock_users, 0);
        ck_assert_int_eq(office_log_in(&office, token.user, DESK, office_code(&office, token, 120)), REASON_WRONG_CODE);
    }
    struct answer answer = ask();
    ck_assert_int_eq(answer.state.clock_offset_s, 3600);
    ck_assert_uint_eq(answer.state.clock_users, 3);
    office.now_s += 3600;
    for (uint8_t i = 0; i < 3; i++) {
        struct office_token token = {.user = names[i], .uid = 1000U + i, .seed = (uint8_t)(i + 1)};
        ck_assert_int_eq(office_log_in(&office, token.user, DESK, office_code(&office, token, 0)), ACCEPTED);
    }
    answer = ask();
    ck_assert_int_eq(answer.state.clock_offset_s, 0);
    ck_assert_uint_eq(answer.state.clock_users, 0);
    office_close(&office);
}
END_TEST

/* The state comes all the same: an admin who looks at a broken store needs it most. */
START_TEST(a_head_of_the_audit_that_does_not_hold_is_tampered_and_the_state_is_told_all_the_same)
{
    static const char *const edits[] = {"DELETE FROM head", "UPDATE head SET count = count + 1",
                                        "UPDATE head SET count = 0, key_id = 0"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        office_open(&office);
        (void)office_give(&office, alice);
        office_sql(&office, "%s", edits[i]);
        struct answer answer = ask();
        ck_assert_int_eq(answer.result.code, WIRE_TAMPERED);
        ck_assert_int_eq(answer.result.reason, REASON_TAMPERED);
        ck_assert_uint_eq(answer.state.factors, 1);
        ck_assert_uint_eq(answer.state.entries, 0);
        office_close(&office);
    }
}
END_TEST

START_TEST(a_row_that_cannot_be_read_is_tampered_and_the_state_is_told_all_the_same)
{
    office_open(&office);
    (void)office_give(&office, alice);
    office_sql(&office, "PRAGMA ignore_check_constraints = 1; UPDATE factor SET user = hex(zeroblob(150))");
    struct answer answer = ask();
    ck_assert_int_eq(answer.result.code, WIRE_TAMPERED);
    ck_assert_uint_eq(answer.state.entries, 3);
    office_close(&office);
}
END_TEST

START_TEST(only_the_admins_door_is_told)
{
    office_open(&office);
    struct job *job = office_admin(WIRE_STATUS);
    job->caller.door = DOOR_TRUSTED;
    office_run(&office, job);
    ck_assert(job->finished);
    ck_assert_int_eq(job->reply.result.code, WIRE_BAD_REQUEST);
    ck_assert_uint_eq(job->row_count, 0);
    office_free(job);
    office_close(&office);
}
END_TEST

SUITE("status", a_new_store_has_nobody_and_one_entry, the_start_is_told_by_the_clock_as_it_is_now,
      users_are_counted_once_and_only_by_factors_that_are_not_revoked, many_users_are_counted_a_page_at_a_time,
      a_mark_in_the_future_is_listed_until_the_clock_has_come_there,
      a_revoked_factor_is_no_longer_listed_and_a_suspended_one_is,
      a_row_that_does_not_hold_is_counted_but_its_mark_is_not_believed,
      all_marks_in_the_future_are_listed_however_many_there_are, what_the_scan_found_is_told_row_by_row_and_as_numbers,
      room_that_was_not_seen_yet_is_told_as_nothing, a_doubt_about_the_clock_is_told_as_long_as_there_is_one,
      a_head_of_the_audit_that_does_not_hold_is_tampered_and_the_state_is_told_all_the_same,
      a_row_that_cannot_be_read_is_tampered_and_the_state_is_told_all_the_same, only_the_admins_door_is_told)
