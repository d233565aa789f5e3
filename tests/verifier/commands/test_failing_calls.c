/* garded whatever call fails: it is made whole or not at all, it starts and serves or says why not, and `garded check` never
 * calls good what it could not look at. */
#include "suite.h"

#include <errno.h>
#include <string.h>

#include "commands.h"
#include "failing.h"
#include "installation.h"
#include "trial.h"

static const int errors[] = {EIO, ENOMEM};
#define ERRORS (sizeof errors / sizeof errors[0])

static struct trial trial;

static int run(int (*command)(const char *config))
{
    return trial_run(&trial, command, NULL, 0, 0);
}

#define HOLDS(claim, nth)                                                                                              \
    ck_assert_msg(claim, "%s: %s, call %d; it said:\n%s", #claim, failing_which(), (nth), trial.told)

/* Who gives up says so; who serves says that. */
static bool says_something(void)
{
    return strstr(trial.told, "garded: ") != NULL;
}

START_TEST(key_ring_and_store_are_made_both_or_none_whatever_fails)
{
    trial_open(&trial);
    for (size_t e = 0; e < ERRORS; e++) {
        for (int nth = 1, last = nth; last == nth; nth++) {
            int code = trial_run(&trial, command_init, NULL, nth, errors[e]);
            last = trial.calls < nth ? 0 : nth + 1;
            HOLDS(code == CODE_GOOD || (last != 0 && says_something()), nth);
            HOLDS(trial_is_there(trial.key_ring) == (code == CODE_GOOD), nth);
            HOLDS(trial_is_there(trial.store) == (code == CODE_GOOD), nth);
            if (code == CODE_GOOD)
                HOLDS(run(command_check) == CODE_GOOD, nth);
            trial_clear(&trial);
            ck_assert_int_lt(nth, 2000);
        }
    }
    trial_close(&trial);
}
END_TEST

START_TEST(a_start_serves_and_ends_well_or_says_why_not_whatever_fails)
{
    trial_open(&trial);
    ck_assert_int_eq(run(command_init), CODE_GOOD);
    for (int nth = 1, last = nth; last == nth; nth++) {
        int code = trial_run(&trial, command_serve, NULL, nth, EIO);
        last = trial.calls < nth ? 0 : nth + 1;
        HOLDS(code == CODE_GOOD || last != 0, nth);
        HOLDS(says_something(), nth);
        ck_assert_int_lt(nth, 2000);
    }
    ck_assert_int_eq(run(command_check), CODE_GOOD);
    trial_close(&trial);
}
END_TEST

static int accept_rows(const char *config)
{
    return command_accept(config, true);
}

START_TEST(rows_that_add_up_are_left_alone_by_accept_or_it_says_why_not_whatever_fails)
{
    trial_open(&trial);
    ck_assert_int_eq(run(command_init), CODE_GOOD);
    for (int nth = 1, last = nth; last == nth; nth++) {
        int code = trial_run(&trial, accept_rows, NULL, nth, EIO);
        last = trial.calls < nth ? 0 : nth + 1;
        HOLDS(code == CODE_GOOD || (last != 0 && says_something()), nth);
        HOLDS((strstr(trial.told, "nothing to take") != NULL) == (code == CODE_GOOD), nth);
        ck_assert_int_lt(nth, 2000);
    }
    ck_assert_int_eq(run(command_check), CODE_GOOD);
    trial_close(&trial);
}
END_TEST

SUITE("verifier/commands/failing_calls", key_ring_and_store_are_made_both_or_none_whatever_fails,
      a_start_serves_and_ends_well_or_says_why_not_whatever_fails,
      rows_that_add_up_are_left_alone_by_accept_or_it_says_why_not_whatever_fails)
