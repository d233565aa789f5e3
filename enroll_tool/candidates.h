/* A list of candidates for the end of a command line. */
#ifndef GARDE_TOOL_CANDIDATES_H
#define GARDE_TOOL_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#define CANDIDATES_MAX 2000 /* more are of no help to anybody: then there are none */

struct candidate {
    char *value;
    char *description; /* shown text */
};

struct candidates {
    const char *typed; /* what a value begins with */
    struct candidate *list;
    size_t count;
    bool wants_file;
    bool too_many;
};

void candidates_clear(struct candidates *candidates);
#define candidates_owner __attribute__((cleanup(candidates_clear)))

/* Adds value unless it is there already, does not begin with what was typed, or cannot be shown as it is. Copies both; the description
 * may be any text. */
void candidates_add(struct candidates *candidates, const char *value, const char *description);

/* The same for what comes from the store: a value that would be taken for an option is left out. */
void candidates_add_name(struct candidates *candidates, const char *value, const char *description);

#endif
