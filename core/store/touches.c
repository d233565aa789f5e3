/* What the open change has done to rows, so that the sum over all of them follows without a walk.
 *
 * MUST 1  A row that was written is noted: room for the note is made before anything is written.
 */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256 /* a batch of 64 logins touches two rows each */

enum status store_touch_prepare(struct store *store)
{
    struct touches *touches = store_touch_list(store);
    if (touches->count < touches->room)
        return STATUS_OK;
    size_t room = touches->room == 0 ? FIRST_ROOM : 2 * touches->room;
    struct store_touch *list = reallocarray(touches->list, room, sizeof *list);
    if (list == NULL)
        return STATUS_NO_MEMORY;
    touches->list = list;
    touches->room = room;
    return STATUS_OK;
}

void store_touch_note(struct store *store, const struct row_name *name, const uint8_t *before, const uint8_t *after)
{
    struct touches *touches = store_touch_list(store);
    struct store_touch *touch = &touches->list[touches->count++];

    *touch =
        (struct store_touch){.had = before != NULL, .has = after != NULL, .walked = store_walk_passed(store, name)};
    if (before != NULL)
        memcpy(touch->before, before, TAG_SIZE);
    if (after != NULL)
        memcpy(touch->after, after, TAG_SIZE);
}

const struct store_touch *store_touches(const struct store *store, size_t *out_count)
{
    const struct touches *touches = store_touches_seen(store);
    *out_count = touches->count;
    return touches->list;
}
