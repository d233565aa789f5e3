#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

static void is_bad_with(int result, const char *arguments, const char *bad)
{
    struct stack stack;
    char line[1024];
    stack_open(&stack, "alice", NULL, arguments);
    ck_assert_msg(stack_authenticate(&stack, "123456") == result, "taken: %s", arguments);
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);
    (void)snprintf(line, sizeof line, "<3>pam_garde(test:auth): unknown, repeated or bad option: %s\n", bad);
    ck_assert_msg(log_has(line), "no line: %s in %s", line, log_text());
    ck_assert(log_has("<3>pam_garde(test:auth): refused: the options of this line are wrong\n"));
}

static void is_bad(const char *arguments, const char *bad)
{
    is_bad_with(PAM_SERVICE_ERR, arguments, bad);
}

START_TEST(options_that_are_unknown_are_a_service_error)
{
    is_bad("nullok", "nullok");
    is_bad("splits", "splits");
    is_bad("split=1", "split=1");
    is_bad("quiet debug no_warn", "no_warn");
    is_bad("Quiet", "Quiet");
    is_bad("echo=1", "echo=1");
    is_bad("timeout", "timeout");
    is_bad("socket", "socket");
    is_bad("quietly", "quietly");
}
END_TEST

START_TEST(options_with_a_bad_value_are_a_service_error)
{
    is_bad("timeout=0", "timeout=0");
    is_bad("timeout=31", "timeout=31");
    is_bad("timeout=5x", "timeout=5x");
    is_bad("timeout=-1", "timeout=-1");
    is_bad("timeout=", "timeout=");
    is_bad("timeout=3s", "timeout=3s");
    is_bad("socket=", "socket=");
    is_bad("socket=run/garde/verify.sock", "socket=run/garde/verify.sock");
    is_bad("prompt=", "prompt=");
    is_bad("prompt=Password:", "prompt=Password:");
    is_bad("[prompt=Password: ]", "prompt=Password: ");
    is_bad("prompt=\x1b]0;title", "prompt=\x1b]0;title");
}
END_TEST

START_TEST(options_too_long_for_a_socket_or_a_message_are_a_service_error)
{
    char text[700] = "socket=/";
    memset(text + 8, 'a', 107);
    is_bad(text, text);
    memset(text, 0, sizeof text);
    memcpy(text, "prompt=", 7);
    memset(text + 7, 'a', PAM_MAX_MSG_SIZE);
    is_bad(text, text);
}
END_TEST

START_TEST(options_given_twice_are_a_service_error)
{
    is_bad("quiet quiet", "quiet");
    is_bad("timeout=3 timeout=3", "timeout=3");
    is_bad("socket=/a socket=/b", "socket=/b");
}
END_TEST

START_TEST(options_of_two_modes_or_of_none_are_an_error)
{
    is_bad_with(PAM_AUTH_ERR, "split verify", "verify");
    is_bad_with(PAM_AUTH_ERR, "verify quiet concat", "concat");
    is_bad("concat split", "split");
    is_bad("split split", "split");
    is_bad("nodelay", "nodelay");
    is_bad("nodelay split nodelay", "nodelay");
}
END_TEST

START_TEST(options_that_would_show_a_password_are_an_error)
{
    is_bad("split echo", "echo");
    is_bad("echo concat", "echo");
    is_bad_with(PAM_AUTH_ERR, "verify echo", "echo");
    is_bad("split prompt=Password:", "prompt=Password:");
}
END_TEST

START_TEST(options_all_together_work)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    ck_assert_int_eq(stack_try(fake.path, "prompt=Code: echo quiet debug timeout=30", "123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack_try(fake.path, "timeout=1", "123456"), PAM_SUCCESS);
    fake_stop(&fake);
}
END_TEST

START_TEST(debug_logs_the_steps_and_nothing_that_was_typed)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    ck_assert_int_eq(stack_try(fake.path, "debug", "123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack_try(fake.path, "debug", "my password"), PAM_AUTH_ERR);
    fake_stop(&fake);
    ck_assert(log_has("<7>pam_garde(test:auth): asking the verifier at /tmp/"));
    ck_assert(log_has("<7>pam_garde(test:auth): asking for the code\n"));
    ck_assert(log_has("<7>pam_garde(test:auth): sending the answer\n"));
    ck_assert(log_has("<7>pam_garde(test:auth): accepted\n"));
    ck_assert(!log_has("123456"));
    ck_assert(!log_has("my password"));
    ck_assert(!log_has("alice"));
}
END_TEST

START_TEST(the_socket_is_the_trusted_one_for_root_and_the_public_one_for_others)
{
    bool root = geteuid() == 0;
    (void)stack_try(NULL, "debug", "");
    ck_assert(log_has(root ? "asking the verifier at /run/garde/trusted.sock\n"
                           : "asking the verifier at /run/garde/verify.sock\n"));
    if (root) {
        (void)stack_try_as(65533, NULL, "debug", "");
        ck_assert(log_has("asking the verifier at /run/garde/verify.sock\n"));
    }
}
END_TEST

SUITE("options", options_that_are_unknown_are_a_service_error, options_with_a_bad_value_are_a_service_error,
      options_too_long_for_a_socket_or_a_message_are_a_service_error, options_given_twice_are_a_service_error,
      options_of_two_modes_or_of_none_are_an_error, options_that_would_show_a_password_are_an_error,
      options_all_together_work, debug_logs_the_steps_and_nothing_that_was_typed,
      the_socket_is_the_trusted_one_for_root_and_the_public_one_for_others)
