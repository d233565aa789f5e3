/* The account line with `split`: a code that no line with `verify` has taken lets nobody in, and where there is none the line says nothing. */
#include "suite.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

#define SPLIT    "auth [success=ignore ignore=ignore default=die] " PAM_MODULE " split socket=%s\n"
#define PASSWORD "auth requisite " PAM_PASSWORD " password=secret nodelay\n"
#define VERIFY   "auth [success=ok ignore=ignore default=die] " PAM_MODULE " verify nodelay socket=%s\n"
#define LONE     SPLIT PASSWORD "# none at %s\n"
#define BOTH     SPLIT PASSWORD VERIFY
/* libpam hands on what this line answers. */
#define BARE    "account [success=ok ignore=ok default=bad] " PAM_MODULE " "
#define SHIPPED "account [ignore=ignore default=die] " PAM_MODULE " split\naccount required pam_permit.so\n"

struct scene {
    struct fake fake;
    struct stack stack;
};

static const struct fake_play prompts = {.digits = 6};

/* auth: with two places for the socket. */
static void open_scene(struct scene *scene, const struct fake_play *play, const char *auth, const char *account)
{
    char format[2048], lines[2048];
    scene->fake = (struct fake){.detail = play};
    fake_start(&scene->fake, fake_plays);
    (void)snprintf(format, sizeof format, "%s%s\n", auth, account);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(lines, sizeof lines, format, scene->fake.path, scene->fake.path);
#pragma GCC diagnostic pop
    stack_open_lines(&scene->stack, "alice", lines);
}

static int account(struct scene *scene)
{
    return pam_acct_mgmt(scene->stack.handle, 0);
}

static void close_scene(struct scene *scene)
{
    stack_close(&scene->stack);
    fake_stop(&scene->fake);
}

/* What the account line answers behind a login with that text. */
static int after(const char *typed, const struct fake_play *play, const char *auth)
{
    struct scene scene;
    open_scene(&scene, play, auth, BARE "split");
    ck_assert_int_eq(stack_authenticate(&scene.stack, typed), PAM_SUCCESS);
    int calls = scene.stack.talk.calls;
    int result = account(&scene);
    ck_assert_int_eq(scene.stack.talk.calls, calls);
    close_scene(&scene);
    return result;
}

START_TEST(a_code_that_no_verify_has_taken_refuses_the_account)
{
    struct scene scene;
    open_scene(&scene, &prompts, LONE, BARE "split");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret654321"), PAM_SUCCESS);
    for (int i = 0; i < 2; i++) /* however often it is asked */
        ck_assert_int_eq(account(&scene), PAM_PERM_DENIED);
    ck_assert(log_has("<3>pam_garde(test:account): refused: a code was set aside and never checked: is there no line "
                      "with verify behind the one with split?\n"));
    ck_assert_int_eq(scene.stack.talk.calls, 1);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.connections, 2); /* both of the auth line */
    ck_assert(!log_has("654321"));
}
END_TEST

START_TEST(an_empty_code_that_nobody_checked_refuses_the_account_too)
{
    static const struct fake_play pending = {.asks = {FAKE_PROMPT, FAKE_EMPTY}};
    ck_assert_int_eq(after("secret", &prompts, LONE), PAM_PERM_DENIED);
    ck_assert_int_eq(after("secret,", &prompts, LONE), PAM_PERM_DENIED);
    ck_assert_int_eq(after("secret", &pending, LONE), PAM_PERM_DENIED); /* whether it may be empty is verify's to say */
}
END_TEST

START_TEST(a_code_that_verify_has_taken_leaves_the_account_to_others)
{
    static const struct fake_play pending = {.asks = {FAKE_PROMPT, FAKE_EMPTY, FAKE_EMPTY}};
    ck_assert_int_eq(after("secret123456", &prompts, BOTH), PAM_IGNORE);
    ck_assert_int_eq(after("secret", &pending, BOTH), PAM_IGNORE);
    ck_assert(!log_has("never checked"));
}
END_TEST

START_TEST(whom_a_rule_lets_through_is_left_to_others_with_and_without_verify)
{
    static const struct fake_play skips = {.asks = {FAKE_PROMPT, FAKE_SKIP, FAKE_SKIP}};
    ck_assert_int_eq(after("secret", &skips, BOTH), PAM_IGNORE);
    ck_assert_int_eq(after("secret", &skips, LONE), PAM_IGNORE);
}
END_TEST

