/* A struct problem of the configuration in words, with how to mend it. */
#ifndef GARDE_TOOL_PROBLEM_TEXT_H
#define GARDE_TOOL_PROBLEM_TEXT_H

#include <stddef.h>

#include <garde/problem.h>

#define PROBLEM_TEXT_SIZE 9000 /* the path twice, escaped */

/* One paragraph. path: named where the problem itself names no file. */
void problem_text_say(const struct problem *problem, const char *path, char *out, size_t size);
/* The same as a complaint, with where to read on. path: named where the problem itself names no file. */
void problem_text_tell(const struct problem *problem, const char *path);

#endif
