#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "admin_session.h"
#include "house.h"
#include "session.h"

static struct house house;

#define FILES 4096

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct wire_message hear(int fd)
{
    struct wire_message message = {0};
    if (house_hear(&house, fd, &message) == 0)
        message.type = (enum wire_type)0;
    return message;
}

/* A trusted caller that has got its prompt. */
static int prompted(const char *user)
{
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, user, "sshd");
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    return fd;
}

START_TEST(refusals_leave_on_a_grid_that_begins_at_the_answer)
{
    ck_assert_uint_eq(timers_grid(5, 5, SESSION_GRID_US), 5 + SESSION_GRID_US);
    ck_assert_uint_eq(timers_grid(5, 4, SESSION_GRID_US), 5 + SESSION_GRID_US);
    ck_assert_uint_eq(timers_grid(5, 6, SESSION_GRID_US), 5 + SESSION_GRID_US);
    ck_assert_uint_eq(timers_grid(5, 5 + SESSION_GRID_US, SESSION_GRID_US), 5 + SESSION_GRID_US);
    ck_assert_uint_eq(timers_grid(5, 6 + SESSION_GRID_US, SESSION_GRID_US), 5 + 2 * SESSION_GRID_US);
    ck_assert_uint_eq(timers_grid(5, 5 + 7 * SESSION_GRID_US - 1, SESSION_GRID_US), 5 + 7 * SESSION_GRID_US);
}
END_TEST

START_TEST(a_right_code_is_accepted_and_that_is_the_last_word)
{
    house_open(&house, FILES);
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "alice", "sshd");
    struct wire_message prompt = hear(fd);
    ck_assert_int_eq(prompt.type, WIRE_PROMPT);
    ck_assert_int_eq(prompt.prompt.language, LANGUAGE_FR);
    ck_assert_uint_eq(prompt.prompt.digits, 6);
    ck_assert_uint_eq(house.desk->batches, 0); /* nothing was looked at */
    house_answer(fd, "right");
    struct wire_message verdict = hear(fd);
    ck_assert_int_eq(verdict.type, WIRE_VERDICT);
    ck_assert_int_eq(verdict.verdict.verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_wrong_code_is_refused_on_the_grid_and_another_may_follow)
{
    house_open(&house, FILES);
    int fd = prompted("alice");
    for (int i = 0; i < 2; i++) {
        uint64_t before = now_us();
        house_answer(fd, "wrong");
        struct wire_message verdict = hear(fd);
        ck_assert_int_eq(verdict.type, WIRE_VERDICT);
        ck_assert_int_eq(verdict.verdict.verdict, VERDICT_REFUSED);
        ck_assert_uint_ge(now_us() - before, SESSION_GRID_US);
    }
    house_answer(fd, "right");
    ck_assert_int_eq(hear(fd).verdict.verdict, VERDICT_ACCEPTED);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(anything_out_of_turn_ends_the_session)
{
    static const struct wire_message odd[] = {{.type = WIRE_LIST},
                                              {.type = WIRE_VERDICT, .verdict = {VERDICT_ACCEPTED}}};
    house_open(&house, FILES);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
        house_say(fd, &odd[i]);
        ck_assert_int_eq(hear(fd).type, 0);
        close(fd);
        fd = prompted("alice");
        house_say(fd, &odd[i]);
        ck_assert_int_eq(hear(fd).type, 0);
        close(fd);
    }
    int fd = prompted("alice");
    house_ask(fd, "bob", "sshd");
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);
    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_answer(fd, "right");
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);
    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    ck_assert_int_eq(write(fd, "\x01\xff", 2), 2);
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);
    ck_assert_uint_eq(house.desk->attempts, 0);
    house_close(&house);
}
END_TEST

