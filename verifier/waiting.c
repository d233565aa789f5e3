#include "waiting.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* FNV-1a: who fills one bucket on purpose makes a list of at most as many names as there are sessions. */
static struct waiter **bucket_of(struct waiting *waiting, const char *key)
{
    uint32_t hash = 2166136261U;
    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * 16777619U;
    return &waiting->buckets[hash % WAITING_BUCKETS];
}

/* Where the pointer to the user's first waiter is, or would be. */
static struct waiter **line_of(struct waiting *waiting, const char *key)
{
    struct waiter **at = bucket_of(waiting, key);
    while (*at != NULL && strcmp((*at)->key, key) != 0)
        at = &(*at)->next_user;
    return at;
}

bool waiting_enter(struct waiting *waiting, struct waiter *waiter, const char *key)
{
    (void)snprintf(waiter->key, sizeof waiter->key, "%s", key);
    waiter->next = NULL;
    waiter->next_user = NULL;
    waiter->queued = true;

    struct waiter **first = line_of(waiting, waiter->key);
    if (*first == NULL) {
        *first = waiter;
        return true;
    }
    struct waiter *last = *first;
    while (last->next != NULL)
        last = last->next;
    last->next = waiter;
    return false;
}

struct waiter *waiting_leave(struct waiting *waiting, struct waiter *waiter)
{
    if (!waiter->queued)
        return NULL;
    waiter->queued = false;

    struct waiter **first = line_of(waiting, waiter->key);
    if (*first == waiter) {
        struct waiter *heir = waiter->next;
        if (heir != NULL)
            heir->next_user = waiter->next_user;
        *first = heir != NULL ? heir : waiter->next_user;
        return heir;
    }
    struct waiter *before = *first;
    while (before != NULL && before->next != waiter)
        before = before->next;
    if (before != NULL)
        before->next = waiter->next;
    return NULL;
}
