/* Many logins at the same moment: each is a process of its own with libpam and the module, and all of them are let go when the last
 * one stands at its prompt.
 *
 *   pam_storm --confdir DIR --service NAME [--own-hosts]      rounds on standard input, a line each: "COUNT USER CODE ..."
 *
 *   --own-hosts     the processes of a round have different PAM_RHOSTs, 192.0.2.1 and up (254 processes at most)
 *
 * COUNT processes offer CODE for USER; more such triples on the line join the same round. It writes "go" when all of them are let go, and
 * "ACCEPTED REFUSED OTHER" when all have ended: how many got PAM_SUCCESS, PAM_AUTH_ERR, anything else (or died). Exit: 0, or 1 when a
 * round did not come about, 2 for wrong usage.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <security/pam_appl.h>

#include <garde/number.h>

#define PROCESSES_MAX   254
#define PROMPT_WITHIN_S 60

struct storm {
    const char *confdir;
    const char *service;
    int own_hosts; /* a flag, as getopt_long wants it */
};

struct round {
    size_t count;
    struct {
        const char *user;
        const char *code;
    } logins[PROCESSES_MAX];
};

/* One of them in its process. */
struct caller {
    const char *code;
    int ready; /* a byte is written at the prompt */
    int go;    /* at its end when all are let go */
    bool prompted;
};

static void stand(struct caller *caller)
{
    char byte = 0;
    if (caller->prompted)
        return;
    caller->prompted = true;
    if (write(caller->ready, "", 1) != 1 || read(caller->go, &byte, 1) != 0)
        _exit(PAM_ABORT);
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out_responses, void *data)
{
    struct caller *caller = data;
    struct pam_response *responses = calloc((size_t)count, sizeof *responses);
    if (responses == NULL)
        return PAM_BUF_ERR;

    for (int i = 0; i < count; i++)
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF) {
            stand(caller);
            responses[i].resp = strdup(caller->code);
        }
    *out_responses = responses;
    return PAM_SUCCESS;
}

static int log_in(const struct storm *storm, const char *user, size_t number, struct caller *caller)
{
    const struct pam_conv conversation = {.conv = converse, .appdata_ptr = caller};
    pam_handle_t *handle = NULL;
    char host[32];

    int result = pam_start_confdir(storm->service, user, &conversation, storm->confdir, &handle);
    (void)snprintf(host, sizeof host, "192.0.2.%zu", number + 1);
    if (result == PAM_SUCCESS && storm->own_hosts)
        result = pam_set_item(handle, PAM_RHOST, host);
    if (result == PAM_SUCCESS)
        result = pam_authenticate(handle, 0);
    (void)pam_end(handle, result);
    stand(caller); /* also who was never asked is let go with the others */
    return result;
}

/* All of them are at the prompt, or have ended. */
static bool await_all(int ready, size_t count)
{
    struct pollfd wanted = {.fd = ready, .events = POLLIN};
    char bytes[PROCESSES_MAX];

    for (size_t seen = 0; seen < count;) {
        if (poll(&wanted, 1, PROMPT_WITHIN_S * 1000) != 1)
            return false;
        ssize_t got = read(ready, bytes, sizeof bytes);
        if (got <= 0)
            return false;
        seen += (size_t)got;
    }
    return true;
}

static void count_result(int status, size_t results[3])
{
    int result = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    results[result == PAM_SUCCESS ? 0 : result == PAM_AUTH_ERR ? 1 : 2]++;
}

static bool run(const struct storm *storm, const struct round *round)
{
    int ready[2], go[2];
    size_t results[3] = {0};

    if (pipe(ready) != 0 || pipe(go) != 0)
        return false;
    for (size_t i = 0; i < round->count; i++) {
        pid_t pid = fork();
        if (pid < 0)
            return false;
        if (pid == 0) {
            struct caller caller = {.code = round->logins[i].code, .ready = ready[1], .go = go[0]};
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)close(go[1]);
            (void)close(ready[0]);
            _exit(log_in(storm, round->logins[i].user, i, &caller));
        }
    }
    (void)close(ready[1]);
    bool all = await_all(ready[0], round->count);
    if (all)
        (void)puts("go");
    (void)fflush(stdout);
    (void)close(go[1]);
    for (size_t i = 0; all && i < round->count; i++) {
        int status = -1;
        all = wait(&status) > 0;
        count_result(status, results);
    }
    (void)close(ready[0]);
    (void)close(go[0]);
    if (all)
        (void)printf("%zu %zu %zu\n", results[0], results[1], results[2]);
    (void)fflush(stdout);
    return all;
}

/* The words stay where they are in `line`. */
static bool read_round(char *line, struct round *out_round)
{
    char *rest = NULL;

    out_round->count = 0;
    for (char *word = strtok_r(line, " \n", &rest); word != NULL; word = strtok_r(NULL, " \n", &rest)) {
        const char *user = strtok_r(NULL, " \n", &rest);
        const char *code = strtok_r(NULL, " \n", &rest);
        uint64_t count = 0;
        if (code == NULL || number_parse(word, 1, PROCESSES_MAX - out_round->count, &count) != STATUS_OK)
            return false;
        for (; count > 0; count--, out_round->count++) {
            out_round->logins[out_round->count].user = user;
            out_round->logins[out_round->count].code = code;
        }
    }
    return out_round->count > 0;
}

static bool parse(int argc, char **argv, struct storm *storm)
{
    const struct option options[] = {{"confdir", required_argument, NULL, 'c'},
                                     {"service", required_argument, NULL, 's'},
                                     {"own-hosts", no_argument, &storm->own_hosts, 1},
                                     {0}};
    for (int got = 0; (got = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (got == 'c')
            storm->confdir = optarg;
        else if (got == 's')
            storm->service = optarg;
        else if (got != 0)
            return false;
    }
    return optind == argc && storm->confdir != NULL && storm->service != NULL;
}

int main(int argc, char **argv)
{
    static struct round round;
    static char line[PROCESSES_MAX * 64];
    struct storm storm = {.own_hosts = 0};

    if (!parse(argc, argv, &storm)) {
        (void)fprintf(stderr, "usage: pam_storm --confdir DIR --service NAME [--own-hosts] <ROUNDS\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (!read_round(line, &round)) {
            (void)fprintf(stderr, "pam_storm: a round is \"COUNT USER CODE ...\", %d processes at most\n",
                          PROCESSES_MAX);
            return 2;
        }
        if (!run(&storm, &round)) {
            perror("pam_storm: a round did not come about");
            return 1;
        }
    }
    return 0;
}
