/* The question before what cannot be undone. */
#ifndef GARDE_TOOL_QUESTION_H
#define GARDE_TOOL_QUESTION_H

#include <stdbool.h>

#include "tool.h"

/* Asks on the terminal, or takes the next line of standard input; answered (--yes): asks nothing. The question ends with what may be answered.
 * TOOL_DONE: it was yes: "yes", "y", "oui", "o" in either case, whatever the language. TOOL_REFUSED: anything else and no answer; told. */
enum tool_exit question_ask(const char *question, bool answered) GARDE_MUST_CHECK;

#endif
