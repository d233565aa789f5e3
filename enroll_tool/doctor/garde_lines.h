/* The lines of pam_garde.so in a stack, each looked at by itself, and those that were meant to be some. */
#ifndef GARDE_TOOL_DOCTOR_GARDE_LINES_H
#define GARDE_TOOL_DOCTOR_GARDE_LINES_H

#include "finding.h"
#include "stack.h"

/* socket_folder: the configured one; NULL: not known. */
void garde_lines_look(struct findings *findings, const struct stack_places *places, const struct stack *stack,
                      const char *service, const char *socket_folder);

/* Lines of other modules that are not there and whose failure counts: among them is pam_garde.so with a slip of the pen in its name. */
void garde_lines_look_for_missing(struct findings *findings, const struct stack *stack, const char *service);

#endif
