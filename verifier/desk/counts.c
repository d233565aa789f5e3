/* Attempts that are only counted: nothing that a stranger can type makes the store grow by a row each.
 *
 * The table is changed in a draft, which takes the place of the table after the commit; so a change that is dropped and run
 * again counts once.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#define COUNTS_MAX 256

struct count {
    enum event event;
    enum reason reason;
    int64_t first_ms;
    int64_t minute;
    uint32_t count;
    char service[SERVICE_SIZE];
    char origin[ORIGIN_SIZE];
    char actor[ACTOR_SIZE];
};

struct counts {
    size_t used;
    struct count rows[COUNTS_MAX]; /* oldest first */
};

struct counts *desk_counts_new(void)
{
    return calloc(1, sizeof(struct counts));
}

void desk_counts_free(struct counts *counts)
{
    free(counts);
}

static struct counts *draft_of(struct change *change)
{
    struct desk *desk = change->desk;
    if (!change->counted) {
        desk->draft->used = desk->counts->used;
        memcpy(desk->draft->rows, desk->counts->rows, desk->counts->used * sizeof desk->counts->rows[0]);
        change->counted = true;
    }
    return desk->draft;
}

void desk_counts_keep(struct change *change)
{
    struct desk *desk = change->desk;
    if (!change->counted)
        return;
    struct counts *old = desk->counts;
    desk->counts = desk->draft;
    desk->draft = old;
    change->counted = false;
}

/* One entry cannot name two services or actors: it names the one that all of them had, or none. */
static void keep_common(char *kept, const char *other)
{
    if (strcmp(kept, other) != 0)
        kept[0] = '\0';
}

static enum status write_first(struct change *change, struct counts *counts, size_t at)
{
    const struct count *row = &counts->rows[at];
    struct entry entry = {.time_ms = row->first_ms,
                          .event = row->event,
                          .verdict = VERDICT_REFUSED,
                          .reason = row->reason,
                          .uid = NO_UID,
                          .count = row->count};
    memcpy(entry.service, row->service, sizeof entry.service);
    memcpy(entry.origin, row->origin, sizeof entry.origin);
    memcpy(entry.actor, row->actor, sizeof entry.actor);

    enum status status = desk_record(change, &entry);
    if (status != STATUS_OK)
        return status;
    counts->used--;
    memmove(&counts->rows[at], &counts->rows[at + 1], (counts->used - at) * sizeof counts->rows[0]);
    return STATUS_OK;
}

enum status desk_count(struct change *change, const struct caller *caller, enum event event, enum reason reason)
{
    struct counts *counts = draft_of(change);
    int64_t minute = change->now_s / 60;

    for (size_t i = 0; i < counts->used; i++) {
        struct count *row = &counts->rows[i];
        if (row->minute != minute || row->event != event || row->reason != reason ||
            strcmp(row->origin, caller->origin) != 0)
            continue;
        keep_common(row->service, caller->service);
        keep_common(row->actor, caller->actor);
        if (row->count < UINT32_MAX)
            row->count++;
        return STATUS_OK;
    }
    if (counts->used == COUNTS_MAX) {
        enum status status = write_first(change, counts, 0);
        if (status != STATUS_OK)
            return status;
    }
    struct count *row = &counts->rows[counts->used++];
    *row = (struct count){.event = event, .reason = reason, .first_ms = change->now_ms, .minute = minute, .count = 1};
    memcpy(row->service, caller->service, sizeof row->service);
    memcpy(row->origin, caller->origin, sizeof row->origin);
    memcpy(row->actor, caller->actor, sizeof row->actor);
    return STATUS_OK;
}

enum status desk_counts_write(struct change *change, bool all)
{
    struct counts *counts = draft_of(change);
    int64_t minute = change->now_s / 60;

    for (size_t i = 0; i < counts->used;) {
        /* "not this minute" and not "before": the clock may have been set back. */
        if (!all && counts->rows[i].minute == minute) {
            i++;
            continue;
        }
        enum status status = write_first(change, counts, i);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
