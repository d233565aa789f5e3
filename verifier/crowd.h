/* Many descriptors behind one source of the event loop.
 *
 * In each of its turns sd-event goes through all sources that are ready and then handles one of them. With a thousand that are ready at once
 * every turn would be that long, also one that serves a caller of higher priority. Behind a crowd a turn costs the same
 * whatever their number: a few of them are handled, then others have their turn, and the rest come round in order.
 */
#ifndef GARDE_VERIFIER_CROWD_H
#define GARDE_VERIFIER_CROWD_H

#include <stdint.h>

#include <systemd/sd-event.h>

#include <garde/status.h>

#define CROWD_AT_ONCE 8 /* handled in a turn, each once */

/* member: as it joined. events: EPOLL* bits. Members may join, change and leave meanwhile. */
typedef void crowd_ready(void *member, uint32_t events);

/* Zeroed: not begun. */
struct crowd {
    int fd; /* an epoll of their own */
    sd_event_source *source;
    crowd_ready *ready;
    void *turn[CROWD_AT_ONCE]; /* whose turn it is; NULL: gone meanwhile */
};

enum status crowd_begin(struct crowd *crowd, sd_event *event, int64_t priority, crowd_ready *ready) GARDE_MUST_CHECK;
/* Twice is fine, and so is one that never began. */
void crowd_end(struct crowd *crowd);

/* Waits for these events of fd, which stays the caller's, and for its end. */
enum status crowd_join(struct crowd *crowd, int fd, uint32_t events, void *member) GARDE_MUST_CHECK;
void crowd_want(struct crowd *crowd, int fd, uint32_t events, void *member);
/* Before fd is closed and the member freed. */
void crowd_leave(struct crowd *crowd, int fd, const void *member);

#endif
