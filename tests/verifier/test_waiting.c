#include "suite.h"

#include <stdio.h>

#include "waiting.h"

static struct waiting waiting;

START_TEST(the_first_of_a_user_has_its_turn_at_once_and_the_others_in_order)
{
    struct waiter a = {0}, b = {0}, c = {0}, other = {0};
    ck_assert(waiting_enter(&waiting, &a, "/alice"));
    ck_assert(!waiting_enter(&waiting, &b, "/alice"));
    ck_assert(!waiting_enter(&waiting, &c, "/alice"));
    ck_assert(waiting_enter(&waiting, &other, "/bob"));
    ck_assert_ptr_eq(waiting_leave(&waiting, &a), &b);
    ck_assert_ptr_eq(waiting_leave(&waiting, &b), &c);
    ck_assert_ptr_null(waiting_leave(&waiting, &c));
    ck_assert_ptr_null(waiting_leave(&waiting, &other));
    ck_assert(waiting_enter(&waiting, &a, "/alice"));
    ck_assert_ptr_null(waiting_leave(&waiting, &a));
}
END_TEST

START_TEST(who_hangs_up_in_the_line_is_passed_over)
{
    struct waiter a = {0}, b = {0}, c = {0};
    ck_assert(waiting_enter(&waiting, &a, "/alice"));
    ck_assert(!waiting_enter(&waiting, &b, "/alice"));
    ck_assert(!waiting_enter(&waiting, &c, "/alice"));
    ck_assert_ptr_null(waiting_leave(&waiting, &b));
    ck_assert_ptr_null(waiting_leave(&waiting, &b));
    ck_assert_ptr_eq(waiting_leave(&waiting, &a), &c);
    ck_assert_ptr_null(waiting_leave(&waiting, &c));
}
END_TEST

START_TEST(users_of_one_bucket_do_not_wait_for_each_other)
{
    enum { MANY = 3 * WAITING_BUCKETS };
    static struct waiter first[MANY], second[MANY];
    char key[32];

    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "/user%d", i);
        ck_assert(waiting_enter(&waiting, &first[i], key));
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "/user%d", i);
        ck_assert(!waiting_enter(&waiting, &second[i], key));
    }
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(waiting_leave(&waiting, &first[i]), &second[i]);
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_null(waiting_leave(&waiting, &second[i]));
    for (int i = 0; i < WAITING_BUCKETS; i++)
        ck_assert_ptr_null(waiting.buckets[i]);
}
END_TEST

SUITE("waiting", the_first_of_a_user_has_its_turn_at_once_and_the_others_in_order,
      who_hangs_up_in_the_line_is_passed_over, users_of_one_bucket_do_not_wait_for_each_other)
