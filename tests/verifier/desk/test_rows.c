#include "office.h"
#include "suite.h"

#include <stdio.h>

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

/* Runs a request page by page; rows are copied out. */
static struct wire_result collect(struct job *job, struct wire_message *rows, size_t max, size_t *out_count)
{
    size_t count = 0;
    for (int pages = 0; pages < 1000; pages++) {
        office_run(&office, job);
        ck_assert_uint_le(job->row_count, JOB_ROWS_MAX);
        ck_assert_uint_le(count + job->row_count, max);
        if (job->row_count > 0)
            memcpy(rows + count, job->rows, job->row_count * sizeof rows[0]);
        count += job->row_count;
        if (job->finished)
            break;
    }
    ck_assert(job->finished);
    struct wire_result result = job->reply.result;
    office_free(job);
    *out_count = count;
    return result;
}

static struct job *show(const char *user)
{
    struct job *job = office_admin(WIRE_SHOW);
    memcpy(job->request.show.user, user, strlen(user) + 1);
    return job;
}

START_TEST(list_comes_in_pages_and_in_order)
{
    static struct wire_message rows[200];
    size_t count = 0;
    office_open(&office);
    for (int i = 0; i < 130; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "user%03d", 129 - i);
        struct office_token token = {.user = name, .uid = (uint32_t)(2000 + i), .seed = (uint8_t)(i + 1)};
        ck_assert_int_eq(office_ask(&office, office_enrolment(token)).code, WIRE_OK);
    }
    struct wire_result result = collect(office_admin(WIRE_LIST), rows, 200, &count);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 130);
    ck_assert_uint_eq(count, 130);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "user%03zu", i);
        ck_assert_int_eq(rows[i].type, WIRE_FACTOR);
        ck_assert_str_eq(rows[i].factor.user, name);
        ck_assert_int_eq(rows[i].factor.state, FACTOR_PENDING);
        ck_assert_uint_eq(rows[i].factor.tampered, 0);
    }
    office_close(&office);
}
END_TEST

START_TEST(list_of_an_empty_store_is_only_the_result)
{
    struct wire_message rows[1];
    size_t count = 9;
    office_open(&office);
    ck_assert_int_eq(collect(office_admin(WIRE_LIST), rows, 1, &count).code, WIRE_OK);
    ck_assert_uint_eq(count, 0);
    office_close(&office);
}
END_TEST

START_TEST(list_marks_a_tampered_row_and_can_always_be_sent)
{
    struct wire_message rows[8];
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice);
    office_sql(&office, "UPDATE factor SET kind = 77, algorithm = 0, state = 9, label = 'x'");
    ck_assert_int_eq(collect(office_admin(WIRE_LIST), rows, 8, &count).code, WIRE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(rows[0].factor.tampered, 1);
    ck_assert_str_eq(rows[0].factor.label, "x");
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    ck_assert_int_eq(wire_encode(&rows[0], packet), STATUS_OK);
    office_close(&office);
}
END_TEST

START_TEST(show_gives_factors_then_origins_and_when_they_are_let_in_again)
{
    static struct wire_message rows[80];
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice);
    office.now_s += 60;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    for (int i = 0; i < 5; i++) {
        office.now_s += 10;
        (void)office_log_in(&office, "alice", "ip:198.51.100.9", office_wrong_code(&office, alice));
    }
    struct wire_result result = collect(show("alice"), rows, 80, &count);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.number, 1);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(rows[0].type, WIRE_FACTOR);
    ck_assert_int_eq(rows[0].factor.confirmed_s, OFFICE_START_S);
    ck_assert_int_eq(rows[0].factor.last_used_s, OFFICE_START_S + 60);
    ck_assert_int_eq(rows[1].type, WIRE_ORIGIN);
    ck_assert_str_eq(rows[1].origin.name, "ip:198.51.100.9");
    ck_assert_uint_eq(rows[1].origin.usual, 0);
    ck_assert_uint_eq(rows[1].origin.failures, 5);
    ck_assert_int_eq(rows[1].origin.refused_until_s, office.now_s + 4);
    ck_assert_str_eq(rows[2].origin.name, DESK);
    ck_assert_uint_eq(rows[2].origin.usual, 1);
    ck_assert_int_eq(rows[2].origin.refused_until_s, 0);
    ck_assert_int_eq(collect(show("nobody"), rows, 80, &count).code, WIRE_NO_USER);
    office_close(&office);
}
END_TEST

