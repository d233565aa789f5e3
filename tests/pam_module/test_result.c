#include "suite.h"

#include <stdbool.h>
#include <syslog.h>

#include <security/pam_modules.h>

#include "result.h"

static const enum mode modes[] = {MODE_PROMPT, MODE_SPLIT, MODE_VERIFY, MODE_CONCAT};
#define MODES (sizeof modes / sizeof modes[0])
#define LAST  OUTCOME_NO_MEMORY

START_TEST(success_and_ignore_have_their_own_outcomes_and_no_others)
{
    for (size_t i = 0; i < MODES; i++) {
        bool split = modes[i] == MODE_SPLIT;
        for (int outcome = -1; outcome <= LAST + 1; outcome++) {
            const struct result result = result_of(modes[i], (enum outcome)outcome);
            ck_assert_int_eq(result.pam == PAM_SUCCESS, outcome == OUTCOME_ACCEPTED && !split);
            bool ignores =
                split ? outcome == OUTCOME_SET_ASIDE || outcome == OUTCOME_NONE_LEFT : outcome == OUTCOME_SKIPPED;
            ck_assert_int_eq(result.pam == PAM_IGNORE, ignores);
            ck_assert_ptr_nonnull(result.line);
        }
    }
}
END_TEST

START_TEST(what_a_line_cannot_come_to_is_a_failure_that_is_logged)
{
    ck_assert_int_eq(result_of(MODE_SPLIT, OUTCOME_ACCEPTED).pam, PAM_SYSTEM_ERR);
    ck_assert_int_eq(result_of(MODE_SPLIT, OUTCOME_SKIPPED).pam, PAM_SYSTEM_ERR);
    ck_assert_int_eq(result_of(MODE_PROMPT, OUTCOME_SET_ASIDE).pam, PAM_SYSTEM_ERR);
    ck_assert_int_eq(result_of(MODE_CONCAT, OUTCOME_SET_ASIDE).pam, PAM_SYSTEM_ERR);
    ck_assert_int_eq(result_of(MODE_VERIFY, OUTCOME_SET_ASIDE).pam, PAM_AUTH_ERR);
    ck_assert_int_eq(result_of(MODE_PROMPT, OUTCOME_NONE_LEFT).pam, PAM_SYSTEM_ERR);
    ck_assert_int_eq(result_of(MODE_SPLIT, OUTCOME_NEVER_CHECKED).pam, PAM_PERM_DENIED);
    ck_assert_int_eq(result_of(MODE_SPLIT, OUTCOME_ACCEPTED).priority, LOG_ERR);
}
END_TEST

START_TEST(behind_the_password_every_failure_is_auth_err)
{
    for (int outcome = OUTCOME_UNDECIDED; outcome <= LAST; outcome++)
        if (outcome != OUTCOME_ACCEPTED && outcome != OUTCOME_SKIPPED)
            ck_assert_int_eq(result_of(MODE_VERIFY, (enum outcome)outcome).pam, PAM_AUTH_ERR);
}
END_TEST

SUITE("result", success_and_ignore_have_their_own_outcomes_and_no_others,
      what_a_line_cannot_come_to_is_a_failure_that_is_logged, behind_the_password_every_failure_is_auth_err)
