/* Whatever call of the module fails, and however: no login without a verdict, no skip without a SKIP, no crash, no wait past the
 * deadline.
 *
 * The program's own socket(), mmap() ... come before the C library's. They ask the kernel, but for calls from the module:
 * of these the one at hand fails.
 */
#undef _FORTIFY_SOURCE /* its inline poll() and others would hide ours from clang */

#include "suite.h"

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

#include "fake_verifier.h"
#include "stack.h"

#define SHOWN   __attribute__((visibility("default")))
#define CALLER  __builtin_return_address(0)
#define SLACK_S 1

static const int errors[] = {EINTR, EAGAIN, ENOMEM, EACCES, EMFILE, EIO, EPIPE, ECONNRESET, ECONNREFUSED, ENOENT};
#define ERRORS (sizeof errors / sizeof errors[0])

static struct plan {
    bool armed;
    int fail_at;      /* the call of that number, from 1; 0: none by number */
    const char *only; /* every call of that function; NULL: none by name */
    int error;
    int calls; /* of the module, so far */
} plan;

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

static const char *const functions[] = {"socket",  "connect", "send",          "recvmsg",      "poll",
                                        "fcntl",   "mmap",    "munmap",        "setsockopt",   "mlock",
                                        "madvise", "close",   "clock_gettime", "pam_get_item", "pam_get_user"};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int try_with(struct plan next, const char *socket, const char *answer)
{
    struct stack stack;
    stack_open(&stack, "alice", socket, "timeout=1");
    plan = next;
    plan.armed = true;
    int64_t start = now_ms();
    int result = stack_authenticate(&stack, answer);
    int64_t took = now_ms() - start;
    plan.armed = false;
    /* two exchanges, a second each */
    ck_assert_msg(took < (2 + SLACK_S) * 1000, "%lld ms: %s, call %d, error %d", (long long)took,
                  next.only != NULL ? next.only : "by number", next.fail_at, next.error);
    stack_close(&stack);
    return result;
}

static void is_a_failure(int result, const struct plan *of)
{
    bool failure = result == PAM_AUTH_ERR || result == PAM_AUTHINFO_UNAVAIL || result == PAM_BUF_ERR ||
                   result == PAM_CONV_ERR || result == PAM_USER_UNKNOWN || result == PAM_SYSTEM_ERR;
    ck_assert_msg(failure, "result %d: %s, call %d, error %d", result, of->only != NULL ? of->only : "by number",
                  of->fail_at, of->error);
}

/* allowed: what else than a failure the result may be, where the failed call was of no weight. Each call once. */
static void fail_each_call(const char *socket, const char *answer, int allowed)
{
    for (size_t e = 0; e < ERRORS; e++) {
        for (int at = 1;; at++) {
            struct plan next = {.fail_at = at, .error = errors[e]};
            int result = try_with(next, socket, answer);
            if (plan.calls < at)
                break;
            ck_assert_int_lt(at, 500);
            if (result != allowed)
                is_a_failure(result, &next);
        }
    }
}

static void fail_each_function(const char *socket, const char *answer, int allowed)
{
    for (size_t f = 0; f < FUNCTIONS; f++) {
        for (size_t e = 0; e < ERRORS; e++) {
            struct plan next = {.only = functions[f], .error = errors[e]};
            int result = try_with(next, socket, answer);
            if (result != allowed)
                is_a_failure(result, &next);
        }
    }
}

START_TEST(a_wrong_code_is_refused_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    fail_each_call(fake.path, "654321", PAM_AUTH_ERR);
    fake_stop(&fake);
}
END_TEST

START_TEST(a_wrong_code_is_refused_whatever_function_always_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    fail_each_function(fake.path, "654321", PAM_AUTH_ERR);
    fake_stop(&fake);
}
END_TEST

/* Once is enough of each: after a lost verdict a right code is a failure, after a lost mlock() it is not. */
START_TEST(a_right_code_is_success_or_a_failure_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    fail_each_call(fake.path, "123456", PAM_SUCCESS);
    fake_stop(&fake);
}
END_TEST

/* Its prompt may stay empty; `detail`: whether it lets an empty answer through (not NULL) or not. */
static void may_be_empty(struct fake *fake, int fd)
{
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_says(fd, &(struct wire_message){.type = WIRE_PROMPT, .prompt = {LANGUAGE_EN, 6, 1}});
    if (!fake_gets(fake, fd, WIRE_ANSWER))
        return;
    if (fake->detail != NULL)
        fake_says(fd, &(struct wire_message){.type = WIRE_SKIP, .skip = {WIRE_SKIP_PENDING}});
    else
        fake_judges(fd, VERDICT_REFUSED);
}

START_TEST(an_empty_answer_is_never_skipped_because_a_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, may_be_empty);
    fail_each_call(fake.path, "", PAM_AUTH_ERR);
    fake_stop(&fake);
}
END_TEST

START_TEST(an_empty_answer_that_is_let_through_is_ignore_or_a_failure_whatever_call_fails)
{
    struct fake fake = {.detail = ""};
    fake_start(&fake, may_be_empty);
    fail_each_call(fake.path, "", PAM_IGNORE);
    fake_stop(&fake);
}
END_TEST

START_TEST(what_a_verdict_needs_cannot_fail_and_be_success)
{
    static const char *const needed[] = {"socket", "connect", "send", "recvmsg", "mmap", "pam_get_user"};
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        struct plan next = {.only = needed[i], .error = EIO};
        is_a_failure(try_with(next, fake.path, "123456"), &next);
    }
    fake_stop(&fake);
}
END_TEST

START_TEST(no_verifier_is_a_failure_whatever_call_fails)
{
    fail_each_call("/tmp/garde-no-such-socket", "123456", PAM_AUTHINFO_UNAVAIL);
}
END_TEST

START_TEST(a_full_backlog_is_a_failure_whatever_function_always_fails)
{
    static const char *const used[] = {"connect", "setsockopt", "fcntl", "clock_gettime"};
    struct fake fake = {0};
    fake_start(&fake, NULL);
    int fds[2];
    for (int i = 0; i < 2; i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", fake.path);
        fds[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)!connect(fds[i], (const struct sockaddr *)&address, sizeof address);
    }
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++) {
        struct plan next = {.only = used[i], .error = EIO};
        is_a_failure(try_with(next, fake.path, "123456"), &next);
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    fake_stop(&fake);
}
END_TEST

SUITE("pam_module/failing_calls", a_wrong_code_is_refused_whatever_call_fails,
      a_wrong_code_is_refused_whatever_function_always_fails, a_right_code_is_success_or_a_failure_whatever_call_fails,
      an_empty_answer_is_never_skipped_because_a_call_fails,
      an_empty_answer_that_is_let_through_is_ignore_or_a_failure_whatever_call_fails,
      what_a_verdict_needs_cannot_fail_and_be_success, no_verifier_is_a_failure_whatever_call_fails,
      a_full_backlog_is_a_failure_whatever_function_always_fails)
