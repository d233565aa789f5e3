/* Lines of pam_garde.so that take the code off the password: "split" and "verify", or "concat", beside each other and beside the lines that check
 * passwords. */
#ifndef GARDE_TOOL_DOCTOR_PAIR_H
#define GARDE_TOOL_DOCTOR_PAIR_H

#include "finding.h"
#include "stack.h"

/* Is there such a line in the stack? */
bool pair_takes_code_off(const struct stack *stack);

/* Judges what is not a way in without a code: refusals that nobody meant, questions that are asked twice, control values, delays. Nothing where all is
 * well. service: as it is shown. true: a line of these is why nobody gets in with a code. */
bool pair_look(struct findings *findings, const char *service, const struct stack *stack);

/* Where one line of the two is missing: how it comes back. line: the other one. */
void pair_mend_missing(struct finding *finding, const struct stack_line *line);

#endif
