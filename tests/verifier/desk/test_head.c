#include "office.h"
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/inside.h"

#define DESK   "ip:192.0.2.7"
#define USERS  150 /* more rows than there are in a page of the scan */
#define ROUNDS 120

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};

static struct office office;

/* What the scan of a start says. */
static void rows_add_up(void)
{
    office.notice_count = 0;
    office_restart(&office);
    office_tend(&office);
    ck_assert_uint_eq(office.notice_count, 1);
    ck_assert_int_eq(office.notices[0].kind, NOTICE_SCAN_PASSED);
}

START_TEST(each_kind_of_change_brings_the_head_up)
{
    static const struct office_token pending = {.user = "bob", .uid = 1001, .seed = 0x22};
    static const struct office_token takes_over = {.user = "carol", .uid = 1002, .seed = 0x22};
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
    rows_add_up();
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, alice, 0))).code, WIRE_OK);
    rows_add_up();
    office.now_s += 60;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    rows_add_up();
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_wrong_code(&office, alice)), REASON_WRONG_CODE);
    rows_add_up();
    for (enum wire_change_kind kind = WIRE_SUSPEND; kind <= WIRE_UNLOCK; kind++) {
        if (kind == WIRE_REVOKE)
            continue;
        ck_assert_int_eq(office_ask(&office, office_change(kind, "alice", 0)).code, WIRE_OK);
        rows_add_up();
    }
    ck_assert_int_eq(office_ask(&office, office_enrolment(pending)).code, WIRE_OK);
    office.now_s += 10000;
    ck_assert_int_eq(office_ask(&office, office_enrolment(takes_over)).code, WIRE_OK); /* bob's rows go */
    rows_add_up();
    ck_assert_int_eq(office.notices[0].number, 5);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "carol", 0)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    rows_add_up();
    ck_assert_int_eq(office.notices[0].number, 3); /* alice's account, tombstone and origin */
    office_close(&office);
}
END_TEST

START_TEST(a_change_that_is_dropped_leaves_the_head_as_it_was)
{
    office_open(&office);
    office_give(&office, alice);
    office.now_s += 60;
    struct job *job = office_attempt("alice", DESK, office_code(&office, alice, 0));
    job->next = job_new((enum job_kind)99); /* cannot be done: each runs in a change of its own */
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_ACCEPTED);
    office_free(job);
    rows_add_up();
    office_close(&office);
}
END_TEST

static struct office_token user(unsigned number)
{
    static char names[USERS][8];
    (void)snprintf(names[number], sizeof names[number], "u%u", number);
    return (struct office_token){
        .user = names[number], .uid = 2000 + number, .kind = FACTOR_HOTP, .seed = (uint8_t)(number + 1)};
}

/* The same on every machine. */
static unsigned chance(unsigned of)
{
    static uint64_t state = 7;
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(state >> 33) % of;
}

/* One of what can be done to a user, at random. */
static struct job *something(unsigned number, uint64_t counter)
{
    struct office_token token = user(number);
    token.counter = counter;
    switch (chance(6)) {
    case 0:
        return office_change(WIRE_REVOKE, token.user, 0);
    case 1:
        token.seed = (uint8_t)(100 + chance(100)); /* often in use */
        return office_enrolment(token);
    case 2:
        return office_change(WIRE_UNLOCK, token.user, 0);
    case 3:
        return office_attempt(token.user, DESK, office_wrong_code(&office, token));
    default:
        return office_attempt(token.user, chance(2) == 0 ? DESK : "ip:192.0.2.8",
                              office_code(&office, token, (int64_t)counter));
    }
}

static void fill(void)
{
    struct job *first = NULL;
    for (unsigned i = 0; i < USERS; i++) {
        struct job *confirm = office_confirmation(user(i).user, office_code(&office, user(i), 0));
        struct job *enrol = office_enrolment(user(i));
        confirm->next = first;
        enrol->next = confirm;
        first = enrol;
    }
    office_run(&office, first);
    for (const struct job *job = first; job != NULL; job = job->next)
        ck_assert_int_eq(job->reply.result.code, WIRE_OK);
    office_free(first);
}

