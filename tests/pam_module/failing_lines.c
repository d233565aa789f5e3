/* The program's own socket(), mmap() ... come before the C library's. They ask the kernel, but for calls from the module:
 * of these the one at hand fails.
 */
#undef _FORTIFY_SOURCE /* its inline poll() and others would hide ours from clang */

#include "failing_lines.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_modules.h>

#include "stack.h"

#define SHOWN   __attribute__((visibility("default")))
#define CALLER  __builtin_return_address(0)
#define SLACK_S 1

static const int errors[] = {EINTR, EIO, EAGAIN, ENOMEM, EACCES, EMFILE, EPIPE, ECONNRESET, ECONNREFUSED, ENOENT};
#define ERRORS     (sizeof errors / sizeof errors[0])
#define FEW_ERRORS 2 /* of the longer ways */

static struct plan plan;

static bool is_of_module(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname != NULL && strcmp(info.dli_fname, PAM_MODULE) == 0;
}

static bool fails(const char *name, const void *caller)
{
    if (!plan.armed || !is_of_module(caller))
        return false;
    plan.calls++;
    if (plan.calls != plan.fail_at && (plan.only == NULL || strcmp(plan.only, name) != 0))
        return false;
    errno = plan.error;
    return true;
}

/* Declared as the C library does, but for its attributes. */
#pragma GCC diagnostic ignored "-Wnonnull"

SHOWN int socket(int domain, int type, int protocol)
{
    return fails("socket", CALLER) ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

SHOWN int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
    return fails("connect", CALLER) ? -1 : (int)syscall(SYS_connect, fd, address.__sockaddr__, len);
}

SHOWN ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    return fails("send", CALLER) ? -1 : syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}

SHOWN ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    return fails("recvmsg", CALLER) ? -1 : syscall(SYS_recvmsg, fd, message, flags);
}

SHOWN int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
    return fails("poll", CALLER) ? -1 : (int)syscall(SYS_poll, fds, count, wait_ms);
}

SHOWN int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
    return fails("setsockopt", CALLER) ? -1 : (int)syscall(SYS_setsockopt, fd, level, option, value, len);
}

SHOWN int fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return fails("fcntl", CALLER) ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

SHOWN void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    if (fails("mmap", CALLER))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset); /* NOLINT */
}

SHOWN int munmap(void *at, size_t len)
{
    return fails("munmap", CALLER) ? -1 : (int)syscall(SYS_munmap, at, len);
}

SHOWN int mlock(const void *at, size_t len)
{
    return fails("mlock", CALLER) ? -1 : (int)syscall(SYS_mlock, at, len);
}

SHOWN int madvise(void *at, size_t len, int advice)
{
    return fails("madvise", CALLER) ? -1 : (int)syscall(SYS_madvise, at, len, advice);
}

SHOWN int close(int fd)
{
    bool failed = fails("close", CALLER); /* closed all the same, as Linux does */
    int result = (int)syscall(SYS_close, fd);
    if (failed)
        errno = plan.error;
    return failed ? -1 : result;
}

SHOWN int clock_gettime(clockid_t clock, struct timespec *out)
{
    return fails("clock_gettime", CALLER) ? -1 : (int)syscall(SYS_clock_gettime, clock, out);
}

/* What libpam has under that name, behind ours. */
static void find(const char *name, void *out_function, size_t size)
{
    void *found = dlsym(RTLD_NEXT, name);
    ck_assert_ptr_nonnull(found);
    memcpy(out_function, &found, size);
}

SHOWN int pam_get_item(const pam_handle_t *pamh, int type, const void **out_item)
{
    int (*get)(const pam_handle_t *, int, const void **) = NULL;
    find("pam_get_item", &get, sizeof get);
    return fails("pam_get_item", CALLER) ? PAM_SYSTEM_ERR : get(pamh, type, out_item);
}

SHOWN int pam_get_user(pam_handle_t *pamh, const char **out_user, const char *prompt)
{
    int (*get)(pam_handle_t *, const char **, const char *) = NULL;
    find("pam_get_user", &get, sizeof get);
    return fails("pam_get_user", CALLER) ? PAM_SYSTEM_ERR : get(pamh, out_user, prompt);
}

SHOWN int pam_set_item(pam_handle_t *pamh, int type, const void *item)
{
    int (*set)(pam_handle_t *, int, const void *) = NULL;
    find("pam_set_item", &set, sizeof set);
    return fails("pam_set_item", CALLER) ? PAM_BUF_ERR : set(pamh, type, item);
}

