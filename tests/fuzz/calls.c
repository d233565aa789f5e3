#undef _FORTIFY_SOURCE /* its inline functions would go past ours */

#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_modules.h>

#define FAILURE_MS 10 /* so that a call that always fails comes to a deadline */

struct calls calls;

static const int errors[] = {EINTR, EAGAIN, ENOMEM, EACCES, EMFILE, EIO, EPIPE, ECONNRESET, ECONNREFUSED, ENOENT};

void calls_read_failures(struct input *input)
{
    memset(calls.failures, 0, sizeof calls.failures);
    for (unsigned i = input_byte(input) % (FAILURES_MAX + 1); i > 0; i--) {
        struct failure *failure = &calls.failures[i - 1];
        uint8_t how = input_byte(input), which = input_byte(input);
        if (how % 2 == 0)
            failure->at = which;
        else
            failure->each = (enum call)(which < 240 ? which % CALL_SET_ITEM : CALL_SET_ITEM + (which & 3));
        failure->error = errors[input_byte(input) % (sizeof errors / sizeof errors[0])];
    }
}

bool calls_may_fail(void)
{
    for (size_t i = 0; i < FAILURES_MAX; i++)
        if (calls.failures[i].at != 0 || calls.failures[i].each != CALL_NONE)
            return true;
    return false;
}

static bool fails(enum call which)
{
    if (!calls.by_module)
        return false;
    calls.count++;
    for (size_t i = 0; i < FAILURES_MAX; i++) {
        const struct failure *failure = &calls.failures[i];
        if (failure->at != calls.count && failure->each != which)
            continue;
        calls.now_ms += FAILURE_MS;
        errno = failure->error;
        return true;
    }
    return false;
}

/* The other side's turn. */
#define TURN(action)                                                                                                   \
    do {                                                                                                               \
        calls.by_module = false;                                                                                       \
        action;                                                                                                        \
        calls.by_module = true;                                                                                        \
    } while (0)

#define WRAP(type, name, ...)                                                                                          \
    type __real_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__)

WRAP(int, socket, int domain, int type, int protocol)
{
    return fails(CALL_SOCKET) ? -1 : __real_socket(domain, type, protocol);
}

WRAP(int, connect, int fd, const struct sockaddr *address, socklen_t len)
{
    if (!calls.by_module)
        return __real_connect(fd, address, len);
    if (fails(CALL_CONNECT))
        return -1;
    struct sockaddr_un where = {0};
    memcpy(&where, address, len < sizeof where ? len : sizeof where);
    int error = strcmp(where.sun_path, calls.path) == 0 ? 0 : ENOENT;
    if (error == 0)
        TURN(error = calls.connects());
    errno = error;
    if (error != 0 || __real_connect(fd, address, len) != 0)
        return -1;
    TURN(calls.is_connected());
    return 0;
}

WRAP(ssize_t, send, int fd, const void *bytes, size_t len, int flags)
{
    if (fails(CALL_SEND))
        return -1;
    ssize_t sent = __real_send(fd, bytes, len, flags);
    int error = errno;
    if (calls.by_module && sent >= 0)
        TURN(calls.is_sent());
    errno = error;
    return sent;
}

int __real_poll(struct pollfd *fds, nfds_t count, int wait_ms);

WRAP(ssize_t, recvmsg, int fd, struct msghdr *message, int flags)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    int error = errno;
    /* "Not now" is what the kernel says when nothing is there, and never else. */
    if (fails(CALL_RECVMSG) && ((errno != EAGAIN && errno != EINTR) || __real_poll(&waiting, 1, 0) == 0))
        return -1;
    errno = error;
    return __real_recvmsg(fd, message, flags);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int wait_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
    if (!calls.by_module)
        return __real_poll(fds, count, wait_ms);
    if (fails(CALL_POLL))
        return -1;
    CLAIM(wait_ms > 0); /* it asks before it waits, and never for ever */
    int64_t until_ms = calls.now_ms + wait_ms;
    TURN(calls.waits(until_ms));
    int ready = calls.now_ms < until_ms ? __real_poll(fds, count, 0) : 0;
    if (ready == 0)
        calls.now_ms = until_ms;
    return ready;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return fails(CALL_FCNTL) ? -1 : __real_fcntl(fd, command, argument);
}

WRAP(int, setsockopt, int fd, int level, int option, const void *value, socklen_t len)
{
    return fails(CALL_SETSOCKOPT) ? -1 : __real_setsockopt(fd, level, option, value, len);
}

