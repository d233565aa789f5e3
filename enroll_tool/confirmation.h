/* The proof that a phone makes the right codes, for `garde enroll` and `garde confirm`. */
#ifndef GARDE_TOOL_CONFIRMATION_H
#define GARDE_TOOL_CONFIRMATION_H

#include <stdbool.h>
#include <stdint.h>

#include "tool.h"

enum confirmation_device {
    CONFIRMATION_PHONE, /* or nobody knows */
    CONFIRMATION_TOKEN,
};

/* Asks for a code, up to three times, and has it checked. factor_id 0: as in struct wire_confirm. after_input: see ask.h.
 * Says how it ended. A wrong code is never answered by the right one. */
enum tool_exit confirmation_ask(struct tool *tool, const char *user, int64_t factor_id, enum confirmation_device device,
                                bool after_input) GARDE_MUST_CHECK;

#endif
