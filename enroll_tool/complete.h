/* What could stand at the end of a command line: the half of completions/ that knows garde.
 *
 *   garde complete -- WORDS...        The words behind `garde`; the last one is to be completed, and may be empty. Prints a line
 *                                     "VALUE<tab>DESCRIPTION" for each candidate.
 *   garde complete bash LINE BREAKS   The command line up to the cursor as it was typed, and COMP_WORDBREAKS. Prints candidates, a line each, as
 *                                     bash has to insert them (complete_line.h).
 *
 * Where the name of a file is wanted it prints COMPLETE_FILE instead: the shell knows files better.
 *
 * Commands, options and their values come from the table of commands; a command's words from its usage line: USER, FACTOR, FILE, FOLDER, COMMAND,
 * or small words with a bar between ("one|other"). Whatever else stands there is left to the person.
 *
 * MUST 1  Nothing but candidates is said, and nothing is asked: a complaint would end up in the line that is being typed.
 * MUST 2  A person waits: what takes longer than COMPLETE_WAIT_MS, and a verifier that cannot be reached, gives no candidates.
 * MUST 3  A name or label that text_show would escape, or that would be taken for an option, is no candidate.
 */
#ifndef GARDE_TOOL_COMPLETE_H
#define GARDE_TOOL_COMPLETE_H

#include "command.h"

#define COMPLETE_FILE    "\tfile"
#define COMPLETE_WAIT_MS 2000

/* `commands` ends with NULL; argc and argv: what follows "complete". */
enum tool_exit complete_run(struct tool *tool, const struct command *const *commands, int argc, char **argv);

#endif
