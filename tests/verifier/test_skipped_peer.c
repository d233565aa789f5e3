/* Whom a rule lets through at the public door: each time is an entry, so they are bounded as refusals are. */
#include "suite.h"

#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#include "house.h"
#include "session.h"

#define FILES 4096

static struct house house;

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void open_house(bool pending)
{
    house_open(&house, FILES);
    house.desk->all_pending = pending;
    house.server.settings.unenrolled.answer = UNENROLLED_ALLOW;
    house.server.settings.pending.answer = UNENROLLED_ALLOW;
}

static void hears(int fd, enum wire_type type)
{
    struct wire_message message = {0};
    ck_assert_int_eq(house_hear(&house, fd, &message), type);
}

static int call(const char *socket, bool only_looks)
{
    int fd = house_call(&house, socket);
    if (only_looks)
        house_look(fd, "root", "x");
    else
        house_ask(fd, "root", "x");
    return fd;
}

START_TEST(one_uid_is_let_through_once_for_each_point_of_the_grid)
{
    open_house(false);
    uint64_t start = now_us();
    for (int i = 0; i < 2; i++) {
        int fd = call(WIRE_VERIFY_SOCKET, false);
        hears(fd, WIRE_SKIP);
        close(fd);
    }
    ck_assert_uint_ge(now_us() - start, SESSION_GRID_US);
    house_close(&house);
}
END_TEST

START_TEST(also_when_it_hangs_up_while_it_is_looked_at)
{
    open_house(false);
    house.desk->held = true;
    uint64_t start = now_us();
    int first = call(WIRE_VERIFY_SOCKET, false);
    for (int round = 0; round < 2; round++) { /* the second one is what is recorded */
        while (sem_trywait(&house.desk->entered) != 0)
            ck_assert_int_ge(house_turn(&house, 1000), 0);
        if (round == 0)
            sem_post(&house.desk->go);
    }
    close(first);
    house_settle(&house);
    house.desk->held = false;
    sem_post(&house.desk->go);
    int second = call(WIRE_VERIFY_SOCKET, false);
    hears(second, WIRE_SKIP);
    ck_assert_uint_ge(now_us() - start, SESSION_GRID_US);
    close(second);
    house_close(&house);
}
END_TEST

START_TEST(also_with_an_empty_answer)
{
    open_house(true);
    int first = call(WIRE_VERIFY_SOCKET, false), second = call(WIRE_VERIFY_SOCKET, false);
    hears(first, WIRE_PROMPT);
    hears(second, WIRE_PROMPT);
    uint64_t start = now_us();
    house_answer(first, "");
    hears(first, WIRE_SKIP);
    house_answer(second, "");
    hears(second, WIRE_SKIP);
    ck_assert_uint_ge(now_us() - start, SESSION_GRID_US);
    close(first);
    close(second);
    house_close(&house);
}
END_TEST

static size_t places_taken(void)
{
    house_settle(&house);
    return house.server.census.public_count + house.server.census.trusted_count;
}

START_TEST(who_is_let_through_hears_it_before_its_place_is_free)
{
    open_house(false);
    int fd = call(WIRE_VERIFY_SOCKET, false);
    hears(fd, WIRE_SKIP);
    ck_assert_uint_eq(places_taken(), 1);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(roots_programs_keep_no_place_and_a_look_is_no_entry)
{
    open_house(false);
    int fd = call(WIRE_TRUSTED_SOCKET, false);
    hears(fd, WIRE_SKIP);
    ck_assert_uint_eq(places_taken(), 0);
    close(fd);
    fd = call(WIRE_VERIFY_SOCKET, true);
    hears(fd, WIRE_SKIP);
    ck_assert_uint_eq(places_taken(), 0);
    close(fd);
    house_close(&house);
}
END_TEST

SUITE("skipped peers", one_uid_is_let_through_once_for_each_point_of_the_grid,
      also_when_it_hangs_up_while_it_is_looked_at, also_with_an_empty_answer,
      who_is_let_through_hears_it_before_its_place_is_free, roots_programs_keep_no_place_and_a_look_is_no_entry)
