/* Conversation functions that break their contract (CVE-2021-31924 was one): no login succeeds, nothing leaks, nothing
 * crashes. What is freed is checked under AddressSanitizer and valgrind. */
#include "suite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_verifier.h"
#include "stack.h"

static struct pam_response *response_of(const char *text)
{
    struct pam_response *response = calloc(1, sizeof *response);
    ck_assert_ptr_nonnull(response);
    response->resp = text != NULL ? strdup(text) : NULL;
    return response;
}

static int no_array(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = NULL;
    return PAM_SUCCESS;
}

static int no_text(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = response_of(NULL);
    return PAM_SUCCESS;
}

static int error_alone(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)out, (void)talk;
    return PAM_CONV_ERR;
}

static int error_with_the_right_code(int count, const struct pam_message **messages, struct pam_response **out,
                                     void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = response_of("123456");
    return PAM_CONV_ERR;
}

static int odd_result_with_the_right_code(int count, const struct pam_message **messages, struct pam_response **out,
                                          void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = response_of("123456");
    return PAM_IGNORE;
}

static int unknown_result(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = response_of("123456");
    return -7;
}

static int no_memory(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)out, (void)talk;
    return PAM_BUF_ERR;
}

static int not_yet(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)out, (void)talk;
    return PAM_CONV_AGAIN;
}

static int odd_return_code(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = response_of("123456");
    (*out)->resp_retcode = 77; /* "currently un-used, zero expected" */
    return PAM_SUCCESS;
}

static int talk_to_mode(const char *mode,
                        int (*conversation)(int, const struct pam_message **, struct pam_response **, void *),
                        struct stack *stack, struct fake *fake)
{
    fake_start(fake, fake_honest);
    stack_open(stack, "alice", fake->path, mode);
    stack->talk.instead = conversation;
    int result = stack_authenticate(stack, "123456");
    stack_close(stack);
    fake_stop(fake);
    return result;
}

static int talk_to(int (*conversation)(int, const struct pam_message **, struct pam_response **, void *),
                   struct stack *stack, struct fake *fake)
{
    return talk_to_mode("", conversation, stack, fake);
}

START_TEST(a_conversation_without_an_answer_is_conv_err_where_both_are_asked_for)
{
    int (*const all[])(int, const struct pam_message **, struct pam_response **, void *) = {
        no_array, no_text, error_alone, error_with_the_right_code, odd_result_with_the_right_code, unknown_result};
    static const char *const modes[] = {"split", "concat"};
    for (size_t i = 0; i < 2 * sizeof all / sizeof all[0]; i++) {
        struct stack stack;
        struct fake fake = {0};
        ck_assert_int_eq(talk_to_mode(modes[i % 2], all[i / 2], &stack, &fake), PAM_CONV_ERR);
        ck_assert_int_eq(stack.talk.calls, 1);
        ck_assert_int_eq(fake.answers, 0);
        ck_assert_int_eq(fake.connections, 1); /* whom it is about was never said */
    }
    struct stack stack;
    struct fake fake = {0};
    ck_assert_int_eq(talk_to_mode("split", odd_return_code, &stack, &fake), PAM_IGNORE);
    ck_assert_int_eq(talk_to_mode("concat", odd_return_code, &stack, &fake), PAM_SUCCESS);
    ck_assert_int_eq(talk_to_mode("split", no_memory, &stack, &fake), PAM_BUF_ERR);
}
END_TEST

START_TEST(a_conversation_without_an_answer_is_conv_err_and_sends_nothing)
{
    int (*const all[])(int, const struct pam_message **, struct pam_response **, void *) = {
        no_array, no_text, error_alone, error_with_the_right_code, odd_result_with_the_right_code, unknown_result};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct stack stack;
        struct fake fake = {0};
        ck_assert_int_eq(talk_to(all[i], &stack, &fake), PAM_CONV_ERR);
        ck_assert_int_eq(stack.talk.calls, 1);
        ck_assert_int_eq(fake.answers, 0);
    }
    ck_assert(log_has("<5>pam_garde(test:auth): refused: the caller's conversation failed\n"));
}
END_TEST

