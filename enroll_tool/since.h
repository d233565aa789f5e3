/* The option --since, of every command that has it. */
#ifndef GARDE_TOOL_SINCE_H
#define GARDE_TOOL_SINCE_H

#include <stdint.h>

#include "options.h"

/* As moment_parse_since; what is no time is told: TOOL_USAGE. */
enum tool_exit since_take(const struct options *options, const char *value, int64_t *out_ms) GARDE_MUST_CHECK;

#endif
