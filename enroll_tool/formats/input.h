/* A file with secrets, read in lines that are secrets themselves: no stdio buffer holds anything of it.
 *
 * Line ends are LF or CRLF; the last line may have none. A byte order mark of UTF-8 in front of the file is passed over.
 */
#ifndef GARDE_TOOL_INPUT_H
#define GARDE_TOOL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <garde/secret.h>

#include "../tool.h"

#define INPUT_LINE_MAX  3900               /* bytes in a line */
#define INPUT_BYTES_MAX (64 * 1024 * 1024) /* in a file: what is larger is none of these */

struct input {
    const char *path;
    int fd;
    bool is_stdin;
    uid_t owner;        /* of a regular file; else (uid_t)-1 */
    unsigned long line; /* that was read last */
    uint64_t left;      /* bytes that may still come */
    struct secret *buffer;
    size_t at, have;
    bool ended;
};
#define INPUT_NONE                                                                                                     \
    {                                                                                                                  \
        .fd = -1                                                                                                       \
    }

/* path "-": standard input. What cannot be read is told: TOOL_REFUSED. */
enum tool_exit input_open(struct input *input, const char *path, uint64_t bytes_max) GARDE_MUST_CHECK;
/* A regular file of the user with this uid, opened with no more rights than they have, and never waiting; no link is followed in its last
 * part. A folder: `name` in it. STATUS_NOT_FOUND, STATUS_DENIED (somebody else's), STATUS_FAILED. */
enum status input_open_theirs(struct input *input, const char *path, const char *name, uid_t uid, gid_t gid,
                              uint64_t bytes_max) GARDE_MUST_CHECK;
void input_close(struct input *input);
#define input_owner __attribute__((cleanup(input_close)))

enum input_found {
    INPUT_LINE,
    INPUT_TOO_LONG, /* read over to its end */
    INPUT_ZERO,     /* it holds a zero byte */
    INPUT_END,
    INPUT_TOO_LARGE,
    INPUT_FAILED,
};
/* INPUT_LINE: the caller owns *out_line. */
enum input_found input_line(struct input *input, struct secret **out_line) GARDE_MUST_CHECK;
/* The next bytes, for formats without lines: INPUT_LINE: *out_len of them, valid until the next call. */
enum input_found input_bytes(struct input *input, const uint8_t **out_bytes, size_t *out_len) GARDE_MUST_CHECK;

/* Tells INPUT_TOO_LARGE and INPUT_FAILED: TOOL_REFUSED. INPUT_END: TOOL_DONE. */
enum tool_exit input_tell(const struct input *input, enum input_found found) GARDE_MUST_CHECK;

#endif
