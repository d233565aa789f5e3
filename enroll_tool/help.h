/* The help texts, from the table of commands. */
#ifndef GARDE_TOOL_HELP_H
#define GARDE_TOOL_HELP_H

#include <stdio.h>

#include "command.h"

/* All commands, a line each. `commands` ends with NULL. */
void help_all(FILE *out, const struct command *const *commands);
/* One command: usage, details, options, an example. */
void help_one(const struct command *command);

#endif
