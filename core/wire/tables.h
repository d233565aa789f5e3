/* The fields of each message type, in the order of the packet. Internal to core/wire. */
#ifndef GARDE_CORE_WIRE_TABLES_H
#define GARDE_CORE_WIRE_TABLES_H

#include <stddef.h>
#include <stdint.h>

enum wire_field_kind {
    WIRE_FIELD_ENUM,  /* u8; an enum, min..max */
    WIRE_FIELD_FLAG,  /* u8; a uint32_t that is 0 or 1 */
    WIRE_FIELD_U32,   /* u32; uint32_t */
    WIRE_FIELD_U64,   /* u64; uint64_t */
    WIRE_FIELD_I64,   /* i64; int64_t */
    WIRE_FIELD_TEXT,  /* text; char[max] */
    WIRE_FIELD_BYTES, /* bytes; struct secret * of at most max */
};

struct wire_field {
    enum wire_field_kind kind;
    size_t offset; /* in struct wire_message */
    uint32_t min;
    uint32_t max;
};

struct wire_table {
    uint8_t type; /* enum wire_type */
    size_t count;
    const struct wire_field *fields; /* NULL: a type without fields */
};

/* NULL: there is no such type. */
const struct wire_table *wire_table_find(unsigned type);

#endif
