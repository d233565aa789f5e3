/* The line with `concat`, which asks for password and code and has the code checked before the password is. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

struct seen {
    int result;
    unsigned delay_us;
    int connections, answers, calls;
    int looks;
    char texts[2][PAM_MAX_MSG_SIZE + 1];
};

/* control: of the line; behind it one that wants the password "secret". */
static struct seen log_in(const char *typed, const struct fake_play *play, const char *control, const char *arguments)
{
    struct fake fake = {.detail = play};
    struct stack stack;
    struct seen seen = {0};
    char lines[1024];
    fake_start(&fake, fake_plays);
    (void)snprintf(lines, sizeof lines,
                   "auth %s " PAM_MODULE " concat socket=%s %s\nauth required " PAM_PASSWORD
                   " password=secret tell nodelay\n",
                   control, fake.path, arguments);
    stack_open_lines(&stack, "alice", lines);
    seen.result = stack_authenticate(&stack, typed);
    seen.delay_us = stack.talk.delay_us;
    seen.calls = stack.talk.calls;
    memcpy(seen.texts, stack.talk.texts, sizeof seen.texts);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.at_once, 0); /* the password is still to come */
    seen.connections = fake.connections;
    seen.answers = fake.answers;
    seen.looks = fake.looks;
    return seen;
}

static const struct fake_play prompts = {.digits = 6};
static const char usual[] = "[success=ok ignore=ignore default=die]";

START_TEST(password_and_code_in_one_field_let_in_by_one_line)
{
    const struct seen seen = log_in("secret 123456", &prompts, usual, "");
    ck_assert_int_eq(seen.result, PAM_SUCCESS);
    ck_assert_int_eq(seen.calls, 1);
    ck_assert_str_eq(seen.texts[0], "Password, then code (6 digits): ");
    ck_assert_int_eq(seen.connections, 2); /* how to ask; and then all the rest */
    ck_assert_int_eq(seen.answers, 1);
    ck_assert_int_eq(seen.looks, 1);
    ck_assert(log_has("given: `secret`\n"));
    ck_assert(!log_has("123456"));
}
END_TEST

START_TEST(a_wrong_code_ends_before_the_password_is_tried)
{
    const struct seen seen = log_in("secret654321", &prompts, usual, "");
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_uint_gt(seen.delay_us, 0);
    ck_assert_int_eq(seen.calls, 1);
    ck_assert(!log_has("given:"));
    ck_assert_uint_eq(log_in("secret654321", &prompts, usual, "nodelay").delay_us, 0);
}
END_TEST

START_TEST(a_right_code_with_a_wrong_password_is_a_failure_and_the_code_is_spent)
{
    const struct seen seen = log_in("Secret123456", &prompts, usual, "");
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.answers, 1);
}
END_TEST

/* Where the lines behind it run all the same, so that nothing tells which of the two was wrong, they do not ask again. */
START_TEST(behind_required_the_password_is_tried_whatever_became_of_the_code)
{
    static const char *const typed[] = {"secret654321", "secret", "secret,"};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        const struct seen seen = log_in(typed[i], &prompts, "required", "");
        ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
        ck_assert_int_eq(seen.calls, 1);
        ck_assert_int_eq(seen.answers, i == 0 ? 1 : 0);
    }
    ck_assert(log_has("given: `secret`\n"));
    ck_assert(!log_has("given: `secret,`\n"));
}
END_TEST

START_TEST(whom_a_rule_lets_through_goes_on_with_the_whole_text)
{
    const struct fake_play skips = {.asks = {FAKE_PROMPT, FAKE_SKIP}};
    const struct seen let_through = log_in("secret", &skips, usual, "");
    ck_assert_int_eq(let_through.result, PAM_SUCCESS);
    ck_assert_int_eq(let_through.calls, 1); /* the password line does not ask again */
    ck_assert_int_eq(log_in("secret123456", &skips, usual, "").result, PAM_AUTH_ERR);
    ck_assert(log_has("given: `secret123456`\n"));
    const struct fake_play pending = {.asks = {FAKE_PROMPT, FAKE_EMPTY}};
    const struct seen seen = log_in("secret,", &pending, usual, "");
    ck_assert_int_eq(seen.result, PAM_SUCCESS);
    ck_assert_int_eq(seen.answers, 1);
}
END_TEST

START_TEST(a_rule_alone_lets_nobody_in)
{
    const struct fake_play skips = {.asks = {FAKE_PROMPT, FAKE_SKIP}};
    struct fake fake = {.detail = &skips};
    struct stack stack;
    fake_start(&fake, fake_plays);
    char line[512];
    (void)snprintf(line, sizeof line, "auth sufficient " PAM_MODULE " concat socket=%s\n", fake.path);
    stack_open_lines(&stack, "alice", line);
    ck_assert_int_ne(stack_authenticate(&stack, "secret"), PAM_SUCCESS);
    stack_close(&stack);
    fake_stop(&fake);
}
END_TEST

START_TEST(without_a_verdict_it_says_so_and_nothing_goes_on)
{
    static const struct fake_play plays[] = {{.asks = {FAKE_NO_WORD}},
                                             {.asks = {FAKE_PROMPT, FAKE_BUSY}},
                                             {.asks = {FAKE_PROMPT, FAKE_LOOKUP}},
                                             {.asks = {FAKE_PROMPT, FAKE_PROMPT_ONLY, FAKE_PROMPT_ONLY}},
                                             {.digits = 99}};
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        struct seen seen = log_in("secret123456", &plays[i], usual, "timeout=1");
        ck_assert_int_eq(seen.result, PAM_AUTHINFO_UNAVAIL);
        ck_assert_ptr_nonnull(strstr(seen.texts[seen.calls - 1], "not available"));
        ck_assert_int_eq(seen.answers, 0);
        seen = log_in("secret123456", &plays[i], usual, "timeout=1 quiet");
        ck_assert_int_eq(seen.result, PAM_AUTHINFO_UNAVAIL);
        ck_assert_int_le(seen.calls, 1);
    }
    ck_assert(!log_has("given:"));
}
END_TEST

START_TEST(a_retry_on_the_same_handle_asks_again_and_spends_nothing_by_itself)
{
    struct fake fake = {.detail = &prompts};
    struct stack stack;
    char lines[512];
    fake_start(&fake, fake_plays);
    (void)snprintf(lines, sizeof lines, "auth required " PAM_MODULE " concat socket=%s\n", fake.path);
    stack_open_lines(&stack, "alice", lines);
    ck_assert_int_eq(stack_authenticate(&stack, "secret654321"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&stack, "secret"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_CONV_ERR);
    ck_assert_int_eq(stack_authenticate(&stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack.talk.calls, 4);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 2);
    ck_assert(!log_has("set aside"));
}
END_TEST

SUITE("concat", password_and_code_in_one_field_let_in_by_one_line, a_wrong_code_ends_before_the_password_is_tried,
      a_right_code_with_a_wrong_password_is_a_failure_and_the_code_is_spent,
      behind_required_the_password_is_tried_whatever_became_of_the_code,
      whom_a_rule_lets_through_goes_on_with_the_whole_text, a_rule_alone_lets_nobody_in,
      without_a_verdict_it_says_so_and_nothing_goes_on,
      a_retry_on_the_same_handle_asks_again_and_spends_nothing_by_itself)
