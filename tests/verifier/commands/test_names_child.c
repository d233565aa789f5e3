/* The helper that resolves a name: one name in, one line out, or nothing at all. */
#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "names.h"
#include "trial.h"

static struct trial trial;
static const char *asked;
static size_t asked_len;

static void ask(void)
{
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], asked, asked_len) != (ssize_t)asked_len || close(ends[1]) != 0 ||
        dup2(ends[0], STDIN_FILENO) < 0)
        abort();
}

static int helper(const char *config)
{
    (void)config;
    return names_child();
}

static int look_up(const char *name, size_t len, int nth)
{
    asked = name;
    asked_len = len;
    return trial_run(&trial, helper, ask, nth, EIO);
}

START_TEST(a_name_of_the_system_is_told_with_its_uid_and_another_as_none)
{
    ck_assert_int_eq(look_up("root", 5, 0), 0);
    ck_assert_str_eq(trial.told, "found 0 - root\n");
    ck_assert_int_eq(look_up("no-such-name", 13, 0), 0);
    ck_assert_str_eq(trial.told, "none\n");
}
END_TEST

START_TEST(what_can_be_no_name_is_not_looked_up)
{
    char much[USER_SIZE + 1];
    memset(much, 'x', sizeof much);
    ck_assert_int_eq(look_up("", 0, 0), 1);
    ck_assert_int_eq(look_up("", 1, 0), 1);
    ck_assert_int_eq(look_up("root", 4, 0), 1); /* cut off */
    ck_assert_int_eq(look_up("root\0daem", 9, 0), 1);
    ck_assert_int_eq(look_up("root\0\0daemon", 13, 0), 1);
    ck_assert_int_eq(look_up("root\0", 6, 0), 1);
    much[sizeof much - 1] = '\0';
    ck_assert_int_eq(look_up(much, sizeof much, 0), 1);
    ck_assert_str_eq(trial.told, "");

    char crowd[2 * (NAMES_GROUPS_MAX + 2)]; /* one group too many */
    for (size_t i = 0; i < sizeof crowd; i++)
        crowd[i] = i % 2 == 0 ? 'g' : '\0';
    ck_assert_int_eq(look_up(crowd, sizeof crowd, 0), 1);
    ck_assert_str_eq(trial.told, "");
}
END_TEST

START_TEST(groups_are_told_in_the_order_of_the_question)
{
    static const char question[] = "root\0daemon\0root\0no-such-group";
    ck_assert_int_eq(look_up(question, sizeof question, 0), 0);
    ck_assert_str_eq(trial.told, "found 0 01x root\n");
    static const char nobody[] = "no-such-name\0root";
    ck_assert_int_eq(look_up(nobody, sizeof nobody, 0), 0);
    ck_assert_str_eq(trial.told, "none\n");
}
END_TEST

START_TEST(nobody_is_called_unknown_or_no_member_because_a_call_failed)
{
    static const char question[] = "root\0root\0daemon\0no-such-group";
    int code = 0, nth = 1;
    for (; nth < 100; nth++) {
        code = look_up(question, sizeof question, nth);
        if (trial.calls < nth)
            break;
        if (strcmp(failing_which(), "getgrouplist") == 0) /* to it -1 is "more room", and with that it goes on */
            continue;
        ck_assert_msg(code == 1, "%s, call %d: %d", failing_which(), nth, code);
        ck_assert_str_eq(trial.told, "");
    }
    ck_assert_int_gt(nth, 8); /* each of the calls was there */
    ck_assert_int_eq(code, 0);
    ck_assert_str_eq(trial.told, "found 0 10x root\n");
}
END_TEST

SUITE("verifier/commands/names_child", a_name_of_the_system_is_told_with_its_uid_and_another_as_none,
      what_can_be_no_name_is_not_looked_up, groups_are_told_in_the_order_of_the_question,
      nobody_is_called_unknown_or_no_member_because_a_call_failed)
