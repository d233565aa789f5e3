#include "inside.h"

/* STATUS_OK, STATUS_TAMPERED (also: its key is not in the ring), or what failed. */
static enum status check_head(struct vault_keys *keys, const struct entry_head *head)
{
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;
    enum status status = vault_audit_mac(keys, head->key_id, &key_id, &mac);
    if (status == STATUS_OK)
        status = audit_check_head(mac, head);
    return status == STATUS_NOT_FOUND ? STATUS_TAMPERED : status;
}

static enum status check_first_entry(struct vault_keys *keys, struct store *store)
{
    static const uint8_t none[TAG_SIZE];
    struct entry first;
    size_t count = 0;
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;

    enum status status = store_page_entries(store, 0, 0, &first, 1, &count);
    if (status != STATUS_OK || count == 0)
        return status == STATUS_OK ? STATUS_TAMPERED : status;
    status = vault_audit_mac(keys, first.key_id, &key_id, &mac);
    if (status == STATUS_OK)
        status = audit_check_entry(mac, 1, none, &first);
    return status == STATUS_NOT_FOUND ? STATUS_TAMPERED : status;
}

static enum status check_either(struct vault_keys *keys, struct store *store)
{
    struct entry_head head;

    enum status status = store_get_head(store, &head);
    if (status == STATUS_OK)
        status = check_head(keys, &head);
    return status == STATUS_TAMPERED ? check_first_entry(keys, store) : status;
}

enum status desk_fits(struct desk *desk)
{
    vault_keys_owner struct vault_keys *keys = NULL;

    enum status status = vault_keys_new(desk->vault, store_id(desk->store), &keys);
    if (status == STATUS_OK)
        status = store_begin(desk->store);
    if (status != STATUS_OK)
        return status;
    status = check_either(keys, desk->store);
    store_drop(desk->store);
    return status;
}
