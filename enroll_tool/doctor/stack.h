/* The stack of a PAM service, put together from its files as libpam 1.5.2 of Debian 12 does it.
 *
 * A service's file is looked for in each folder of services; a file that is included by name in one folder alone. "@include FILE" takes lines of
 * all types, "TYPE include FILE" and "TYPE substack FILE" those of their type. A line that libpam cannot use stays in the stack and fails
 * whenever it is reached; an "@include" of the service's file that fails, and a last line that goes on in no next one, make
 * libpam refuse the whole service. An "@include" that fails in a file of one type is a line of a control value that nobody wrote: what
 * libpam's memory held. So such a stack is unknown.
 *
 * Files are whatever somebody made of them: each is read up to a limit, links to regular files are followed, nothing else is opened, and
 * what cannot be read to its end is told and not guessed at.
 */
#ifndef GARDE_TOOL_DOCTOR_STACK_H
#define GARDE_TOOL_DOCTOR_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/status.h>

#include "stack_control.h"

#define STACK_LINES_MAX  1000 /* of one service */
#define STACK_LEVELS_MAX 16   /* substacks inside each other: libpam takes fewer than so many */

/* Where libpam looks; every list ends with NULL. */
struct stack_places {
    const char *services[3];
    const char *includes;
    const char *single;     /* pam.conf: instead, where none of the folders is there */
    const char *modules[3]; /* where a module is that is named without a path */
};
extern const struct stack_places stack_places_of_system;

enum stack_type {
    STACK_AUTH = 1,
    STACK_ACCOUNT,
    STACK_PASSWORD,
    STACK_SESSION,
};

enum stack_kind {
    STACK_MODULE = 1,
    STACK_FAILS,    /* libpam could not use the line: it fails whenever it is reached */
    STACK_SUBSTACK, /* the lines of the next level that follow are one line for jumps of this level */
};

/* What a module is to a second factor (stack_modules.h). */
enum stack_role {
    ROLE_UNKNOWN = 0,
    ROLE_GARDE,     /* pam_garde.so with a prompt of its own */
    ROLE_SPLIT,     /* ... that takes the code off the typed text, and decides nothing */
    ROLE_VERIFY,    /* ... that checks the code which was taken off */
    ROLE_CONCAT,    /* ... that does both */
    ROLE_PASSWORD,  /* asks for what a thief of passwords has */
    ROLE_HELPER,    /* decides nothing about who somebody is */
    ROLE_ROOT,      /* says yes to root */
    ROLE_CONDITION, /* says yes to some and no to others, whatever they know */
    ROLE_FACTOR,    /* asks for something else than a password */
};

struct stack_line {
    enum stack_type type;
    enum stack_kind kind;
    unsigned level;      /* of substacks: 0 is the service's own */
    const char *file;    /* as it was opened */
    unsigned number;     /* of its first line in the file */
    const char *control; /* as written; "" if there is none */
    const char *module;  /* as written; "" if there is none */
    const char *words;   /* its arguments, as written */
    int32_t actions[STACK_ANSWERS];
    enum stack_role role;
    uint32_t answers; /* bit n: the module may give answer n */
};

enum stack_state {
    STACK_WHOLE = 0,
    STACK_REFUSED, /* libpam refuses the service: nobody gets in by it */
    STACK_UNKNOWN, /* not read to its end: nothing can be said about it */
};

enum stack_trouble_kind {
    TROUBLE_NONE = 0,
    TROUBLE_MISSING,     /* a file that is included is not there */
    TROUBLE_DENIED,      /* we may not read it */
    TROUBLE_NOT_A_FILE,  /* a folder, device ... */
    TROUBLE_TOO_LONG,    /* a line that libpam would cut into two, or a file that is no configuration */
    TROUBLE_UNFINISHED,  /* the last line ends with a backslash */
    TROUBLE_TOO_DEEP,    /* files that include each other without end */
    TROUBLE_TOO_MANY,    /* lines */
    TROUBLE_NO_NAME,     /* an include of nothing: programs crash on it */
    TROUBLE_BAD_TYPE,    /* no auth, account, password or session */
    TROUBLE_NO_CONTROL,  /* nothing behind the type */
    TROUBLE_NO_MODULE,   /* nothing behind the control value, or a name that is none */
    TROUBLE_BAD_CONTROL, /* a control value that libpam cannot read: whatever the module answers is a failure */
    TROUBLE_SYSTEM,      /* memory, or the disk */
};

struct stack_trouble {
    enum stack_trouble_kind kind;
    const char *file; /* of the stack's; NULL: none */
    unsigned number;
};

struct stack {
    struct stack_line *lines;
    size_t count, room;
    enum stack_state state;
    struct stack_trouble trouble; /* the first one */
    void *texts;                  /* what the pointers above point into */
};

/* Puts a service's stack together. STATUS_NOT_FOUND: no file of that name; libpam takes "other" then. Whatever else is wrong is in the
 * stack, with the lines before it. The caller drops the stack in every case; a zeroed one is fine. */
enum status stack_load(const struct stack_places *places, const char *service,
                       struct stack *out_stack) GARDE_MUST_CHECK;
/* The same from a file with the service in front of each line. NOT_FOUND: no line of this service. */
enum status stack_load_single(const char *path, const char *service, struct stack *out_stack) GARDE_MUST_CHECK;
void stack_drop(struct stack *stack);
#define stack_owner __attribute__((cleanup(stack_drop)))

/* Is any line of this type in it? libpam takes the lines of "other" where there is none. */
bool stack_has(const struct stack *stack, enum stack_type type);

/* One argument of a line: what follows `name` (with its '='), or "" for an argument that is just that word; NULL: not there.
 * The value is cut at size. */
const char *stack_argument(const struct stack_line *line, const char *name, char *out, size_t size);

#endif
