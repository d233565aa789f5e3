#include "clock_watch.h"

#include <string.h>

bool clock_watch_may_look(struct clock_watch *watch, int64_t at_s)
{
    int64_t more = at_s - watch->filled_s;

    if (more > CLOCK_LOOKS_AT_ONCE)
        more = CLOCK_LOOKS_AT_ONCE;
    if (more > 0) {
        watch->looks += (unsigned)more * CLOCK_LOOKS_A_SECOND;
        watch->filled_s = at_s;
    }
    if (watch->looks > CLOCK_LOOKS_AT_ONCE)
        watch->looks = CLOCK_LOOKS_AT_ONCE;
    if (watch->looks == 0)
        return false;
    watch->looks--;
    return true;
}

/* Steps first..last, what lies before step 0 cut off. */
static size_t add_range(int64_t first, int64_t last, struct policy_range *out_ranges, size_t count)
{
    if (first < 0)
        first = 0;
    if (last < first)
        return count;
    out_ranges[count] = (struct policy_range){(uint64_t)first, (unsigned)(last - first + 1)};
    return count + 1;
}

size_t clock_watch_ranges(uint64_t middle, uint32_t period_s, struct policy_range out_ranges[CLOCK_RANGES])
{
    if (middle > INT64_MAX / 2 || period_s == 0)
        return 0;
    const int64_t here = (int64_t)middle, period = period_s;
    size_t count = add_range(here - CLOCK_STEPS, here - 1, out_ranges, 0);
    count = add_range(here + 1, here + CLOCK_STEPS, out_ranges, count);

    for (int64_t hour = 1; hour <= CLOCK_HOURS; hour++) {
        int64_t away = (hour * 3600 + period / 2) / period;
        if (away - CLOCK_HOUR_STEPS <= CLOCK_STEPS)
            continue; /* long steps: among the others already */
        count = add_range(here - away - CLOCK_HOUR_STEPS, here - away + CLOCK_HOUR_STEPS, out_ranges, count);
        count = add_range(here + away - CLOCK_HOUR_STEPS, here + away + CLOCK_HOUR_STEPS, out_ranges, count);
    }
    return count;
}

static void drop_hit(struct clock_watch *watch, size_t at)
{
    watch->hit_count--;
    memmove(&watch->hits[at], &watch->hits[at + 1], (watch->hit_count - at) * sizeof watch->hits[0]);
}

static void drop_hit_of(struct clock_watch *watch, const char *user)
{
    for (size_t i = 0; i < watch->hit_count; i++)
        if (strcmp(watch->hits[i].user, user) == 0) {
            drop_hit(watch, i);
            return;
        }
}

static void set_user(char out_user[USER_SIZE], const char *user)
{
    memset(out_user, 0, USER_SIZE);
    memcpy(out_user, user, strnlen(user, USER_SIZE - 1));
}

void clock_watch_hit(struct clock_watch *watch, const char *user, int64_t offset_s, uint32_t period_s, int64_t at_s)
{
    drop_hit_of(watch, user);
    if (watch->hit_count == CLOCK_HITS)
        drop_hit(watch, 0);
    if (watch->hit_count == 0 || watch->off)
        watch->right_count = 0;
    struct clock_hit *hit = &watch->hits[watch->hit_count++];
    *hit = (struct clock_hit){.offset_s = offset_s, .period_s = period_s, .at_s = at_s};
    set_user(hit->user, user);
}

void clock_watch_right(struct clock_watch *watch, const char *user)
{
    if (watch->hit_count == 0 && !watch->off)
        return;
    drop_hit_of(watch, user);
    for (size_t i = 0; i < watch->right_count; i++)
        if (strcmp(watch->right[i], user) == 0)
            return;
    if (watch->right_count < CLOCK_USERS)
        set_user(watch->right[watch->right_count++], user);
}

static void forget_old(struct clock_watch *watch, int64_t at_s)
{
    while (watch->hit_count > 0 && at_s - watch->hits[0].at_s >= CLOCK_HIT_S)
        drop_hit(watch, 0);
}

/* Hits from `least` on that lie within a step above it. */
static uint32_t count_agreeing(const struct clock_watch *watch, const struct clock_hit *least)
{
    uint32_t count = 0;
    for (size_t i = 0; i < watch->hit_count; i++) {
        const struct clock_hit *hit = &watch->hits[i];
        uint32_t step_s = hit->period_s > least->period_s ? hit->period_s : least->period_s;
        if (hit->offset_s >= least->offset_s && hit->offset_s - least->offset_s <= (int64_t)step_s)
            count++;
    }
    return count;
}

/* The difference on which most users agree, and when the last of the hits came. */
static bool find_doubt(struct clock_watch *watch)
{
    uint32_t most = 0;
    const struct clock_hit *found = NULL;

    for (size_t i = 0; i < watch->hit_count; i++) {
        uint32_t count = count_agreeing(watch, &watch->hits[i]);
        if (count > most) {
            most = count;
            found = &watch->hits[i];
        }
    }
    if (most < CLOCK_USERS)
        return false;
    watch->offset_s = found->offset_s;
    watch->users = most;
    watch->last_s = watch->hits[watch->hit_count - 1].at_s;
    return true;
}

static void forget_all(struct clock_watch *watch)
{
    watch->hit_count = 0;
    watch->right_count = 0;
    watch->off = false;
    watch->offset_s = 0;
    watch->users = 0;
}

bool clock_watch_judge(struct clock_watch *watch, int64_t at_s, struct notice *out_notice)
{
    bool was_off = watch->off;

    if (watch->hit_count == 0 && !was_off)
        return false;
    forget_old(watch, at_s);
    if (watch->right_count == CLOCK_USERS) {
        forget_all(watch);
    } else if (find_doubt(watch)) {
        watch->right_count = was_off ? watch->right_count : 0;
        watch->off = true;
    } else if (was_off && at_s - watch->last_s >= CLOCK_QUIET_S) {
        forget_all(watch);
    }
    if (watch->off == was_off)
        return false;
    *out_notice =
        watch->off
            ? (struct notice){.kind = NOTICE_CLOCK_OFF, .number = watch->offset_s, .other = (int64_t)watch->users}
            : (struct notice){.kind = NOTICE_CLOCK_BACK};
    return true;
}
