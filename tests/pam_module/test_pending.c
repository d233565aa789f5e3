/* The one prompt that may stay empty: what becomes PAM_IGNORE behind it, and what never does. */
#include "suite.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_verifier.h"
#include "stack.h"

/* What the verifier says on a connection: its prompt, then its answer to ANSWER; 0: it hangs up instead. */
struct word {
    enum wire_type type;
    uint32_t value; /* of skip, verdict or refuse */
};
struct part {
    uint32_t may_be_empty;
    struct word early; /* right behind the prompt, before anything was typed */
    struct word then;
    bool hangs_up; /* as soon as it has prompted */
};
struct play {
    enum language language;
    unsigned digits;
    struct part parts[2]; /* of the first connection and of the second */
};

static void says_word(int fd, struct word word)
{
    struct wire_message message = {.type = word.type};
    if (word.type == WIRE_SKIP)
        message.skip.why = (enum wire_skip_why)word.value;
    else if (word.type == WIRE_REFUSE)
        message.refuse.why = (enum wire_refuse_why)word.value;
    else
        message.verdict.verdict = (enum verdict)word.value;
    fake_says(fd, &message);
}

static void plays(struct fake *fake, int fd)
{
    const struct play *play = fake->detail;
    const struct part *part = &play->parts[atomic_load(&fake->connections) > 1 ? 1 : 0];

    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    const struct wire_prompt prompt = {
        .language = play->language, .digits = play->digits, .may_be_empty = part->may_be_empty};
    fake_says(fd, &(struct wire_message){.type = WIRE_PROMPT, .prompt = prompt});
    if (part->hangs_up)
        return;
    if (part->early.type != 0)
        says_word(fd, part->early);
    atomic_store(&fake->spoken, 1);
    if (fake_gets(fake, fd, WIRE_ANSWER) && part->then.type != 0)
        says_word(fd, part->then);
}

#define SKIP_PENDING                                                                                                   \
    {                                                                                                                  \
        WIRE_SKIP, WIRE_SKIP_PENDING                                                                                   \
    }
#define SKIP_UNENROLLED                                                                                                \
    {                                                                                                                  \
        WIRE_SKIP, WIRE_SKIP_UNENROLLED                                                                                \
    }
#define ACCEPTED                                                                                                       \
    {                                                                                                                  \
        WIRE_VERDICT, VERDICT_ACCEPTED                                                                                 \
    }
#define REFUSED                                                                                                        \
    {                                                                                                                  \
        WIRE_VERDICT, VERDICT_REFUSED                                                                                  \
    }

static const struct word skip_pending = SKIP_PENDING, accepted = ACCEPTED, refused = REFUSED;

static void type_after_it_spoke(void *detail)
{
    struct fake *fake = detail;
    while (atomic_load(&fake->spoken) == 0 && atomic_load(&fake->ended) == 0)
        (void)sched_yield();
}

static void type_after_it_hung_up(void *detail)
{
    struct fake *fake = detail;
    while (atomic_load(&fake->ended) == 0)
        (void)sched_yield();
}

struct seen {
    int result, answers, prompts;
    char prompt[PAM_MAX_MSG_SIZE + 1];
};

static struct seen log_in(const struct play *play, const char *arguments, const char *answer)
{
    struct fake fake = {.detail = play};
    struct stack stack;
    struct seen seen = {0};
    fake_start(&fake, plays);
    stack_open(&stack, "alice", fake.path, arguments);
    stack.talk.at_prompt = play->parts[0].hangs_up ? type_after_it_hung_up : type_after_it_spoke;
    stack.talk.detail = &fake;
    seen.result = stack_authenticate(&stack, answer);
    seen.prompts = stack.talk.calls;
    (void)snprintf(seen.prompt, sizeof seen.prompt, "%s", stack.talk.texts[0]);
    stack_close(&stack);
    fake_stop(&fake);
    seen.answers = fake.answers;
    return seen;
}

static struct play one_part(uint32_t may_be_empty, struct word then)
{
    return (struct play){.language = LANGUAGE_EN, .digits = 6, .parts = {{.may_be_empty = may_be_empty, .then = then}}};
}