START_TEST(changes_between_the_pages_of_a_scan_are_neither_missed_nor_counted_twice)
{
    office_open(&office);
    fill();
    size_t between = 0;
    for (unsigned round = 1; round <= ROUNDS; round++) {
        bool more = true;
        if (round % 3 == 1) {
            office.notice_count = 0;
            office_restart(&office);
        }
        while (more) {
            struct job *first = NULL;
            for (int i = 0; i < 8; i++) {
                struct job *job = something(chance(USERS), round);
                job->next = first;
                first = job;
            }
            office.now_s += 1000;
            office.told_count = 0;
            office_run(&office, first);
            office_free(first);
            ck_assert_int_eq(desk_tend(office.desk, false, &more), STATUS_OK);
            between += more ? 1 : 0;
        }
        ck_assert_uint_eq(office.notice_count, 1);
        ck_assert_msg(office.notices[0].kind == NOTICE_SCAN_PASSED, "round %u", round);
    }
    ck_assert_uint_gt(between, ROUNDS / 3); /* the scans had several pages */
    office_close(&office);
}
END_TEST

START_TEST(a_row_that_was_not_checked_is_not_written_over)
{
    struct change change;
    struct factor factor;
    size_t count = 0;
    office_open(&office);
    office_give(&office, alice);
    ck_assert_int_eq(desk_change_begin(office.desk, office.now_s * 1000, &change), STATUS_OK);
    ck_assert_int_eq(store_get_factors(office.desk->store, "alice", &factor, 1, &count), STATUS_OK);
    memset(factor.tag, 0, sizeof factor.tag);
    ck_assert_int_eq(desk_factor_save(&change, &factor), STATUS_FAILED); /* as if it were a new one */
    ck_assert_int_eq(desk_factor_save(&change, &factor), STATUS_OK);     /* it has the tag now */
    factor.tag[0] ^= 1;
    ck_assert_int_eq(desk_factor_remove(&change, &factor), STATUS_FAILED);
    factor.id = 99;
    ck_assert_int_eq(desk_factor_save(&change, &factor), STATUS_FAILED); /* there was none */
    desk_change_drop(&change);
    rows_add_up();
    office_close(&office);
}
END_TEST

static void add_key(void)
{
    FILE *ring = NULL;
    ck_assert_int_eq(chmod(office.ring, 0600), 0);
    ring = fopen(office.ring, "a");
    ck_assert_ptr_nonnull(ring);
    (void)fputs("key 5 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f\n", ring);
    ck_assert_int_eq(fclose(ring), 0);
}

static uint32_t key_of_head(void)
{
    struct rows_head head = {.key_id = 0};
    ck_assert_int_eq(store_begin(office.desk->store), STATUS_OK);
    ck_assert_int_eq(store_get_rows_head(office.desk->store, &head), STATUS_OK);
    store_drop(office.desk->store);
    return head.key_id;
}

START_TEST(the_sum_goes_on_when_a_key_is_added_and_the_newest_seals_it)
{
    office_open(&office);
    office_give(&office, alice);
    ck_assert_uint_eq(key_of_head(), 1);
    add_key();
    rows_add_up();
    ck_assert_uint_eq(key_of_head(), 1);
    office.now_s += 60;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    ck_assert_uint_eq(key_of_head(), 5);
    rows_add_up();
    office_close(&office);
}
END_TEST

SUITE("head", each_kind_of_change_brings_the_head_up, a_change_that_is_dropped_leaves_the_head_as_it_was,
      changes_between_the_pages_of_a_scan_are_neither_missed_nor_counted_twice,
      a_row_that_was_not_checked_is_not_written_over, the_sum_goes_on_when_a_key_is_added_and_the_newest_seals_it)
