#include "suite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin_session.h"
#include "house.h"
#include "session.h"

#define SECOND_US 1000000ULL

static struct house house;

/* What the loop does when so much time has passed, but for what else happens meanwhile. */
static void pass(uint64_t us)
{
    house_settle(&house);
    (void)timers_run(&house.server.timers, timers_now_us() + us);
    house_settle(&house);
}

static void open_house(void)
{
    house_open(&house, 4096);
}

static int prompted(const char *door, const char *user)
{
    struct wire_message message;
    int fd = house_call(&house, door);
    house_ask(fd, user, "sshd");
    ck_assert_int_eq(house_hear(&house, fd, &message), WIRE_PROMPT);
    return fd;
}

/* The verifier has let this caller go: it has nothing to read but the end. */
static bool is_let_go(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void wait_for_batch(void)
{
    while (sem_trywait(&house.desk->entered) != 0)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    house_settle(&house);
}

START_TEST(a_caller_has_three_seconds_to_ask)
{
    open_house();
    int fd = house_call(&house, WIRE_VERIFY_SOCKET);
    pass(SESSION_ASK_US - SECOND_US);
    ck_assert(!is_let_go(fd));
    pass(SESSION_ASK_US);
    ck_assert(is_let_go(fd));
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_person_has_five_minutes_for_each_answer)
{
    struct wire_message verdict;
    open_house();
    int fd = prompted(WIRE_TRUSTED_SOCKET, "alice");
    pass(SESSION_PERSON_US - SECOND_US);
    ck_assert(!is_let_go(fd));
    house_answer(fd, "wrong");
    ck_assert_int_eq(house_hear(&house, fd, &verdict), WIRE_VERDICT);
    pass(SESSION_PERSON_US - SECOND_US);
    ck_assert(!is_let_go(fd));
    pass(SESSION_PERSON_US);
    ck_assert(is_let_go(fd));
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(an_admin_who_asks_nothing_is_let_go)
{
    const struct wire_message list = {.type = WIRE_LIST};
    struct wire_message result;
    open_house();
    int silent = house_call(&house, WIRE_ADMIN_SOCKET), asking = house_call(&house, WIRE_ADMIN_SOCKET);
    house_say(asking, &list);
    ck_assert_int_eq(house_hear(&house, asking, &result), WIRE_RESULT);
    pass(ADMIN_IDLE_US - SECOND_US);
    ck_assert(!is_let_go(silent) && !is_let_go(asking));
    pass(ADMIN_IDLE_US);
    ck_assert(is_let_go(silent) && is_let_go(asking));
    close(silent);
    close(asking);
    house_close(&house);
}
END_TEST

/* Asks for more than a socket holds, and reads none of it. */
static int list_unread(void)
{
    const struct wire_message list = {.type = WIRE_LIST};
    int fd = house_call(&house, WIRE_ADMIN_SOCKET);
    house.desk->pages = 40;
    house_say(fd, &list);
    for (unsigned last = UINT32_MAX; last != house.desk->batches;) {
        last = house.desk->batches;
        for (int i = 0; i < 50; i++)
            ck_assert_int_ge(house_turn(&house, 1000), 0);
    }
    return fd;
}

START_TEST(an_admin_who_reads_nothing_is_let_go)
{
    open_house();
    int fd = list_unread();
    pass(ADMIN_WRITE_US - SECOND_US);
    ck_assert_ptr_nonnull(house.server.connections);
    pass(ADMIN_WRITE_US);
    ck_assert_ptr_null(house.server.connections);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_drain_ends_a_list_with_the_page_at_hand)
{
    struct wire_message row;
    int64_t rows = 0;
    open_house();
    int fd = list_unread();
    unsigned before = house.desk->batches;
    server_drain(&house.server);
    while (house_hear(&house, fd, &row) == WIRE_FACTOR)
        rows++;
    ck_assert_int_gt(rows, 0);
    ck_assert_int_lt(rows, house.desk->pages * JOB_ROWS_MAX);
    ck_assert_uint_eq(house.desk->batches, before);
    ck_assert_ptr_null(house.server.connections);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(the_desk_is_told_the_canonical_name_and_who_really_calls)
{
    struct wire_message verdict;
    open_house();
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    int fd = prompted(WIRE_TRUSTED_SOCKET, "enrolled");
    house_answer(fd, "right");
    ck_assert_int_eq(house_hear(&house, fd, &verdict), WIRE_VERDICT);
    ck_assert_str_eq(house.desk->user, "canonical");
    ck_assert_int_eq(house.desk->caller.door, DOOR_TRUSTED);
    ck_assert_str_eq(house.desk->caller.service, "sshd");
    close(fd);

    house.server.settings.unenrolled.answer = UNENROLLED_REFUSE;
    house.server.peers.count = 1;
    house.server.peers.rows[0].uid = getuid();
    strcpy(house.server.peers.rows[0].peer.name, "freerad");
    strcpy(house.server.peers.rows[0].peer.service, "radius");
    static const struct {
        const char *socket, *service;
        enum door door;
    } rows[] = {{WIRE_VERIFY_SOCKET, "radius", DOOR_PEER}, {WIRE_TRUSTED_SOCKET, "sshd", DOOR_TRUSTED}};
    for (size_t i = 0; i < 2; i++) {
        fd = prompted(rows[i].socket, "alice");
        house_answer(fd, "right");
        ck_assert_int_eq(house_hear(&house, fd, &verdict), WIRE_VERDICT);
        ck_assert_int_eq(house.desk->caller.door, rows[i].door);
        ck_assert_uint_eq(house.desk->caller.uid, getuid());
        ck_assert_str_eq(house.desk->caller.service, rows[i].service);
        ck_assert_int_eq(strcmp(house.desk->caller.origin, "peer:freerad") == 0, rows[i].door == DOOR_PEER);
        close(fd);
    }
    house_close(&house);
}
END_TEST

START_TEST(a_public_offer_for_a_name_does_not_make_a_trusted_one_wait)
{
    struct wire_message verdict;
    open_house();
    house.desk->held = true;
    int stranger = prompted(WIRE_VERIFY_SOCKET, "alice");
    int alice = prompted(WIRE_TRUSTED_SOCKET, "alice"), bob = prompted(WIRE_TRUSTED_SOCKET, "bob");
    house_answer(stranger, "wrong");
    wait_for_batch();
    house_answer(alice, "right");
    house_answer(bob, "right");
    house_settle(&house);
    house.desk->held = false;
    sem_post(&house.desk->go);
    ck_assert_int_eq(house_hear(&house, alice, &verdict), WIRE_VERDICT);
    ck_assert_int_eq(house_hear(&house, bob, &verdict), WIRE_VERDICT);
    ck_assert_uint_eq(house.desk->sizes[1], 2);
    close(stranger);
    close(alice);
    close(bob);
    house_close(&house);
}
END_TEST

START_TEST(a_look_waits_from_the_question_on_and_not_from_when_its_name_was_found)
{
    struct wire_message message;
    open_house();
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    int64_t before_ms = wire_deadline_ms(0);
    int fd = house_call(&house, WIRE_VERIFY_SOCKET);
    house_ask(fd, "root", "sshd");
    while (house.desk->looks < 1)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    int64_t asked_ms = house.desk->waits_since_ms;
    ck_assert_int_ge(asked_ms, before_ms);
    ck_assert_int_le(asked_ms, wire_deadline_ms(0));
    ck_assert_int_eq(house_hear(&house, fd, &message), WIRE_SKIP);
    ck_assert_int_eq(house.desk->looks, 2);
    ck_assert_int_eq(house.desk->waits_since_ms, asked_ms);
    close(fd);
    house_close(&house);
}
END_TEST

/* One uid's looks wait for the scan: with 16 of them at once, everybody else at this door would wait as long. */
START_TEST(of_the_looks_of_one_public_uid_one_is_with_the_worker)
{
    int fds[CENSUS_PER_UID];
    open_house();
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    house.desk->steps_wanted = UINT_MAX;
    for (size_t i = 0; i < CENSUS_PER_UID; i++) {
        fds[i] = house_call(&house, WIRE_VERIFY_SOCKET);
        house_ask(fds[i], "unscanned", i % 2 == 0 ? "sshd" : "sudo");
    }
    house_settle(&house);
    ck_assert_uint_eq(house.server.people_at_worker.inside, 1);
    ck_assert_ptr_null(house.server.people_at_worker.first);

    int trusted[2]; /* root's programs speak for many people, and do not wait for one another */
    for (size_t i = 0; i < 2; i++) {
        trusted[i] = house_call(&house, WIRE_TRUSTED_SOCKET);
        house_ask(trusted[i], "enrolled", "sshd");
    }
    struct wire_message message;
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(house_hear(&house, trusted[i], &message), WIRE_PROMPT);
        close(trusted[i]);
    }
    close(fds[0]); /* gone while it waits: its place in the line is taken until it is back */
    house.desk->steps_wanted = 0;
    for (size_t i = 1; i < CENSUS_PER_UID; i++) {
        ck_assert_int_eq(house_hear(&house, fds[i], &message), WIRE_SKIP);
        close(fds[i]);
    }
    house_settle(&house);
    ck_assert_uint_eq(house.server.people_at_worker.inside, 0);
    house_close(&house);
}
END_TEST

START_TEST(hanging_names_of_public_callers_leave_places_for_trusted_ones)
{
    int strangers[CENSUS_PER_UID];
    struct wire_message message;
    open_house();
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    _Static_assert(CENSUS_PER_UID >= NAMES_RUNNING_MAX, "they could take all places");
    for (size_t i = 0; i < CENSUS_PER_UID; i++) {
        strangers[i] = house_call(&house, WIRE_VERIFY_SOCKET);
        house_ask(strangers[i], "hangs", "i3lock");
    }
    while (house.desk->looks < CENSUS_PER_UID)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    house_settle(&house);
    int root = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(root, "root", "sshd");
    ck_assert_int_eq(house_hear(&house, root, &message), WIRE_SKIP);
    for (size_t i = 0; i < CENSUS_PER_UID; i++) /* nobody's time was over, which would have made a place */
        ck_assert_int_eq(wire_receive(strangers[i], &message, 0), STATUS_TIMEOUT);
    close(root);
    for (size_t i = 0; i < CENSUS_PER_UID; i++)
        close(strangers[i]);
    house_close(&house);
}
END_TEST

START_TEST(who_hangs_up_during_a_look_up_is_not_spoken_to_when_it_ends)
{
    open_house();
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "hangs", "sshd");
    while (waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) != 0) /* until there is a helper */
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    close(fd);
    while (house.server.connections != NULL)
        ck_assert_int_ge(house_turn(&house, SECOND_US), 0);
    pass(NAMES_TIME_US + SECOND_US);
    ck_assert_uint_eq(house.desk->notes, 0);
    house_close(&house);
}
END_TEST

