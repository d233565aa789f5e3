#include "office.h"
#include "suite.h"

#include <stdio.h>

#include "desk/room.h"
#include "full_disk.h"

#define DESK "ip:192.0.2.7"
#define FULL ((uint64_t)STORE_RESERVE_BYTES) /* and what the disk must have left */

static const struct office_token alice = {.user = "alice", .uid = 1000, .kind = FACTOR_HOTP, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .kind = FACTOR_HOTP, .seed = 0x22};

static struct office office;
static int64_t counter; /* the last one that alice used */

static void tend(void)
{
    for (bool more = true; more;)
        ck_assert_int_eq(desk_tend(office.desk, true, &more), STATUS_OK);
}

static size_t count_notices(enum notice_kind kind)
{
    size_t found = 0;
    for (size_t i = 0; i < office.notice_count; i++)
        found += office.notices[i].kind == kind ? 1 : 0;
    return found;
}

/* Running, with nothing told but that the scan has passed. */
static void open_office(void)
{
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    counter = 0;
    tend();
    ck_assert_uint_eq(office.notice_count, 1);
    ck_assert_int_eq(office.notices[0].kind, NOTICE_SCAN_PASSED);
    office.notice_count = 0;
}

static enum reason log_alice_in(void)
{
    enum reason reason = office_log_in(&office, "alice", DESK, office_code(&office, alice, counter + 1));
    counter += reason == ACCEPTED ? 1 : 0;
    office.told_count = 0;
    return reason;
}

START_TEST(a_full_disk_is_told_once_and_logins_go_on)
{
    open_office();
    disk.full = true;
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(log_alice_in(), ACCEPTED);
        tend();
        ck_assert_uint_eq(office.notice_count, 1); /* from the first login on */
    }
    ck_assert_int_eq(office.notices[0].kind, NOTICE_ROOM_LOW);
    ck_assert_int_eq(office.notices[0].number, 0);
    ck_assert_int_gt(office.notices[0].other, STORE_RESERVE_BYTES / 2);

    office_restart(&office);
    tend();
    ck_assert_uint_eq(count_notices(NOTICE_ROOM_LOW), 2); /* a new start tells it again */
    ck_assert_int_eq(log_alice_in(), ACCEPTED);

    disk.full = false;
    tend();
    tend();
    ck_assert_uint_eq(count_notices(NOTICE_ROOM_BACK), 1);
    ck_assert_uint_eq(count_notices(NOTICE_SCAN_PASSED), 1);
    ck_assert_uint_eq(office.notice_count, 4);
    office_close(&office);
}
END_TEST

/* Entries of denied callers use it up quickest. */
static void use_up_reserve(void)
{
    for (unsigned round = 0; round < 1000; round++) {
        struct job *first = NULL;
        for (unsigned i = 0; i < 200; i++) {
            char origin[ORIGIN_SIZE];
            (void)snprintf(origin, sizeof origin, "host:%0100u", round * 1000 + i);
            struct job *job = office_attempt("nobody", origin, secret_copy("123456", 6));
            job->next = first;
            first = job;
        }
        struct job *counts = job_new(JOB_COUNTS);
        counts->last = true;
        office_run(&office, first);
        office_run(&office, counts);
        office_free(first);
        office_free(counts);
        office.told_count = 0;
        if (count_notices(NOTICE_ROOM_NONE) > 0)
            return;
        tend();
    }
    ck_abort_msg("the reserve has no end");
}

START_TEST(a_login_that_finds_no_room_is_refused_with_that_reason_and_told_once)
{
    open_office();
    disk.full = true;
    tend();
    use_up_reserve();
    while (log_alice_in() == ACCEPTED)
        tend();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(log_alice_in(), REASON_NO_SPACE);
        tend();
    }
    struct wire_result result = office_ask(&office, office_change(WIRE_SUSPEND, "bob", 0));
    ck_assert_int_eq(result.code, WIRE_UNAVAILABLE);
    ck_assert_int_eq(result.reason, REASON_NO_SPACE);
    ck_assert_uint_eq(count_notices(NOTICE_ROOM_NONE), 1);
    ck_assert_uint_eq(count_notices(NOTICE_ROOM_LOW), 1);

    /* The code is unspent: it is the one that is accepted when there is room, without a restart. */
    disk.full = false;
    ck_assert_int_eq(log_alice_in(), ACCEPTED);
    tend();
    ck_assert_uint_eq(count_notices(NOTICE_ROOM_BACK), 1);
    ck_assert_uint_eq(office.notice_count, 3);
    struct job *verify = office_admin(WIRE_AUDIT_VERIFY);
    do
        office_run(&office, verify);
    while (!verify->finished);
    ck_assert_int_eq(verify->reply.result.code, WIRE_OK);
    office_free(verify);
    office_close(&office);
}
END_TEST

