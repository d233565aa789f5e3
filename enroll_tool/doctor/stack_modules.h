/* What is known of PAM modules by their names: their role beside a second factor, and which answers they can give. */
#ifndef GARDE_TOOL_DOCTOR_STACK_MODULES_H
#define GARDE_TOOL_DOCTOR_STACK_MODULES_H

#include "stack.h"

/* Fills in role and answers of each line. A module that is not there gives the one answer that libpam gives in its place. */
void stack_modules_know(const struct stack_places *places, struct stack *stack);

/* Is it a line of pam_garde.so, whatever its mode? */
bool stack_modules_is_garde(const struct stack_line *line);
/* ... and one that says whether a code is right? */
bool stack_modules_checks_code(const struct stack_line *line);

/* ... and the account line that refuses who was let in without the code having been checked? All others of other types than auth are misplaced. */
bool stack_modules_closes(const struct stack_line *line);

/* Where the line's module is; NULL: nowhere. out is of that size. */
const char *stack_modules_find(const struct stack_places *places, const struct stack_line *line, char *out,
                               size_t size);

/* Is the file whole, and made for the machine that this program is made for? What cannot be read counts as such. Whether libraries that it
 * needs are there is not looked at: nothing of it is run. */
bool stack_modules_is_loadable(const char *path);

#endif
