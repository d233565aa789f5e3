#include "trial.h"

#include <check.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failing.h"

void trial_open(struct trial *trial)
{
    static const char template[] = "/tmp/garde-trial-XXXXXX";

    memset(trial, 0, sizeof *trial);
    memcpy(trial->folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(trial->folder));
    ck_assert_int_eq(chmod(trial->folder, 0755), 0);
    (void)snprintf(trial->config, sizeof trial->config, "%s/garde.conf", trial->folder);
    (void)snprintf(trial->key_ring, sizeof trial->key_ring, "%s/keys/master.key", trial->folder);
    (void)snprintf(trial->store, sizeof trial->store, "%s/store/garde.db", trial->folder);

    FILE *config = fopen(trial->config, "we");
    ck_assert_ptr_nonnull(config);
    (void)fprintf(config,
                  "[verifier]\nsocket_folder = %s/run\nkey_ring = %s\nstore = %s\nuser = daemon\nlog = stderr\n",
                  trial->folder, trial->key_ring, trial->store);
    ck_assert_int_eq(fclose(config), 0);
    ck_assert_int_eq(chmod(trial->config, 0644), 0);
}

static int take_away(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static void remove_all(const char *path)
{
    (void)nftw(path, take_away, 16, FTW_DEPTH | FTW_PHYS);
}

void trial_close(struct trial *trial)
{
    remove_all(trial->folder);
}

void trial_clear(struct trial *trial)
{
    static const char *const folders[] = {"keys", "store", "run"};
    char path[96];

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", trial->folder, folders[i]);
        remove_all(path);
    }
}

bool trial_is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void live(struct trial *trial, int (*command)(const char *config), void (*prepare)(void), int out,
                 const int fault[2])
{
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        abort();
    if (prepare != NULL)
        prepare();
    failing_start(fault[0], 1, fault[1]);
    int code = command(trial->config);
    (void)failing_stop();
    (void)fflush(stdout);
    _exit(code);
}

/* That it is ready; or that a line was lost, which may have been this one. */
static bool says_ready(const char *told)
{
    return strstr(told, "garded: ready\n") != NULL || strstr(told, "lines are missing here") != NULL;
}

/* Until the command has ended. */
static void listen_to(struct trial *trial, int in, pid_t child)
{
    size_t used = 0;
    bool asked = false;

    for (;;) {
        ssize_t got = read(in, trial->told + used, sizeof trial->told - 1 - used);
        ck_assert_int_ge(got, 0);
        used += (size_t)got;
        trial->told[used] = '\0';
        if (got == 0)
            return;
        ck_assert_uint_lt(used, sizeof trial->told - 1);
        if (!asked && says_ready(trial->told)) {
            ck_assert_int_eq(kill(child, SIGTERM), 0);
            asked = true;
        }
    }
}

int trial_run(struct trial *trial, int (*command)(const char *config), void (*prepare)(void), int nth, int error)
{
    const int fault[] = {nth, error};
    int ends[2];
    int state = 0;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)close(ends[0]);
        live(trial, command, prepare, ends[1], fault);
    }
    (void)close(ends[1]);
    listen_to(trial, ends[0], child);
    (void)close(ends[0]);
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    trial->calls = failing_stop();
    ck_assert_msg(WIFEXITED(state), "ended by signal %d: %s, call %d:\n%s", WTERMSIG(state), failing_which(), nth,
                  trial->told);
    return WEXITSTATUS(state);
}