START_TEST(an_unenrolled_user_is_let_through_only_where_the_rule_allows)
{
    house_open(&house, FILES);
    house.server.settings.service_count = 1;
    strcpy(house.server.settings.services[0].name, "sshd");
    house.server.settings.services[0].says.unenrolled =
        (struct settings_said){.given = true, .rule = {.answer = UNENROLLED_ALLOW}};

    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "root", "sshd"); /* a name that every system has, unknown to the desk */
    ck_assert_int_eq(hear(fd).type, WIRE_SKIP);
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);

    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "root", "sudo"); /* the general rule refuses: a prompt as for anybody */
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    close(fd);

    house.server.settings.services[0].says.unenrolled.rule =
        (struct unenrolled_rule){.answer = UNENROLLED_ALLOW_UNTIL, .until_s = 1000};
    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "root", "sshd"); /* the date is past */
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_lookup_that_fails_refuses_and_is_noted)
{
    house_open(&house, FILES);
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "crashes", "sshd");
    struct wire_message refuse = hear(fd);
    ck_assert_int_eq(refuse.type, WIRE_REFUSE);
    ck_assert_int_eq(refuse.refuse.why, WIRE_REFUSE_LOOKUP);
    close(fd);

    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "no-such-user", "sshd");
    refuse = hear(fd);
    ck_assert_int_eq(refuse.type, WIRE_REFUSE);
    ck_assert_int_eq(refuse.refuse.why, WIRE_REFUSE_LOOKUP);
    close(fd);

    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "denied", "sshd");
    refuse = hear(fd);
    ck_assert_int_eq(refuse.type, WIRE_REFUSE);
    ck_assert_int_eq(refuse.refuse.why, WIRE_REFUSE_DENIED);
    close(fd);

    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "disk-full", "sshd");
    refuse = hear(fd);
    ck_assert_int_eq(refuse.type, WIRE_REFUSE);
    ck_assert_int_eq(refuse.refuse.why, WIRE_REFUSE_BUSY);
    close(fd);

    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "enrolled", "sshd");
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    close(fd);
    ck_assert_uint_eq(house.desk->notes, 1);
    house_close(&house);
}
END_TEST

