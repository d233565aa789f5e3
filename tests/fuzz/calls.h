/* What the module calls of libc and libpam, wrapped at link time: it comes to the real function, unless it is to fail this time.
 *
 * No time passes by itself: a wait that would be one, a call that fails and a delay of the verifier move the clock on. */
#ifndef GARDE_TESTS_CALLS_H
#define GARDE_TESTS_CALLS_H

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
    CALL_COUNT
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

#endif
