/* Takes connections: who is it, is there room, then a session. */
#ifndef GARDE_VERIFIER_LISTENER_H
#define GARDE_VERIFIER_LISTENER_H

#include "server.h"
#include "sockets.h"

#define LISTENER_AT_ONCE  8         /* connections taken before others have their turn */
#define LISTENER_PAUSE_US 100000ULL /* without descriptors or memory */

struct listener {
    struct server *server;
    enum door door;
    int fd; /* the sockets' */
    sd_event_source *io;
    struct timer pause;
};

struct listeners {
    size_t count;
    struct listener rows[SOCKETS_MAX];
};

/* The sockets stay the caller's and must outlive the listeners. */
enum status listeners_begin(struct listeners *listeners, const struct sockets *sockets,
                            struct server *server) GARDE_MUST_CHECK;
void listeners_end(struct listeners *listeners);

#endif
