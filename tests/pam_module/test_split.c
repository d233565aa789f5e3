/* The lines with `split` and `verify`, round a line that checks the password. */
#include "suite.h"

#include <string.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

struct seen {
    int result;
    unsigned delay_us;
    int connections, answers, at_once, calls;
    char texts[2][PAM_MAX_MSG_SIZE + 1];
    char code[WIRE_CODE_MAX + 1];
};

static struct seen log_in(const char *typed, const struct fake_play *play, struct pair arguments)
{
    struct fake fake = {.detail = play};
    struct stack stack;
    struct seen seen = {0};
    fake_start(&fake, fake_plays);
    stack_open_pair(&stack, "alice", fake.path, arguments);
    seen.result = stack_authenticate(&stack, typed);
    seen.delay_us = stack.talk.delay_us;
    seen.calls = stack.talk.calls;
    memcpy(seen.texts, stack.talk.texts, sizeof seen.texts);
    stack_close(&stack);
    fake_stop(&fake);
    seen.connections = fake.connections;
    seen.answers = fake.answers;
    seen.at_once = fake.at_once;
    memcpy(seen.code, fake.code, sizeof seen.code);
    return seen;
}

static const struct pair plain = {.split = NULL};
static const struct fake_play prompts = {.digits = 6};

START_TEST(password_and_code_in_one_field_let_in_behind_one_hidden_question)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open_pair(&stack, "alice", fake.path, plain);
    ck_assert_int_eq(stack_authenticate(&stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack.talk.calls, 1);
    ck_assert_int_eq(stack.talk.most_messages, 1);
    ck_assert_int_eq(stack.talk.styles[0], PAM_PROMPT_ECHO_OFF);
    ck_assert_str_eq(stack.talk.texts[0], "Password, then code (6 digits): ");
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 3); /* how to ask; whom; whether the code is right */
    ck_assert_int_eq(fake.looks, 2);       /* before the password nothing is asked in earnest */
    ck_assert_int_eq(fake.answers, 1);
    ck_assert_str_eq(fake.ask.user, "alice");
    ck_assert_str_eq(fake.ask.service, "test");
    ck_assert(log_has("given: `secret`\n"));
    ck_assert(!log_has("123456"));
    ck_assert(!log_has("pam_garde"));
}
END_TEST

START_TEST(a_code_in_any_form_goes_to_the_verifier_and_the_rest_to_the_password)
{
    static const char *const typed[] = {"secret123456",  "secret 123456",  "secret,123456",
                                        "secret123 456", "secret 123-456", "secret,123 456 "};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
        ck_assert_msg(log_in(typed[i], &prompts, plain).result == PAM_SUCCESS, "%s", typed[i]);
    ck_assert(!log_has("123"));
}
END_TEST

START_TEST(a_code_of_another_kind_goes_to_the_verifier_without_its_spaces)
{
    struct seen seen = log_in("secret ABCDE-FGHJK-MNPQR", &prompts, plain);
    ck_assert_str_eq(seen.code, "ABCDEFGHJKMNPQR");
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR); /* this verifier takes no other than its own */
    seen = log_in("secret,1234 5678", &prompts, plain);
    ck_assert_str_eq(seen.code, "12345678");
    seen = log_in("secret 1234567", &(struct fake_play){.digits = 7}, plain);
    ck_assert_str_eq(seen.code, "1234567");
    ck_assert(!log_has("given: `secret "));
}
END_TEST

START_TEST(a_wrong_password_sends_no_code)
{
    const struct seen seen = log_in("Secret123456", &prompts, plain);
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.connections, 2);
    ck_assert_int_eq(seen.answers, 0);
    ck_assert(log_has("given: `Secret`\n"));
}
END_TEST

/* Q10 */
START_TEST(a_wrong_password_a_wrong_code_and_no_code_look_the_same)
{
    static const char *const typed[] = {"Secret123456", "secret654321", "Secret654321", "secret", "Secret", ""};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        const struct seen seen = log_in(typed[i], &prompts, plain);
        ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
        ck_assert_int_eq(seen.calls, 1);
        ck_assert_str_eq(seen.texts[0], "Password, then code (6 digits): ");
        ck_assert_uint_ge(seen.delay_us, 1000000); /* libpam makes of two seconds what it likes */
        ck_assert_uint_le(seen.delay_us, 3000000);
        ck_assert_int_eq(seen.answers, strcmp(typed[i], "secret654321") == 0 ? 1 : 0);
        ck_assert_int_eq(seen.at_once, seen.answers); /* a wait would tell that the password was right */
    }
    ck_assert(log_has("refused: no code was given, no attempt is spent\n"));
}
END_TEST

