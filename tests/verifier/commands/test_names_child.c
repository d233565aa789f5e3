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
    ck_assert_int_eq(look_up("root", 4, 0), 0);
    ck_assert_str_eq(trial.told, "found 0 root\n");
    ck_assert_int_eq(look_up("no-such-name", 12, 0), 0);
    ck_assert_str_eq(trial.told, "none\n");
}
END_TEST

START_TEST(what_can_be_no_name_is_not_looked_up)
{
    char much[USER_SIZE];
    memset(much, 'x', sizeof much);
    ck_assert_int_eq(look_up("", 0, 0), 1);
    ck_assert_int_eq(look_up("ro\0ot", 5, 0), 1);
    ck_assert_int_eq(look_up("root\0", 5, 0), 1);
    ck_assert_int_eq(look_up(much, sizeof much, 0), 1);
    ck_assert_str_eq(trial.told, "");
}
END_TEST

START_TEST(no_name_is_called_unknown_because_a_call_failed)
{
    int code = 0;
    for (int nth = 1; nth < 50; nth++) {
        code = look_up("root", 4, nth);
        if (trial.calls < nth)
            break;
        ck_assert_msg(code == 1, "%s, call %d: %d", failing_which(), nth, code);
        ck_assert_str_eq(trial.told, "");
    }
    ck_assert_int_eq(code, 0);
    ck_assert_str_eq(trial.told, "found 0 root\n");
}
END_TEST

SUITE("verifier/commands/names_child", a_name_of_the_system_is_told_with_its_uid_and_another_as_none,
      what_can_be_no_name_is_not_looked_up, no_name_is_called_unknown_because_a_call_failed)
