/* MUST 1  No summand and no sum is ever written anywhere as it is: with them, and the tags that everybody who has the file can
 *         read, other rows could be looked for that add up to the same.
 * MUST 2  No mask is used twice: the nonce is drawn at each sealing. The generation alone would not do, because a file that is
 *         put back goes through the same generations again, with other rows; two sums under one mask give away their difference.
 */
#include "ring.h"

#include <string.h>

#define ROWS_MAX INT64_MAX /* what a column holds */

static enum status sign(struct crypto_mac *mac, const void *message, size_t len, uint8_t out_bytes[ROWS_SUM_SIZE])
{
    uint8_t bytes[CRYPTO_HASH_MAX];
    size_t bytes_len = 0;
    enum status status = crypto_mac_sign(mac, message, len, bytes, &bytes_len);
    if (status != STATUS_OK)
        return status;
    if (bytes_len != ROWS_SUM_SIZE)
        return STATUS_FAILED;
    memcpy(out_bytes, bytes, ROWS_SUM_SIZE);
    secret_wipe(bytes, sizeof bytes);
    return STATUS_OK;
}

static void add(struct rows_sum *sum, const uint8_t summand[ROWS_SUM_SIZE])
{
    unsigned carry = 0;
    for (size_t i = ROWS_SUM_SIZE; i-- > 0;) {
        carry += (unsigned)sum->bytes[i] + summand[i];
        sum->bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    sum->rows = (sum->rows + 1) & ROWS_MAX;
}

/* The complement and one: what is left over at the top is the modulus. */
void vault_sum_subtract(const struct rows_sum *part, struct rows_sum *sum)
{
    unsigned carry = 1;
    for (size_t i = ROWS_SUM_SIZE; i-- > 0;) {
        carry += (unsigned)sum->bytes[i] + (part->bytes[i] ^ 0xffU);
        sum->bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    sum->rows = (sum->rows - part->rows) & ROWS_MAX;
}

static enum status summand_of(struct vault_keys *keys, const void *message, size_t len,
                              uint8_t out_summand[ROWS_SUM_SIZE])
{
    struct crypto_mac *mac = NULL;
    enum status status = vault_sum_mac(keys, &mac);
    return status == STATUS_OK ? sign(mac, message, len, out_summand) : status;
}

enum status vault_sum_add(struct vault_keys *keys, const uint8_t tag[TAG_SIZE], struct rows_sum *sum)
{
    uint8_t summand[ROWS_SUM_SIZE];
    enum status status = summand_of(keys, tag, TAG_SIZE, summand);
    if (status != STATUS_OK)
        return status;
    add(sum, summand);
    secret_wipe(summand, sizeof summand);
    return STATUS_OK;
}

enum status vault_sum_remove(struct vault_keys *keys, const uint8_t tag[TAG_SIZE], struct rows_sum *sum)
{
    struct rows_sum row = {.rows = 1};
    enum status status = summand_of(keys, tag, TAG_SIZE, row.bytes);
    if (status != STATUS_OK)
        return status;
    vault_sum_subtract(&row, sum);
    secret_wipe(&row, sizeof row);
    return STATUS_OK;
}

/* ---- rows that do not hold: their message is longer than a tag, so none has the summand of a tag ---- */

static enum status add_odd(struct vault_keys *keys, struct message *message, const uint8_t tag[TAG_SIZE],
                           struct rows_sum *sum)
{
    uint8_t summand[ROWS_SUM_SIZE];
    vault_message_bytes(message, tag, TAG_SIZE);
    if (!message->whole)
        return STATUS_INVALID;
    enum status status = summand_of(keys, message->bytes, message->len, summand);
    if (status != STATUS_OK)
        return status;
    add(sum, summand);
    secret_wipe(summand, sizeof summand);
    return STATUS_OK;
}

enum status vault_sum_add_odd_factor(struct vault_keys *keys, const struct factor *factor, struct rows_sum *sum)
{
    struct message message;
    vault_message_factor(&message, "odd factor", factor);
    return add_odd(keys, &message, factor->tag, sum);
}

enum status vault_sum_add_odd_account(struct vault_keys *keys, const struct account *account, struct rows_sum *sum)
{
    struct message message;
    vault_message_account(&message, "odd account", account);
    return add_odd(keys, &message, account->tag, sum);
}

enum status vault_sum_add_odd_origin(struct vault_keys *keys, const struct origin *origin, struct rows_sum *sum)
{
    struct message message;
    vault_message_origin(&message, "odd origin", origin);
    return add_odd(keys, &message, origin->tag, sum);
}

bool vault_sum_equal(const struct rows_sum *a, const struct rows_sum *b)
{
    return a->rows == b->rows && crypto_equal(a->bytes, b->bytes, ROWS_SUM_SIZE);
}

/* ---- the head ---- */

static enum status mask_of(struct crypto_mac *mac, const struct rows_head *head, uint8_t out_mask[ROWS_SUM_SIZE])
{
    struct message message;
    vault_message_start(&message, "mask");
    vault_message_bytes(&message, head->nonce, sizeof head->nonce);
    vault_message_number(&message, head->generation);
    return sign(mac, message.bytes, message.len, out_mask);
}

static enum status tag_of(struct crypto_mac *mac, const struct rows_head *head, uint8_t out_tag[TAG_SIZE])
{
    struct message message;
    vault_message_start(&message, "rows");
    vault_message_number(&message, head->generation);
    vault_message_number(&message, head->rows);
    vault_message_bytes(&message, head->nonce, sizeof head->nonce);
    vault_message_bytes(&message, head->masked, sizeof head->masked);
    vault_message_bytes(&message, head->last_entry, sizeof head->last_entry);
    vault_message_number(&message, head->key_id);
    return sign(mac, message.bytes, message.len, out_tag);
}

static void apply(const uint8_t mask[ROWS_SUM_SIZE], const uint8_t *from, uint8_t *to)
{
    for (size_t i = 0; i < ROWS_SUM_SIZE; i++)
        to[i] = from[i] ^ mask[i];
}

enum status vault_seal_head(struct vault_keys *keys, const struct rows_sum *sum, struct rows_head *head)
{
    struct rows_head sealed = *head;
    struct crypto_mac *mac = NULL;
    size_t newest = keys->vault->count - 1;
    uint8_t mask[ROWS_SUM_SIZE];

    if (head->generation >= INT64_MAX)
        return STATUS_INVALID;
    sealed.generation++;
    sealed.rows = sum->rows;
    sealed.key_id = keys->vault->ring[newest].id;
    enum status status = vault_head_mac(keys, newest, &mac);
    if (status == STATUS_OK)
        status = crypto_random(keys->vault->crypto, sealed.nonce, sizeof sealed.nonce);
    if (status == STATUS_OK)
        status = mask_of(mac, &sealed, mask);
    if (status != STATUS_OK)
        return status;
    apply(mask, sum->bytes, sealed.masked);
    secret_wipe(mask, sizeof mask);
    status = tag_of(mac, &sealed, sealed.tag);
    if (status == STATUS_OK)
        *head = sealed;
    return status;
}

enum status vault_open_head(struct vault_keys *keys, const struct rows_head *head, struct rows_sum *out_sum)
{
    struct crypto_mac *mac = NULL;
    size_t index = 0;
    uint8_t expected[TAG_SIZE], mask[ROWS_SUM_SIZE];

    if (vault_find(keys, head->key_id, &index) != STATUS_OK)
        return STATUS_TAMPERED;
    enum status status = vault_head_mac(keys, index, &mac);
    if (status == STATUS_OK)
        status = tag_of(mac, head, expected);
    if (status != STATUS_OK)
        return status;
    if (!crypto_equal(expected, head->tag, TAG_SIZE))
        return STATUS_TAMPERED;
    status = mask_of(mac, head, mask);
    if (status != STATUS_OK)
        return status;
    apply(mask, head->masked, out_sum->bytes);
    secret_wipe(mask, sizeof mask);
    out_sum->rows = head->rows;
    return STATUS_OK;
}
