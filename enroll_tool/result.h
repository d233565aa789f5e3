/* What the verifier answered, in words. */
#ifndef GARDE_TOOL_RESULT_H
#define GARDE_TOOL_RESULT_H

#include <garde/wire.h>

#include "tool.h"

/* WIRE_OK: says nothing, TOOL_DONE. Anything else: told on standard error, and the exit code that belongs to it. */
enum tool_exit result_tell(const struct wire_result *result, const char *user) GARDE_MUST_CHECK;

/* How many rows were marked as tampered with; none: says nothing, TOOL_DONE. */
enum tool_exit result_tell_tampered(unsigned long rows) GARDE_MUST_CHECK;

#endif
