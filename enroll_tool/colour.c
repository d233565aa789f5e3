#include "colour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_suits(bool is_terminal, const char *no_color, const char *term)
{
    bool unwanted = no_color != NULL && no_color[0] != '\0';
    bool plain = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
    return is_terminal && !unwanted && !plain;
}

static bool is_on(enum colour colour)
{
    return colour != COLOUR_NONE &&
           colour_suits(isatty(STDOUT_FILENO) == 1, secure_getenv("NO_COLOR"), secure_getenv("TERM"));
}

void colour_begin(enum colour colour)
{
    /* Of the sixteen: a theme sees to it that they can be read on its background. */
    static const char *const starts[] = {
        [COLOUR_NONE] = "", [COLOUR_GOOD] = "\x1b[32m", [COLOUR_WARNING] = "\x1b[33m", [COLOUR_BAD] = "\x1b[31m"};
    if (is_on(colour))
        fputs(starts[colour], stdout);
}

void colour_end(enum colour colour)
{
    if (is_on(colour))
        fputs("\x1b[0m", stdout);
}