START_TEST(offers_for_one_user_go_to_the_desk_one_at_a_time)
{
    int fds[5];
    house_open(&house, FILES);
    for (size_t i = 0; i < 5; i++)
        fds[i] = prompted("alice");
    for (size_t i = 0; i < 5; i++)
        house_answer(fds[i], "right");
    int other = prompted("bob");
    close(fds[3]); /* hangs up in the line */
    for (size_t i = 0; i < 5; i++)
        if (i != 3)
            ck_assert_int_eq(hear(fds[i]).verdict.verdict, VERDICT_ACCEPTED);
    ck_assert_uint_eq(house.desk->attempts, 4);
    ck_assert_uint_eq(house.desk->batches, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(house.desk->sizes[i], 1);
    for (size_t i = 0; i < 5; i++)
        if (i != 3)
            close(fds[i]);
    close(other);
    house_close(&house);
}
END_TEST

enum { CROWD = 12, AT_WORKER = 4 };

static void crowd_answers(int fds[CROWD])
{
    house_open(&house, FILES);
    house.server.people_at_worker.most = AT_WORKER;
    for (size_t i = 0; i < CROWD; i++) {
        char user[8];
        snprintf(user, sizeof user, "u%zu", i);
        fds[i] = house_call(&house, WIRE_VERIFY_SOCKET);
        house_ask(fds[i], user, "i3lock");
        ck_assert_int_eq(hear(fds[i]).type, WIRE_PROMPT);
    }
    house.desk->held = true;
    for (size_t i = 0; i < CROWD; i++) {
        house_answer(fds[i], "right");
        house_settle(&house); /* in this order */
        while (i == 0 && sem_trywait(&house.desk->entered) != 0)
            ck_assert_int_ge(house_turn(&house, 1000), 0);
    }
}

START_TEST(of_a_crowd_a_few_are_with_the_worker_and_roots_login_is_in_the_next_batch)
{
    int fds[CROWD];
    crowd_answers(fds);
    int root = prompted("alice");
    house_answer(root, "right");
    house_settle(&house);
    close(fds[CROWD - 1]); /* hangs up before it is let in */
    house_settle(&house);
    sem_post(&house.desk->go);
    sem_post(&house.desk->go); /* two batches, and no more for now */
    ck_assert_int_eq(hear(root).verdict.verdict, VERDICT_ACCEPTED);
    house.desk->held = false;
    sem_post(&house.desk->go);
    for (size_t i = 0; i + 1 < CROWD; i++)
        ck_assert_int_eq(hear(fds[i]).verdict.verdict, VERDICT_ACCEPTED);
    ck_assert_uint_eq(house.desk->attempts, CROWD); /* one is root's, one never was */
    for (size_t i = 0; i < house.desk->batches; i++)
        ck_assert_uint_le(house.desk->sizes[i], AT_WORKER + 1);
    for (size_t i = 0; i + 1 < CROWD; i++)
        close(fds[i]);
    close(root);
    house_settle(&house);
    ck_assert_uint_eq(house.server.people_at_worker.inside, 0);
    house_close(&house);
}
END_TEST

START_TEST(who_hangs_up_during_an_attempt_keeps_its_place_until_it_is_recorded)
{
    house_open(&house, FILES);
    house.desk->held = true;
    int fd = prompted("alice");
    house_answer(fd, "right");
    while (sem_trywait(&house.desk->entered) != 0)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    close(fd);
    house_settle(&house);
    ck_assert_uint_eq(house.server.census.trusted_count, 1);
    house.desk->held = false;
    sem_post(&house.desk->go);
    while (house.server.connections != NULL)
        ck_assert_int_gt(house_turn(&house, 5000000), 0);
    ck_assert_uint_eq(house.server.census.trusted_count, 0);
    house_close(&house);
}
END_TEST

/* One uid's refusal, hung up on while it is held or (early) while it is judged, and then another one: how long both take. */
static uint64_t refused_twice_us(bool early)
{
    house_open(&house, FILES);
    house.desk->held = early;
    int first = house_call(&house, WIRE_VERIFY_SOCKET), second = house_call(&house, WIRE_VERIFY_SOCKET);
    house_ask(first, "alice", "x");
    house_ask(second, "alice", "x");
    ck_assert_int_eq(hear(first).type, WIRE_PROMPT);
    ck_assert_int_eq(hear(second).type, WIRE_PROMPT);

    uint64_t start = now_us();
    house_answer(first, "wrong");
    while (sem_trywait(&house.desk->entered) != 0)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    if (!early)
        house_settle(&house);
    close(first);
    house_settle(&house);
    house.desk->held = false;
    if (early)
        sem_post(&house.desk->go);
    house_answer(second, "wrong");
    ck_assert_int_eq(hear(second).verdict.verdict, VERDICT_REFUSED);
    uint64_t took = now_us() - start;
    ck_assert_uint_eq(house.desk->attempts, 2);
    close(second);
    house_close(&house);
    return took;
}

START_TEST(one_uid_makes_one_refusal_for_each_point_of_the_grid_and_no_more)
{
    ck_assert_uint_ge(refused_twice_us(false), 2 * SESSION_GRID_US);
    ck_assert_uint_ge(refused_twice_us(true), 2 * SESSION_GRID_US);
}
END_TEST

START_TEST(a_drain_answers_what_is_under_way_and_closes_the_rest)
{
    house_open(&house, FILES);
    house.desk->held = true;
    int busy = prompted("alice");
    int next = prompted("alice");
    int idle = prompted("bob");
    house_answer(busy, "right");
    house_answer(next, "wrong");
    while (sem_trywait(&house.desk->entered) != 0)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    house_settle(&house);
    server_drain(&house.server);
    ck_assert_int_eq(hear(idle).type, 0);
    sem_post(&house.desk->go);
    sem_post(&house.desk->go);
    ck_assert_int_eq(hear(busy).verdict.verdict, VERDICT_ACCEPTED);
    struct wire_message refused = hear(next);
    ck_assert_int_eq(refused.type, WIRE_VERDICT);
    ck_assert_int_eq(refused.verdict.verdict, VERDICT_REFUSED);
    ck_assert_int_eq(hear(next).type, 0);
    close(busy);
    close(next);
    close(idle);
    house_close(&house);
}
END_TEST

START_TEST(a_drain_asks_nobody_for_a_code_any_more)
{
    house_open(&house, FILES);
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    house.desk->held = true;
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "enrolled", "sshd");
    while (sem_trywait(&house.desk->entered) != 0)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    server_drain(&house.server);
    sem_post(&house.desk->go);
    ck_assert_int_eq(hear(fd).type, 0);
    ck_assert_ptr_null(house.server.connections);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_list_comes_page_by_page_and_waits_for_a_slow_reader)
{
    const int64_t pages = 40;
    const struct wire_message list = {.type = WIRE_LIST};
    house_open(&house, FILES);
    house.desk->pages = pages;
    int fd = house_call(&house, WIRE_ADMIN_SOCKET);
    house_say(fd, &list);
    for (unsigned last = UINT32_MAX; last != house.desk->batches;) { /* until the socket is full */
        last = house.desk->batches;
        for (int i = 0; i < 50; i++)
            ck_assert_int_ge(house_turn(&house, 1000), 0);
    }
    ck_assert_int_lt((int64_t)house.desk->batches, pages);

    int login = prompted("alice"); /* is not delayed by it */
    house_answer(login, "right");
    ck_assert_int_eq(hear(login).verdict.verdict, VERDICT_ACCEPTED);

    int64_t rows = 0;
    struct wire_message row = hear(fd);
    for (; row.type == WIRE_FACTOR; row = hear(fd))
        ck_assert_int_eq(row.factor.id, ++rows);
    ck_assert_int_eq(row.type, WIRE_RESULT);
    ck_assert_int_eq(rows, pages * JOB_ROWS_MAX);

    house_say(fd, &list); /* the connection serves on */
    ck_assert_int_eq(hear(fd).type, WIRE_FACTOR);
    close(fd);
    close(login);
    house_close(&house);
}
END_TEST

