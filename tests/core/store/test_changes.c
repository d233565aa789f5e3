#include "suite.h"

#include "place.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void put_user(struct store *store, const char *user)
{
    struct account account = an_account(user, 1);
    OK(store_put_account(store, &account));
}

static enum status look(struct store *store, const char *user)
{
    struct account account;
    return store_get_account(store, user, &account);
}

START_TEST(what_was_dropped_never_happened)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    OK(store_begin(store));
    put_user(store, "alice");
    OK(look(store, "alice"));
    store_drop(store);
    store_drop(store);
    OK(store_begin(store));
    ck_assert_int_eq(look(store, "alice"), STATUS_NOT_FOUND);
    put_user(store, "bob");
    OK(store_commit(store));
    store_drop(store); /* nothing left to drop */
    OK(store_begin(store));
    OK(look(store, "bob"));
}
END_TEST

START_TEST(nothing_is_read_or_written_outside_a_change)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct account account = an_account("alice", 1);
    ck_assert_int_eq(store_put_account(store, &account), STATUS_FAILED);
    ck_assert_int_eq(look(store, "alice"), STATUS_FAILED);
    ck_assert_int_eq(store_commit(store), STATUS_FAILED);
}
END_TEST

START_TEST(there_is_one_change_at_a_time)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    OK(store_begin(store));
    ck_assert_int_eq(store_begin(store), STATUS_FAILED);
    put_user(store, "alice");
    OK(store_commit(store));
}
END_TEST

START_TEST(a_change_left_open_is_dropped_by_close)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    OK(store_begin(store));
    put_user(store, "alice");
    store_close(store);
    store = reopen(&place);
    OK(store_begin(store));
    ck_assert_int_eq(look(store, "alice"), STATUS_NOT_FOUND);
    store_close(store);
}
END_TEST

/* The child commits alice, leaves bob in an open change, and is killed without a chance to tidy up. */
static void crash(const struct place *place, bool checkpoint)
{
    pid_t child = fork();
    if (child == 0) {
        struct problem problem;
        struct store *store = NULL;
        struct account alice = an_account("alice", 1), bob = an_account("bob", 2);
        if (store_open(place->store, &store, &problem) != STATUS_OK || store_begin(store) != STATUS_OK ||
            store_put_account(store, &alice) != STATUS_OK || store_commit(store) != STATUS_OK ||
            (checkpoint && store_checkpoint(store) != STATUS_OK) || store_begin(store) != STATUS_OK ||
            store_put_account(store, &bob) != STATUS_OK)
            _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL);
}

START_TEST(a_crash_keeps_what_was_committed_and_only_that)
{
    for (int checkpoint = 0; checkpoint <= 1; checkpoint++) {
        place_owner struct place place = place_new();
        create(&place);
        crash(&place, checkpoint == 1);
        store_owner struct store *store = reopen(&place);
        OK(store_begin(store));
        OK(look(store, "alice"));
        ck_assert_int_eq(look(store, "bob"), STATUS_NOT_FOUND);
        OK(store_commit(store));
        OK(store_examine(store));
    }
}
END_TEST

START_TEST(a_log_cut_off_in_the_middle_loses_the_last_change_whole)
{
    place_owner struct place place = place_new();
    char log[192];
    struct stat before, after;
    snprintf(log, sizeof log, "%s-wal", place.store);
    create(&place);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = reopen(&place);
        for (int i = 0; i < 2; i++) {
            struct account account = an_account(i == 0 ? "alice" : "bob", 1);
            struct origin origin = an_origin(i == 0 ? "alice" : "bob", "local:1");
            if (store_begin(store) != STATUS_OK || store_put_account(store, &account) != STATUS_OK ||
                store_put_origin(store, &origin) != STATUS_OK || store_commit(store) != STATUS_OK)
                _exit(1);
            if (i == 0 && stat(log, &before) != 0)
                _exit(1);
        }
        (void)kill(getpid(), SIGKILL);
    }
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFSIGNALED(state));
    ck_assert_int_eq(stat(log, &after), 0);
    ck_assert_int_eq(truncate(log, after.st_size - 1000), 0);

    store_owner struct store *store = reopen(&place);
    struct origin origin;
    OK(store_begin(store));
    OK(look(store, "alice"));
    ck_assert_int_eq(look(store, "bob"), STATUS_NOT_FOUND);
    ck_assert_int_eq(store_get_origin(store, "bob", "local:1", &origin), STATUS_NOT_FOUND);
}
END_TEST

/* The file may not grow: for the library, a disk that fails in the middle of a commit. */
START_TEST(after_a_failed_commit_nothing_works_any_more)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit was, none = {.rlim_cur = 6000, .rlim_max = RLIM_INFINITY};
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
    none.rlim_max = was.rlim_max;
    OK(store_begin(store));
    put_user(store, "alice");
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    ck_assert_int_ne(store_commit(store), STATUS_OK);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);

    ck_assert_int_eq(store_begin(store), STATUS_FAILED);
    ck_assert_int_eq(look(store, "alice"), STATUS_FAILED);
    ck_assert_int_eq(store_commit(store), STATUS_FAILED);
    ck_assert_int_eq(store_checkpoint(store), STATUS_FAILED);
    store_drop(store);
    store_close(store);

    store = reopen(&place);
    OK(store_begin(store));
    ck_assert_int_eq(look(store, "alice"), STATUS_NOT_FOUND);
    put_user(store, "alice");
    OK(store_commit(store));
    OK(store_examine(store));
    store_close(store);
}
END_TEST

START_TEST(a_checkpoint_empties_the_log_without_cutting_it)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    char log[192], user[32];
    struct stat before, after;
    snprintf(log, sizeof log, "%s-wal", place.store);
    for (int round = 0; round < 50; round++) {
        OK(store_begin(store));
        snprintf(user, sizeof user, "user%d", round);
        put_user(store, user);
        OK(store_commit(store));
        if (round == 0)
            ck_assert_int_eq(stat(log, &before), 0);
        OK(store_checkpoint(store));
    }
    ck_assert_int_eq(stat(log, &after), 0);
    ck_assert_int_eq(after.st_size, before.st_size);
    OK(store_begin(store));
    ck_assert_int_eq(store_checkpoint(store), STATUS_FAILED);
    OK(store_commit(store));
}
END_TEST

START_TEST(only_a_checkpoint_moves_the_log_into_the_file)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct stat before, after;
    ck_assert_int_eq(stat(place.store, &before), 0);
    OK(store_begin(store));
    for (int64_t id = 1; id <= 20000; id++) {
        struct factor factor = a_factor(id, "alice");
        OK(store_put_factor(store, &factor));
    }
    OK(store_commit(store));
    ck_assert_int_eq(stat(place.store, &after), 0);
    ck_assert_int_eq(before.st_size, after.st_size);
    OK(store_checkpoint(store));
    ck_assert_int_eq(stat(place.store, &after), 0);
    ck_assert_int_gt(after.st_size, before.st_size);
}
END_TEST

SUITE("store changes", what_was_dropped_never_happened, nothing_is_read_or_written_outside_a_change,
      there_is_one_change_at_a_time, a_change_left_open_is_dropped_by_close,
      a_crash_keeps_what_was_committed_and_only_that, a_log_cut_off_in_the_middle_loses_the_last_change_whole,
      after_a_failed_commit_nothing_works_any_more, a_checkpoint_empties_the_log_without_cutting_it,
      only_a_checkpoint_moves_the_log_into_the_file)
