/* What a session and an admin session have in common: a socket, a deadline, a place in the census. */
#ifndef GARDE_VERIFIER_CONNECTION_H
#define GARDE_VERIFIER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/status.h>

#include "job.h"
#include "server.h"

struct connection;

struct connection_kind {
    /* The socket can be read or written, or the other side is gone (EPOLL* bits). */
    void (*ready)(struct connection *connection, uint32_t events);
    void (*late)(struct connection *connection);  /* the deadline has passed */
    void (*drain)(struct connection *connection); /* the server ends: close now or after the answer under way */
};

/* The first member of both kinds of session. */
struct connection {
    const struct connection_kind *kind;
    struct server *server;
    struct connection *next;
    struct connection **link; /* the pointer that points here */
    enum door door;
    uint32_t uid;
    int fd; /* -1: closed, while work is still under way */
    struct timer timer;
};

/* What the server's crowds call. */
void connection_ready(void *member, uint32_t events);

/* Takes fd and the census place over; on failure both stay the caller's. Reads at once; no deadline yet. */
enum status connection_open(struct connection *connection, const struct connection_kind *kind, struct server *server,
                            int fd, enum door door, uint32_t uid) GARDE_MUST_CHECK;

/* Which events are waited for: EPOLLIN, EPOLLOUT or 0 (only the end of the other side). */
void connection_want(struct connection *connection, uint32_t events);

/* A deadline from now, or at a time of CLOCK_MONOTONIC. */
void connection_late_in(struct connection *connection, uint64_t in_us);
void connection_late_at(struct connection *connection, uint64_t at_us);
void connection_never_late(struct connection *connection);

/* Ends the conversation; the place in the census stays taken. Twice is fine. */
void connection_close(struct connection *connection);
/* After close: gives the place back. The memory is its owner's. */
void connection_forget(struct connection *connection);

#endif
