/* What the parts of the event loop share: one struct, owned by service.c. */
#ifndef GARDE_VERIFIER_SERVER_H
#define GARDE_VERIFIER_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include <garde/settings.h>

#include "census.h"
#include "crowd.h"
#include "gate.h"
#include "names.h"
#include "peers.h"
#include "timers.h"
#include "waiting.h"
#include "worker.h"

/* Priorities of event sources: with less is served first, so that no crowd at the public door delays root's login, and
 * who hung up has left before others are counted. */
#define PRIORITY_VERDICTS (-30)
#define PRIORITY_SIGNALS  (-20)
#define PRIORITY_TRUSTED  (-10)
#define PRIORITY_ADMIN    (-5)
#define PRIORITY_PUBLIC   0
#define PRIORITY_TAKING   2 /* added to the door's: new connections after those that are there */

/* Jobs of the public door that are with the worker at once: enough to fill a flush, and few enough that the batch is short. */
#define PEOPLE_AT_WORKER 16
#define PEERS_AT_WORKER  32
/* Pages of lists, but for the first ones: a login waits for one at most, however many admins read. */
#define PAGES_AT_WORKER 1

#define NOTES_MAX 256 /* JOB_NOTE on their way at once; more are dropped */

struct connection;

struct server {
    sd_event *event;
    struct timers timers;
    struct settings settings;
    unsigned settings_age;   /* how many there were before; what was looked up under others is worth nothing */
    uint64_t missing_groups; /* told to the log, a bit for each of the settings' */
    struct peers peers;
    struct census census;
    struct crowd trusted; /* connections, by door */
    struct crowd admins;
    struct crowd people;
    struct waiting waiting;
    struct gate people_at_worker;
    struct gate peers_at_worker;
    struct gate pages_at_worker;
    struct names *names;
    struct worker *worker;
    struct connection *connections;
    uid_t started_as; /* beside uid 0 the only one at the trusted and admin doors */
    bool draining;
    unsigned notes; /* JOB_NOTE on their way */
    bool counting;  /* a JOB_COUNTS is on its way */
};

/* The loop and what carries its connections; server_end is due on failure too. */
enum status server_begin(struct server *server) GARDE_MUST_CHECK;
void server_end(struct server *server);

/* New settings, from the next question on. */
void server_adopt(struct server *server, const struct settings *settings);

/* The settings name groups that there are none of: the log hears of each of them once. */
void server_tell_missing(struct server *server, uint64_t groups);

/* Hands each job that came back to its owner. */
void server_take_done(struct server *server);

/* Has a caller that was turned away counted. */
void server_note(struct server *server, const struct caller *caller, enum reason reason);

/* Has the counted entries written; `last`: all of them. */
void server_count(struct server *server, bool last);

/* No new work: connections with nothing under way are closed, the others end with their answer. */
void server_drain(struct server *server);

#endif