START_TEST(where_nothing_was_set_aside_the_account_is_left_to_others)
{
    struct scene scene;
    open_scene(&scene, &prompts, LONE, BARE "split debug");
    ck_assert_int_eq(account(&scene), PAM_IGNORE); /* a key in sshd */
    ck_assert(log_has("<7>pam_garde(test:account): no code is left unchecked\n"));
    ck_assert_int_eq(pam_setcred(scene.stack.handle, PAM_ESTABLISH_CRED), PAM_SUCCESS); /* cron */
    ck_assert_int_eq(account(&scene), PAM_IGNORE);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.connections, 0);
    open_scene(&scene, &prompts, "auth sufficient pam_permit.so\n" LONE, BARE "split"); /* root's su */
    ck_assert_int_eq(stack_authenticate(&scene.stack, NULL), PAM_SUCCESS);
    ck_assert_int_eq(account(&scene), PAM_IGNORE);
    close_scene(&scene);
    ck_assert(!log_has("<3>"));
}
END_TEST

START_TEST(the_line_as_it_ships_decides_alone_where_a_code_is_left_and_nowhere_else)
{
    struct scene scene;
    open_scene(&scene, &prompts, LONE, SHIPPED);
    ck_assert_int_eq(account(&scene), PAM_SUCCESS); /* of the line behind it */
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(pam_setcred(scene.stack.handle, PAM_ESTABLISH_CRED), PAM_SUCCESS);
    ck_assert_int_eq(account(&scene), PAM_PERM_DENIED);
    close_scene(&scene);
}
END_TEST

START_TEST(another_name_in_between_takes_no_refusal_back)
{
    struct scene scene;
    open_scene(&scene, &prompts, LONE, BARE "split");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(pam_set_item(scene.stack.handle, PAM_USER, "bob"), PAM_SUCCESS);
    ck_assert_int_eq(account(&scene), PAM_PERM_DENIED);
    ck_assert_int_eq(pam_set_item(scene.stack.handle, PAM_USER, NULL), PAM_SUCCESS);
    ck_assert_int_eq(account(&scene), PAM_PERM_DENIED);
    close_scene(&scene);
}
END_TEST

/* A wrong password leaves the code there as well, until the next attempt. */
START_TEST(a_login_that_was_refused_refuses_the_account_until_one_goes_through)
{
    struct scene scene;
    open_scene(&scene, &prompts, BOTH, BARE "split");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "Secret123456"), PAM_AUTH_ERR);
    ck_assert_int_eq(account(&scene), PAM_PERM_DENIED);
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(account(&scene), PAM_IGNORE);
    close_scene(&scene);
}
END_TEST

START_TEST(in_a_fork_nothing_is_left_and_the_account_is_left_to_others)
{
    struct scene scene;
    int status = -1;
    open_scene(&scene, &prompts, LONE, BARE "split");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(20);
        _exit(account(&scene) == PAM_IGNORE ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_eq(account(&scene), PAM_PERM_DENIED);
    close_scene(&scene);
}
END_TEST

START_TEST(an_account_line_with_other_words_stays_misplaced)
{
    static const char *const words[] = {"", "verify", "concat", "debug", "split verify", "verify split"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct scene scene;
        char line[512];
        (void)snprintf(line, sizeof line, BARE "%s", words[i]);
        open_scene(&scene, &prompts, BOTH, line);
        ck_assert_int_eq(account(&scene), PAM_SERVICE_ERR);
        ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
        ck_assert_int_eq(account(&scene), PAM_SERVICE_ERR);
        close_scene(&scene);
    }
    ck_assert(log_has("<3>pam_garde(test:account): refused: pam_garde.so works on auth lines only"));
}
END_TEST

START_TEST(an_account_line_with_a_bad_option_refuses_and_says_which)
{
    struct scene scene;
    open_scene(&scene, &prompts, BOTH, BARE "split nullok");
    ck_assert_int_eq(account(&scene), PAM_SERVICE_ERR);
    close_scene(&scene);
    ck_assert(log_has("unknown, repeated or bad option: nullok\n"));
    ck_assert(log_has("refused: the options of this line are wrong\n"));
}
END_TEST

SUITE("account", a_code_that_no_verify_has_taken_refuses_the_account,
      an_empty_code_that_nobody_checked_refuses_the_account_too,
      a_code_that_verify_has_taken_leaves_the_account_to_others,
      whom_a_rule_lets_through_is_left_to_others_with_and_without_verify,
      where_nothing_was_set_aside_the_account_is_left_to_others,
      the_line_as_it_ships_decides_alone_where_a_code_is_left_and_nowhere_else,
      another_name_in_between_takes_no_refusal_back,
      a_login_that_was_refused_refuses_the_account_until_one_goes_through,
      in_a_fork_nothing_is_left_and_the_account_is_left_to_others, an_account_line_with_other_words_stays_misplaced,
      an_account_line_with_a_bad_option_refuses_and_says_which)
