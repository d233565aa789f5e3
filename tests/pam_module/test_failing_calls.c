/* Whatever call of the module fails, and however: no login without a verdict, no skip without a SKIP, no crash, no wait past the
 * deadline. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "failing_lines.h"
#include "fake_verifier.h"
#include "stack.h"

static void fail_each_call(const char *socket, const char *answer, int allowed)
{
    failing_each_call(&(struct lines){.socket = socket, .mode = "", .exchanges = 2, .answer = answer}, allowed);
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
    failing_each_function(&(struct lines){.socket = fake.path, .mode = "", .exchanges = 2, .answer = "654321"},
                          PAM_AUTH_ERR);
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
        const struct lines lines = {.socket = fake.path, .mode = "", .exchanges = 2, .answer = "123456"};
        failing_is_a_failure(failing_try(next, &lines), &next);
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
        const struct lines lines = {.socket = fake.path, .mode = "", .exchanges = 2, .answer = "123456"};
        failing_is_a_failure(failing_try(next, &lines), &next);
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
