/* A struct problem of the configuration in words, with how to mend it. */
#ifndef GARDE_TOOL_PROBLEM_TEXT_H
#define GARDE_TOOL_PROBLEM_TEXT_H

#include <garde/problem.h>

/* path: named where the problem itself names no file. */
void problem_text_tell(const struct problem *problem, const char *path);

#endif