/* Rows of a list until `most` have come or the list is at its end. */
static int64_t read_rows(int fd, int64_t most)
{
    int64_t rows = 0;
    while (rows < most && hear(fd).type == WIRE_FACTOR)
        rows++;
    return rows;
}

START_TEST(of_many_lists_one_page_is_with_the_worker_and_who_hangs_up_stops_no_other)
{
    enum { LISTS = 4 };
    const int64_t pages = 12;
    const struct wire_message list = {.type = WIRE_LIST};
    int fds[LISTS];
    house_open(&house, FILES);
    house.desk->pages = pages;
    for (size_t i = 0; i < LISTS; i++) {
        fds[i] = house_call(&house, WIRE_ADMIN_SOCKET);
        house_say(fds[i], &list);
        ck_assert_int_eq(read_rows(fds[i], JOB_ROWS_MAX), JOB_ROWS_MAX);
    }
    unsigned begun = house.desk->batches;
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(read_rows(fds[i], JOB_ROWS_MAX), JOB_ROWS_MAX);
        close(fds[i]);
    }
    for (size_t i = 2; i < LISTS; i++)
        ck_assert_int_eq(read_rows(fds[i], INT64_MAX), (pages - 1) * JOB_ROWS_MAX);
    for (unsigned i = begun; i < house.desk->batches && i < FAKE_BATCHES; i++)
        ck_assert_uint_eq(house.desk->sizes[i], 1);
    for (size_t i = 2; i < LISTS; i++)
        close(fds[i]);
    house_settle(&house);
    ck_assert_uint_eq(house.server.pages_at_worker.inside, 0);
    house_close(&house);
}
END_TEST

START_TEST(of_a_page_a_few_rows_are_sent_before_others_have_their_turn)
{
    const struct wire_message list = {.type = WIRE_LIST};
    house_open(&house, FILES);
    house.desk->pages = 1;
    int fd = house_call(&house, WIRE_ADMIN_SOCKET);
    house_say(fd, &list);
    unsigned rows = 0;
    for (bool done = false; !done;) {
        ck_assert_int_ge(house_turn(&house, 1000), 0);
        unsigned now = 0;
        struct wire_message row;
        while (wire_receive(fd, &row, 0) == STATUS_OK) {
            now++;
            done = row.type == WIRE_RESULT;
        }
        ck_assert_uint_le(now, ADMIN_ROWS_AT_ONCE);
        rows += now;
    }
    ck_assert_uint_eq(rows, JOB_ROWS_MAX + 1);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_login_request_is_none_of_the_admin_doors_business)
{
    house_open(&house, FILES);
    int fd = house_call(&house, WIRE_ADMIN_SOCKET);
    house_ask(fd, "alice", "sshd");
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);
    ck_assert_uint_eq(house.desk->batches, 0);
    house_close(&house);
}
END_TEST

SUITE("session", refusals_leave_on_a_grid_that_begins_at_the_answer, a_right_code_is_accepted_and_that_is_the_last_word,
      a_wrong_code_is_refused_on_the_grid_and_another_may_follow, anything_out_of_turn_ends_the_session,
      an_unenrolled_user_is_let_through_only_where_the_rule_allows, a_lookup_that_fails_refuses_and_is_noted,
      offers_for_one_user_go_to_the_desk_one_at_a_time,
      of_a_crowd_a_few_are_with_the_worker_and_roots_login_is_in_the_next_batch,
      who_hangs_up_during_an_attempt_keeps_its_place_until_it_is_recorded,
      one_uid_makes_one_refusal_for_each_point_of_the_grid_and_no_more,
      a_drain_answers_what_is_under_way_and_closes_the_rest, a_drain_asks_nobody_for_a_code_any_more,
      a_list_comes_page_by_page_and_waits_for_a_slow_reader,
      of_many_lists_one_page_is_with_the_worker_and_who_hangs_up_stops_no_other,
      of_a_page_a_few_rows_are_sent_before_others_have_their_turn, a_login_request_is_none_of_the_admin_doors_business)
