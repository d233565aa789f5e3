/* How many may be served at once, by door. Pure.
 *
 * A session counts until the last of its work is done, also when its socket is closed already: so nobody can pile up work by hanging
 * up. Descriptors for trusted callers and admins are kept back by never giving them to others.
 */
#ifndef GARDE_VERIFIER_CENSUS_H
#define GARDE_VERIFIER_CENSUS_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"

#define CENSUS_PUBLIC_MAX  1024 /* unprivileged peers and peers of the configuration together */
#define CENSUS_PER_UID     16
#define CENSUS_PER_PEER    256
#define CENSUS_TRUSTED_MAX 1024
#define CENSUS_ADMIN_MAX   32
#define CENSUS_OWN_FILES   96 /* store, library, log, helpers' pipes */

struct census {
    unsigned public_max, trusted_max, admin_max;
    unsigned public_count, trusted_count, admin_count;
    size_t uid_count; /* uids with a session at the public door */
    struct {
        uint32_t uid;
        unsigned count;
    } uids[CENSUS_PUBLIC_MAX];
};

/* Shares out `files` descriptors: admins first, then trusted callers, the rest is the public's. */
void census_begin(struct census *census, size_t files);

/* true: there is room, and it is counted. Every admitted one leaves once, by the same door and uid. */
bool census_admit(struct census *census, enum door door, uint32_t uid);
void census_leave(struct census *census, enum door door, uint32_t uid);

#endif
