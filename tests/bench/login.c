/* Logins, each in a fresh process, timed from fork to wait by the parent.
 *
 *   login [--at-once N]     jobs on standard input: "SERVICE USER CODE" a line
 *
 * Writes a line for each job, in their order: "NANOSECONDS RESULT" (a number of PAM's, -1: the process died). The last line
 * is "elapsed NANOSECONDS", from the first fork to the last wait.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <garde/number.h>

#include "once.h"

#define AT_ONCE_MAX 1024
#define WORD_SIZE   64

struct login {
    char service[WORD_SIZE];
    char user[WORD_SIZE];
    char code[WORD_SIZE];
    pid_t pid;
    uint64_t begun_ns;
    uint64_t took_ns;
    int result;
};

struct run {
    struct login *logins;
    size_t count;
    size_t room;
    size_t begun;
    size_t ended;
};

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* false: no memory, or a line that is none. */
static int read_jobs(struct run *run)
{
    char line[4 * WORD_SIZE], rest[2];

    while (fgets(line, sizeof line, stdin) != NULL) {
        if (run->count == run->room) {
            run->room = run->room == 0 ? 256 : 2 * run->room;
            run->logins = reallocarray(run->logins, run->room, sizeof *run->logins);
            if (run->logins == NULL)
                return 0;
        }
        struct login *login = &run->logins[run->count++];
        *login = (struct login){.result = -1};
        if (sscanf(line, "%63s %63s %63s %1s", login->service, login->user, login->code, rest) != 3)
            return 0;
    }
    return 1;
}

static void begin_one(struct run *run)
{
    struct login *login = &run->logins[run->begun++];

    login->begun_ns = now_ns();
    login->pid = fork();
    if (login->pid == 0)
        _exit(once(login->service, login->user, login->code, NULL));
}

static int end_one(struct run *run)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);
    uint64_t now = now_ns();

    for (size_t i = run->begun; pid > 0 && i-- > 0;) { /* those that run are among the last */
        struct login *login = &run->logins[i];
        if (login->pid != pid)
            continue;
        login->pid = 0;
        login->took_ns = now - login->begun_ns;
        login->result = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        run->ended++;
        return 1;
    }
    return 0;
}

static int run_all(struct run *run, size_t at_once)
{
    while (run->ended < run->count) {
        while (run->begun < run->count && run->begun - run->ended < at_once)
            begin_one(run);
        if (!end_one(run))
            return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    struct run run = {0};
    uint64_t at_once = 1;
    int has_option =
        argc == 3 && strcmp(argv[1], "--at-once") == 0 && number_parse(argv[2], 1, AT_ONCE_MAX, &at_once) == STATUS_OK;

    if ((argc != 1 && !has_option) || !read_jobs(&run)) {
        (void)fprintf(stderr, "usage: login [--at-once N] <JOBS\n");
        free(run.logins);
        return 2;
    }
    uint64_t begun_ns = now_ns();
    if (!run_all(&run, (size_t)at_once)) {
        (void)fprintf(stderr, "login: cannot fork\n");
        free(run.logins);
        return 1;
    }
    uint64_t elapsed_ns = now_ns() - begun_ns;
    for (size_t i = 0; i < run.count; i++)
        (void)printf("%" PRIu64 " %d\n", run.logins[i].took_ns, run.logins[i].result);
    (void)printf("elapsed %" PRIu64 "\n", elapsed_ns);
    free(run.logins);
    return 0;
}
