/* The code between the line with `split` and the one with `verify`: whose it is, how long it is kept, and what is said when it was never asked for. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

#define NEVER_CHECKED "a code was set aside and never checked"

static const struct pair plain = {.split = NULL};

struct scene {
    struct fake fake;
    struct stack stack;
};

static void open_pair(struct scene *scene, struct pair arguments)
{
    scene->fake = (struct fake){0};
    fake_start(&scene->fake, fake_honest);
    stack_open_pair(&scene->stack, "alice", scene->fake.path, arguments);
}

/* Lines of the test's own; "%s" in each is the module with its socket. */
static void open_lines(struct scene *scene, size_t count, const char *const *lines)
{
    char text[4096] = "", module[256];
    size_t len = 0;
    scene->fake = (struct fake){0};
    fake_start(&scene->fake, fake_honest);
    (void)snprintf(module, sizeof module, PAM_MODULE " socket=%s", scene->fake.path);
    for (size_t i = 0; i < count; i++) {
        const char *at = strstr(lines[i], "MODULE");
        int before = at != NULL ? (int)(at - lines[i]) : (int)strlen(lines[i]);
        len += (size_t)snprintf(text + len, sizeof text - len, "auth %.*s%s%s\n", before, lines[i],
                                at != NULL ? module : "", at != NULL ? at + strlen("MODULE") : "");
    }
    stack_open_lines(&scene->stack, "alice", text);
}
#define OPEN(scene, ...)                                                                                               \
    open_lines(scene, sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *), (const char *[]){__VA_ARGS__})

static void close_scene(struct scene *scene)
{
    stack_close(&scene->stack);
    fake_stop(&scene->fake);
}

START_TEST(a_handle_is_used_again_after_each_kind_of_failure)
{
    struct scene scene;
    open_pair(&scene, plain);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(stack_authenticate(&scene.stack, "Secret123456"), PAM_AUTH_ERR);
        ck_assert_int_eq(stack_authenticate(&scene.stack, "secret654321"), PAM_AUTH_ERR);
        ck_assert_int_eq(stack_authenticate(&scene.stack, "secret"), PAM_AUTH_ERR);
        ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    }
    ck_assert_int_eq(scene.stack.talk.calls, 8); /* asked each time: what was typed before is gone */
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 4);
    ck_assert(!log_has(NEVER_CHECKED));
}
END_TEST

/* A wrong password leaves the code of its attempt there; the next attempt must not have it. */
START_TEST(a_code_of_an_attempt_before_is_never_used)
{
    struct scene scene;
    open_pair(&scene, plain);
    ck_assert_int_eq(stack_authenticate(&scene.stack, "Secret123456"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret"), PAM_AUTH_ERR);
    ck_assert_int_eq(stack_authenticate(&scene.stack, NULL), PAM_CONV_ERR);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 0);

    OPEN(&scene, "[default=ignore] MODULE split", "required MODULE verify"); /* goes on whatever split says */
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack_authenticate(&scene.stack, NULL), PAM_AUTH_ERR);
    close_scene(&scene);
}
END_TEST

/* The question of split fails, that of the password line does not. */
static int fails_for_both(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)talk;
    if (strstr(messages[0]->msg, "then code") != NULL)
        return PAM_CONV_ERR;
    *out = calloc(1, sizeof **out);
    ck_assert_ptr_nonnull(*out);
    (*out)->resp = strdup("secret");
    return PAM_SUCCESS;
}

START_TEST(a_failed_split_leaves_no_code_of_an_attempt_before)
{
    struct scene scene;
    OPEN(&scene, "[default=ignore] MODULE split", "[success=1 default=ignore] " PAM_PASSWORD " password=secret",
         "[default=die] pam_deny.so", "required MODULE verify");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "Secret123456"), PAM_AUTH_ERR); /* stays set aside */
    scene.stack.talk.instead = fails_for_both;
    ck_assert_int_eq(stack_authenticate(&scene.stack, NULL), PAM_AUTH_ERR);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 0);
    ck_assert(log_has("refused: no code was set aside"));
}
END_TEST

