/* MUST 1  A hash is good for one code of one factor of one user in one store, and says nothing of the code to who has not the key.
 * MUST 2  Every hash is computed and compared, whichever matches. No branch and no address depends on what was typed (its length apart).
 * MUST 3  The message that holds a code is wiped.
 */
#include "ring.h"

#include <string.h>

static bool is_good(const struct factor *factor)
{
    return (factor->kind == FACTOR_RECOVERY || factor->kind == FACTOR_TEMPORARY) && factor->digits >= 1 &&
           factor->digits <= RECOVERY_CODE_LEN;
}

/* What is the same for all codes of a factor. */
static void start(struct message *message, const char *what, const struct vault_keys *keys, const struct factor *factor)
{
    vault_message_start(message, what);
    vault_message_bytes(message, keys->store_id, sizeof keys->store_id);
    vault_message_text(message, factor->user, sizeof factor->user);
    vault_message_number(message, factor->uid);
    vault_message_signed(message, factor->id);
    vault_message_number(message, factor->kind);
}

/* Signs and wipes. */
static enum status sign(struct crypto_mac *mac, struct message *message, uint8_t out_hash[CODE_HASH_SIZE])
{
    uint8_t bytes[CRYPTO_HASH_MAX];
    size_t len = 0;
    enum status status =
        message->whole ? crypto_mac_sign(mac, message->bytes, message->len, bytes, &len) : STATUS_INVALID;
    secret_wipe(message, sizeof *message);
    if (status != STATUS_OK)
        return status;
    if (len != CODE_HASH_SIZE)
        return STATUS_FAILED;
    memcpy(out_hash, bytes, CODE_HASH_SIZE);
    return STATUS_OK;
}

static enum status hash(struct vault_keys *keys, struct crypto_mac *mac, const struct factor *factor, size_t number,
                        const uint8_t *code, uint8_t out_hash[CODE_HASH_SIZE])
{
    struct message message;
    start(&message, "code", keys, factor);
    vault_message_number(&message, number);
    vault_message_bytes(&message, code, factor->digits);
    return sign(mac, &message, out_hash);
}

enum status vault_hash_codes(struct vault_keys *keys, const struct secret *codes, struct factor *factor)
{
    struct crypto_mac *mac = NULL;
    struct message message;
    struct factor hashed = *factor;
    size_t newest = keys->vault->count - 1;

    if (!is_good(factor) || secret_len(codes) % factor->digits != 0)
        return STATUS_INVALID;
    const size_t count = secret_len(codes) / factor->digits;
    if (count == 0 || count > RECOVERY_CODES)
        return STATUS_INVALID;

    memset(hashed.sealed, 0, sizeof hashed.sealed);
    enum status status = vault_code_mac(keys, newest, &mac);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status =
            hash(keys, mac, factor, i, secret_read(codes) + i * factor->digits, hashed.sealed + i * CODE_HASH_SIZE);
    if (status == STATUS_OK) {
        start(&message, "codes", keys, factor);
        status = sign(mac, &message, hashed.fingerprint);
    }
    if (status != STATUS_OK)
        return status;
    hashed.key_id = keys->vault->ring[newest].id;
    hashed.sealed_len = (uint32_t)(count * CODE_HASH_SIZE);
    *factor = hashed;
    return STATUS_OK;
}

enum status vault_match_code(struct vault_keys *keys, const struct factor *factor, const struct secret *code,
                             uint64_t *out_matches)
{
    struct crypto_mac *mac = NULL;
    uint8_t offered[RECOVERY_CODE_LEN] = {0}, expected[CODE_HASH_SIZE];
    size_t index = 0;
    const size_t len = secret_len(code), count = factor->sealed_len / CODE_HASH_SIZE;

    if (!is_good(factor) || count == 0 || count > RECOVERY_CODES || factor->sealed_len % CODE_HASH_SIZE != 0 ||
        vault_find(keys, factor->key_id, &index) != STATUS_OK)
        return STATUS_TAMPERED;
    enum status status = vault_code_mac(keys, index, &mac);

    memcpy(offered, secret_read(code), len < sizeof offered ? len : sizeof offered);
    const uint64_t right_length = len == factor->digits;
    uint64_t matches = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = hash(keys, mac, factor, i, offered, expected);
        matches |=
            (right_length & (uint64_t)crypto_equal(expected, factor->sealed + i * CODE_HASH_SIZE, CODE_HASH_SIZE)) << i;
    }
    secret_wipe(offered, sizeof offered);
    secret_wipe(expected, sizeof expected);
    if (status == STATUS_OK)
        *out_matches = matches;
    return status;
}
