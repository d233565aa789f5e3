/* MUST 1  No byte outside of the packet is read and none outside of the field is written, whatever the packet says.
 * MUST 2  On every way out of a failed decode the secrets made so far are freed and wiped.
 * MUST 3  Codes and secrets are copied from packet to struct secret and nowhere else.
 */
#include "codec.h"

#include <stdbool.h>
#include <string.h>

#include "tables.h"

/* The tables reach enums by address. */
_Static_assert(sizeof(enum wire_type) == sizeof(uint32_t) && sizeof(enum reason) == sizeof(uint32_t) &&
                   sizeof(enum verdict) == sizeof(uint32_t) && sizeof(enum factor_kind) == sizeof(uint32_t),
               "enums are kept in 32 bits");

#define HEADER_SIZE 2

/* What is left of a packet: to be written, or to be read. */
struct room {
    uint8_t *at;
    size_t left;
};
struct rest {
    const uint8_t *at;
    size_t left;
};

static bool put_bytes(struct room *room, const void *bytes, size_t len)
{
    if (len > room->left)
        return false;
    memcpy(room->at, bytes, len);
    room->at += len;
    room->left -= len;
    return true;
}

static bool put_number(struct room *room, uint64_t value, size_t width)
{
    if (width > room->left)
        return false;
    for (size_t i = 0; i < width; i++)
        room->at[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    room->at += width;
    room->left -= width;
    return true;
}

static bool put_counted(struct room *room, const void *bytes, size_t len)
{
    return put_number(room, len, 2) && put_bytes(room, bytes, len);
}

static bool get_number(struct rest *rest, size_t width, uint64_t *out_value)
{
    if (width > rest->left)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | rest->at[i];
    rest->at += width;
    rest->left -= width;
    *out_value = value;
    return true;
}

/* The bytes behind a u16 length: where they begin; they stay in the packet. */
static bool get_counted(struct rest *rest, const uint8_t **out_bytes, size_t *out_len)
{
    uint64_t len = 0;
    if (!get_number(rest, 2, &len) || len > rest->left)
        return false;
    *out_bytes = rest->at;
    *out_len = (size_t)len;
    rest->at += len;
    rest->left -= (size_t)len;
    return true;
}

static bool in_range(const struct wire_field *field, uint64_t value)
{
    return value >= field->min && value <= field->max;
}

static bool put_field(struct room *room, const struct wire_field *field, const void *member)
{
    uint32_t small = 0;
    uint64_t big = 0;
    const struct secret *secret = NULL;
    size_t len = 0;

    switch (field->kind) {
    case WIRE_FIELD_ENUM:
    case WIRE_FIELD_FLAG:
        memcpy(&small, member, sizeof small);
        return in_range(field, small) && put_number(room, small, 1);
    case WIRE_FIELD_U32:
        memcpy(&small, member, sizeof small);
        return put_number(room, small, 4);
    case WIRE_FIELD_U64:
    case WIRE_FIELD_I64:
        memcpy(&big, member, sizeof big);
        return put_number(room, big, 8);
    case WIRE_FIELD_TEXT:
        len = strnlen(member, field->max);
        return len < field->max && put_counted(room, member, len);
    case WIRE_FIELD_BYTES:
        memcpy(&secret, member, sizeof secret);
        return secret != NULL && secret_len(secret) <= field->max &&
               put_counted(room, secret_read(secret), secret_len(secret));
    }
    return false;
}

static enum status get_integer(struct rest *rest, const struct wire_field *field, void *member)
{
    bool is_byte = field->kind == WIRE_FIELD_ENUM || field->kind == WIRE_FIELD_FLAG;
    uint64_t value = 0;

    if (field->kind == WIRE_FIELD_U64 || field->kind == WIRE_FIELD_I64) {
        if (!get_number(rest, 8, &value))
            return STATUS_INVALID;
        memcpy(member, &value, sizeof value);
        return STATUS_OK;
    }
    if (!get_number(rest, is_byte ? 1 : 4, &value) || (is_byte && !in_range(field, value)))
        return STATUS_INVALID;
    uint32_t small = (uint32_t)value;
    memcpy(member, &small, sizeof small);
    return STATUS_OK;
}

/* The array is zeroed, so the final zero is there. */
static enum status get_text(struct rest *rest, const struct wire_field *field, void *member)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    if (!get_counted(rest, &bytes, &len) || len >= field->max || memchr(bytes, 0, len) != NULL)
        return STATUS_INVALID;
    memcpy(member, bytes, len);
    return STATUS_OK;
}

