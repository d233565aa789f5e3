/* What the module calls of libc and libpam, wrapped at link time: it comes to the real function, unless it is to fail this time.
 *
 * No time passes by itself: a wait that would be one, a call that fails and a delay of the verifier move the clock on. */
#ifndef GARDE_TESTS_CALLS_H
#define GARDE_TESTS_CALLS_H

#include <security/pam_modules.h>

#include "fuzz.h"

#define FAILURES_MAX 2

enum call {
    CALL_NONE,
    CALL_SOCKET,
    CALL_CONNECT,
    CALL_SEND,
    CALL_RECVMSG,
    CALL_POLL,
    CALL_FCNTL,
    CALL_SETSOCKOPT,
    CALL_MMAP,
    CALL_MUNMAP,
    CALL_MLOCK,
    CALL_MADVISE,
    CALL_CLOSE,
    CALL_CLOCK,
    CALL_GET_ITEM,
    CALL_GET_USER,
    CALL_SET_ITEM,
    CALL_GET_DATA,
    CALL_SET_DATA,
    CALL_FAIL_DELAY,
    CALL_COUNT
};

/* What libpam keeps for modules alone. It gives it to nobody who was not called by itself, so the harness has it instead. */
struct kept {
    char *authtok;
    void *data; /* of the one name that the module has */
    void (*clean_up)(pam_handle_t *pamh, void *data, int status);
    unsigned delay_us; /* the longest asked for */
};

struct calls {
    bool by_module; /* false while code of the harness runs */
    unsigned count;
    struct failure {
        unsigned at;    /* the call of that number, from 1; 0: none by number */
        enum call each; /* every call of that function */
        int error;
    } failures[FAILURES_MAX];
    int64_t now_ms;
    int64_t mapped; /* by mmap() and not unmapped */
    struct kept kept;

    /* What the other side does. */
    const char *path;      /* the only socket there is */
    int (*connects)(void); /* 0, or the errno with which connect() fails */
    void (*is_connected)(void);
    void (*is_sent)(void);
    void (*waits)(int64_t until_ms);
    void (*frees)(const void *at);
};
extern struct calls calls;

/* From the input: how many calls fail, and for each how it is found, which, and the error. */
void calls_read_failures(struct input *input);
bool calls_may_fail(void);

/* As a line before the module's, or libpam at the end of a login: NULL takes it away. */
void calls_set_authtok(const char *text);
/* The end of the handle. */
void calls_end(pam_handle_t *pamh, int status);

#endif
