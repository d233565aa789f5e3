/* Command lines: strict, the same for every command.
 *
 * Options are long ("--name", "--name VALUE", "--name=VALUE"), written out, in any place, each at most once. "--" ends them. --config and
 * --quiet are every command's; --help is answered before a command runs.
 */
#ifndef GARDE_TOOL_OPTIONS_H
#define GARDE_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tool.h"

struct option_row {
    const char *name;  /* without dashes; NULL ends the table */
    const char *value; /* its value's name in the help (marked for translation), NULL: takes none */
    const char *help;  /* marked for translation */
};

#define OPTIONS_MAX 31 /* rows in one table */

/* Every command takes these, before and behind its name. */
extern const struct option_row options_everywhere[];

struct options {
    struct tool *tool;
    const char *command; /* for complaints */
    const struct option_row *table;
    int argc; /* what follows the command's name */
    char **argv;
    int at;
    bool ended;    /* "--" was seen */
    uint32_t seen; /* bit i: row i was given */
};

enum {
    OPTIONS_END = -1,
    OPTIONS_WORD = -2,  /* not an option: *out_value */
    OPTIONS_WRONG = -3, /* told already */
};

/* The next one: its row in the table (*out_value: its value), or one of the above. */
int options_next(struct options *options, const char **out_value);

/* An option's value was not one that it takes: told. Always TOOL_USAGE. */
enum tool_exit options_refuse(const struct options *options, int row, const char *value);

/* For commands that take words and at most flags (`seen` tells which): min..max words into out_words (the rest NULL). */
enum tool_exit options_words(struct options *options, int min, int max, const char **out_words) GARDE_MUST_CHECK;

/* Points to the command's help: the line after a complaint. */
enum tool_exit options_hint(const char *command);

#endif
