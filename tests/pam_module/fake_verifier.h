/* A verifier that says what a test wants, on a real socket: the only stand-in of these tests, needed because the real one
 * does not send nonsense. It runs in a thread; each connection is played by the script, one after another.
 */
#ifndef GARDE_TESTS_FAKE_VERIFIER_H
#define GARDE_TESTS_FAKE_VERIFIER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <garde/wire.h>

struct fake {
    char folder[64];
    char path[96];
    int listener;
    int stop[2];
    pthread_t thread;
    void (*script)(struct fake *fake, int fd);
    const void *detail; /* for the script */

    atomic_int connections;
    atomic_int ended;             /* connections that are closed again */
    atomic_int spoken;            /* set by a script when it has said all it wants */
    atomic_int answers;           /* ANSWERs that arrived */
    atomic_int at_once;           /* of them, with a refusal that need not wait */
    atomic_int looks;             /* ASKs that came as LOOK */
    struct wire_ask ask;          /* the last one */
    char code[WIRE_CODE_MAX + 1]; /* the last one, unless forget */
    bool forget;                  /* keep no copy of what was typed */
};

/* Listens, and plays script for each connection. NULL: listens and never accepts. */
void fake_start(struct fake *fake, void (*script)(struct fake *fake, int fd));
void fake_stop(struct fake *fake);

/* For scripts. fake_gets: waits for the next packet, false if it is not of that type; LOOK is taken for ASK. */
bool fake_gets(struct fake *fake, int fd, enum wire_type type);
void fake_says(int fd, const struct wire_message *message);
void fake_says_bytes(int fd, const void *bytes, size_t len);
void fake_prompts(int fd, enum language language, unsigned digits);
void fake_judges(int fd, enum verdict verdict);
void fake_waits_for_close(int fd);

/* A whole script, with a struct fake_play as `detail`: answers the ASK of the n-th connection as asks[n] says, those behind the last as that. Takes the code
 * "123456" and no other; an empty one where it has prompted with FAKE_EMPTY: lets it through. */
enum fake_turn {
    FAKE_PROMPT = 0,
    FAKE_EMPTY, /* a prompt that may stay empty */
    FAKE_SKIP,
    FAKE_DENIED,
    FAKE_BUSY,
    FAKE_LOOKUP,
    FAKE_NO_WORD,     /* hangs up */
    FAKE_PROMPT_ONLY, /* prompts and hangs up */
};
#define FAKE_ASKS 3
struct fake_play {
    enum language language; /* 0: English */
    unsigned digits;        /* 0: six */
    enum fake_turn asks[FAKE_ASKS];
};
void fake_plays(struct fake *fake, int fd);

/* A whole script: takes the code "123456" and no other; prompts in English. */
void fake_honest(struct fake *fake, int fd);

#endif
