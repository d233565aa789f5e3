/* Answers from a person, or from a script.
 *
 * MUST 1  A code or secret comes from the terminal or standard input, never from the command line or the environment.
 * MUST 2  It is read byte by byte into a struct secret; no stdio buffer holds it.
 * MUST 3  A terminal whose echo was off has it on again, whatever ends the reading.
 */
#ifndef GARDE_TOOL_ASK_H
#define GARDE_TOOL_ASK_H

#include <stdbool.h>

#include <garde/secret.h>
#include <garde/status.h>

enum ask_how {
    ASK_SHOWN,  /* a code: short-lived and spent; seen while typing, since a typo costs a try */
    ASK_HIDDEN, /* a secret */
};

/* One line without its end, of at most max bytes. When standard input is a terminal, the question goes to /dev/tty and the answer
 * comes from there; else the next line of standard input is the answer. `after_input`: standard input was used for something
 * else, so when it has ended a terminal is asked, if there is one.
 * STATUS_CLOSED: no answer (end of input); STATUS_INVALID: too long, or it holds a zero byte; STATUS_FAILED. */
enum status ask_line(const char *question, enum ask_how how, bool after_input, size_t max,
                     struct secret **out_line) GARDE_MUST_CHECK;

/* A signal that ended an asking (STATUS_CLOSED) ends the tool here, once it has said what there is to say: the last call. */
void ask_obey(void);

/* A code, with the blanks taken out that apps show in it. */
enum status ask_code(const char *question, bool after_input, struct secret **out_code) GARDE_MUST_CHECK;

#endif
