/* Files of PAM's configuration as bytes, and the texts that a stack keeps of them. */
#ifndef GARDE_TOOL_DOCTOR_STACK_FILE_H
#define GARDE_TOOL_DOCTOR_STACK_FILE_H

#include <stddef.h>

#include "stack.h"

#define STACK_FILE_MAX 262144 /* bytes: no configuration is longer */

/* The whole of a regular file; the caller frees it. Never waits for a pipe or device. TROUBLE_NONE, _MISSING, _DENIED, _NOT_A_FILE,
 * _TOO_LONG or _SYSTEM. */
enum stack_trouble_kind stack_file_read(const char *path, char **out_bytes, size_t *out_len);

/* A copy that lives as long as *texts. NULL: no memory. */
const char *stack_file_keep(void **texts, const char *text);
void stack_file_forget(void *texts);

#endif
