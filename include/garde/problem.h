/* What is wrong with a file of the installation, precise enough to say how to mend it. Ground layer.
 *
 * core/ has no text for people: it fills this in, and the programs at the edge put it into words.
 */
#ifndef GARDE_PROBLEM_H
#define GARDE_PROBLEM_H

#include <stdint.h>
#include <sys/types.h>

#include <garde/status.h>

enum problem_kind {
    PROBLEM_NONE = 0,
    PROBLEM_MISSING,       /* the file is not there */
    PROBLEM_EXISTS,        /* the file is there already and is not touched */
    PROBLEM_SYSTEM,        /* a system call failed; `error` is its errno */
    PROBLEM_NOT_A_FILE,    /* a directory, link, device ... where a regular file must be */
    PROBLEM_NOT_A_FOLDER,  /* the store's or socket's folder is something else */
    PROBLEM_OWNER,         /* belongs to `have_id`, must belong to `want_id` */
    PROBLEM_MODE,          /* has `have_mode`, at most `want_mode` is allowed */
    PROBLEM_SYNTAX,        /* `line` is not what the format wants */
    PROBLEM_LINE_TOO_LONG, /* `line` */
    PROBLEM_UNKNOWN_SECTION,
    PROBLEM_UNKNOWN_KEY, /* `item` is no key of this section */
    PROBLEM_REPEATED,    /* `item` was given before */
    PROBLEM_EMPTY,       /* `item` has no value */
    PROBLEM_VALUE,       /* `item` has a value out of its range or form */
    PROBLEM_FOREIGN,     /* a good file, but not of this installation: key ring and store do not belong together,
                            or a version this program does not know */
    PROBLEM_TAMPERED,    /* the file was changed by someone without the key; `item` says where */
    PROBLEM_BUSY,        /* another process holds it */
    PROBLEM_MEMORY,      /* no memory */
};

#define PROBLEM_PATH_SIZE 1024
#define PROBLEM_ITEM_SIZE 96

struct problem {
    enum problem_kind kind;
    char path[PROBLEM_PATH_SIZE];
    unsigned line;                /* 1 is the first; 0: no line */
    char item[PROBLEM_ITEM_SIZE]; /* key, section, table ...; "" if none; control bytes replaced by '?' */
    int error;                    /* errno, or 0 */
    uid_t have_id, want_id;
    mode_t have_mode, want_mode;
};

/* Fills in kind, path, line and item (NULL: ""), zeroes the rest. `out` may be NULL: then nothing happens. */
void problem_set(struct problem *out, enum problem_kind kind, const char *path, unsigned line, const char *item);

/* The same for PROBLEM_SYSTEM (or PROBLEM_MISSING on ENOENT) with an errno, and the status that tells it: NOT_FOUND, DENIED,
 * NO_SPACE, NO_MEMORY, else FAILED. */
enum status problem_set_errno(struct problem *out, const char *path, int error);

#endif
