/* The lines of pam_garde.so in a stack, each looked at by itself. */
#ifndef GARDE_TOOL_DOCTOR_GARDE_LINES_H
#define GARDE_TOOL_DOCTOR_GARDE_LINES_H

#include "finding.h"
#include "stack.h"

/* socket_folder: the configured one; NULL: not known. */
void garde_lines_look(struct findings *findings, const struct stack_places *places, const struct stack *stack,
                      const char *service, const char *socket_folder);

#endif
