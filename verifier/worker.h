/* The worker: the one thread that runs the desk.
 *
 * Batching is natural: each time it takes everything that waits. While one batch is flushed, the next gathers.
 */
#ifndef GARDE_VERIFIER_WORKER_H
#define GARDE_VERIFIER_WORKER_H

#include <stdint.h>

#include <garde/status.h>

#include "desk/desk.h"
#include "job.h"

struct worker;

struct worker_times {
    int64_t idle_after_ms; /* so long nothing must be asked before the desk is told that all is still */
    int64_t look_waits_ms; /* so long a look waits for the scan of the store */
};

/* Takes the desk over (also on failure). */
enum status worker_start(struct desk *desk, const struct worker_times *times,
                         struct worker **out_worker) GARDE_MUST_CHECK;

/* Finishes what is queued, checkpoints, closes the desk. Jobs that were not taken back are freed. */
void worker_stop(struct worker *worker);

/* Readable when worker_take_done has something to give. */
int worker_fd(const struct worker *worker);

/* The job belongs to the worker until worker_take_done gives it back (linked by next, in the order of the batch). */
void worker_submit(struct worker *worker, struct job *job);
struct job *worker_take_done(struct worker *worker);

/* For how long the thread has been at one turn of its work (a batch, and a step between batches), or has left work waiting. 0: there is
 * nothing to do. now_ms: wire_deadline_ms(0), or what a test wants it to be. */
int64_t worker_busy_ms(struct worker *worker, int64_t now_ms);

/* New rules from the next batch on. */
void worker_adopt(struct worker *worker, const struct desk_rules *rules);

#endif
