#include "candidates.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define DESCRIPTION_SIZE 1024

void candidates_clear(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        free(candidates->list[i].value);
        free(candidates->list[i].description);
    }
    free(candidates->list);
    candidates->list = NULL;
    candidates->count = 0;
}

static bool shows_as_it_is(const char *value)
{
    size_t size = TEXT_SHOWN_SIZE(strlen(value) + 1);
    char *shown = malloc(size);
    bool same = shown != NULL && strcmp(text_show(shown, size, value), value) == 0;

    free(shown);
    return same;
}

/* Rows of one user come one after the other: the last one is the likeliest. */
static bool is_listed(const struct candidates *candidates, const char *value)
{
    for (size_t i = candidates->count; i > 0; i--)
        if (strcmp(candidates->list[i - 1].value, value) == 0)
            return true;
    return false;
}

static bool make_room(struct candidates *candidates)
{
    if (candidates->count == CANDIDATES_MAX) {
        candidates->too_many = true;
        return false;
    }
    if ((candidates->count & (candidates->count - 1)) != 0)
        return true;
    size_t room = candidates->count == 0 ? 1 : 2 * candidates->count;
    struct candidate *list = realloc(candidates->list, room * sizeof *list);
    if (list == NULL)
        return false;
    candidates->list = list;
    return true;
}

void candidates_add(struct candidates *candidates, const char *value, const char *description)
{
    char shown[DESCRIPTION_SIZE];

    if (value[0] == '\0' || strncmp(value, candidates->typed, strlen(candidates->typed)) != 0)
        return;
    if (!shows_as_it_is(value) || is_listed(candidates, value) || !make_room(candidates))
        return;
    struct candidate *added = &candidates->list[candidates->count];
    added->value = strdup(value);
    added->description = strdup(text_show(shown, sizeof shown, description));
    if (added->value != NULL && added->description != NULL) {
        candidates->count++;
        return;
    }
    free(added->value);
    free(added->description);
}

void candidates_add_name(struct candidates *candidates, const char *value, const char *description)
{
    if (value[0] != '-')
        candidates_add(candidates, value, description);
}
