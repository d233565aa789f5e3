#include "suite.h"

#include "gate.h"

#define MOST 3

static struct gate gate;
static struct guest guests[8];

static void fill(size_t count)
{
    gate = (struct gate){.most = MOST};
    for (size_t i = 0; i < count; i++) {
        guests[i] = (struct guest){GATE_AWAY, NULL, NULL};
        ck_assert_int_eq(gate_enter(&gate, &guests[i]), i < MOST);
    }
}

START_TEST(so_many_are_inside_and_the_others_follow_in_order)
{
    fill(6);
    ck_assert_ptr_eq(gate_leave(&gate, &guests[1]), &guests[3]);
    ck_assert_ptr_eq(gate_leave(&gate, &guests[0]), &guests[4]);
    ck_assert_uint_eq(gate.inside, MOST);
    ck_assert_ptr_eq(gate_leave(&gate, &guests[3]), &guests[5]);
    for (size_t i = 0; i < 6; i++)
        ck_assert_ptr_null(gate_leave(&gate, &guests[i]));
    ck_assert_uint_eq(gate.inside, 0);
}
END_TEST

START_TEST(who_leaves_the_line_lets_nobody_in)
{
    for (size_t gone = MOST; gone < 6; gone++) {
        fill(6);
        ck_assert_ptr_null(gate_leave(&gate, &guests[gone]));
        ck_assert_uint_eq(gate.inside, MOST);
        ck_assert_int_eq(guests[gone].place, GATE_AWAY);
        for (size_t i = 0, next = MOST; i < 2; i++, next++) {
            next += next == gone;
            ck_assert_ptr_eq(gate_leave(&gate, &guests[i]), &guests[next]);
        }
        ck_assert_ptr_null(gate_leave(&gate, &guests[2]));
    }
}
END_TEST

START_TEST(who_is_away_may_leave_and_come_again)
{
    fill(4);
    ck_assert_ptr_eq(gate_leave(&gate, &guests[0]), &guests[3]);
    ck_assert_ptr_null(gate_leave(&gate, &guests[0]));
    ck_assert(!gate_enter(&gate, &guests[0]));
    ck_assert_ptr_eq(gate_leave(&gate, &guests[3]), &guests[0]);
}
END_TEST

SUITE("gate", so_many_are_inside_and_the_others_follow_in_order, who_leaves_the_line_lets_nobody_in,
      who_is_away_may_leave_and_come_again)
