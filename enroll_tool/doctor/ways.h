/* What can be said of one service's stack as a whole: whom it lets in without a code, and whether it lets in anybody. */
#ifndef GARDE_TOOL_DOCTOR_WAYS_H
#define GARDE_TOOL_DOCTOR_WAYS_H

#include "finding.h"
#include "stack_judge.h"

/* Judges a stack that reaches pam_garde.so, and adds what is found. service: as it is shown. */
void ways_judge(struct findings *findings, const char *service, const struct stack *stack);

/* "/etc/pam.d/sshd:4", safe to show. */
#define WAYS_PLACE_SIZE 1200
const char *ways_place(const struct stack_line *line, char out[WAYS_PLACE_SIZE]);

#endif
