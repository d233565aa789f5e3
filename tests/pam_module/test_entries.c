#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

START_TEST(setcred_is_success_whatever_comes_with_it)
{
    const int flags[] = {0,
                         PAM_ESTABLISH_CRED,
                         PAM_DELETE_CRED,
                         PAM_REINITIALIZE_CRED,
                         PAM_REFRESH_CRED,
                         PAM_ESTABLISH_CRED | (int)PAM_SILENT,
                         0x7fffffff};
    struct stack stack;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        stack_open(&stack, "alice", "/nonexistent/socket", i % 2 == 0 ? "" : "an-unknown-option");
        ck_assert_int_eq(pam_set_item(stack.handle, PAM_USER, i % 3 == 0 ? NULL : "root"), PAM_SUCCESS);
        ck_assert_int_eq(pam_setcred(stack.handle, flags[i]), PAM_SUCCESS);
        ck_assert_int_eq(stack.talk.calls, 0);
        stack_close(&stack);
    }
    ck_assert_str_eq(log_text(), "");
}
END_TEST

START_TEST(setcred_after_a_login_is_success)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    ck_assert_int_eq(pam_setcred(stack.handle, PAM_ESTABLISH_CRED), PAM_SUCCESS);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 1);
}
END_TEST

START_TEST(a_misplaced_line_fails_closed_and_says_so)
{
    struct stack stack;
    stack_open(&stack, "alice", "/nonexistent/socket", "");
    ck_assert_int_eq(pam_acct_mgmt(stack.handle, 0), PAM_SERVICE_ERR);
    ck_assert(log_has("<3>pam_garde(test:account): refused: pam_garde.so works on auth lines only, and this is a line "
                      "of type account\n"));
    ck_assert_int_eq(pam_open_session(stack.handle, 0), PAM_SERVICE_ERR);
    ck_assert(log_has("this is a line of type session\n"));
    ck_assert_int_eq(pam_close_session(stack.handle, 0), PAM_SERVICE_ERR);
    ck_assert_int_eq(pam_chauthtok(stack.handle, 0), PAM_SERVICE_ERR);
    ck_assert(log_has("this is a line of type password\n"));
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);
}
END_TEST

/* What arrives at the verifier for this item; NULL: not set. */
static void asks_with(int item, const char *value, const char *(*field)(const struct wire_ask *ask),
                      const char *expected)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    if (value != NULL)
        ck_assert_int_eq(pam_set_item(stack.handle, item, value), PAM_SUCCESS);
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_str_eq(field(&fake.ask), expected);
}

static const char *rhost(const struct wire_ask *ask)
{
    return ask->rhost;
}

static const char *tty(const struct wire_ask *ask)
{
    return ask->tty;
}

static const char *ruser(const struct wire_ask *ask)
{
    return ask->ruser;
}

START_TEST(items_reach_the_verifier_as_they_are)
{
    asks_with(PAM_RHOST, NULL, rhost, "");
    asks_with(PAM_RHOST, "", rhost, "");
    asks_with(PAM_RHOST, "desk7.ward.example", rhost, "desk7.ward.example");
    asks_with(PAM_RHOST, "2001:db8::7", rhost, "2001:db8::7");
    asks_with(PAM_TTY, NULL, tty, "");
    asks_with(PAM_TTY, "ssh", tty, "ssh");
    asks_with(PAM_RUSER, "bob", ruser, "bob");
}
END_TEST

START_TEST(items_that_are_hearsay_are_cut_to_fit)
{
    char text[5000];
    char expected[RHOST_SIZE];
    memset(text, 'h', sizeof text);
    text[sizeof text - 1] = '\0';
    memset(expected, 'h', sizeof expected);

    expected[RHOST_SIZE - 1] = '\0';
    asks_with(PAM_RHOST, text, rhost, expected);
    expected[USER_SIZE - 1] = '\0';
    asks_with(PAM_RUSER, text, ruser, expected);
    expected[TTY_SIZE - 1] = '\0';
    asks_with(PAM_TTY, text, tty, expected);
}
END_TEST

START_TEST(a_name_too_long_or_with_control_bytes_is_refused_and_never_asked_about)
{
    char longest[USER_SIZE + 1];
    memset(longest, 'a', sizeof longest);
    longest[USER_SIZE] = '\0';
    const char *const names[] = {longest, "al\nice", "alice\x1b[2J", "\x7f", "al\tice"};

    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        stack_open(&stack, names[i], fake.path, "debug");
        ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTH_ERR);
        ck_assert_int_eq(stack.talk.calls, 0);
        stack_close(&stack);
    }
    ck_assert_int_eq(fake.connections, 0);

    longest[USER_SIZE - 1] = '\0';
    stack_open(&stack, longest, fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    stack_close(&stack);
    stack_open(&stack, "WARD\\Zoë Müller@ward.example", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert(log_has("refused: the user or service name is too long or has control bytes\n"));
    ck_assert(!log_has("aaaa"));
}
END_TEST

START_TEST(a_service_name_too_long_is_refused_and_not_cut)
{
    char service[SERVICE_SIZE + 1];
    char other[160];
    memset(service, 's', sizeof service);
    service[SERVICE_SIZE] = '\0';

    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    (void)snprintf(other, sizeof other, "%s/test", stack.folder);
    ck_assert_int_eq(pam_set_item(stack.handle, PAM_SERVICE, service), PAM_SUCCESS);
    char renamed[160];
    (void)snprintf(renamed, sizeof renamed, "%s/%s", stack.folder, service);
    ck_assert_int_eq(rename(other, renamed), 0);
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack.talk.calls, 0);
    ck_assert_int_eq(rename(renamed, other), 0);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 0);
}
END_TEST

START_TEST(a_handle_without_a_user_is_asked_for_the_name_first)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, NULL, fake.path, "");
    stack.talk.user = "alice";
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack.talk.calls, 2);
    ck_assert_int_eq(stack.talk.styles[0], PAM_PROMPT_ECHO_ON);
    ck_assert_int_eq(stack.talk.styles[1], PAM_PROMPT_ECHO_OFF);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_str_eq(fake.ask.user, "alice");
}
END_TEST

START_TEST(no_name_at_all_is_user_unknown_and_asks_nobody)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, NULL, fake.path, "");
    stack.talk.user = "";
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_USER_UNKNOWN);
    stack_close(&stack);
    stack_open(&stack, NULL, fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_CONV_ERR);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 0);
    ck_assert(log_has("refused: no user name\n"));
}
END_TEST

SUITE("entries", setcred_is_success_whatever_comes_with_it, setcred_after_a_login_is_success,
      a_misplaced_line_fails_closed_and_says_so, items_reach_the_verifier_as_they_are,
      items_that_are_hearsay_are_cut_to_fit, a_name_too_long_or_with_control_bytes_is_refused_and_never_asked_about,
      a_service_name_too_long_is_refused_and_not_cut, a_handle_without_a_user_is_asked_for_the_name_first,
      no_name_at_all_is_user_unknown_and_asks_nobody)