START_TEST(an_empty_answer_that_may_be_empty_is_sent_and_a_skip_for_it_is_ignore)
{
    const struct play play = one_part(1, skip_pending);
    const struct seen seen = log_in(&play, "quiet", "");
    ck_assert_int_eq(seen.result, PAM_IGNORE);
    ck_assert_int_eq(seen.answers, 1);
    ck_assert_int_eq(seen.prompts, 1);
    ck_assert(log_has("<5>pam_garde(test:auth): no code needed: a rule lets this user through\n"));
}
END_TEST

START_TEST(an_empty_answer_that_may_not_be_empty_is_refused_and_not_sent)
{
    const struct play play = one_part(0, skip_pending);
    const struct seen seen = log_in(&play, "quiet", "");
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.answers, 0);
}
END_TEST

START_TEST(every_other_way_to_a_skip_behind_a_prompt_is_a_failure)
{
    static const struct {
        uint32_t may_be_empty;
        struct word then;
        const char *answer;
        int result;
    } rows[] = {
        {1, SKIP_PENDING, "123456", PAM_AUTHINFO_UNAVAIL}, /* something was typed */
        {1, SKIP_PENDING, " ", PAM_AUTHINFO_UNAVAIL},
        {1, SKIP_PENDING, "\n", PAM_AUTHINFO_UNAVAIL},
        {0, SKIP_PENDING, "123456", PAM_AUTHINFO_UNAVAIL}, /* that was not allowed */
        {1, SKIP_UNENROLLED, "", PAM_AUTHINFO_UNAVAIL},    /* that belongs to ASK */
        {1, SKIP_UNENROLLED, "123456", PAM_AUTHINFO_UNAVAIL},
        {1, {WIRE_REFUSE, WIRE_REFUSE_DENIED}, "", PAM_AUTHINFO_UNAVAIL},
        {1, {WIRE_PROMPT, 0}, "", PAM_AUTHINFO_UNAVAIL},
        {1, {0, 0}, "", PAM_AUTHINFO_UNAVAIL},
        {1, REFUSED, "", PAM_AUTH_ERR}, /* the rule has ended meanwhile */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct play play = one_part(rows[i].may_be_empty, rows[i].then);
        const struct seen seen = log_in(&play, "quiet timeout=1", rows[i].answer);
        ck_assert_msg(seen.result == rows[i].result, "row %zu: %d", i, seen.result);
        ck_assert_int_eq(seen.answers, 1);
    }
}
END_TEST

START_TEST(a_code_typed_where_it_might_be_empty_is_an_ordinary_one)
{
    struct play play = one_part(1, accepted);
    ck_assert_int_eq(log_in(&play, "quiet", "123456").result, PAM_SUCCESS);
    play = one_part(1, refused);
    ck_assert_int_eq(log_in(&play, "quiet", "123456").result, PAM_AUTH_ERR);
}
END_TEST

START_TEST(a_skip_from_before_the_empty_answer_does_not_count)
{
    struct play play = one_part(1, skip_pending);
    play.parts[0].early = skip_pending;
    const struct seen seen = log_in(&play, "quiet timeout=1", "");
    ck_assert_int_eq(seen.result, PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(seen.answers, 0);
}
END_TEST

START_TEST(after_a_restart_what_may_be_empty_is_what_the_new_prompt_says)
{
    struct play play = {
        LANGUAGE_EN, 6, {{.may_be_empty = 1, .hangs_up = true}, {.may_be_empty = 1, .then = skip_pending}}};
    ck_assert_int_eq(log_in(&play, "quiet timeout=1", "").result, PAM_IGNORE);

    play.parts[1].may_be_empty = 0; /* its rule is over, or it is another user's by now */
    struct seen seen = log_in(&play, "quiet timeout=1", "");
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.answers, 0);

    play.parts[0].may_be_empty = 0; /* nobody was told that it may be empty, so nobody has chosen that */
    play.parts[1].may_be_empty = 1;
    seen = log_in(&play, "quiet timeout=1", "");
    ck_assert_int_eq(seen.result, PAM_AUTH_ERR);
    ck_assert_int_eq(seen.answers, 0);
}
END_TEST

