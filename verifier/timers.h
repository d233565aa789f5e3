/* Deadlines of the event loop, on CLOCK_MONOTONIC: a heap of them, and the waiting that goes with it.
 *
 * Not sd-event's own, because the end-to-end tests run the verifier under libfaketime, which bends every timerfd.
 */
#ifndef GARDE_VERIFIER_TIMERS_H
#define GARDE_VERIFIER_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include <garde/status.h>

#define TIMER_NEVER UINT64_MAX

struct timer {
    uint64_t at_us;
    size_t place; /* in the heap */
    void (*due)(void *context);
    void *context;
};

/* Zeroed: empty. */
struct timers {
    struct timer **heap;
    size_t count;
    size_t room;
};

void timers_free(struct timers *timers);

/* CLOCK_MONOTONIC now. */
uint64_t timers_now_us(void);

/* When an answer to what arrived at arrived_us may leave: the first point arrived_us + k * step_us, k >= 1, that is not before now_us.
 * So its time says nothing about why. */
uint64_t timers_grid(uint64_t arrived_us, uint64_t now_us, uint64_t step_us);

/* Takes part from now on, set to TIMER_NEVER; after that setting it cannot fail. The timer stays the caller's. */
enum status timers_join(struct timers *timers, struct timer *timer, void (*due)(void *context),
                        void *context) GARDE_MUST_CHECK;
/* One that never joined (zeroed) is fine, and so is twice. */
void timers_leave(struct timers *timers, struct timer *timer);

/* When it is due; once. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t at_us);

/* Calls those that are due at now_us; each may set, join and leave others. How many there were. */
unsigned timers_run(struct timers *timers, uint64_t now_us);

/* One turn of the loop: waits for an event or a deadline, at most at_most_us, and handles it. 0: nothing happened; negative: the
 * loop is broken. */
int timers_turn(struct timers *timers, sd_event *event, uint64_t at_most_us);

#endif
