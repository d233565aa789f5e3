/* A desk that decides by name and code, and that a test can hold in the middle of a batch.
 *
 *   JOB_ATTEMPT   the code "right" is accepted, anything else is refused
 *   JOB_LOOK      "enrolled": enrolled as "canonical"; "denied": refused; else unknown, and in the second round let
 *                 through if the name was found, refused if not
 *                 all_pending: everybody is pending, and may leave the prompt empty where the rule is allow; so does an empty answer
 *   JOB_ADMIN     WIRE_LIST: `pages` full pages, then the result; else a result at once
 */
#ifndef GARDE_TESTS_FAKE_DESK_H
#define GARDE_TESTS_FAKE_DESK_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "desk/desk.h"

#define FAKE_BATCHES 64

struct desk {
    atomic_bool held; /* each batch waits for `go` */
    atomic_bool all_pending;
    atomic_bool attempts_skip; /* an attempt comes back as let through, whatever it was */
    sem_t entered;             /* a batch has begun */
    sem_t go;
    sem_t idled; /* the desk was told that all is still */
    enum status status;
    int64_t pages;
    size_t sizes[FAKE_BATCHES]; /* jobs of each batch */
    atomic_uint steps_wanted;   /* desk_tend says that there is more until it was called so often */
    atomic_uint steps, batches, looks, notes, counts, last_counts, idles, attempts, adopted_window;
    _Atomic int64_t waits_since_ms; /* of the last look */
    atomic_int last_rule;           /* for un-enrolled users, as the last look had it */
    struct caller caller;           /* of the last attempt, and for whom it was */
    char user[USER_SIZE];
    unsigned *at_close; /* if not NULL: set to the number of attempts and looks when it is closed */
};

struct desk *fake_desk_new(void);

#endif
