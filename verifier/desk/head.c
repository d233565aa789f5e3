/* The head over all rows, kept up with each change.
 *
 * MUST 1  The head is brought up only from one that holds: sealed by this ring, and naming the entry that was the last of the audit before the
 *         change. One that does not is left as it is until an admin takes the rows as they are, so that what it shows stays to be seen.
 * MUST 2  A row that is written over or taken away was checked in the same change (desk_row_was). Otherwise somebody could delete a row, copy
 *         its tag onto one that the desk is about to write over, and have the deleted row taken out of the sum. A row that does not hold leaves
 *         the sum, if it is cleared, with all that is in it and never by its tag (odd.c).
 * MUST 3  Rows add up when the head holds, names the last entry that is really there, and both sums are the same; on one line.
 * MUST 4  No sum outlives the change that it was opened for, but in struct secret.
 */
#include "inside.h"

#include <string.h>

enum status desk_row_was(const struct change *change, const uint8_t tag[TAG_SIZE])
{
    static const uint8_t none[TAG_SIZE];
    size_t count = 0;
    const struct store_touch *touches = store_touches(change->desk->store, &count);
    bool expected = memcmp(tag, none, TAG_SIZE) != 0;

    if (count == 0 || touches[count - 1].had != expected)
        return STATUS_FAILED;
    return !expected || memcmp(touches[count - 1].before, tag, TAG_SIZE) == 0 ? STATUS_OK : STATUS_FAILED;
}

enum status desk_sum_touches(struct change *change, bool walked_only, struct rows_sum *sum)
{
    size_t count = 0;
    const struct store_touch *touches = store_touches(change->desk->store, &count);
    enum status status = STATUS_OK;
    size_t odd = 0;

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (desk_odd_is(change, i, &odd) || (walked_only && !touches[i].walked))
            continue;
        if (touches[i].had)
            status = vault_sum_remove(change->keys, touches[i].before, sum);
        if (status == STATUS_OK && touches[i].has)
            status = vault_sum_add(change->keys, touches[i].after, sum);
    }
    desk_odd_subtract(change, walked_only, sum);
    return status;
}

enum status desk_head_open(struct change *change, struct rows_head *out_head, struct rows_sum *out_sum,
                           enum head_state *out_state)
{
    struct rows_head head = {.generation = 0};

    enum status status = desk_chain_known(change);
    if (status != STATUS_OK)
        return status;
    status = store_get_rows_head(change->desk->store, &head);
    if (status == STATUS_OK)
        status = vault_open_head(change->keys, &head, out_sum);
    if (status == STATUS_NOT_FOUND || status == STATUS_TAMPERED || status == STATUS_INVALID) {
        *out_state = HEAD_BROKEN;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    *out_head = head;
    *out_state = memcmp(head.last_entry, change->chained_on, TAG_SIZE) == 0 ? HEAD_HOLDS : HEAD_OF_ANOTHER_AUDIT;
    return STATUS_OK;
}

static enum status seal(struct change *change, const struct rows_sum *sum, struct rows_head *head)
{
    memcpy(head->last_entry, change->head.last_tag, TAG_SIZE);
    enum status status = vault_seal_head(change->keys, sum, head);
    return status == STATUS_OK ? store_put_rows_head(change->desk->store, head) : status;
}

enum status desk_head_put(struct change *change)
{
    struct rows_head head;
    struct rows_sum sum;
    enum head_state state = HEAD_BROKEN;
    size_t count = 0;

    (void)store_touches(change->desk->store, &count);
    if (count == 0 && !change->head_moved)
        return STATUS_OK;
    enum status status = desk_head_open(change, &head, &sum, &state);
    if (status == STATUS_OK && state == HEAD_HOLDS) {
        status = desk_sum_touches(change, false, &sum);
        if (status == STATUS_OK)
            status = seal(change, &sum, &head);
    }
    secret_wipe(&sum, sizeof sum);
    return status;
}

enum status desk_head_take(struct change *change, const struct rows_sum *sum)
{
    struct rows_head head = {.generation = 0};
    struct rows_sum was;
    enum head_state state = HEAD_BROKEN;

    enum status status = desk_head_open(change, &head, &was, &state); /* its generation is carried on where it holds */
    secret_wipe(&was, sizeof was);
    return status != STATUS_OK ? status : seal(change, sum, &head);
}

enum status desk_head_judge(struct change *change, const struct rows_sum *counted, struct desk_survey *out_survey)
{
    struct rows_head head = {.rows = 0};
    struct rows_sum said;
    struct entry last;
    enum head_state state = HEAD_BROKEN;

    enum status status = desk_last_entry(change, &last);
    if (status == STATUS_OK)
        status = desk_head_open(change, &head, &said, &state);
    if (status != STATUS_OK)
        return status;
    out_survey->rows = counted->rows;
    out_survey->expected = head.rows;
    if (state == HEAD_BROKEN)
        out_survey->found = DESK_ROWS_WITHOUT_HEAD;
    else if (state != HEAD_HOLDS || memcmp(last.tag, head.last_entry, TAG_SIZE) != 0)
        out_survey->found = DESK_ROWS_OF_ANOTHER_AUDIT;
    else
        out_survey->found = vault_sum_equal(counted, &said) ? DESK_ROWS_ADD_UP : DESK_ROWS_DIFFER;
    secret_wipe(&said, sizeof said);
    return STATUS_OK;
}