START_TEST(a_code_typed_for_one_user_is_not_anothers)
{
    struct scene scene;
    open_pair(&scene, (struct pair){.password = "then_user=bob"});
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_AUTH_ERR);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.connections, 2); /* nobody was asked about bob */
    ck_assert_int_eq(scene.fake.answers, 0);
    ck_assert(log_has("<5>pam_garde(test:auth): refused: the code was typed for another user name\n"));

    static const char *const others[] = {"then_user=alic", "then_user=alice2", "then_user="};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char line[512];
        (void)snprintf(line, sizeof line, "required " PAM_PASSWORD " password=secret %s", others[i]);
        OPEN(&scene, "[ignore=ignore default=die] MODULE split", line, "required MODULE verify");
        ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_AUTH_ERR);
        ck_assert_int_eq(scene.stack.talk.calls, 1); /* nor is the name asked for */
        close_scene(&scene);
        ck_assert_int_eq(scene.fake.answers, 0);
    }
}
END_TEST

START_TEST(a_verify_without_a_split_is_refused_and_says_so)
{
    struct scene scene;
    OPEN(&scene, "required " PAM_PASSWORD " password=secret nodelay", "required MODULE verify");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret"), PAM_AUTH_ERR);
    ck_assert_uint_gt(scene.stack.talk.delay_us, 0);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.connections, 0);
    ck_assert(
        log_has("<3>pam_garde(test:auth): refused: no code was set aside: is there no line with split before this "
                "one?\n"));
}
END_TEST

START_TEST(a_second_verify_does_not_get_the_code_again)
{
    struct scene scene;
    OPEN(&scene, "[ignore=ignore default=die] MODULE split", "required " PAM_PASSWORD " password=secret",
         "required MODULE verify", "required MODULE verify");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_AUTH_ERR);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 1);
    ck_assert(log_has("refused: no code was set aside"));
}
END_TEST

START_TEST(a_second_split_finds_the_password_alone_and_nobody_gets_in)
{
    struct scene scene;
    OPEN(&scene, "[ignore=ignore default=die] MODULE split", "[ignore=ignore default=die] MODULE split",
         "required " PAM_PASSWORD " password=secret", "required MODULE verify");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_AUTH_ERR);
    ck_assert_int_eq(scene.stack.talk.calls, 1);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 0);
    ck_assert(log_has("refused: no code was given"));
}
END_TEST

START_TEST(a_split_alone_lets_nobody_in_whatever_its_control_value)
{
    static const char *const controls[] = {"required",
                                           "requisite",
                                           "sufficient",
                                           "optional",
                                           "[success=done ignore=ignore default=die]",
                                           "[success=ok default=ok]"};
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        struct scene scene;
        char line[128];
        (void)snprintf(line, sizeof line, "%s MODULE split", controls[i]);
        OPEN(&scene, line);
        ck_assert_msg(stack_authenticate(&scene.stack, "secret123456") != PAM_SUCCESS, "%s", controls[i]);
        close_scene(&scene);
    }
}
END_TEST

START_TEST(a_login_whose_code_was_never_checked_is_told_at_its_end)
{
    struct scene scene;
    OPEN(&scene, "[ignore=ignore default=die] MODULE split", "required " PAM_PASSWORD " password=secret");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    ck_assert(!log_has(NEVER_CHECKED));
    close_scene(&scene);
    ck_assert(log_has("<3>")); /* LOG_ERR */
    ck_assert(log_has(NEVER_CHECKED ": is there no line with verify behind the one with split?\n"));
    ck_assert(!log_has("123456"));
}
END_TEST

START_TEST(a_login_that_failed_or_ends_in_a_fork_is_not_told)
{
    static const int ends[] = {PAM_AUTH_ERR, PAM_ABORT, PAM_DATA_SILENT | PAM_SUCCESS, PAM_DATA_SILENT | PAM_AUTH_ERR};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct scene scene;
        open_pair(&scene, plain);
        ck_assert_int_eq(stack_authenticate(&scene.stack, "Secret123456"), PAM_AUTH_ERR);
        ck_assert_int_eq(stack_end(&scene.stack, ends[i]), PAM_SUCCESS);
        fake_stop(&scene.fake);
    }
    ck_assert(!log_has(NEVER_CHECKED));
}
END_TEST