/* Without blocks of its own: a store that was never tended. */
START_TEST(a_batch_for_which_the_log_has_no_block_is_run_one_by_one)
{
    office_open(&office);
    (void)office_give(&office, alice);
    (void)office_give(&office, bob);
    disk.full = true;
    struct job *first = office_attempt("alice", DESK, office_code(&office, alice, 1));
    first->next = office_attempt("bob", DESK, office_code(&office, bob, 1));
    office_run(&office, first);
    ck_assert_int_eq(first->reason, REASON_NO_SPACE);
    ck_assert_int_eq(first->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(first->next->reason, REASON_NO_SPACE);
    ck_assert_uint_eq(count_notices(NOTICE_ROOM_NONE), 1);
    disk.full = false;
    office_run(&office, first);
    ck_assert_int_eq(first->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(first->next->verdict, VERDICT_ACCEPTED);
    office_free(first);
    office_close(&office);
}
END_TEST

/* The kind of what is told, 0 for nothing; there is never a second one. */
static int judge(struct room *room, uint64_t disk_bytes, uint64_t reserve_bytes, bool low)
{
    struct notice notice = {.kind = 0}, second;
    room->last = (struct store_room){.disk_bytes = disk_bytes, .reserve_bytes = reserve_bytes, .low = low};
    if (!room_judge(room, &notice))
        return 0;
    ck_assert(!room_judge(room, &second));
    ck_assert_int_eq(notice.number, (int64_t)disk_bytes);
    ck_assert_int_eq(notice.other, (int64_t)reserve_bytes);
    return (int)notice.kind;
}

START_TEST(a_disk_that_is_just_about_full_is_told_of_once)
{
    struct room room = {.known = true};
    ck_assert_int_eq(judge(&room, FULL + 4096, FULL, false), 0);
    ck_assert_int_eq(judge(&room, FULL - 4096, FULL, true), NOTICE_ROOM_LOW);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(judge(&room, FULL + 4096, FULL, false), 0);
        ck_assert_int_eq(judge(&room, FULL - 4096, FULL, true), 0);
    }
    ck_assert_int_eq(judge(&room, 2 * FULL, FULL / 2 - 4096, false), 0); /* being made again */
    ck_assert_int_eq(judge(&room, 2 * FULL, FULL / 2, false), NOTICE_ROOM_BACK);
    ck_assert_int_eq(judge(&room, 2 * FULL, FULL / 2, false), 0);
    ck_assert_int_eq(judge(&room, FULL - 4096, FULL, true), NOTICE_ROOM_LOW);
}
END_TEST

START_TEST(a_refusal_is_told_once_until_there_was_room_again)
{
    struct room room = {.known = true, .refused = true};
    ck_assert_int_eq(judge(&room, 0, 0, true), NOTICE_ROOM_NONE);
    room.refused = true;
    ck_assert_int_eq(judge(&room, 0, 0, true), 0);
    ck_assert_int_eq(judge(&room, 3 * FULL, FULL, false), NOTICE_ROOM_BACK);
    ck_assert_int_eq(judge(&room, 0, FULL, true), NOTICE_ROOM_LOW);
    room.refused = true;
    ck_assert_int_eq(judge(&room, 0, 0, true), NOTICE_ROOM_NONE);
}
END_TEST

SUITE("desk room", a_full_disk_is_told_once_and_logins_go_on,
      a_login_that_finds_no_room_is_refused_with_that_reason_and_told_once,
      a_batch_for_which_the_log_has_no_block_is_run_one_by_one, a_disk_that_is_just_about_full_is_told_of_once,
      a_refusal_is_told_once_until_there_was_room_again)
