/* Walks the audit chain from its start. */
#include "inside.h"

#include <string.h>

#define CHAIN_PAGE 32

static enum status check_entry(struct change *change, struct job_cursor *cursor, const struct entry *entry)
{
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;
    uint64_t seq = cursor->seq + 1;

    if (entry->key_id == 0 || (seq == 1 && entry->event != EVENT_STORE_MADE))
        return STATUS_TAMPERED;
    enum status status = vault_audit_mac(change->keys, entry->key_id, &key_id, &mac);
    if (status == STATUS_NOT_FOUND)
        return STATUS_TAMPERED;
    if (status == STATUS_OK)
        status = audit_check_entry(mac, seq, cursor->tag, entry);
    if (status == STATUS_OK) /* or it is there, and not shown to whoever asks since a time */
        status = store_look_up_entry(change->desk->store, entry);
    if (status != STATUS_OK)
        return status;
    cursor->seq = seq;
    cursor->checked++;
    memcpy(cursor->tag, entry->tag, sizeof cursor->tag);
    return STATUS_OK;
}

enum status desk_chain_head(struct change *change, struct entry_head *out_head)
{
    struct entry_head head = {.count = 0};
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;

    enum status status = store_get_head(change->desk->store, &head);
    if (status == STATUS_OK && (head.count == 0 || head.key_id == 0))
        return STATUS_TAMPERED;
    if (status == STATUS_OK)
        status = vault_audit_mac(change->keys, head.key_id, &key_id, &mac);
    if (status == STATUS_OK)
        status = audit_check_head(mac, &head);
    if (status == STATUS_NOT_FOUND || status == STATUS_INVALID)
        return STATUS_TAMPERED;
    if (status == STATUS_OK)
        *out_head = head;
    return status;
}

static enum status check_head(struct change *change, const struct job_cursor *cursor, int *out_code,
                              int64_t *out_number)
{
    struct entry_head head = {.count = 0};

    *out_number = (int64_t)cursor->seq;
    enum status status = desk_chain_head(change, &head);
    if (status == STATUS_TAMPERED) {
        *out_code = WIRE_TAMPERED;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;

    if (head.count > cursor->seq) {
        *out_code = WIRE_CUT_TAIL;
    } else if (head.count < cursor->seq) {
        *out_code = WIRE_BROKEN_ENTRY;
        *out_number = (int64_t)head.count + 1;
    } else {
        *out_code = crypto_equal(head.last_tag, cursor->tag, TAG_SIZE) ? WIRE_OK : WIRE_BROKEN_ENTRY;
    }
    return STATUS_OK;
}

enum status desk_chain(struct change *change, struct job_cursor *cursor, size_t max, int *out_code, int64_t *out_number)
{
    struct entry entries[CHAIN_PAGE];
    size_t count = CHAIN_PAGE;

    *out_code = 0;
    for (size_t done = 0; done < max && count == CHAIN_PAGE; done += count) {
        enum status status = store_page_entries(change->desk->store, cursor->seq, 0, entries, CHAIN_PAGE, &count);
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            status = check_entry(change, cursor, &entries[i]);
        if (status == STATUS_TAMPERED || status == STATUS_INVALID) {
            *out_code = WIRE_BROKEN_ENTRY;
            *out_number = (int64_t)cursor->seq + 1;
            return STATUS_OK;
        }
        if (status != STATUS_OK)
            return status;
    }
    return count == CHAIN_PAGE ? STATUS_OK : check_head(change, cursor, out_code, out_number);
}

enum status desk_last_entry(struct change *change, struct entry *out_entry)
{
    size_t count = 0;

    *out_entry = (struct entry){.seq = 0};
    enum status status = desk_chain_known(change);
    if (status == STATUS_OK && change->head.count > 0)
        status = store_page_entries(change->desk->store, change->head.count - 1, 0, out_entry, 1, &count);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID) {
        *out_entry = (struct entry){.seq = 0};
        return STATUS_OK;
    }
    return status;
}