/* A password line that is not ready: the caller calls again, and libpam goes on behind the split line. */
START_TEST(a_caller_that_comes_back_finds_the_code_still_set_aside)
{
    struct scene scene;
    OPEN(&scene, "[ignore=ignore default=die] MODULE split",
         "[success=ok incomplete=ignore default=die] " PAM_PASSWORD " password=secret again", "required MODULE verify");
    int first = stack_authenticate(&scene.stack, "secret123456");
    ck_assert_int_eq(first, PAM_INCOMPLETE);
    ck_assert_int_eq(scene.fake.answers, 0);
    ck_assert_int_eq(stack_authenticate(&scene.stack, "another"), PAM_SUCCESS);
    ck_assert_int_eq(scene.stack.talk.calls, 1);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 1);
}
END_TEST

static int not_yet(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)out, (void)talk;
    return PAM_CONV_AGAIN;
}

START_TEST(a_conversation_that_is_not_ready_is_incomplete_and_split_begins_anew)
{
    struct scene scene;
    open_pair(&scene, plain);
    scene.stack.talk.instead = not_yet;
    ck_assert_int_eq(stack_authenticate(&scene.stack, NULL), PAM_INCOMPLETE);
    scene.stack.talk.instead = NULL;
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.answers, 1);
}
END_TEST

START_TEST(setcred_before_and_after_is_success_and_takes_no_code)
{
    struct scene scene;
    open_pair(&scene, plain);
    ck_assert_int_eq(pam_setcred(scene.stack.handle, PAM_ESTABLISH_CRED), PAM_SUCCESS);
    ck_assert_int_eq(scene.stack.talk.calls, 0);
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(pam_setcred(scene.stack.handle, PAM_REINITIALIZE_CRED), PAM_SUCCESS);
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.connections, 3);
}
END_TEST

/* What a process that the caller forks has of it: nothing, and no crash. */
static void is_empty_in_a_child(void *data)
{
    struct scene *scene = data;
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(20);
        _exit(pam_end(scene->stack.handle, PAM_SUCCESS) == PAM_SUCCESS ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

START_TEST(a_fork_between_the_lines_has_no_code)
{
    struct scene scene;
    OPEN(&scene, "[ignore=ignore default=die] MODULE split",
         "[success=ok incomplete=ignore default=die] " PAM_PASSWORD " password=secret again", "required MODULE verify");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret123456"), PAM_INCOMPLETE);
    is_empty_in_a_child(&scene);
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(20);
        _exit(stack_authenticate(&scene.stack, "secret") == PAM_AUTH_ERR ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_eq(scene.fake.answers, 0);
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret"), PAM_SUCCESS); /* here it is still there */
    close_scene(&scene);
    ck_assert(!log_has(NEVER_CHECKED));
}
END_TEST

START_TEST(a_text_that_another_line_has_asked_for_is_taken_apart_without_a_prompt)
{
    struct scene scene;
    OPEN(&scene, "optional " PAM_PASSWORD " password=none nodelay", "[ignore=ignore default=die] MODULE split",
         "required " PAM_PASSWORD " password=secret tell", "required MODULE verify");
    ck_assert_int_eq(stack_authenticate(&scene.stack, "secret 123456"), PAM_SUCCESS);
    ck_assert_int_eq(scene.stack.talk.calls, 1);
    ck_assert_str_ne(scene.stack.talk.texts[0], "Password, then code (6 digits): ");
    close_scene(&scene);
    ck_assert_int_eq(scene.fake.connections, 2);
    ck_assert(log_has("given: `secret`\n"));
}
END_TEST

SUITE("set aside", a_handle_is_used_again_after_each_kind_of_failure, a_code_of_an_attempt_before_is_never_used,
      a_failed_split_leaves_no_code_of_an_attempt_before, a_code_typed_for_one_user_is_not_anothers,
      a_verify_without_a_split_is_refused_and_says_so, a_second_verify_does_not_get_the_code_again,
      a_second_split_finds_the_password_alone_and_nobody_gets_in,
      a_split_alone_lets_nobody_in_whatever_its_control_value, a_login_whose_code_was_never_checked_is_told_at_its_end,
      a_login_that_failed_or_ends_in_a_fork_is_not_told, a_caller_that_comes_back_finds_the_code_still_set_aside,
      a_conversation_that_is_not_ready_is_incomplete_and_split_begins_anew,
      setcred_before_and_after_is_success_and_takes_no_code, a_fork_between_the_lines_has_no_code,
      a_text_that_another_line_has_asked_for_is_taken_apart_without_a_prompt)