WRAP(void *, mmap, void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    if (fails(CALL_MMAP))
        return MAP_FAILED;
    void *page = __real_mmap(at, len, protection, flags, fd, offset);
    calls.mapped += calls.by_module && page != MAP_FAILED;
    return page;
}

WRAP(int, munmap, void *at, size_t len)
{
    bool failed = fails(CALL_MUNMAP); /* unmapped all the same: nobody could do better */
    int result = __real_munmap(at, len);
    calls.mapped -= calls.by_module && result == 0;
    return failed ? -1 : result;
}

WRAP(int, mlock, const void *at, size_t len)
{
    return fails(CALL_MLOCK) ? -1 : __real_mlock(at, len);
}

WRAP(int, madvise, void *at, size_t len, int advice)
{
    return fails(CALL_MADVISE) ? -1 : __real_madvise(at, len, advice);
}

WRAP(int, close, int fd)
{
    bool failed = fails(CALL_CLOSE); /* closed all the same, as Linux does */
    int error = errno, result = __real_close(fd);
    if (failed)
        errno = error;
    return failed ? -1 : result;
}

WRAP(int, clock_gettime, clockid_t clock, struct timespec *out)
{
    if (!calls.by_module)
        return __real_clock_gettime(clock, out);
    if (fails(CALL_CLOCK))
        return -1;
    *out = (struct timespec){.tv_sec = calls.now_ms / 1000, .tv_nsec = calls.now_ms % 1000 * 1000000};
    return 0;
}

WRAP(int, pam_get_item, const pam_handle_t *pamh, int type, const void **out_item)
{
    if (fails(CALL_GET_ITEM))
        return PAM_SYSTEM_ERR;
    if (type != PAM_AUTHTOK)
        return __real_pam_get_item(pamh, type, out_item);
    *out_item = calls.kept.authtok;
    return PAM_SUCCESS;
}

WRAP(int, pam_get_user, pam_handle_t *pamh, const char **out_user, const char *prompt)
{
    return fails(CALL_GET_USER) ? PAM_SYSTEM_ERR : __real_pam_get_user(pamh, out_user, prompt);
}

void calls_set_authtok(const char *text)
{
    char *former = calls.kept.authtok;
    calls.kept.authtok = text != NULL ? strdup(text) : NULL;
    CLAIM(text == NULL || calls.kept.authtok != NULL);
    free(former);
}

WRAP(int, pam_set_item, pam_handle_t *pamh, int type, const void *item)
{
    if (!calls.by_module)
        return __real_pam_set_item(pamh, type, item);
    CLAIM(type == PAM_AUTHTOK);
    if (fails(CALL_SET_ITEM))
        return PAM_BUF_ERR;
    TURN(calls_set_authtok(item));
    return PAM_SUCCESS;
}

WRAP(int, pam_get_data, const pam_handle_t *pamh, const char *name, const void **out_data)
{
    (void)pamh, (void)name;
    if (fails(CALL_GET_DATA))
        return PAM_SYSTEM_ERR;
    *out_data = calls.kept.data;
    return calls.kept.data != NULL ? PAM_SUCCESS : PAM_NO_MODULE_DATA;
}

WRAP(int, pam_set_data, pam_handle_t *pamh, const char *name, void *data,
     void (*clean_up)(pam_handle_t *pamh, void *data, int status))
{
    (void)name;
    if (fails(CALL_SET_DATA))
        return PAM_BUF_ERR;
    if (calls.kept.clean_up != NULL)
        calls.kept.clean_up(pamh, calls.kept.data, PAM_DATA_REPLACE);
    calls.kept.data = data;
    calls.kept.clean_up = clean_up;
    return PAM_SUCCESS;
}

void calls_end(pam_handle_t *pamh, int status)
{
    calls.by_module = true;
    if (calls.kept.clean_up != NULL)
        calls.kept.clean_up(pamh, calls.kept.data, status);
    calls.by_module = false;
    calls_set_authtok(NULL);
    calls.kept = (struct kept){.data = NULL};
}

WRAP(int, pam_fail_delay, pam_handle_t *pamh, unsigned delay_us)
{
    (void)pamh;
    if (fails(CALL_FAIL_DELAY))
        return PAM_SYSTEM_ERR;
    if (delay_us > calls.kept.delay_us)
        calls.kept.delay_us = delay_us;
    return PAM_SUCCESS;
}

WRAP(void, free, void *at)
{
    if (calls.by_module)
        calls.frees(at);
    __real_free(at);
}
