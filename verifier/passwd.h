/* Look-ups in /etc/passwd alone: at the start, for names of system users, where no name service may make us wait. */
#ifndef GARDE_VERIFIER_PASSWD_H
#define GARDE_VERIFIER_PASSWD_H

#include <stddef.h>
#include <sys/types.h>

#include <garde/status.h>

#define PASSWD_FILE "/etc/passwd"

/* STATUS_NOT_FOUND: no such user in `file`; STATUS_FAILED: the file cannot be read. */
enum status passwd_find(const char *file, const char *name, uid_t *out_uid, gid_t *out_gid) GARDE_MUST_CHECK;

/* The name of a uid, or its number where there is none. */
void passwd_name(const char *file, uid_t uid, char *out_name, size_t size);

#endif