START_TEST(those_turned_away_are_counted_up_to_a_limit_at_once)
{
    const struct caller caller = {.door = DOOR_PUBLIC, .origin = "local:1000"};
    open_house();
    house.desk->held = true;
    for (unsigned i = 0; i < NOTES_MAX + 50; i++)
        server_note(&house.server, &caller, REASON_BUSY);
    ck_assert_uint_eq(house.server.notes, NOTES_MAX);
    house.desk->held = false;
    sem_post(&house.desk->go);
    while (house.server.notes > 0)
        ck_assert_int_ge(house_turn(&house, SECOND_US), 0);
    ck_assert_uint_eq(house.desk->notes, NOTES_MAX);
    house_close(&house);
}
END_TEST

START_TEST(who_started_the_verifier_is_served_at_every_door)
{
    static const char *const doors[] = {WIRE_VERIFY_SOCKET, WIRE_TRUSTED_SOCKET, WIRE_ADMIN_SOCKET};
    const struct wire_message list = {.type = WIRE_LIST};
    struct wire_message answer;
    open_house();
    house.server.started_as = 4242;
    ck_assert_int_eq(chmod(house.folder, 0755), 0);
    for (size_t i = 0; getuid() == 0 && i < 3; i++) { /* only root can be somebody else */
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", house.sockets_folder, doors[i]);
        ck_assert_int_eq(chmod(path, 0666), 0);
        ck_assert_int_eq(seteuid(4242), 0);
        int fd = house_call(&house, doors[i]);
        ck_assert_int_eq(seteuid(0), 0);
        if (i == 2)
            house_say(fd, &list);
        else
            house_ask(fd, "alice", "sshd");
        ck_assert_int_eq(house_hear(&house, fd, &answer), i == 2 ? WIRE_RESULT : WIRE_PROMPT);
        close(fd);
    }
    house_close(&house);
}
END_TEST

SUITE("doors", a_look_waits_from_the_question_on_and_not_from_when_its_name_was_found,
      a_caller_has_three_seconds_to_ask, a_person_has_five_minutes_for_each_answer, an_admin_who_asks_nothing_is_let_go,
      an_admin_who_reads_nothing_is_let_go, a_drain_ends_a_list_with_the_page_at_hand,
      the_desk_is_told_the_canonical_name_and_who_really_calls,
      a_public_offer_for_a_name_does_not_make_a_trusted_one_wait, of_the_looks_of_one_public_uid_one_is_with_the_worker,
      hanging_names_of_public_callers_leave_places_for_trusted_ones,
      who_hangs_up_during_a_look_up_is_not_spoken_to_when_it_ends, who_started_the_verifier_is_served_at_every_door,
      those_turned_away_are_counted_up_to_a_limit_at_once)