START_TEST(a_conversation_without_memory_is_buf_err)
{
    struct stack stack;
    struct fake fake = {0};
    ck_assert_int_eq(talk_to(no_memory, &stack, &fake), PAM_BUF_ERR);
    ck_assert_int_eq(fake.answers, 0);
}
END_TEST

START_TEST(a_conversation_that_is_not_ready_is_incomplete_and_starts_anew)
{
    struct stack stack;
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    stack.talk.instead = not_yet;
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_INCOMPLETE);
    stack.talk.instead = NULL;
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 2);
    ck_assert_int_eq(fake.answers, 1);
}
END_TEST

START_TEST(a_return_code_inside_a_response_means_nothing)
{
    struct stack stack;
    struct fake fake = {0};
    ck_assert_int_eq(talk_to(odd_return_code, &stack, &fake), PAM_SUCCESS);
}
END_TEST

START_TEST(a_conversation_that_fails_on_the_message_changes_nothing)
{
    int (*const all[])(int, const struct pam_message **, struct pam_response **,
                       void *) = {no_array, no_text, error_alone, error_with_the_right_code, not_yet};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct stack stack;
        stack_open(&stack, "alice", "/nonexistent/socket", "");
        stack.talk.instead = all[i];
        ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_AUTHINFO_UNAVAIL);
        ck_assert_int_eq(stack.talk.calls, 1);
        ck_assert_int_eq(stack.talk.styles[0], PAM_ERROR_MSG);
        stack_close(&stack);
    }
}
END_TEST

START_TEST(a_handle_without_a_conversation_function_is_conv_err)
{
    const struct pam_conv none = {.conv = NULL};
    struct stack stack;
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(pam_set_item(stack.handle, PAM_CONV, &none), PAM_SUCCESS);
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_CONV_ERR);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 0);
}
END_TEST

START_TEST(what_was_typed_reaches_the_verifier_byte_for_byte)
{
    const char *const typed[] = {" 123456",      "123456 ",      "123456\n", "12\t34\r56", "\x01\x1b[A\x7f",
                                 "\xff\xfe\xc3", "１２３４５６", "%s%n%s",   "123456;--"};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        struct fake fake = {0};
        fake_start(&fake, fake_honest);
        ck_assert_int_eq(stack_try(fake.path, "debug", typed[i]), PAM_AUTH_ERR);
        fake_stop(&fake);
        ck_assert_str_eq(fake.code, typed[i]);
        ck_assert(!log_has(typed[i]));
    }
}
END_TEST

START_TEST(an_answer_of_many_thousand_bytes_is_refused_unsent)
{
    static char text[200000];
    memset(text, '1', sizeof text - 1);
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    ck_assert_int_eq(stack_try(fake.path, "", text), PAM_AUTH_ERR);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 0);
}
END_TEST

/* What follows the zero is not the module's to see, nor to send. */
static const char *inner_zero_text;
static size_t inner_zero_len;

static int inner_zero(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = response_of(NULL);
    (*out)->resp = malloc(inner_zero_len);
    ck_assert_ptr_nonnull((*out)->resp);
    memcpy((*out)->resp, inner_zero_text, inner_zero_len);
    return PAM_SUCCESS;
}

START_TEST(a_zero_inside_an_answer_is_its_end)
{
    static const struct {
        const char *text;
        size_t len;
        int result, answers;
        const char *sent;
    } cases[] = {{"123456\0more", sizeof "123456\0more", PAM_SUCCESS, 1, "123456"},
                 {"123\0"
                  "456",
                  sizeof "123\0"
                         "456",
                  PAM_AUTH_ERR, 1, "123"},
                 {"\000123456", sizeof "\000123456", PAM_AUTH_ERR, 0, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stack stack;
        struct fake fake = {0};
        inner_zero_text = cases[i].text;
        inner_zero_len = cases[i].len;
        ck_assert_int_eq(talk_to(inner_zero, &stack, &fake), cases[i].result);
        ck_assert_int_eq(fake.answers, cases[i].answers);
        ck_assert_str_eq(fake.code, cases[i].sent);
    }
}
END_TEST

/* The caller broke its contract, and what it allocated beyond the one answer stays its own. */
static struct pam_response more[3];

static int more_answers(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)messages, (void)talk;
    ck_assert_int_eq(count, 1);
    *out = calloc(3, sizeof **out);
    ck_assert_ptr_nonnull(*out);
    for (size_t i = 0; i < 3; i++) {
        more[i].resp = strdup(i == 1 ? "123456" : "654321");
        (*out)[i] = more[i];
    }
    return PAM_SUCCESS;
}

