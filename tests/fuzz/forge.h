/* A store file as somebody leaves it who can write it and knows SQLite, but has no key: from a good file and an input, another one.
 *
 * Input, from the front: how many edits, the edits, and then changes of the file's bytes until nothing is left.
 *   edit     what (update, copy, delete), table, row, column, kind of value, value
 *   change   what (a byte, bytes, page over page, cut), page and where in it, what else it takes
 * Tables and columns come in the order of the file's schema. An edit may put any type of value into any column: what the tables'
 * definitions refuse is written while these are out of force. */
#ifndef GARDE_TESTS_FORGE_H
#define GARDE_TESTS_FORGE_H

#include "fuzz.h"

#define FORGE_TABLES 16

struct forged {
    const uint8_t *bytes; /* until the next call */
    size_t len;
    bool is_good; /* nothing was changed */
    bool is_torn; /* bytes were, beside rows */
    unsigned
        untouched[FORGE_TABLES]; /* rows that are still there as they were, to the type of each value, if not torn */
};

/* Once: the bytes of a good store's file. */
void forge_from(const uint8_t *good, size_t len);

struct forged forge(struct input *input);

unsigned forge_untouched(const struct forged *forged, const char *table);

#endif
