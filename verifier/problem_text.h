/* A struct problem in one line of English for the admin: what is wrong, where, and how to mend it. */
#ifndef GARDE_VERIFIER_PROBLEM_TEXT_H
#define GARDE_VERIFIER_PROBLEM_TEXT_H

#include <stddef.h>

#include <garde/problem.h>

#define PROBLEM_TEXT_SIZE 4096

/* For example: "/etc/garde/master.key belongs to alice, not to root; mend it: chown root:root /etc/garde/master.key". */
void problem_text(const struct problem *problem, char *out_text, size_t size);

#endif
