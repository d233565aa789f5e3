#include "wiping.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <garde/secret.h>

void *wiping_malloc(size_t size)
{
    return malloc(size);
}

void wiping_free(void *block)
{
    if (block != NULL)
        secret_wipe(block, malloc_usable_size(block));
    free(block);
}

/* realloc would leave a copy behind when it moves the block. */
void *wiping_realloc(void *block, size_t size)
{
    void *moved = malloc(size);
    if (moved == NULL || block == NULL)
        return moved;
    size_t had = malloc_usable_size(block);
    memcpy(moved, block, had < size ? had : size);
    wiping_free(block);
    return moved;
}

char *wiping_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = wiping_malloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}
