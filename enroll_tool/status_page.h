/* How the verifier is, as a page for a person: tables of what stands out, then a line for each part, last what needs an admin.
 *
 * The warnings come last, where a person looks after the command has ended, however long a table above them is.
 */
#ifndef GARDE_TOOL_STATUS_PAGE_H
#define GARDE_TOOL_STATUS_PAGE_H

#include <stdbool.h>

#include <garde/wire.h>

/* What needs an admin; the names in JSON are those of status_attention_name(). */
enum status_attention {
    ATTENTION_TAMPERED = 1 << 0, /* somebody changed the store without the key */
    ATTENTION_CLOCK = 1 << 1,
    ATTENTION_MARKS = 1 << 2,
    ATTENTION_ROOM = 1 << 3,
    ATTENTION_NO_ROOM = 1 << 4, /* instead of ATTENTION_ROOM: the reserve is used up too, nothing can be recorded */
};
#define ATTENTIONS 5

/* unreadable: the verifier said that it could not count all. */
unsigned status_attention(const struct wire_state *state, bool unreadable);
/* In English, for programs: "tampered" ... */
const char *status_attention_name(unsigned index);

/* Rows of the tables; `row` counts from 0 in each. */
void status_page_mark(const struct wire_future_mark *mark, unsigned long row);
void status_page_bad_row(const struct wire_bad_row *bad_row, unsigned long row);
/* The rest. after_table: one stands above. */
void status_page_state(const struct wire_state *state, unsigned attention, bool after_table);

#endif
