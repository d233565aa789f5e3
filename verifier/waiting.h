/* One attempt per user at a time in the worker's queue; the next ones wait at their sessions, in order of arrival.
 *
 * So a thousand offers for one name are a thousand batches' work in turn and not one batch that everybody else waits for.
 * Intrusive: a waiter is part of its session, nothing is allocated.
 */
#ifndef GARDE_VERIFIER_WAITING_H
#define GARDE_VERIFIER_WAITING_H

#include <stdbool.h>
#include <stddef.h>

#define WAITING_KEY_SIZE 272 /* with the final zero: a user name and what it is told apart by */
#define WAITING_BUCKETS  1024

/* Zeroed: waits for nothing. */
struct waiter {
    struct waiter *next_user; /* the first of another user in this bucket */
    struct waiter *next;      /* the next of the same user */
    bool queued;
    char key[WAITING_KEY_SIZE];
};

struct waiting {
    struct waiter *buckets[WAITING_BUCKETS];
};

/* Lines up under `key` (cut to fit). true: it is this one's turn already. */
bool waiting_enter(struct waiting *waiting, struct waiter *waiter, const char *key);

/* Leaves, from the front or from within the line; one that is not queued is fine. If it was at the front, the
 * next one, whose turn it is now; else NULL. */
struct waiter *waiting_leave(struct waiting *waiting, struct waiter *waiter);

#endif
