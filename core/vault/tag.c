/* MUST 1  A tag covers every member of its row, the key's id too. A member that is added is added here.
 * MUST 2  The kinds of rows are told apart by the message's first field, stores by the derived key.
 * MUST 3  A row that cannot be put into a message, or whose key is unknown, is tampered with and never passes.
 */
#include "ring.h"

#include <string.h>

void vault_message_factor(struct message *message, const char *what, const struct factor *factor)
{
    vault_message_start(message, what);
    vault_message_signed(message, factor->id);
    vault_message_text(message, factor->user, sizeof factor->user);
    vault_message_number(message, factor->uid);
    vault_message_text(message, factor->label, sizeof factor->label);
    vault_message_number(message, factor->kind);
    vault_message_number(message, factor->algorithm);
    vault_message_number(message, factor->digits);
    vault_message_number(message, factor->period_s);
    vault_message_number(message, factor->state);
    vault_message_signed(message, factor->created_s);
    vault_message_signed(message, factor->pending_until_s);
    vault_message_signed(message, factor->confirmed_s);
    vault_message_signed(message, factor->not_before_s);
    vault_message_signed(message, factor->not_after_s);
    vault_message_signed(message, factor->last_used_s);
    vault_message_number(message, factor->mark);
    vault_message_signed(message, factor->offset_steps);
    vault_message_number(message, factor->uses);
    vault_message_signed(message, factor->replaces);
    vault_message_number(message, factor->handed_out);
    vault_message_bytes(message, factor->fingerprint, sizeof factor->fingerprint);
    vault_message_number(message, factor->key_id);
    if (factor->sealed_len > sizeof factor->sealed)
        message->whole = false;
    else
        vault_message_bytes(message, factor->sealed, factor->sealed_len);
}

void vault_message_account(struct message *message, const char *what, const struct account *account)
{
    vault_message_start(message, what);
    vault_message_text(message, account->user, sizeof account->user);
    vault_message_number(message, account->uid);
    vault_message_number(message, account->live_factors);
    vault_message_signed(message, account->confirmed_s);
    vault_message_number(message, account->other_failures);
    vault_message_signed(message, account->other_refilled_s);
    vault_message_number(message, account->key_id);
}

void vault_message_origin(struct message *message, const char *what, const struct origin *origin)
{
    vault_message_start(message, what);
    vault_message_text(message, origin->user, sizeof origin->user);
    vault_message_text(message, origin->name, sizeof origin->name);
    vault_message_number(message, origin->failures);
    vault_message_signed(message, origin->last_failure_s);
    vault_message_signed(message, origin->last_success_s);
    vault_message_number(message, origin->key_id);
}

static enum status sign(struct vault_keys *keys, uint32_t key_id, const struct message *message,
                        uint8_t out_tag[TAG_SIZE])
{
    struct crypto_mac *mac = NULL;
    uint8_t bytes[CRYPTO_HASH_MAX];
    size_t index = 0, len = 0;

    if (vault_find(keys, key_id, &index) != STATUS_OK)
        return STATUS_TAMPERED;
    enum status status = vault_tag_mac(keys, index, &mac);
    if (status == STATUS_OK)
        status = crypto_mac_sign(mac, message->bytes, message->len, bytes, &len);
    if (status != STATUS_OK)
        return status;
    if (len != TAG_SIZE)
        return STATUS_FAILED;
    memcpy(out_tag, bytes, TAG_SIZE);
    return STATUS_OK;
}

static enum status check(struct vault_keys *keys, uint32_t key_id, const struct message *message,
                         const uint8_t tag[TAG_SIZE])
{
    uint8_t expected[TAG_SIZE];
    if (!message->whole)
        return STATUS_TAMPERED;
    enum status status = sign(keys, key_id, message, expected);
    if (status != STATUS_OK)
        return status;
    return crypto_equal(expected, tag, TAG_SIZE) ? STATUS_OK : STATUS_TAMPERED;
}

static uint32_t newest(const struct vault_keys *keys)
{
    return keys->vault->ring[keys->vault->count - 1].id;
}

enum status vault_tag_factor(struct vault_keys *keys, struct factor *factor)
{
    struct message message;
    vault_message_factor(&message, "factor", factor);
    return message.whole ? sign(keys, factor->key_id, &message, factor->tag) : STATUS_INVALID;
}

enum status vault_check_factor(struct vault_keys *keys, const struct factor *factor)
{
    struct message message;
    vault_message_factor(&message, "factor", factor);
    return check(keys, factor->key_id, &message, factor->tag);
}

enum status vault_tag_account(struct vault_keys *keys, struct account *account)
{
    struct message message;
    struct account tagged = *account;
    tagged.key_id = newest(keys);
    vault_message_account(&message, "account", &tagged);
    enum status status = message.whole ? sign(keys, tagged.key_id, &message, tagged.tag) : STATUS_INVALID;
    if (status == STATUS_OK)
        *account = tagged;
    return status;
}

enum status vault_check_account(struct vault_keys *keys, const struct account *account)
{
    struct message message;
    vault_message_account(&message, "account", account);
    return check(keys, account->key_id, &message, account->tag);
}

enum status vault_tag_origin(struct vault_keys *keys, struct origin *origin)
{
    struct message message;
    struct origin tagged = *origin;
    tagged.key_id = newest(keys);
    vault_message_origin(&message, "origin", &tagged);
    enum status status = message.whole ? sign(keys, tagged.key_id, &message, tagged.tag) : STATUS_INVALID;
    if (status == STATUS_OK)
        *origin = tagged;
    return status;
}

enum status vault_check_origin(struct vault_keys *keys, const struct origin *origin)
{
    struct message message;
    vault_message_origin(&message, "origin", origin);
    return check(keys, origin->key_id, &message, origin->tag);
}
