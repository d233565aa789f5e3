/* A command of garded in a child process, in a folder of its own, while calls fail. */
#ifndef GARDE_TESTS_TRIAL_H
#define GARDE_TESTS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TRIAL_TOLD 16384

struct trial {
    char folder[64];
    char config[96];
    char key_ring[96];
    char store[96];
    char told[TRIAL_TOLD]; /* by the last command, on both of its streams */
    int calls;             /* that it made */
};

void trial_open(struct trial *trial);
void trial_close(struct trial *trial);
/* Key ring and store are gone, with their folders, and all that lies beside them. */
void trial_clear(struct trial *trial);

/* The exit code. A command that ends by a signal, or that says more than fits, fails the test. The nth call fails (0: none);
 * `prepare` (may be NULL) runs in the child before that. As soon as it says "garded: ready" it is sent SIGTERM. */
int trial_run(struct trial *trial, int (*command)(const char *config), void (*prepare)(void), int nth, int error);

bool trial_is_there(const char *path);

#endif
