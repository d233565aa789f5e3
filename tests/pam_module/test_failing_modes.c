/* Whatever call of a line with `split`, `verify` or `concat` fails: nobody is in without the right code, and ignore comes from SKIP, or from a split that has really
 * set the code aside. */
#include "suite.h"

#include <errno.h>
#include <unistd.h>

#include "failing_lines.h"
#include "fake_verifier.h"
#include "stack.h"

/* Three connections: LOOK, LOOK, ASK and ANSWER. */
static struct lines pair_with(const struct fake *fake, const char *answer)
{
    return (struct lines){.socket = fake->path, .exchanges = 4, .answer = answer};
}

static struct lines one_line(const struct fake *fake, const char *mode, const char *answer)
{
    return (struct lines){.socket = fake->path, .mode = mode, .exchanges = 3, .answer = answer};
}

START_TEST(split_and_verify_refuse_what_is_wrong_whatever_call_fails)
{
    static const char *const wrong[] = {"secret654321", "Secret123456", "secret"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fake fake = {0};
        fake_start(&fake, fake_honest);
        const struct lines lines = pair_with(&fake, wrong[i]);
        failing_each_call(&lines, PAM_AUTH_ERR);
        fake_stop(&fake);
    }
}
END_TEST

START_TEST(split_and_verify_with_all_that_is_right_succeed_or_fail_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    const struct lines lines = pair_with(&fake, "secret123456");
    failing_each_call(&lines, PAM_SUCCESS);
    fake_stop(&fake);
}
END_TEST

START_TEST(split_and_verify_refuse_what_is_wrong_whatever_function_always_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    const struct lines lines = pair_with(&fake, "secret654321");
    failing_each_function(&lines, PAM_AUTH_ERR);
    fake_stop(&fake);
}
END_TEST

/* Of one line alone libpam hands on what it returned: never success, and ignore only for a code that is really set aside. */
START_TEST(split_alone_is_ignore_or_a_failure_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    const struct lines lines = one_line(&fake, "split", "secret123456");
    failing_each_call(&lines, PAM_IGNORE);
    failing_each_function(&lines, PAM_IGNORE);
    fake_stop(&fake);
}
END_TEST

START_TEST(split_is_a_failure_where_the_code_cannot_be_set_aside)
{
    static const char *const needed[] = {"socket", "connect",      "send",         "recvmsg",
                                         "mmap",   "pam_get_user", "pam_set_item", "pam_set_data"};
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const struct plan next = {.only = needed[i], .error = EIO};
        const struct lines lines = one_line(&fake, "split", "secret123456");
        failing_is_a_failure(failing_try(next, &lines), &next);
    }
    fake_stop(&fake);
}
END_TEST

START_TEST(a_code_that_was_never_checked_refuses_the_account_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    const struct lines lines = {.socket = fake.path, .answer = "secret123456", .account = true};
    failing_each_call(&lines, PAM_PERM_DENIED);
    failing_each_function(&lines, PAM_PERM_DENIED);
    const struct plan unread = {.only = "pam_get_data", .error = EIO};
    ck_assert_int_eq(failing_try(unread, &lines), PAM_SYSTEM_ERR);
    fake_stop(&fake);
}
END_TEST

START_TEST(verify_alone_is_a_failure_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    const struct lines lines = one_line(&fake, "verify", "secret123456");
    failing_each_call(&lines, PAM_AUTH_ERR);
    failing_each_function(&lines, PAM_AUTH_ERR);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 0);
}
END_TEST

START_TEST(concat_is_success_only_with_the_right_code_whatever_call_fails)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    struct lines lines = one_line(&fake, "concat", "secret654321");
    failing_each_call(&lines, PAM_AUTH_ERR);
    failing_each_function(&lines, PAM_AUTH_ERR);
    lines.answer = "secret123456";
    failing_each_call(&lines, PAM_SUCCESS);
    fake_stop(&fake);
}
END_TEST

START_TEST(who_is_pending_is_let_through_by_an_empty_code_alone_whatever_call_fails)
{
    const struct fake_play pending = {.asks = {FAKE_EMPTY, FAKE_EMPTY, FAKE_EMPTY}};
    struct fake fake = {.detail = &pending};
    fake_start(&fake, fake_plays);
    struct lines lines = pair_with(&fake, "secret,");
    failing_each_call(&lines, PAM_SUCCESS); /* by the password line: verify says ignore */
    lines.answer = "Secret,";
    failing_each_call(&lines, PAM_AUTH_ERR);
    lines = one_line(&fake, "concat", "secret,");
    failing_each_call(&lines, PAM_IGNORE);
    lines.answer = "secret654321";
    failing_each_call(&lines, PAM_AUTH_ERR);
    fake_stop(&fake);
}
END_TEST

SUITE("failing modes", split_and_verify_refuse_what_is_wrong_whatever_call_fails,
      split_and_verify_with_all_that_is_right_succeed_or_fail_whatever_call_fails,
      split_and_verify_refuse_what_is_wrong_whatever_function_always_fails,
      split_alone_is_ignore_or_a_failure_whatever_call_fails, split_is_a_failure_where_the_code_cannot_be_set_aside,
      a_code_that_was_never_checked_refuses_the_account_whatever_call_fails,
      verify_alone_is_a_failure_whatever_call_fails, concat_is_success_only_with_the_right_code_whatever_call_fails,
      who_is_pending_is_let_through_by_an_empty_code_alone_whatever_call_fails)
