#include "timers.h"

#include <stdlib.h>
#include <time.h>

void timers_free(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}

uint64_t timers_now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t timers_grid(uint64_t arrived_us, uint64_t now_us, uint64_t step_us)
{
    uint64_t passed = now_us > arrived_us ? now_us - arrived_us : 0;
    uint64_t points = (passed + step_us - 1) / step_us;
    return arrived_us + (points == 0 ? 1 : points) * step_us;
}

static void put(struct timers *timers, size_t place, struct timer *timer)
{
    timers->heap[place] = timer;
    timer->place = place;
}

/* Moves the timer from its place to where it belongs. */
static void settle(struct timers *timers, struct timer *timer)
{
    size_t place = timer->place;

    while (place > 0 && timers->heap[(place - 1) / 2]->at_us > timer->at_us) {
        put(timers, place, timers->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (size_t child = 2 * place + 1; child < timers->count; child = 2 * place + 1) {
        if (child + 1 < timers->count && timers->heap[child + 1]->at_us < timers->heap[child]->at_us)
            child++;
        if (timers->heap[child]->at_us >= timer->at_us)
            break;
        put(timers, place, timers->heap[child]);
        place = child;
    }
    put(timers, place, timer);
}

enum status timers_join(struct timers *timers, struct timer *timer, void (*due)(void *context), void *context)
{
    if (timers->count == timers->room) {
        size_t room = timers->room == 0 ? 64 : 2 * timers->room;
        struct timer **heap = reallocarray(timers->heap, room, sizeof(struct timer *));
        if (heap == NULL)
            return STATUS_NO_MEMORY;
        timers->heap = heap;
        timers->room = room;
    }
    *timer = (struct timer){.at_us = TIMER_NEVER, .due = due, .context = context};
    put(timers, timers->count++, timer);
    return STATUS_OK;
}

void timers_leave(struct timers *timers, struct timer *timer)
{
    if (timer->due == NULL)
        return;
    struct timer *last = timers->heap[--timers->count];
    if (last != timer) {
        put(timers, timer->place, last);
        settle(timers, last);
    }
    *timer = (struct timer){0};
}

void timers_set(struct timers *timers, struct timer *timer, uint64_t at_us)
{
    timer->at_us = at_us;
    settle(timers, timer);
}

unsigned timers_run(struct timers *timers, uint64_t now_us)
{
    unsigned ran = 0;
    while (timers->count > 0 && timers->heap[0]->at_us <= now_us) {
        struct timer *timer = timers->heap[0];
        timers_set(timers, timer, TIMER_NEVER);
        timer->due(timer->context);
        ran++;
    }
    return ran;
}

int timers_turn(struct timers *timers, sd_event *event, uint64_t at_most_us)
{
    uint64_t now = timers_now_us();
    uint64_t wait = at_most_us;

    if (timers->count > 0 && timers->heap[0]->at_us != TIMER_NEVER) {
        uint64_t left = timers->heap[0]->at_us > now ? timers->heap[0]->at_us - now : 0;
        wait = left < wait ? left : wait;
    }
    int events = sd_event_run(event, wait);
    if (events < 0)
        return events;
    return timers_run(timers, timers_now_us()) > 0 ? 1 : events;
}