START_TEST(a_conversation_without_an_answer_is_not_an_empty_one)
{
    const struct play play = one_part(1, skip_pending);
    const struct seen seen = log_in(&play, "quiet", NULL); /* it fails */
    ck_assert_int_eq(seen.result, PAM_CONV_ERR);
    ck_assert_int_eq(seen.answers, 0);
}
END_TEST

static int nothing_at_all(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = NULL;
    return PAM_SUCCESS;
}

static int no_text(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = calloc(1, sizeof **out);
    return PAM_SUCCESS;
}

static int empty_and_an_error(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)no_text(count, messages, out, talk);
    (*out)->resp = strdup("");
    return PAM_CONV_ERR;
}

static int empty_and_ignore(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)empty_and_an_error(count, messages, out, talk);
    return PAM_IGNORE;
}

START_TEST(a_conversation_that_breaks_its_contract_is_not_an_empty_answer)
{
    int (*const odd[])(int, const struct pam_message **, struct pam_response **,
                       void *) = {nothing_at_all, no_text, empty_and_an_error, empty_and_ignore};
    const struct play play = one_part(1, skip_pending);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct fake fake = {.detail = &play};
        struct stack stack;
        fake_start(&fake, plays);
        stack_open(&stack, "alice", fake.path, "quiet");
        stack.talk.instead = odd[i];
        ck_assert_int_eq(stack_authenticate(&stack, ""), PAM_CONV_ERR);
        stack_close(&stack);
        fake_stop(&fake);
        ck_assert_int_eq(fake.answers, 0);
    }
}
END_TEST

START_TEST(the_prompt_says_in_both_languages_that_it_may_stay_empty)
{
    char long_argument[PAM_MAX_MSG_SIZE + 32] = "[prompt=", *end = long_argument + strlen(long_argument);
    memset(end, 'x', PAM_MAX_MSG_SIZE - 20);
    strcpy(end + PAM_MAX_MSG_SIZE - 20, "]");
    static const struct {
        enum language language;
        unsigned digits;
        const char *arguments, *text;
    } rows[] = {
        {LANGUAGE_EN, 6, "", "Code from your phone (6 digits, leave empty if you have no code yet): "},
        {LANGUAGE_FR, 8, "",
         "Code affiché par votre téléphone (8 chiffres, laissez vide si vous n'avez pas encore de code) : "},
        {LANGUAGE_EN, 0, "", "Code from your phone (leave empty if you have no code yet): "},
        {LANGUAGE_FR, 99, "", "Code affiché par votre téléphone (laissez vide si vous n'avez pas encore de code) : "},
        {LANGUAGE_EN, 6, "[prompt=Token: ]", "Token: (leave empty if you have no code yet) "},
        {LANGUAGE_FR, 6, "[prompt=Jeton : ]", "Jeton : (laissez vide si vous n'avez pas encore de code) "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct play play = {rows[i].language, rows[i].digits, {{.may_be_empty = 1, .then = skip_pending}}};
        ck_assert_str_eq(log_in(&play, rows[i].arguments, "").prompt, rows[i].text);
    }
    const struct play play = one_part(1, skip_pending); /* no room for more: the site's own, whole */
    const struct seen seen = log_in(&play, long_argument, "");
    ck_assert_int_eq(seen.result, PAM_IGNORE);
    ck_assert_uint_eq(strlen(seen.prompt), PAM_MAX_MSG_SIZE - 20);
}
END_TEST

SUITE("pending", an_empty_answer_that_may_be_empty_is_sent_and_a_skip_for_it_is_ignore,
      an_empty_answer_that_may_not_be_empty_is_refused_and_not_sent,
      every_other_way_to_a_skip_behind_a_prompt_is_a_failure, a_code_typed_where_it_might_be_empty_is_an_ordinary_one,
      a_skip_from_before_the_empty_answer_does_not_count, after_a_restart_what_may_be_empty_is_what_the_new_prompt_says,
      a_conversation_without_an_answer_is_not_an_empty_one,
      a_conversation_that_breaks_its_contract_is_not_an_empty_answer,
      the_prompt_says_in_both_languages_that_it_may_stay_empty)
