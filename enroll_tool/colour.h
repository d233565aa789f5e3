/* Colours, sparingly: only on a terminal that has them, and not where NO_COLOR (https://no-color.org) says no.
 *
 * What a colour says is always said in words, too. The QR code in the terminal is no part of this: without its black on white it
 * could not be scanned.
 */
#ifndef GARDE_TOOL_COLOUR_H
#define GARDE_TOOL_COLOUR_H

#include <stdbool.h>

enum colour {
    COLOUR_NONE,
    COLOUR_GOOD,
    COLOUR_WARNING,
    COLOUR_BAD,
};

/* no_color: of the environment, set but empty does not count; term: TERM. Both may be NULL. */
bool colour_suits(bool is_terminal, const char *no_color, const char *term);

/* On standard output: from here on, and back. Nothing at all where colours do not suit. */
void colour_begin(enum colour colour);
void colour_end(enum colour colour);

#endif
