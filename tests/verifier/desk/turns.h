/* One call beneath the desk after the other fails, with one error after the other, until the code under test makes fewer calls. */
#ifndef GARDE_TESTS_TURNS_H
#define GARDE_TESTS_TURNS_H

#include "office.h"

#include <errno.h>
#include <stdio.h>

#include "failing.h"

static const struct office_token alice = {.user = "alice", .uid = 1000, .kind = FACTOR_HOTP, .seed = 0x11};
static const char origin[] = "ip:192.0.2.7";
static const struct {
    int error, times; /* so many calls one after the other */
} faults[] = {{EIO, 1}, {ENOMEM, 1}, {ENOSPC, 1}, {EIO, 3}};
#define FAULTS (sizeof faults / sizeof faults[0])

static struct office office;
static int64_t counter; /* of alice's next code */

/* One call after the other meets one fault after the other. */
struct turn {
    size_t fault;
    int nth;
    bool over; /* the code made fewer calls */
};

#define EACH_TURN(turn) for (struct turn turn = {.nth = 1}; !(turn).over || next_fault(&(turn)); (turn).nth++)

static inline bool next_fault(struct turn *turn)
{
    turn->over = false;
    turn->nth = 1;
    return ++turn->fault < FAULTS;
}

static inline void begin(const struct turn *turn)
{
    failing_start(turn->nth, faults[turn->fault].times, faults[turn->fault].error);
}

static inline void end(struct turn *turn)
{
    turn->over = failing_stop() < turn->nth;
    ck_assert_int_lt(turn->nth, 3000);
}

/* As the worker does: after STATUS_FAILED the process ends. */
static inline void run(struct turn *turn, struct job *job)
{
    enum status status = STATUS_OK;
    begin(turn);
    do
        status = desk_run(office.desk, job, office.now_s * 1000, NULL, NULL);
    while (status == STATUS_OK && !job->finished);
    end(turn);
    if (status == STATUS_OK)
        return;
    ck_assert_int_eq(status, STATUS_FAILED);
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    office_restart(&office);
    office_tend(&office); /* so that rules are in force again */
}

static inline enum wire_result_code ask(struct turn *turn, struct job *job)
{
    run(turn, job);
    enum wire_result_code code = job->reply.result.code;
    office_free(job);
    return code;
}

static inline void open_with_alice(void)
{
    office_open(&office);
    office_give(&office, alice);
    counter = 1;
}

#define HOLDS(claim, turn)                                                                                             \
    ck_assert_msg(claim, "%s: %s, call %d, %d times, error %d", #claim, failing_which(), (turn).nth,                   \
                  faults[(turn).fault].times, faults[(turn).fault].error)

#endif
