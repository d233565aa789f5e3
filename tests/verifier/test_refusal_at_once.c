#include <garde/wire.h>

#include "session.h"

#include "house.h"
#include "suite.h"

#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#define FILES 4096

static struct house house;

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int prompted(const char *socket)
{
    struct wire_message message = {0};
    int fd = house_call(&house, socket);
    house_ask(fd, "alice", "sshd");
    ck_assert_int_eq(house_hear(&house, fd, &message), WIRE_PROMPT);
    return fd;
}

START_TEST(a_refusal_behind_a_password_is_sent_in_the_turn_that_judges)
{
    wire_owner struct wire_message verdict = {0};

    house_open(&house, FILES);
    house.desk->held = true;
    int fd = prompted(WIRE_TRUSTED_SOCKET);
    house_answer_at_once(fd, "wrong");
    while (sem_trywait(&house.desk->entered) != 0)
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    house_settle(&house);
    sem_post(&house.desk->go);
    ck_assert_int_gt(house_turn(&house, 5000000), 0);
    house_settle(&house);
    ck_assert_int_eq(wire_receive(fd, &verdict, 0), STATUS_OK);
    ck_assert_int_eq(verdict.type, WIRE_VERDICT);
    ck_assert_int_eq(verdict.verdict.verdict, VERDICT_REFUSED);

    house.desk->held = false;
    uint64_t before = now_us(); /* and the next answer says for itself whether it waits */
    house_answer(fd, "wrong");
    ck_assert_int_eq(house_hear(&house, fd, &verdict), WIRE_VERDICT);
    ck_assert_uint_ge(now_us() - before, SESSION_GRID_US);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(an_unprivileged_peer_waits_for_the_grid_whatever_it_says)
{
    struct wire_message verdict = {0};

    house_open(&house, FILES);
    int fd = prompted(WIRE_VERIFY_SOCKET);
    uint64_t before = now_us();
    house_answer_at_once(fd, "wrong");
    ck_assert_int_eq(house_hear(&house, fd, &verdict), WIRE_VERDICT);
    ck_assert_int_eq(verdict.verdict.verdict, VERDICT_REFUSED);
    ck_assert_uint_ge(now_us() - before, SESSION_GRID_US);
    close(fd);
    house_close(&house);
}
END_TEST

SUITE("refusals at once", a_refusal_behind_a_password_is_sent_in_the_turn_that_judges,
      an_unprivileged_peer_waits_for_the_grid_whatever_it_says)
