/* MUST 1  A sealed secret opens only for the store, user, uid, factor and parameters that it was sealed for.
 * MUST 2  Equal secrets have equal fingerprints, whichever key seals them: the first key of the ring is theirs for ever. Secrets that differ in
 *         zero bytes at the end only are equal: HMAC fills a key up with them, so they make the same codes.
 */
#include "ring.h"

#include <string.h>

static bool sealed_along(struct message *message, const struct vault_keys *keys, const struct factor *factor)
{
    vault_message_start(message, "secret");
    vault_message_bytes(message, keys->store_id, sizeof keys->store_id);
    vault_message_text(message, factor->user, sizeof factor->user);
    vault_message_number(message, factor->uid);
    vault_message_signed(message, factor->id);
    vault_message_number(message, factor->kind);
    vault_message_number(message, factor->algorithm);
    vault_message_number(message, factor->digits);
    vault_message_number(message, factor->period_s);
    return message->whole;
}

/* Without the zero bytes at the end. Each byte is looked at, whatever it is. */
static size_t significant_len(const struct secret *secret)
{
    const uint8_t *bytes = secret_read(secret);
    size_t len = 0;
    for (size_t i = 0; i < secret_len(secret); i++) {
        size_t mask = (size_t)0 - (size_t)(bytes[i] != 0);
        len = (len & ~mask) | ((i + 1) & mask);
    }
    return len;
}

enum status vault_fingerprint(struct vault_keys *keys, const struct secret *secret,
                              uint8_t out_fingerprint[FINGERPRINT_SIZE])
{
    struct crypto_mac *mac = NULL;
    uint8_t bytes[CRYPTO_HASH_MAX];
    size_t len = 0;
    enum status status = vault_fingerprint_mac(keys, &mac);
    if (status == STATUS_OK)
        status = crypto_mac_sign(mac, secret_read(secret), significant_len(secret), bytes, &len);
    if (status != STATUS_OK)
        return status;
    if (len != FINGERPRINT_SIZE)
        return STATUS_FAILED;
    memcpy(out_fingerprint, bytes, FINGERPRINT_SIZE);
    return STATUS_OK;
}

enum status vault_seal(struct vault_keys *keys, const struct secret *secret, struct factor *factor)
{
    const struct secret *key = NULL;
    struct message along;
    size_t newest = keys->vault->count - 1, len = 0;
    uint8_t sealed[FACTOR_SEALED_MAX] = {0}, fingerprint[FINGERPRINT_SIZE];

    if (secret_len(secret) < FACTOR_SECRET_WEAK_MIN || secret_len(secret) > FACTOR_SECRET_MAX ||
        !sealed_along(&along, keys, factor))
        return STATUS_INVALID;
    enum status status = vault_fingerprint(keys, secret, fingerprint);
    if (status == STATUS_OK)
        status = vault_seal_key(keys, newest, &key);
    if (status == STATUS_OK)
        status = crypto_seal(keys->vault->crypto, key, along.bytes, along.len, secret, sealed, sizeof sealed, &len);
    if (status != STATUS_OK)
        return status;

    factor->key_id = keys->vault->ring[newest].id;
    factor->sealed_len = (uint32_t)len;
    memcpy(factor->sealed, sealed, sizeof factor->sealed);
    memcpy(factor->fingerprint, fingerprint, sizeof factor->fingerprint);
    return STATUS_OK;
}

enum status vault_unseal(struct vault_keys *keys, const struct factor *factor, struct secret **out_secret)
{
    const struct secret *key = NULL;
    struct message along;
    size_t index = 0;

    if (factor->sealed_len <= CRYPTO_NONCE_SIZE + CRYPTO_AEAD_TAG_SIZE ||
        factor->sealed_len > FACTOR_SECRET_MAX + FACTOR_SEALING || !sealed_along(&along, keys, factor) ||
        vault_find(keys, factor->key_id, &index) != STATUS_OK)
        return STATUS_TAMPERED;
    enum status status = vault_seal_key(keys, index, &key);
    if (status != STATUS_OK)
        return status;
    return crypto_unseal(keys->vault->crypto, key, along.bytes, along.len, factor->sealed, factor->sealed_len,
                         out_secret);
}
