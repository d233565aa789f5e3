/* What the process gives up before it holds a secret, and how it becomes an ordinary user. */
#ifndef GARDE_VERIFIER_HARDENING_H
#define GARDE_VERIFIER_HARDENING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <garde/status.h>

/* No core, no ptrace, no new privileges, umask 077. STATUS_DENIED: the kernel refused one of them. */
enum status hardening_begin(void) GARDE_MUST_CHECK;

/* Raises the number of descriptors as far as the limits allow, at most to `wanted`: the number that is to be had. */
size_t hardening_files(size_t wanted);

/* Locks all memory, now and later. `keep_right`: started as root and about to become another user; the right to lock goes along. STATUS_DENIED: the
 * limits (RLIMIT_MEMLOCK) are too small for a server; nothing is locked then but the secrets themselves. */
enum status hardening_lock_memory(bool keep_right) GARDE_MUST_CHECK;

/* From root to uid and gid for good, with no other group and no capability but that of locking memory. */
enum status hardening_become(uid_t uid, gid_t gid) GARDE_MUST_CHECK;

#endif
