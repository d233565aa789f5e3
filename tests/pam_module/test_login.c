#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

static void skips(struct fake *fake, int fd)
{
    if (fake_gets(fake, fd, WIRE_ASK))
        fake_says(fd, &(struct wire_message){.type = WIRE_SKIP, .skip = {WIRE_SKIP_UNENROLLED}});
}

static void turns_away(struct fake *fake, int fd)
{
    const enum wire_refuse_why *why = fake->detail;
    if (fake_gets(fake, fd, WIRE_ASK))
        fake_says(fd, &(struct wire_message){.type = WIRE_REFUSE, .refuse = {*why}});
}

static void speaks(struct fake *fake, int fd)
{
    const struct wire_prompt *prompt = fake->detail;
    if (fake_gets(fake, fd, WIRE_ASK))
        fake_prompts(fd, prompt->language, prompt->digits);
    if (fake_gets(fake, fd, WIRE_ANSWER))
        fake_judges(fd, VERDICT_REFUSED);
}

START_TEST(login_with_the_right_code_is_success_and_asks_one_hidden_question)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack.talk.calls, 1);
    ck_assert_int_eq(stack.talk.most_messages, 1);
    ck_assert_int_eq(stack.talk.styles[0], PAM_PROMPT_ECHO_OFF);
    ck_assert_str_eq(stack.talk.texts[0], "Code from your phone (6 digits): ");
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_str_eq(fake.ask.user, "alice");
    ck_assert_str_eq(fake.ask.service, "test");
    ck_assert_str_eq(log_text(), "");
}
END_TEST

START_TEST(login_with_a_wrong_code_is_auth_err_without_a_message)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "654321"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack.talk.calls, 1);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.at_once, 0);
    ck_assert(log_has("<5>pam_garde(test:auth): refused\n"));
    ck_assert(!log_has("654321"));
}
END_TEST

START_TEST(login_let_through_by_a_rule_is_ignore_and_asks_nothing)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, skips);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_IGNORE);
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert(log_has("<5>pam_garde(test:auth): no code needed: a rule lets this user through\n"));
}
END_TEST

START_TEST(login_denied_to_this_caller_looks_like_a_wrong_code)
{
    const enum wire_refuse_why why = WIRE_REFUSE_DENIED;
    struct fake fake = {.detail = &why};
    struct stack stack;
    fake_start(&fake, turns_away);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);
    fake_stop(&fake);
}
END_TEST

START_TEST(login_without_a_verdict_is_unavail_and_says_so_in_both_languages)
{
    const enum wire_refuse_why whys[] = {WIRE_REFUSE_BUSY, WIRE_REFUSE_LOOKUP};
    const char *const lines[] = {": it is busy\n", ": its look-up of the name failed\n"};
    for (size_t i = 0; i < 2; i++) {
        struct fake fake = {.detail = &whys[i]};
        struct stack stack;
        fake_start(&fake, turns_away);
        stack_open(&stack, "alice", fake.path, "");
        ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTHINFO_UNAVAIL);
        ck_assert_int_eq(stack.talk.calls, 1);
        ck_assert_int_eq(stack.talk.styles[0], PAM_ERROR_MSG);
        ck_assert_ptr_nonnull(strstr(stack.talk.texts[0], "Connexion par code indisponible"));
        ck_assert_ptr_nonnull(strstr(stack.talk.texts[0], "Login with a code not available"));
        ck_assert_uint_le(strlen(stack.talk.texts[0]), 99);
        stack_close(&stack);
        fake_stop(&fake);
        ck_assert(log_has(lines[i]));
        ck_assert(log_has(fake.path));
    }
}
END_TEST

START_TEST(login_says_nothing_but_the_prompt_where_it_must_be_quiet)
{
    struct stack stack;
    stack_open(&stack, "alice", "/nonexistent/socket", "quiet");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);

    stack_open(&stack, "alice", "/nonexistent/socket", "");
    ck_assert_int_eq(pam_authenticate(stack.handle, (int)PAM_SILENT), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);
    ck_assert(log_has("verifier at /nonexistent/socket: nobody listens\n"));
}
END_TEST

