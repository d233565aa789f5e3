/* garded as an ordinary user starts it, as systemd does, and `garded check` on what is not good. */
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "failing.h"
#include "installation.h"
#include "trial.h"

#define ORDINARY 1 /* daemon, where we are root; else we are ordinary ourselves */

static struct trial trial;

static void become_ordinary(void)
{
    if (geteuid() == 0 &&
        (setresgid(ORDINARY, ORDINARY, ORDINARY) != 0 || setresuid(ORDINARY, ORDINARY, ORDINARY) != 0))
        abort();
}

static void lock_little(void)
{
    const struct rlimit little = {.rlim_cur = 65536, .rlim_max = 65536};
    if (setrlimit(RLIMIT_MEMLOCK, &little) != 0)
        abort();
}

static void become_ordinary_with_little_to_lock(void)
{
    lock_little();
    become_ordinary();
}

static void be_a_service(void)
{
    char folder[96];
    (void)snprintf(folder, sizeof folder, "%s/keys", trial.folder);
    if (setenv("CREDENTIALS_DIRECTORY", folder, 1) != 0)
        abort();
    become_ordinary();
}

static void be_a_service_with_little_to_lock(void)
{
    lock_little();
    be_a_service();
}

static void open_ordinary(void)
{
    trial_open(&trial);
    if (geteuid() == 0)
        ck_assert_int_eq(chown(trial.folder, ORDINARY, ORDINARY), 0);
    ck_assert_int_eq(trial_run(&trial, command_init, become_ordinary, 0, 0), CODE_GOOD);
}

#define SAYS(text) ck_assert_msg(strstr(trial.told, text) != NULL, "it said:\n%s", trial.told)

START_TEST(an_ordinary_user_is_served_and_warned_where_memory_cannot_be_locked)
{
    open_ordinary();
    ck_assert_int_eq(trial_run(&trial, command_serve, become_ordinary_with_little_to_lock, 0, 0), CODE_GOOD);
    SAYS("NOT FOR PRODUCTION: memory cannot be locked");
    SAYS("ready");
    trial_close(&trial);
}
END_TEST

START_TEST(a_service_whose_memory_cannot_be_locked_does_not_start)
{
    open_ordinary();
    ck_assert_int_eq(trial_run(&trial, command_serve, be_a_service_with_little_to_lock, 0, 0), CODE_RUNNING);
    SAYS("raise RLIMIT_MEMLOCK");
    ck_assert_ptr_null(strstr(trial.told, "ready"));
    trial_close(&trial);
}
END_TEST

/* The key ring is where the configuration does not look for it. */
START_TEST(the_credential_of_systemd_goes_before_the_configured_key_ring)
{
    open_ordinary();
    char moved[96];
    (void)snprintf(moved, sizeof moved, "%s/elsewhere", trial.folder);
    char folder[96];
    (void)snprintf(folder, sizeof folder, "%s/keys", trial.folder);
    ck_assert_int_eq(trial_run(&trial, command_check, be_a_service, 0, 0), CODE_GOOD);
    ck_assert_int_eq(rename(folder, moved), 0);
    ck_assert_int_eq(trial_run(&trial, command_check, be_a_service, 0, 0), CODE_KEY_RING);
    SAYS("keys/master.key");
    trial_close(&trial);
}
END_TEST

START_TEST(an_ordinary_user_is_served_or_told_why_not_whatever_fails)
{
    open_ordinary();
    for (int nth = 1, last = nth; last == nth; nth++) {
        int code = trial_run(&trial, command_serve, become_ordinary_with_little_to_lock, nth, EMFILE);
        last = trial.calls < nth ? 0 : nth + 1;
        ck_assert_msg(code == CODE_GOOD || last != 0, "%s, call %d:\n%s", failing_which(), nth, trial.told);
        SAYS("garded: ");
    }
    trial_close(&trial);
}
END_TEST

static void edit_the_store(void)
{
    char command[256];
    FILE *sql = NULL;
    (void)snprintf(command, sizeof command, "%s/edit.sql", trial.folder);
    sql = fopen(command, "we");
    ck_assert_ptr_nonnull(sql);
    (void)fprintf(sql, "UPDATE entry SET actor = 'nobody' WHERE seq = 1;\n");
    (void)fclose(sql);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (freopen(command, "r", stdin) != NULL)
            (void)execlp("sqlite3", "sqlite3", "-bail", trial.store, (char *)NULL);
        _exit(127);
    }
    int state = 1;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert_int_eq(state, 0);
}

static void check_whatever_fails(enum exit_code sound)
{
    int before = trial_run(&trial, command_check, NULL, 0, 0);
    ck_assert_msg(before == (int)sound, "%d:\n%s", before, trial.told);
    for (int nth = 1, last = nth; last == nth; nth++) {
        int code = trial_run(&trial, command_check, NULL, nth, EIO);
        last = trial.calls < nth ? 0 : nth + 1;
        ck_assert_msg(code == (int)sound || code != CODE_GOOD, "good: %s, call %d:\n%s", failing_which(), nth,
                      trial.told);
        ck_assert_msg(code == (int)sound || last != 0, "%s, call %d:\n%s", failing_which(), nth, trial.told);
        SAYS(code == CODE_GOOD ? "garde.db: good\n" : "garded: ");
    }
}

START_TEST(check_calls_nothing_good_that_it_could_not_look_at)
{
    trial_open(&trial);
    ck_assert_int_eq(trial_run(&trial, command_init, NULL, 0, 0), CODE_GOOD);
    check_whatever_fails(CODE_GOOD);
    edit_the_store();
    check_whatever_fails(CODE_STORE);
    trial_close(&trial);
}
END_TEST

SUITE("verifier/commands/starts", an_ordinary_user_is_served_and_warned_where_memory_cannot_be_locked,
      a_service_whose_memory_cannot_be_locked_does_not_start,
      the_credential_of_systemd_goes_before_the_configured_key_ring,
      an_ordinary_user_is_served_or_told_why_not_whatever_fails, check_calls_nothing_good_that_it_could_not_look_at)
