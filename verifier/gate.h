/* So many at once, the others in order of arrival.
 *
 * The worker takes everything that waits as one batch. Without a gate a thousand unprivileged callers who answer at the same moment
 * are one batch of a thousand, and root's attempt stands in it or behind it. Intrusive: nothing is allocated.
 */
#ifndef GARDE_VERIFIER_GATE_H
#define GARDE_VERIFIER_GATE_H

#include <stdbool.h>
#include <stddef.h>

enum gate_place {
    GATE_AWAY = 0,
    GATE_WAITING,
    GATE_INSIDE,
};

/* Zeroed: away. */
struct guest {
    enum gate_place place;
    struct guest *before;
    struct guest *after;
};

struct gate {
    unsigned most;
    unsigned inside;
    struct guest *first;
    struct guest *last;
};

/* true: inside already. One that is not away must leave first. */
bool gate_enter(struct gate *gate, struct guest *guest);

/* From inside or from the line; one that is away is fine. Whoever comes inside in its place, or NULL. */
struct guest *gate_leave(struct gate *gate, struct guest *guest);

#endif