START_TEST(the_question_is_in_the_sites_language_or_its_own)
{
    static const struct {
        struct fake_play play;
        const char *arguments, *text;
    } rows[] = {
        {{LANGUAGE_FR, 8, {0}}, "", "Mot de passe, puis code (8 chiffres) : "},
        {{LANGUAGE_EN, 7, {FAKE_EMPTY}}, "", "Password, then code (7 digits): "}, /* the same for everybody */
        {{LANGUAGE_EN, 6, {0}}, "[prompt=Both, please: ]", "Both, please: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct seen seen = log_in("secret", &rows[i].play, (struct pair){.split = rows[i].arguments});
        ck_assert_str_eq(seen.texts[0], rows[i].text);
    }
}
END_TEST

START_TEST(before_the_text_is_there_the_verifier_hears_of_nobody)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, fake_honest);
    stack_open_pair(&stack, "alice", fake.path, plain);
    ck_assert_int_eq(pam_set_item(stack.handle, PAM_RHOST, "192.0.2.7"), PAM_SUCCESS);
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_CONV_ERR);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 1);
    ck_assert_str_eq(fake.ask.user, "");
    ck_assert_str_eq(fake.ask.rhost, "");
}
END_TEST

START_TEST(whom_a_rule_lets_through_keeps_the_whole_text_as_password)
{
    const struct fake_play skips = {.asks = {FAKE_PROMPT, FAKE_SKIP, FAKE_SKIP}};
    const struct seen let_through = log_in("secret", &skips, plain);
    ck_assert_int_eq(let_through.result, PAM_SUCCESS);
    ck_assert_int_eq(let_through.calls, 1); /* the password line does not ask again */
    ck_assert(log_has("<5>pam_garde(test:auth): no code needed: a rule lets this user through\n"));
    const struct seen seen = log_in("secret123456", &skips, plain); /* a password that ends in digits, and is wrong */
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.answers, 0);
    ck_assert(log_has("given: `secret123456`\n"));
}
END_TEST

START_TEST(who_is_pending_may_leave_the_code_out)
{
    const struct fake_play pending = {.asks = {FAKE_PROMPT, FAKE_EMPTY, FAKE_EMPTY}};
    struct seen seen = log_in("secret", &pending, plain);
    ck_assert_int_eq(seen.result, PAM_SUCCESS);
    ck_assert_int_eq(seen.answers, 1);
    seen = log_in("secret,", &pending, plain);
    ck_assert_int_eq(seen.result, PAM_SUCCESS);
    ck_assert_int_eq(log_in("secret123456", &pending, plain).result, PAM_SUCCESS); /* the first code */
    ck_assert_int_eq(log_in("secret654321", &pending, plain).result, PAM_AUTH_ERR);
}
END_TEST

START_TEST(a_rule_that_ends_between_the_lines_leaves_nobody_in_without_a_code)
{
    const struct fake_play ends = {.asks = {FAKE_PROMPT, FAKE_SKIP, FAKE_PROMPT}};
    const struct seen ended = log_in("secret", &ends, plain);
    ck_assert_int_eq(ended.result, PAM_AUTH_ERR);
    ck_assert_int_eq(ended.answers, 0);
    const struct fake_play begins = {.asks = {FAKE_PROMPT, FAKE_PROMPT, FAKE_SKIP}};
    const struct seen begun = log_in("secret123456", &begins, plain);
    ck_assert_int_eq(begun.result, PAM_SUCCESS); /* the rule's word, as ever */
    ck_assert_int_eq(begun.answers, 0);
}
END_TEST

START_TEST(a_split_that_the_verifier_refuses_ends_before_the_password)
{
    static const struct {
        enum fake_turn turn;
        int result, calls;
    } rows[] = {{FAKE_DENIED, PAM_AUTH_ERR, 0},
                {FAKE_BUSY, PAM_AUTHINFO_UNAVAIL, 1},
                {FAKE_LOOKUP, PAM_AUTHINFO_UNAVAIL, 1},
                {FAKE_NO_WORD, PAM_AUTHINFO_UNAVAIL, 1},
                {FAKE_SKIP, PAM_AUTHINFO_UNAVAIL, 1}}; /* for nobody there is no rule */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct fake_play first = {.asks = {rows[i].turn}};
        struct seen seen = log_in("secret123456", &first, plain);
        ck_assert_int_eq(seen.result, rows[i].result);
        ck_assert_int_eq(seen.calls, rows[i].calls);
        ck_assert(rows[i].calls == 0 || strstr(seen.texts[0], "not available") != NULL);
        ck_assert_int_eq(seen.delay_us > 0, rows[i].result == PAM_AUTH_ERR);
        if (rows[i].turn == FAKE_SKIP)
            continue;
        const struct fake_play second = {.asks = {FAKE_PROMPT, rows[i].turn}};
        seen = log_in("secret123456", &second, plain);
        ck_assert_int_eq(seen.result, rows[i].result);
        ck_assert_int_eq(seen.calls, 1 + rows[i].calls);
        ck_assert_int_eq(seen.connections, 2);
        seen = log_in("secret123456", &second, (struct pair){.split = "quiet nodelay"});
        ck_assert_int_eq(seen.calls, 1);
        ck_assert_uint_eq(seen.delay_us, 0);
    }
    ck_assert(!log_has("given:")); /* the password was never tried */
}
END_TEST