SHOWN int pam_get_data(const pam_handle_t *pamh, const char *name, const void **out_data)
{
    int (*get)(const pam_handle_t *, const char *, const void **) = NULL;
    find("pam_get_data", &get, sizeof get);
    return fails("pam_get_data", CALLER) ? PAM_SYSTEM_ERR : get(pamh, name, out_data);
}

SHOWN int pam_set_data(pam_handle_t *pamh, const char *name, void *data, void (*clean_up)(pam_handle_t *, void *, int))
{
    int (*set)(pam_handle_t *, const char *, void *, void (*)(pam_handle_t *, void *, int)) = NULL;
    find("pam_set_data", &set, sizeof set);
    return fails("pam_set_data", CALLER) ? PAM_BUF_ERR : set(pamh, name, data, clean_up);
}

SHOWN int pam_fail_delay(pam_handle_t *pamh, unsigned delay_us)
{
    int (*delay)(pam_handle_t *, unsigned) = NULL;
    find("pam_fail_delay", &delay, sizeof delay);
    return fails("pam_fail_delay", CALLER) ? PAM_SYSTEM_ERR : delay(pamh, delay_us);
}

static const char *const functions[] = {
    "socket",       "connect",      "send",         "recvmsg",      "poll",          "fcntl",         "mmap",
    "munmap",       "setsockopt",   "mlock",        "madvise",      "close",         "clock_gettime", "pam_get_item",
    "pam_get_user", "pam_set_item", "pam_get_data", "pam_set_data", "pam_fail_delay"};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void open_stack(struct stack *stack, const struct lines *lines)
{
    static const struct pair quick = {.split = "timeout=1", .verify = "timeout=1"};
    char arguments[64], text[1024];
    if (lines->account) {
        (void)snprintf(text, sizeof text,
                       "auth [ignore=ignore default=die] " PAM_MODULE " split socket=%s\n"
                       "auth required pam_permit.so\n"
                       "account [success=ok ignore=ok default=bad] " PAM_MODULE " split\n",
                       lines->socket);
        stack_open_lines(stack, "alice", text);
        ck_assert_int_eq(stack_authenticate(stack, lines->answer), PAM_SUCCESS);
        return;
    }
    if (lines->mode == NULL) {
        stack_open_pair(stack, "alice", lines->socket, quick);
        return;
    }
    (void)snprintf(arguments, sizeof arguments, "timeout=1 %s", lines->mode);
    stack_open(stack, "alice", lines->socket, arguments);
}

int failing_try(struct plan next, const struct lines *lines)
{
    struct stack stack;
    open_stack(&stack, lines);
    plan = next;
    plan.armed = true;
    int64_t start = now_ms();
    int result = lines->account ? pam_acct_mgmt(stack.handle, 0) : stack_authenticate(&stack, lines->answer);
    int64_t took = now_ms() - start;
    plan.armed = false;
    ck_assert_msg(took < (lines->exchanges + SLACK_S) * 1000, "%lld ms: %s, call %d, error %d", (long long)took,
                  next.only != NULL ? next.only : "by number", next.fail_at, next.error);
    stack_close(&stack);
    return result;
}

void failing_is_a_failure(int result, const struct plan *of)
{
    bool failure = result == PAM_AUTH_ERR || result == PAM_AUTHINFO_UNAVAIL || result == PAM_BUF_ERR ||
                   result == PAM_CONV_ERR || result == PAM_USER_UNKNOWN || result == PAM_SYSTEM_ERR;
    ck_assert_msg(failure, "result %d: %s, call %d, error %d", result, of->only != NULL ? of->only : "by number",
                  of->fail_at, of->error);
}

void failing_each_call(const struct lines *lines, int allowed)
{
    for (size_t e = 0; e < (lines->mode != NULL && lines->mode[0] == '\0' ? ERRORS : FEW_ERRORS); e++) {
        for (int at = 1;; at++) {
            struct plan next = {.fail_at = at, .error = errors[e]};
            int result = failing_try(next, lines);
            if (plan.calls < at)
                break;
            ck_assert_int_lt(at, 500);
            if (result != allowed)
                failing_is_a_failure(result, &next);
        }
    }
}

void failing_each_function(const struct lines *lines, int allowed)
{
    for (size_t f = 0; f < FUNCTIONS; f++) {
        for (size_t e = 0; e < (lines->mode != NULL && lines->mode[0] == '\0' ? ERRORS : FEW_ERRORS); e++) {
            struct plan next = {.only = functions[f], .error = errors[e]};
            int result = failing_try(next, lines);
            if (result != allowed)
                failing_is_a_failure(result, &next);
        }
    }
}
