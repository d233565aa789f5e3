/* A verifier's event loop with real sockets in a folder of its own and the fake desk behind it. The test is its own client:
 * one thread, nothing sleeps; house_hear lets the loop run until an answer is there.
 */
#ifndef GARDE_TESTS_HOUSE_H
#define GARDE_TESTS_HOUSE_H

#include <garde/wire.h>

#include "fake_desk.h"
#include "listener.h"
#include "server.h"
#include "sockets.h"

struct house {
    char folder[64];
    char sockets_folder[96];
    struct server server;
    struct sockets sockets;
    struct listeners listeners;
    struct desk *desk;
    sd_event_source *done;
};

/* files: how many descriptors the census shares out, its own included. */
void house_open(struct house *house, size_t files);
void house_close(struct house *house);

/* A client of one of the sockets, by its name. */
int house_call(struct house *house, const char *name);
void house_say(int fd, const struct wire_message *message);
void house_ask(int fd, const char *user, const char *service);
void house_look(int fd, const char *user, const char *service);
void house_answer(int fd, const char *code);
void house_answer_at_once(int fd, const char *code);
/* Runs the loop until fd has a message (its type) or is closed (0). */
enum wire_type house_hear(struct house *house, int fd, struct wire_message *out_message);
/* One turn of the loop: what it handled. */
int house_turn(struct house *house, uint64_t at_most_us);
/* Lets the loop do what there is to do now. */
void house_settle(struct house *house);

#endif