START_TEST(every_failure_of_verify_is_auth_err_without_a_word)
{
    static const enum fake_turn turns[] = {FAKE_DENIED, FAKE_BUSY, FAKE_LOOKUP, FAKE_NO_WORD, FAKE_PROMPT_ONLY};
    static const char *const lines[] = {"refused\n", "it is busy\n", "its look-up of the name failed\n",
                                        "the connection was closed\n", "the connection was closed\n"};
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        const struct fake_play play = {.asks = {FAKE_PROMPT, FAKE_PROMPT, turns[i]}};
        const struct seen seen = log_in("secret123456", &play, (struct pair){.password = "nodelay"});
        ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
        ck_assert_int_eq(seen.calls, 1);
        ck_assert_uint_gt(seen.delay_us, 0); /* of this line itself */
        ck_assert(log_has(lines[i]));
    }
    const struct seen bad = log_in("secret123456", &prompts, (struct pair){.verify = "nullok", .password = "nodelay"});
    ck_assert_int_eq(bad.result, PAM_AUTH_ERR);
    ck_assert_uint_gt(bad.delay_us, 0);
    ck_assert(log_has("unknown, repeated or bad option: nullok\n"));
}
END_TEST

START_TEST(nodelay_asks_for_no_delay_and_a_success_never_does)
{
    const struct pair without = {.split = "nodelay", .verify = "nodelay", .password = "nodelay"};
    ck_assert_uint_eq(log_in("secret654321", &prompts, without).delay_us, 0);
    const struct pair fast = {.password = "nodelay"};
    ck_assert_uint_eq(log_in("secret123456", &prompts, fast).delay_us, 0);
    ck_assert_uint_gt(log_in("secret654321", &prompts, fast).delay_us, 0);
}
END_TEST

START_TEST(a_number_of_digits_that_no_code_has_is_no_prompt)
{
    const struct fake_play odd = {.digits = 5};
    const struct seen seen = log_in("secret12345", &odd, plain);
    ck_assert_int_eq(seen.result, PAM_AUTHINFO_UNAVAIL);
    ck_assert(log_has("an unexpected message\n"));
    ck_assert(!log_has("given:"));
}
END_TEST

START_TEST(a_text_of_1024_bytes_is_taken_apart_and_a_longer_one_is_refused)
{
    char text[1026];
    memset(text, 'x', sizeof text);
    text[1025] = '\0';
    struct seen seen = log_in(text, &prompts, plain);
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.connections, 1);
    ck_assert(!log_has("given:"));
    text[1024] = '\0';
    seen = log_in(text, &prompts, plain);
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.connections, 2);
    ck_assert(log_has("given: `xxx"));
}
END_TEST

START_TEST(debug_tells_the_steps_and_nothing_that_was_typed)
{
    ck_assert_int_eq(log_in("secret123456", &prompts, (struct pair){.split = "debug", .verify = "debug"}).result,
                     PAM_SUCCESS);
    ck_assert(log_has("<7>pam_garde(test:auth): asking for password and code\n"));
    ck_assert(log_has("<7>pam_garde(test:auth): what was typed is taken apart\n"));
    ck_assert(log_has("<7>pam_garde(test:auth): accepted\n"));
    ck_assert(!log_has("123456"));
    const char *at = strstr(log_text(), "secret"); /* the password line tells it, and no other */
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_null(strstr(at + 1, "secret"));
}
END_TEST

SUITE("split", password_and_code_in_one_field_let_in_behind_one_hidden_question,
      a_code_in_any_form_goes_to_the_verifier_and_the_rest_to_the_password,
      a_code_of_another_kind_goes_to_the_verifier_without_its_spaces, a_wrong_password_sends_no_code,
      a_wrong_password_a_wrong_code_and_no_code_look_the_same, the_question_is_in_the_sites_language_or_its_own,
      before_the_text_is_there_the_verifier_hears_of_nobody, whom_a_rule_lets_through_keeps_the_whole_text_as_password,
      who_is_pending_may_leave_the_code_out, a_rule_that_ends_between_the_lines_leaves_nobody_in_without_a_code,
      a_split_that_the_verifier_refuses_ends_before_the_password, every_failure_of_verify_is_auth_err_without_a_word,
      nodelay_asks_for_no_delay_and_a_success_never_does, a_number_of_digits_that_no_code_has_is_no_prompt,
      a_text_of_1024_bytes_is_taken_apart_and_a_longer_one_is_refused, debug_tells_the_steps_and_nothing_that_was_typed)