START_TEST(show_says_until_an_unlock_when_a_budget_is_used_up)
{
    static struct wire_message rows[80];
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice);
    for (int i = 0; i < POLICY_OTHER_BUDGET; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:203.0.113.%d", i / 5);
        office.now_s += 64;
        (void)office_log_in(&office, "alice", origin, office_wrong_code(&office, alice));
    }
    ck_assert_int_eq(collect(show("alice"), rows, 80, &count).code, WIRE_OK);
    ck_assert(rows[1].origin.refused_until_s == INT64_MAX);
    office_close(&office);
}
END_TEST

START_TEST(show_of_a_tampered_user_says_so_and_shows_the_rows)
{
    static struct wire_message rows[80];
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice);
    office_sql(&office, "UPDATE account SET other_failures = 3");
    ck_assert_int_eq(collect(show("alice"), rows, 80, &count).code, WIRE_TAMPERED);
    ck_assert_uint_eq(count, 1);
    office_close(&office);
}
END_TEST

START_TEST(audit_filters_by_user_and_time_and_comes_in_pages)
{
    static struct wire_message rows[400];
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice); /* entries 2 and 3 */
    office_give(&office, bob);   /* 4 and 5 */
    for (int i = 0; i < 300; i++) {
        office.now_s += 900;
        (void)office_log_in(&office, "alice", DESK, office_wrong_code(&office, alice));
        office.told_count = 0;
    }
    (void)office_log_in(&office, "bob", DESK, office_wrong_code(&office, bob));
    ck_assert_int_eq(collect(office_admin(WIRE_AUDIT), rows, 400, &count).number, 306);
    ck_assert_uint_eq(count, 306);
    for (size_t i = 0; i < count; i++)
        ck_assert(rows[i].entry.seq == i + 1);

    struct job *job = office_admin(WIRE_AUDIT);
    memcpy(job->request.audit.user, "alice", 6);
    job->request.audit.since_ms = office.now_s * 1000 - 99 * 900000;
    ck_assert_int_eq(collect(job, rows, 400, &count).code, WIRE_OK);
    ck_assert_uint_eq(count, 100);
    job = office_admin(WIRE_AUDIT);
    memcpy(job->request.audit.user, "bob", 4); /* more than a page of others' entries between */
    ck_assert_int_eq(collect(job, rows, 400, &count).number, 3);
    ck_assert_uint_eq(count, 3);
    ck_assert(rows[0].entry.seq == 4 && rows[1].entry.seq == 5 && rows[2].entry.seq == 306);
    job = office_admin(WIRE_AUDIT);
    memcpy(job->request.audit.user, "carl", 5);
    ck_assert_int_eq(collect(job, rows, 400, &count).code, WIRE_OK);
    ck_assert_uint_eq(count, 0);
    office_close(&office);
}
END_TEST

START_TEST(audit_stops_at_an_entry_that_cannot_be_sent)
{
    static struct wire_message rows[80];
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice);
    office_sql(&office, "UPDATE entry SET event = 999 WHERE seq = 3");
    struct wire_result result = collect(office_admin(WIRE_AUDIT), rows, 80, &count);
    ck_assert_int_eq(result.code, WIRE_BROKEN_ENTRY);
    ck_assert_int_eq(result.number, 3);
    ck_assert_uint_eq(count, 2);
    office_close(&office);
}
END_TEST

SUITE("rows", list_comes_in_pages_and_in_order, list_of_an_empty_store_is_only_the_result,
      list_marks_a_tampered_row_and_can_always_be_sent, show_gives_factors_then_origins_and_when_they_are_let_in_again,
      show_says_until_an_unlock_when_a_budget_is_used_up, show_of_a_tampered_user_says_so_and_shows_the_rows,
      audit_filters_by_user_and_time_and_comes_in_pages, audit_stops_at_an_entry_that_cannot_be_sent)
