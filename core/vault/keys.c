/* MUST 1  Every derived key has one purpose and one store: the purpose is HKDF's info, the store's id its salt.
 * MUST 2  Nothing derived outlives the struct vault_keys that it was derived for.
 */
#include "ring.h"

#include <stdlib.h>
#include <string.h>

enum status vault_keys_new(struct vault *vault, const uint8_t store_id[STORE_ID_SIZE], struct vault_keys **out_keys)
{
    struct vault_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL)
        return STATUS_NO_MEMORY;
    keys->vault = vault;
    memcpy(keys->store_id, store_id, STORE_ID_SIZE);
    *out_keys = keys;
    return STATUS_OK;
}

void vault_keys_free(struct vault_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->vault->count; i++) {
        secret_free(keys->derived[i].seal);
        crypto_mac_free(keys->derived[i].code);
        crypto_mac_free(keys->derived[i].tag);
        crypto_mac_free(keys->derived[i].audit);
        crypto_mac_free(keys->derived[i].head);
    }
    crypto_mac_free(keys->fingerprint);
    crypto_mac_free(keys->sum);
    free(keys);
}

void vault_keys_drop(struct vault_keys **keys)
{
    vault_keys_free(*keys);
    *keys = NULL;
}

enum status vault_find(const struct vault_keys *keys, uint32_t key_id, size_t *out_index)
{
    for (size_t i = 0; i < keys->vault->count; i++) {
        if (keys->vault->ring[i].id != key_id)
            continue;
        *out_index = i;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

static enum status derive(struct vault_keys *keys, size_t index, const char *purpose, struct secret **out_key)
{
    return crypto_derive(keys->vault->crypto, keys->vault->ring[index].bytes, keys->store_id, sizeof keys->store_id,
                         purpose, out_key);
}

static enum status derive_mac(struct vault_keys *keys, size_t index, const char *purpose, struct crypto_mac **mac)
{
    if (*mac != NULL)
        return STATUS_OK;

    secret_owner struct secret *key = NULL;
    enum status status = derive(keys, index, purpose, &key);
    if (status != STATUS_OK)
        return status;
    return crypto_mac_new(keys->vault->crypto, ALGORITHM_SHA256, key, mac);
}

enum status vault_seal_key(struct vault_keys *keys, size_t index, const struct secret **out_key)
{
    struct derived *derived = &keys->derived[index];
    enum status status = derived->seal != NULL ? STATUS_OK : derive(keys, index, "garde 1 seal", &derived->seal);
    if (status == STATUS_OK)
        *out_key = derived->seal;
    return status;
}

enum status vault_code_mac(struct vault_keys *keys, size_t index, struct crypto_mac **out_mac)
{
    enum status status = derive_mac(keys, index, "garde 1 code", &keys->derived[index].code);
    if (status == STATUS_OK)
        *out_mac = keys->derived[index].code;
    return status;
}

enum status vault_tag_mac(struct vault_keys *keys, size_t index, struct crypto_mac **out_mac)
{
    enum status status = derive_mac(keys, index, "garde 1 tag", &keys->derived[index].tag);
    if (status == STATUS_OK)
        *out_mac = keys->derived[index].tag;
    return status;
}

enum status vault_fingerprint_mac(struct vault_keys *keys, struct crypto_mac **out_mac)
{
    enum status status = derive_mac(keys, 0, "garde 1 fingerprint", &keys->fingerprint);
    if (status == STATUS_OK)
        *out_mac = keys->fingerprint;
    return status;
}

enum status vault_sum_mac(struct vault_keys *keys, struct crypto_mac **out_mac)
{
    enum status status = derive_mac(keys, 0, "garde 1 sum", &keys->sum);
    if (status == STATUS_OK)
        *out_mac = keys->sum;
    return status;
}

enum status vault_head_mac(struct vault_keys *keys, size_t index, struct crypto_mac **out_mac)
{
    enum status status = derive_mac(keys, index, "garde 1 head", &keys->derived[index].head);
    if (status == STATUS_OK)
        *out_mac = keys->derived[index].head;
    return status;
}

enum status vault_audit_mac(struct vault_keys *keys, uint32_t key_id, uint32_t *out_key_id, struct crypto_mac **out_mac)
{
    size_t index = keys->vault->count - 1;
    enum status status = key_id == 0 ? STATUS_OK : vault_find(keys, key_id, &index);
    if (status == STATUS_OK)
        status = derive_mac(keys, index, "garde 1 audit", &keys->derived[index].audit);
    if (status != STATUS_OK)
        return status;
    *out_key_id = keys->vault->ring[index].id;
    *out_mac = keys->derived[index].audit;
    return STATUS_OK;
}