START_TEST(of_more_answers_than_were_asked_for_the_first_counts)
{
    struct stack stack;
    struct fake fake = {0};
    ck_assert_int_eq(talk_to(more_answers, &stack, &fake), PAM_AUTH_ERR);
    ck_assert_int_eq(fake.answers, 1);
    ck_assert_str_eq(fake.code, "654321");
    for (size_t i = 1; i < 3; i++) {
        ck_assert_str_eq(more[i].resp, i == 1 ? "123456" : "654321");
        free(more[i].resp);
    }
}
END_TEST

/* The call of this number, from 1, gives this result, with the right code all the same; the others are answered. */
static int fails_at, fails_with;

static int fails_at_one_call(int count, const struct pam_message **messages, struct pam_response **out, void *data)
{
    struct talk *talk = data;
    bool named = messages[0]->msg_style == PAM_PROMPT_ECHO_ON;
    (void)count;
    *out = talk->calls == fails_at && fails_with == PAM_CONV_AGAIN ? NULL : response_of(named ? "alice" : "123456");
    return talk->calls == fails_at ? fails_with : PAM_SUCCESS;
}

static void fail_at_each_call(const char *socket, int calls, int otherwise)
{
    static const int results[] = {PAM_CONV_ERR, PAM_BUF_ERR, PAM_CONV_AGAIN, PAM_IGNORE, PAM_SYSTEM_ERR, -1, 1000};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        for (int call = 1; call <= calls; call++) {
            struct stack stack;
            stack_open(&stack, NULL, socket, "");
            stack.talk.instead = fails_at_one_call;
            fails_at = call;
            fails_with = results[i];
            int result = stack_authenticate(&stack, NULL);
            ck_assert_int_ne(result, PAM_SUCCESS);
            ck_assert_int_ne(result, PAM_IGNORE);
            ck_assert_int_eq(stack.talk.calls, call);
            /* The same handle again, and all is well, but that libpam asks once for a name and remembers that it failed. */
            bool remembered = call == 1 && fails_with != PAM_CONV_AGAIN;
            fails_at = 0;
            stack.talk.calls = 0;
            ck_assert_int_eq(stack_authenticate(&stack, NULL), remembered ? result : otherwise);
            stack_close(&stack);
        }
    }
}

START_TEST(a_conversation_that_fails_at_any_call_is_a_failure_and_the_handle_works_again)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    fail_at_each_call(fake.path, 2, PAM_SUCCESS); /* the name, the code */
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 7 + 1);                             /* none of a failed attempt */
    fail_at_each_call("/nonexistent/socket", 2, PAM_AUTHINFO_UNAVAIL); /* the name, the message */
}
END_TEST

SUITE("odd conversation", a_conversation_without_an_answer_is_conv_err_where_both_are_asked_for,
      a_conversation_without_an_answer_is_conv_err_and_sends_nothing, a_conversation_without_memory_is_buf_err,
      a_conversation_that_is_not_ready_is_incomplete_and_starts_anew, a_return_code_inside_a_response_means_nothing,
      a_conversation_that_fails_on_the_message_changes_nothing, a_handle_without_a_conversation_function_is_conv_err,
      what_was_typed_reaches_the_verifier_byte_for_byte, an_answer_of_many_thousand_bytes_is_refused_unsent,
      a_zero_inside_an_answer_is_its_end, of_more_answers_than_were_asked_for_the_first_counts,
      a_conversation_that_fails_at_any_call_is_a_failure_and_the_handle_works_again)
