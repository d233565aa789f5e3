#include "suite.h"

#include "timers.h"

enum { MANY = 500 };

static struct timers timers;
static struct timer many[MANY];
static uint64_t last_us;
static unsigned ran;

static void due(void *context)
{
    const uint64_t *wanted = context;
    ck_assert_uint_ge(*wanted, last_us);
    last_us = *wanted;
    ran++;
}

START_TEST(timers_run_in_the_order_of_their_time_and_once)
{
    static uint64_t at_us[MANY];
    for (size_t i = 0; i < MANY; i++) {
        at_us[i] = (i * 7919) % 1000;
        ck_assert_int_eq(timers_join(&timers, &many[i], due, &at_us[i]), STATUS_OK);
        timers_set(&timers, &many[i], 5000 + i);
    }
    for (size_t i = 0; i < MANY; i++)
        timers_set(&timers, &many[i], at_us[i]);
    unsigned early = timers_run(&timers, 499);
    ck_assert_uint_eq(early, ran);
    ck_assert_uint_le(last_us, 499);
    ck_assert_uint_eq(early + timers_run(&timers, 1000), MANY);
    ck_assert_uint_eq(timers_run(&timers, 100000), 0);
    timers_free(&timers);
}
END_TEST

START_TEST(a_timer_that_left_does_not_run)
{
    static uint64_t at_us[MANY];
    for (size_t i = 0; i < MANY; i++) {
        at_us[i] = (i * 31) % 97;
        ck_assert_int_eq(timers_join(&timers, &many[i], due, &at_us[i]), STATUS_OK);
        timers_set(&timers, &many[i], at_us[i]);
    }
    for (size_t i = 0; i < MANY; i += 3)
        timers_leave(&timers, &many[i]);
    timers_leave(&timers, &many[0]);
    timers_run(&timers, 1000);
    ck_assert_uint_eq(ran, MANY - (MANY + 2) / 3);
    timers_free(&timers);
}
END_TEST

static void leave_other(void *context)
{
    timers_leave(&timers, context);
    ran++;
}

START_TEST(a_timer_may_take_another_out_while_they_run)
{
    struct timer a = {0}, b = {0};
    ck_assert_int_eq(timers_join(&timers, &a, leave_other, &b), STATUS_OK);
    ck_assert_int_eq(timers_join(&timers, &b, leave_other, &a), STATUS_OK);
    timers_set(&timers, &a, 1);
    timers_set(&timers, &b, 1);
    timers_run(&timers, 2);
    ck_assert_uint_eq(ran, 1);
    ck_assert_uint_eq(timers.count, 1);
    timers_free(&timers);
}
END_TEST

SUITE("timers", timers_run_in_the_order_of_their_time_and_once, a_timer_that_left_does_not_run,
      a_timer_may_take_another_out_while_they_run)