START_TEST(login_asks_in_the_language_and_for_the_digits_that_the_verifier_tells)
{
    const struct {
        struct wire_prompt prompt;
        const char *text;
    } cases[] = {{{LANGUAGE_EN, 6}, "Code from your phone (6 digits): "},
                 {{LANGUAGE_EN, 8}, "Code from your phone (8 digits): "},
                 {{LANGUAGE_FR, 6}, "Code affiché par votre téléphone (6 chiffres) : "},
                 {{LANGUAGE_FR, 7}, "Code affiché par votre téléphone (7 chiffres) : "},
                 {{LANGUAGE_EN, 0}, "Code from your phone: "},
                 {{LANGUAGE_FR, 4000000000}, "Code affiché par votre téléphone : "}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake = {.detail = &cases[i].prompt};
        struct stack stack;
        fake_start(&fake, speaks);
        stack_open(&stack, "alice", fake.path, "");
        ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTH_ERR);
        ck_assert_str_eq(stack.talk.texts[0], cases[i].text);
        stack_close(&stack);
        fake_stop(&fake);
    }
}
END_TEST

START_TEST(login_prompt_and_echo_are_options)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "[prompt=Code for this ward: ] echo");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    ck_assert_str_eq(stack.talk.texts[0], "Code for this ward: ");
    ck_assert_int_eq(stack.talk.styles[0], PAM_PROMPT_ECHO_ON);
    stack_close(&stack);
    fake_stop(&fake);
}
END_TEST

START_TEST(login_without_input_sends_no_answer)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    ck_assert_int_eq(stack_try(fake.path, "", ""), PAM_AUTH_ERR);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 1);
    ck_assert_int_eq(fake.answers, 0);
    ck_assert(log_has("refused: no code was given, no attempt is spent\n"));
}
END_TEST

START_TEST(login_sends_512_bytes_whole_and_513_not_at_all)
{
    char most[WIRE_CODE_MAX + 2];
    memset(most, 'x', sizeof most);
    most[WIRE_CODE_MAX + 1] = '\0';
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    ck_assert_int_eq(stack_try(fake.path, "", most), PAM_AUTH_ERR);
    most[WIRE_CODE_MAX] = '\0';
    ck_assert_int_eq(stack_try(fake.path, "", most), PAM_AUTH_ERR);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 1);
    ck_assert_str_eq(fake.code, most);
}
END_TEST

START_TEST(login_again_on_the_same_handle_starts_anew)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "1"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&stack, ""), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    ck_assert_int_eq(pam_set_item(stack.handle, PAM_USER, "bob"), PAM_SUCCESS);
    ck_assert_int_eq(stack_authenticate(&stack, "2"), PAM_AUTH_ERR);
    for (int i = 1; i < stack.talk.calls; i++)
        ck_assert_str_eq(stack.talk.texts[i], stack.talk.texts[0]);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 4);
    ck_assert_int_eq(fake.answers, 3);
    ck_assert_str_eq(fake.ask.user, "bob");
}
END_TEST

static void silent_line(struct stack *stack, const struct fake *fake, const char *before)
{
    char lines[1024];
    (void)snprintf(lines, sizeof lines, "%sauth required " PAM_MODULE " socket=%s\n", before, fake->path);
    stack_open_lines(stack, "alice", lines);
}

START_TEST(login_behind_required_is_success_only_with_the_right_code)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    silent_line(&stack, &fake, "auth required pam_permit.so\n");
    ck_assert_int_eq(stack_authenticate(&stack, "1"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    stack_close(&stack);
    silent_line(&stack, &fake, "auth required pam_deny.so\n");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTH_ERR);
    stack_close(&stack);
    fake_stop(&fake);
}
END_TEST

SUITE("login", login_with_the_right_code_is_success_and_asks_one_hidden_question,
      login_with_a_wrong_code_is_auth_err_without_a_message, login_let_through_by_a_rule_is_ignore_and_asks_nothing,
      login_denied_to_this_caller_looks_like_a_wrong_code,
      login_without_a_verdict_is_unavail_and_says_so_in_both_languages,
      login_says_nothing_but_the_prompt_where_it_must_be_quiet,
      login_asks_in_the_language_and_for_the_digits_that_the_verifier_tells, login_prompt_and_echo_are_options,
      login_without_input_sends_no_answer, login_sends_512_bytes_whole_and_513_not_at_all,
      login_again_on_the_same_handle_starts_anew, login_behind_required_is_success_only_with_the_right_code)
