/* MUST 1  No two entries, and no entry and head, are encoded alike: every field has a fixed width or its length before it, and each
 *         encoding opens with what it is.
 * MUST 2  Every field of an entry but its tag is in the encoding.
 */
#include <garde/audit.h>

#include <string.h>

#define ENTRY_TITLE "garde audit entry 1"
#define HEAD_TITLE  "garde audit head 1"

#define ENCODING_MAX 1536

struct encoding {
    size_t len;
    bool whole; /* false: some text had no end */
    uint8_t bytes[ENCODING_MAX];
};

_Static_assert(sizeof(struct entry) + TAG_SIZE + 64 <= ENCODING_MAX, "the longest entry fits");

static void add_number(struct encoding *to, uint64_t value, size_t width)
{
    for (size_t i = width; i > 0; i--)
        to->bytes[to->len++] = (uint8_t)(value >> (8 * (i - 1)));
}

static void add_bytes(struct encoding *to, const void *bytes, size_t len)
{
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

static void add_text(struct encoding *to, const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    if (len == size) {
        to->whole = false;
        return;
    }
    add_number(to, len, 2);
    add_bytes(to, text, len);
}

static void start(struct encoding *to, const char *title)
{
    to->len = 0;
    to->whole = true;
    add_text(to, title, strlen(title) + 1);
}

static void encode_entry(const uint8_t previous_tag[TAG_SIZE], const struct entry *entry, struct encoding *out)
{
    start(out, ENTRY_TITLE);
    add_bytes(out, previous_tag, TAG_SIZE);
    add_number(out, entry->seq, 8);
    add_number(out, (uint64_t)entry->time_ms, 8);
    add_number(out, entry->event, 4);
    add_number(out, entry->verdict, 4);
    add_number(out, entry->reason, 4);
    add_text(out, entry->user, sizeof entry->user);
    add_number(out, entry->uid, 4);
    add_number(out, (uint64_t)entry->factor_id, 8);
    add_text(out, entry->service, sizeof entry->service);
    add_text(out, entry->origin, sizeof entry->origin);
    add_text(out, entry->actor, sizeof entry->actor);
    add_text(out, entry->note, sizeof entry->note);
    add_number(out, entry->count, 4);
    add_number(out, entry->key_id, 4);
}

static void encode_head(const struct entry_head *head, struct encoding *out)
{
    start(out, HEAD_TITLE);
    add_number(out, head->count, 8);
    add_bytes(out, head->last_tag, TAG_SIZE);
    add_number(out, head->key_id, 4);
}

static enum status sign(struct crypto_mac *mac, const struct encoding *encoding, uint8_t out_tag[TAG_SIZE])
{
    if (!encoding->whole)
        return STATUS_INVALID;

    uint8_t tag[CRYPTO_HASH_MAX];
    size_t len = 0;
    enum status status = crypto_mac_sign(mac, encoding->bytes, encoding->len, tag, &len);
    if (status != STATUS_OK)
        return status;
    if (len != TAG_SIZE)
        return STATUS_FAILED;
    memcpy(out_tag, tag, TAG_SIZE);
    return STATUS_OK;
}

static enum status check(struct crypto_mac *mac, const struct encoding *encoding, const uint8_t tag[TAG_SIZE])
{
    uint8_t want[TAG_SIZE];
    enum status status = sign(mac, encoding, want);
    if (status == STATUS_INVALID)
        return STATUS_TAMPERED;
    if (status != STATUS_OK)
        return status;
    return crypto_equal(want, tag, TAG_SIZE) ? STATUS_OK : STATUS_TAMPERED;
}

enum status audit_append(struct crypto_mac *mac, uint32_t key_id, struct entry_head *head, struct entry *entry)
{
    if (head->count >= INT64_MAX)
        return STATUS_INVALID;

    struct entry added = *entry;
    struct entry_head moved = {.count = head->count + 1, .key_id = key_id};
    struct encoding encoding;

    added.seq = moved.count;
    added.key_id = key_id;
    encode_entry(head->last_tag, &added, &encoding);
    enum status status = sign(mac, &encoding, added.tag);
    if (status != STATUS_OK)
        return status;

    memcpy(moved.last_tag, added.tag, TAG_SIZE);
    encode_head(&moved, &encoding);
    status = sign(mac, &encoding, moved.tag);
    if (status != STATUS_OK)
        return status;

    *entry = added;
    *head = moved;
    return STATUS_OK;
}

enum status audit_check_entry(struct crypto_mac *mac, uint64_t seq, const uint8_t previous_tag[TAG_SIZE],
                              const struct entry *entry)
{
    if (entry->seq != seq)
        return STATUS_TAMPERED;

    struct encoding encoding;
    encode_entry(previous_tag, entry, &encoding);
    return check(mac, &encoding, entry->tag);
}

enum status audit_check_head(struct crypto_mac *mac, const struct entry_head *head)
{
    struct encoding encoding;
    encode_head(head, &encoding);
    return check(mac, &encoding, head->tag);
}
