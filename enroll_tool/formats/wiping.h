/* Memory for libraries that hold secrets for a moment in blocks of their own: what they free is wiped first. */
#ifndef GARDE_TOOL_WIPING_H
#define GARDE_TOOL_WIPING_H

#include <stddef.h>

void *wiping_malloc(size_t size);
void *wiping_realloc(void *block, size_t size);
char *wiping_strdup(const char *text);
void wiping_free(void *block);

#endif
