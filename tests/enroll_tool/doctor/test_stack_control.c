#include "suite.h"

#include <string.h>

#include "doctor/stack_control.h"

START_TEST(each_word_says_what_becomes_of_each_answer)
{
    static const struct {
        const char *control;
        int32_t success, new_token, ignore, auth_err;
    } cases[] = {
        {"required", ACTION_OK, ACTION_OK, ACTION_IGNORE, ACTION_BAD},
        {"REQUISITE", ACTION_OK, ACTION_OK, ACTION_IGNORE, ACTION_DIE},
        {"optional", ACTION_OK, ACTION_OK, ACTION_IGNORE, ACTION_IGNORE},
        {"sufficient", ACTION_DONE, ACTION_DONE, ACTION_IGNORE, ACTION_IGNORE},
        {"success=1 default=ignore", 1, ACTION_IGNORE, ACTION_IGNORE, ACTION_IGNORE},
        {" success = done  auth_err=die ", ACTION_DONE, ACTION_BAD, ACTION_BAD, ACTION_DIE},
        {"default=ok success=die", ACTION_DIE, ACTION_OK, ACTION_OK, ACTION_OK},
        {"success=die default=reset default=ok", ACTION_DIE, ACTION_RESET, ACTION_RESET, ACTION_RESET},
        {"success=12ignore=2", 12, ACTION_BAD, 2, ACTION_BAD},
        {"", ACTION_BAD, ACTION_BAD, ACTION_BAD, ACTION_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t actions[STACK_ANSWERS];
        stack_control_read(cases[i].control, actions);
        ck_assert_int_eq(actions[ANSWER_SUCCESS], cases[i].success);
        ck_assert_int_eq(actions[ANSWER_NEW_AUTHTOK_REQD], cases[i].new_token);
        ck_assert_int_eq(actions[ANSWER_IGNORE], cases[i].ignore);
        ck_assert_int_eq(actions[ANSWER_AUTH_ERR], cases[i].auth_err);
    }
}
END_TEST

START_TEST(what_libpam_cannot_read_makes_every_answer_bad)
{
    static const char *const cases[] = {
        NULL,       "requird", "success=okay", "success=0 default=ok", "success default=ok", "sucess=ok default=ok",
        "success=", "default", "success=-1",   "default=ok success",   "success=ok,",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t actions[STACK_ANSWERS];
        stack_control_read(cases[i], actions);
        for (size_t k = 0; k < STACK_ANSWERS; k++)
            ck_assert_int_eq(actions[k], ACTION_BAD);
    }
}
END_TEST

START_TEST(a_jump_over_more_lines_than_there_are_stays_one)
{
    int32_t actions[STACK_ANSWERS];
    stack_control_read("success=99999999999999999999", actions);
    ck_assert_int_ge(actions[ANSWER_SUCCESS], 1000000);
}
END_TEST

START_TEST(answers_have_the_names_that_libpam_reads)
{
    ck_assert_str_eq(stack_control_answer_name(ANSWER_AUTHINFO_UNAVAIL), "authinfo_unavail");
    ck_assert_str_eq(stack_control_answer_name(ANSWER_INCOMPLETE), "incomplete");
    ck_assert_str_eq(stack_control_answer_name(-1), "?");
    ck_assert_str_eq(stack_control_answer_name(STACK_ANSWERS), "?");
}
END_TEST

SUITE("stack_control", each_word_says_what_becomes_of_each_answer, what_libpam_cannot_read_makes_every_answer_bad,
      a_jump_over_more_lines_than_there_are_stays_one, answers_have_the_names_that_libpam_reads)