static enum status get_secret(struct rest *rest, const struct wire_field *field, void *member)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    if (!get_counted(rest, &bytes, &len) || len > field->max)
        return STATUS_INVALID;
    struct secret *secret = secret_copy(bytes, len);
    if (secret == NULL)
        return STATUS_NO_MEMORY;
    memcpy(member, &secret, sizeof secret);
    return STATUS_OK;
}

static enum status get_field(struct rest *rest, const struct wire_field *field, void *member)
{
    switch (field->kind) {
    case WIRE_FIELD_ENUM:
    case WIRE_FIELD_FLAG:
    case WIRE_FIELD_U32:
    case WIRE_FIELD_U64:
    case WIRE_FIELD_I64:
        return get_integer(rest, field, member);
    case WIRE_FIELD_TEXT:
        return get_text(rest, field, member);
    case WIRE_FIELD_BYTES:
        return get_secret(rest, field, member);
    }
    return STATUS_INVALID;
}

enum status wire_encode_into(const struct wire_message *message, uint8_t *bytes, size_t *out_len)
{
    const struct wire_table *table = wire_table_find(message->type);
    if (table == NULL)
        return STATUS_INVALID;

    struct room room = {bytes, WIRE_PACKET_MAX};
    bool fits = put_number(&room, WIRE_VERSION, 1) && put_number(&room, table->type, 1);
    for (size_t i = 0; fits && i < table->count; i++)
        fits = put_field(&room, &table->fields[i], (const uint8_t *)message + table->fields[i].offset);
    if (!fits) {
        secret_wipe(bytes, WIRE_PACKET_MAX);
        return STATUS_INVALID;
    }
    *out_len = WIRE_PACKET_MAX - room.left;
    return STATUS_OK;
}

enum status wire_encode(const struct wire_message *message, struct secret *packet)
{
    size_t len = 0;
    if (secret_len(packet) < WIRE_PACKET_MAX)
        return STATUS_INVALID;
    enum status status = wire_encode_into(message, secret_fill(packet), &len);
    if (status == STATUS_OK)
        secret_shorten(packet, len);
    return status;
}

enum status wire_decode(const void *packet, size_t len, struct wire_message *out_message)
{
    const uint8_t *bytes = packet;
    if (len < HEADER_SIZE || len > WIRE_PACKET_MAX || bytes[0] != WIRE_VERSION)
        return STATUS_INVALID;
    const struct wire_table *table = wire_table_find(bytes[1]);
    if (table == NULL)
        return STATUS_INVALID;

    wire_owner struct wire_message message;
    memset(&message, 0, sizeof message);
    message.type = (enum wire_type)table->type;
    struct rest rest = {bytes + HEADER_SIZE, len - HEADER_SIZE};
    for (size_t i = 0; i < table->count; i++) {
        enum status status = get_field(&rest, &table->fields[i], (uint8_t *)&message + table->fields[i].offset);
        if (status != STATUS_OK)
            return status;
    }
    if (rest.left != 0)
        return STATUS_INVALID;

    *out_message = message;
    memset(&message, 0, sizeof message); /* the secrets are the caller's now */
    return STATUS_OK;
}

void wire_wipe(struct wire_message *message)
{
    const struct wire_table *table = wire_table_find(message->type);
    for (size_t i = 0; table != NULL && i < table->count; i++) {
        if (table->fields[i].kind != WIRE_FIELD_BYTES)
            continue;
        struct secret *secret = NULL;
        memcpy(&secret, (uint8_t *)message + table->fields[i].offset, sizeof secret);
        secret_free(secret);
    }
    secret_wipe(message, sizeof *message);
}
