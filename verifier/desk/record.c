/* Appends to the audit chain.
 *
 * MUST 1  An entry is never chained on a head that does not hold. A head that was changed, taken away or put back is not
 *         mended silently: the next entry is chained on a tag that no entry can have, so that verification stops there for ever,
 *         while logins go on.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#define GAP_PAGE 32

/* Somebody has put an entry under the last number there is. The first number above `last` that is free comes after it. */
static enum status find_gap(struct store *store, uint64_t *last)
{
    struct entry entries[GAP_PAGE];
    size_t count = 0;

    do {
        enum status status = store_page_entries(store, *last, 0, entries, GAP_PAGE, &count);
        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < count; i++) {
            if (entries[i].seq > *last + 1)
                return STATUS_OK;
            *last = entries[i].seq;
        }
    } while (count == GAP_PAGE);
    return STATUS_OK;
}

/* The number of the last entry that is really there: asked of the entries, because the head cannot be believed. */
static enum status find_last_seq(struct store *store, uint64_t *out_last)
{
    struct entry entry;
    size_t count = 0;
    uint64_t low = 0, high = INT64_MAX; /* there is none above high; low is 0 or there is one at or above it */

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        enum status status = store_page_entries(store, middle, 0, &entry, 1, &count);
        if (status != STATUS_OK && status != STATUS_TAMPERED && status != STATUS_INVALID)
            return status;
        if (status == STATUS_OK && count == 0)
            high = middle;
        else
            low = middle + 1;
    }
    *out_last = low;
    return STATUS_OK;
}

/* A head that cannot be believed loses its count. */
static enum status head_holds(struct change *change, struct entry_head *head, bool first, bool *out_holds)
{
    struct crypto_mac *mac = NULL;
    struct entry next;
    size_t count = 0;

    *out_holds = false;
    if (head->count != 0) {
        uint32_t key_id = 0;
        enum status status =
            head->key_id == 0 ? STATUS_NOT_FOUND : vault_audit_mac(change->keys, head->key_id, &key_id, &mac);
        if (status == STATUS_OK)
            status = audit_check_head(mac, head);
        if (status == STATUS_NOT_FOUND || status == STATUS_TAMPERED) {
            head->count = 0;
            return STATUS_OK;
        }
        if (status != STATUS_OK)
            return status;
    } else if (!first) {
        return STATUS_OK;
    }
    enum status status = store_page_entries(change->desk->store, head->count, 0, &next, 1, &count);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID)
        return STATUS_OK;
    *out_holds = status == STATUS_OK && count == 0;
    return status;
}

static enum status read_head(struct change *change, bool first)
{
    struct entry_head head = {.count = 0};
    bool holds = false;

    enum status status = store_get_head(change->desk->store, &head);
    if (status == STATUS_NOT_FOUND || status == STATUS_TAMPERED || status == STATUS_INVALID) {
        head = (struct entry_head){.count = 0};
        status = STATUS_OK;
    }
    if (status == STATUS_OK)
        status = head_holds(change, &head, first, &holds);
    if (status != STATUS_OK)
        return status;
    if (!holds) {
        if (first)
            return STATUS_EXISTS;
        uint64_t last = 0;
        status = find_last_seq(change->desk->store, &last);
        if (status == STATUS_OK && last == INT64_MAX) {
            last = head.count;
            status = find_gap(change->desk->store, &last);
        }
        if (status != STATUS_OK)
            return status;
        head = (struct entry_head){.count = last};
        memset(head.last_tag, 0xff, sizeof head.last_tag);
    } else if (first && head.count != 0) {
        return STATUS_EXISTS;
    }
    change->head = head;
    memcpy(change->chained_on, head.last_tag, sizeof change->chained_on);
    change->head_known = true;
    return STATUS_OK;
}

enum status desk_chain_known(struct change *change)
{
    return change->head_known ? STATUS_OK : read_head(change, false);
}

static enum status make_room(struct change *change)
{
    if (change->entry_count < change->room)
        return STATUS_OK;
    size_t room = change->room == 0 ? 16 : change->room * 2;
    struct entry *entries = realloc(change->entries, room * sizeof *entries);
    if (entries == NULL)
        return STATUS_NO_MEMORY;
    change->entries = entries;
    change->room = room;
    return STATUS_OK;
}

enum status desk_record(struct change *change, struct entry *entry)
{
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;

    if (entry->time_ms == 0)
        entry->time_ms = change->now_ms;
    enum status status = make_room(change);
    if (status == STATUS_OK && !change->head_known)
        status = read_head(change, entry->event == EVENT_STORE_MADE);
    if (status == STATUS_OK)
        status = vault_audit_mac(change->keys, 0, &key_id, &mac);
    if (status == STATUS_OK)
        status = audit_append(mac, key_id, &change->head, entry);
    if (status == STATUS_OK)
        status = store_add_entry(change->desk->store, entry);
    if (status != STATUS_OK)
        return status;
    change->head_moved = true;
    change->entries[change->entry_count++] = *entry;
    return STATUS_OK;
}

enum status desk_record_head(struct change *change)
{
    enum status status = change->head_moved ? store_put_head(change->desk->store, &change->head) : STATUS_OK;
    if (status == STATUS_OK)
        status = desk_head_put(change);
    return status == STATUS_OK ? desk_scan_draft(change) : status;
}

struct entry desk_entry(const struct caller *caller, enum event event, enum verdict verdict, enum reason reason,
                        const struct account *account, int64_t factor_id)
{
    struct entry entry = {
        .event = event, .verdict = verdict, .reason = reason, .uid = NO_UID, .factor_id = factor_id, .count = 1};
    if (account != NULL) {
        memcpy(entry.user, account->user, sizeof entry.user);
        entry.uid = account->uid;
    }
    memcpy(entry.service, caller->service, sizeof entry.service);
    memcpy(entry.origin, caller->origin, sizeof entry.origin);
    memcpy(entry.actor, caller->actor, sizeof entry.actor);
    return entry;
}
