/* The three listening sockets: handed over by systemd, or made here when garded was started by hand. */
#ifndef GARDE_VERIFIER_SOCKETS_H
#define GARDE_VERIFIER_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <garde/problem.h>
#include <garde/settings.h>
#include <garde/status.h>

#include "job.h"

#define SOCKETS_MAX       3
#define SOCKETS_BACKLOG   256
#define SOCKETS_PATH_SIZE 108 /* sun_path */

struct sockets {
    size_t count;
    char made_folder[SOCKETS_PATH_SIZE]; /* "" if it was there */
    struct {
        enum door door; /* DOOR_PUBLIC, DOOR_TRUSTED or DOOR_ADMIN */
        int fd;
        bool ours;
        char path[SOCKETS_PATH_SIZE];
    } rows[SOCKETS_MAX];
};

/* Makes folder (0755, if missing) and sockets: verify.sock 0666, trusted.sock and admin.sock 0600. The folder must be ours and not be
 * writable by others; a socket that is left over is replaced, one that somebody serves is PROBLEM_BUSY. */
enum status sockets_make(const char *folder, struct sockets *out_sockets, struct problem *out_problem) GARDE_MUST_CHECK;

/* Takes descriptors first .. first + count - 1, told apart by the last part of their path. STATUS_INVALID: one of them is no
 * listening SOCK_SEQPACKET socket of one of the three names, or comes twice. */
enum status sockets_take(int first, int count, struct sockets *out_sockets,
                         struct problem *out_problem) GARDE_MUST_CHECK;

/* Closes them; removes those that were made here, where that is still allowed. */
void sockets_close(struct sockets *sockets);

/* The same, and the folder if it was made here: for a start that failed. */
void sockets_undo(struct sockets *sockets);

#endif
