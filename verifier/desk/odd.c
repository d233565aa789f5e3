/* Rows that do not hold and are taken away: what that makes of the sum over all rows.
 *
 * MUST 1  Such a row leaves the sum with all that is in it, never by its tag: somebody could have put the tag of another row there, which he
 *         has deleted, and the sum would no longer miss that one. As long as no admin has taken the rows as they are, the sum never had what
 *         leaves it here, so that it stays wrong until one does.
 * MUST 2  No sum outlives the change, nor lies anywhere but in struct secret.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 32

struct odd {
    struct secret *all;    /* struct rows_sum */
    struct secret *walked; /* of those that the walk had passed */
    size_t *touches;       /* ascending */
    size_t count, room;
};

void desk_odd_forget(struct change *change)
{
    struct odd *odd = change->odd;

    change->odd = NULL;
    if (odd == NULL)
        return;
    secret_free(odd->all);
    secret_free(odd->walked);
    free(odd->touches);
    free(odd);
}

static enum status make_room(struct change *change)
{
    struct odd *odd = change->odd;

    if (odd == NULL) {
        odd = change->odd = calloc(1, sizeof *odd);
        if (odd == NULL)
            return STATUS_NO_MEMORY;
        odd->all = secret_new(sizeof(struct rows_sum));
        odd->walked = secret_new(sizeof(struct rows_sum));
    }
    if (odd->all == NULL || odd->walked == NULL)
        return STATUS_NO_MEMORY;
    if (odd->count < odd->room)
        return STATUS_OK;
    size_t room = odd->room == 0 ? FIRST_ROOM : 2 * odd->room;
    size_t *touches = reallocarray(odd->touches, room, sizeof *touches);
    if (touches == NULL)
        return STATUS_NO_MEMORY;
    odd->touches = touches;
    odd->room = room;
    return STATUS_OK;
}

static enum status remove_row(struct store *store, const struct store_row *row)
{
    switch (row->kind) {
    case STORE_ACCOUNT:
        return store_remove_account(store, row->account.user);
    case STORE_FACTOR:
        return store_remove_factor(store, row->factor.id);
    case STORE_ORIGIN:
        return store_remove_origin(store, row->origin.user, row->origin.name);
    }
    return STATUS_FAILED;
}

static const uint8_t *tag_of(const struct store_row *row)
{
    if (row->kind == STORE_ACCOUNT)
        return row->account.tag;
    return row->kind == STORE_FACTOR ? row->factor.tag : row->origin.tag;
}

static enum status add(struct change *change, const struct store_row *row, struct secret *into)
{
    struct rows_sum sum;

    memcpy(&sum, secret_read(into), sizeof sum);
    enum status status = desk_row_add(change, row, false, &sum);
    if (status == STATUS_OK)
        memcpy(secret_fill(into), &sum, sizeof sum);
    secret_wipe(&sum, sizeof sum);
    return status;
}

enum status desk_odd_remove(struct change *change, const struct store_row *row)
{
    struct store *store = change->desk->store;
    size_t count = 0;

    enum status status = make_room(change);
    if (status == STATUS_OK)
        status = remove_row(store, row);
    if (status != STATUS_OK)
        return status;
    const struct store_touch *touches = store_touches(store, &count);
    if (count == 0 || !touches[count - 1].had || memcmp(touches[count - 1].before, tag_of(row), TAG_SIZE) != 0)
        return STATUS_FAILED;
    change->odd->touches[change->odd->count++] = count - 1;
    status = add(change, row, change->odd->all);
    if (status == STATUS_OK && touches[count - 1].walked)
        status = add(change, row, change->odd->walked);
    return status;
}

bool desk_odd_is(const struct change *change, size_t at, size_t *cursor)
{
    const struct odd *odd = change->odd;
    if (odd == NULL || *cursor == odd->count || odd->touches[*cursor] != at)
        return false;
    ++*cursor;
    return true;
}

void desk_odd_subtract(const struct change *change, bool walked_only, struct rows_sum *sum)
{
    const struct odd *odd = change->odd;
    struct rows_sum part;

    if (odd == NULL || odd->count == 0)
        return;
    memcpy(&part, secret_read(walked_only ? odd->walked : odd->all), sizeof part);
    vault_sum_subtract(&part, sum);
    secret_wipe(&part, sizeof part);
}
