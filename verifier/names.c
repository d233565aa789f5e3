/* MUST 1  Only a helper that ended with exit code 0 and one well-formed line is believed; anything else is NAMES_FAILED.
 * MUST 2  A helper keeps its place until it has really ended: one that cannot be killed must not let others pile up.
 */
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <garde/number.h>

#define ANSWER_SIZE (USER_SIZE + NAMES_GROUPS_MAX + 32)
#define QUESTION_SIZE                                                                                                  \
    65536 /* what an empty pipe takes; less where the kernel is short of room, and then it is a failure */

enum lookup_state {
    LOOKUP_QUEUED = 0,
    LOOKUP_RUNNING,
    LOOKUP_DYING,
};

struct lookup {
    struct names *names;
    struct lookup *next;
    enum lookup_state state;
    uint32_t uid; /* NAMES_TRUSTED, or whose */
    struct timer timer;
    sd_event_source *child;
    int from_child;
    names_answer *answer; /* NULL: nobody waits any more */
    void *context;
    size_t group_count;
    size_t len; /* of the question, as the helper reads it */
    char question[];
};

struct names {
    sd_event *event;
    struct timers *timers;
    char program[PATH_MAX];
    uint64_t time_us;
    struct lookup *lookups; /* in order of arrival */
    unsigned queued, running;
    unsigned public_running;
    uint32_t public_uids[NAMES_PUBLIC_MAX]; /* whose they are */
    struct {
        uint32_t uid;
        uint64_t until_us; /* 0: nobody */
    } hung[NAMES_HUNG_UIDS];
    size_t next_hung; /* to be overwritten */
};

static bool is_trusted(const struct lookup *lookup)
{
    return lookup->uid == NAMES_TRUSTED;
}

static bool hung_lately(const struct names *names, uint32_t uid, uint64_t now_us)
{
    for (size_t i = 0; i < NAMES_HUNG_UIDS; i++)
        if (names->hung[i].uid == uid && names->hung[i].until_us > now_us)
            return true;
    return false;
}

static void note_hung(struct names *names, uint32_t uid)
{
    uint64_t now_us = timers_now_us();
    if (hung_lately(names, uid, now_us))
        return;
    names->hung[names->next_hung].uid = uid;
    names->hung[names->next_hung].until_us = now_us + NAMES_HUNG_US;
    names->next_hung = (names->next_hung + 1) % NAMES_HUNG_UIDS;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}
#define fd_owner __attribute__((cleanup(close_fd)))

static void forget_public(struct names *names, uint32_t uid)
{
    for (unsigned i = 0; i < names->public_running; i++)
        if (names->public_uids[i] == uid) {
            names->public_uids[i] = names->public_uids[--names->public_running];
            return;
        }
}

static void lookup_free(struct lookup *lookup)
{
    struct names *names = lookup->names;
    struct lookup **at = &names->lookups;
    while (*at != NULL && *at != lookup)
        at = &(*at)->next;
    if (*at == lookup)
        *at = lookup->next;

    if (lookup->state == LOOKUP_QUEUED)
        names->queued--;
    else {
        names->running--;
        if (!is_trusted(lookup))
            forget_public(names, lookup->uid);
    }
    timers_leave(names->timers, &lookup->timer);
    sd_event_source_disable_unref(lookup->child);
    close_fd(&lookup->from_child);
    free(lookup);
}

static void tell(struct lookup *lookup, enum names_result result, const struct names_found *found)
{
    names_answer *answer = lookup->answer;
    lookup->answer = NULL;
    if (answer != NULL)
        answer(result, found, lookup->context);
}

/* The word up to the next blank, which ends it; what follows is *rest. NULL: there is no blank. */
static char *take_word(char **rest)
{
    char *word = *rest;
    char *blank = strchr(word, ' ');
    if (blank == NULL)
        return NULL;
    *blank = '\0';
    *rest = blank + 1;
    return word;
}

static bool parse_groups(const char *text, size_t count, struct names_found *out)
{
    if (count == 0)
        return strcmp(text, "-") == 0;
    if (strlen(text) != count || strspn(text, "01x") != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        out->groups |= (uint64_t)(text[i] == '1') << i;
        out->missing |= (uint64_t)(text[i] == 'x') << i;
    }
    return true;
}

/* "found UID GROUPS NAME\n" or "none\n", and nothing else. */
static enum names_result parse(char *text, size_t group_count, struct names_found *out)
{
    char *end = strchr(text, '\n');
    if (end == NULL || end[1] != '\0')
        return NAMES_FAILED;
    *end = '\0';
    if (strcmp(text, "none") == 0)
        return NAMES_NO_SUCH_NAME;

    const char *found = take_word(&text);
    const char *number = found != NULL ? take_word(&text) : NULL;
    const char *groups = number != NULL ? take_word(&text) : NULL;
    uint64_t uid = 0;
    if (groups == NULL || strcmp(found, "found") != 0 || text[0] == '\0' || strlen(text) >= USER_SIZE)
        return NAMES_FAILED;
    if (number_parse(number, 0, NO_UID - 1, &uid) != STATUS_OK || !parse_groups(groups, group_count, out))
        return NAMES_FAILED;
    out->canonical = text;
    out->uid = (uint32_t)uid;
    return NAMES_FOUND;
}

static void pump(struct names *names);

static int on_child(sd_event_source *source, const siginfo_t *info, void *context)
{
    struct lookup *lookup = context;
    struct names *names = lookup->names;
    char text[ANSWER_SIZE] = "";
    struct names_found found = {.uid = NO_UID};
    enum names_result result = NAMES_FAILED;

    (void)source;
    if (info->si_code == CLD_EXITED && info->si_status == 0) {
        ssize_t got = read(lookup->from_child, text, sizeof text - 1);
        if (got > 0 && strlen(text) == (size_t)got)
            result = parse(text, lookup->group_count, &found);
    }
    tell(lookup, result, result == NAMES_FOUND ? &found : NULL);
    lookup_free(lookup);
    pump(names);
    return 0;
}

static void kill_child(struct lookup *lookup)
{
    lookup->state = LOOKUP_DYING;
    if (!is_trusted(lookup))
        note_hung(lookup->names, lookup->uid);
    (void)sd_event_source_send_child_signal(lookup->child, SIGKILL, NULL, 0);
}

static void on_time(void *context)
{
    struct lookup *lookup = context;

    tell(lookup, NAMES_FAILED, NULL);
    if (lookup->state == LOOKUP_QUEUED)
        lookup_free(lookup);
    else
        kill_child(lookup);
}

static enum status spawn(const struct names *names, int in, int out, pid_t *out_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *argv[] = {(char[]){"garded"}, (char[]){NAMES_SUBCOMMAND}, NULL};
    int error = ENOMEM;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    if (posix_spawn_file_actions_init(&files) != 0)
        return STATUS_NO_MEMORY;
    if (posix_spawnattr_init(&attributes) == 0) {
        if (posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO) == 0 &&
            posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
            posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
            posix_spawnattr_setsigdefault(&attributes, &all) == 0 &&
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0)
            error = posix_spawn(out_pid, names->program, &files, &attributes, argv, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return error == 0 ? STATUS_OK : STATUS_FAILED;
}

/* Never waits: what does not fit into the pipe is a failure. */
static enum status start(struct lookup *lookup)
{
    struct names *names = lookup->names;
    int to[2], from[2];
    pid_t pid = -1;

    if (pipe2(to, O_CLOEXEC) != 0)
        return STATUS_FAILED;
    fd_owner int child_in = to[0];
    fd_owner int question_out = to[1];
    if (fcntl(question_out, F_SETFL, O_NONBLOCK) != 0)
        return STATUS_FAILED;
    if (pipe2(from, O_CLOEXEC | O_NONBLOCK) != 0)
        return STATUS_FAILED;
    fd_owner int answer_in = from[0];
    fd_owner int child_out = from[1];

    if (write(question_out, lookup->question, lookup->len) != (ssize_t)lookup->len)
        return STATUS_FAILED;
    if (spawn(names, child_in, child_out, &pid) != STATUS_OK)
        return STATUS_FAILED;
    if (sd_event_add_child(names->event, &lookup->child, pid, WEXITED, on_child, lookup) < 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        return STATUS_FAILED;
    }
    lookup->from_child = answer_in;
    answer_in = -1;
    return STATUS_OK;
}

static struct lookup *next_trusted(struct names *names)
{
    struct lookup *at = names->lookups;
    while (at != NULL && (at->state != LOOKUP_QUEUED || !is_trusted(at)))
        at = at->next;
    return at;
}

static bool has_one_running(const struct names *names, uint32_t uid)
{
    for (unsigned i = 0; i < names->public_running; i++)
        if (names->public_uids[i] == uid)
            return true;
    return false;
}

/* The first one of a uid that may have a place now. */
static struct lookup *next_public(struct names *names)
{
    uint64_t now_us = timers_now_us();
    bool hung_may = names->public_running < NAMES_HUNG_MAX;

    for (struct lookup *at = names->lookups; at != NULL; at = at->next)
        if (at->state == LOOKUP_QUEUED && !is_trusted(at) && !has_one_running(names, at->uid) &&
            (hung_may || !hung_lately(names, at->uid, now_us)))
            return at;
    return NULL;
}

/* Starts what there is a place for. One that cannot be started fails as if its time were over, from the loop. */
static void pump(struct names *names)
{
    while (names->queued > 0 && names->running < NAMES_RUNNING_MAX) {
        struct lookup *lookup = next_trusted(names);
        if (lookup == NULL && names->public_running < NAMES_PUBLIC_MAX)
            lookup = next_public(names);
        if (lookup == NULL)
            return;
        if (start(lookup) != STATUS_OK) {
            timers_set(names->timers, &lookup->timer, 0);
            return;
        }
        lookup->state = LOOKUP_RUNNING;
        names->queued--;
        names->running++;
        if (!is_trusted(lookup))
            names->public_uids[names->public_running++] = lookup->uid;
    }
}

enum status names_new(sd_event *event, struct timers *timers, const char *program, uint64_t time_us,
                      struct names **out_names)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL)
        return STATUS_NO_MEMORY;
    names->event = event;
    names->timers = timers;
    names->time_us = time_us;
    (void)snprintf(names->program, sizeof names->program, "%s", program);
    *out_names = names;
    return STATUS_OK;
}

void names_free(struct names *names)
{
    if (names == NULL)
        return;
    while (names->lookups != NULL) {
        struct lookup *lookup = names->lookups;
        if (lookup->state != LOOKUP_QUEUED)
            kill_child(lookup);
        lookup_free(lookup);
    }
    free(names);
}

/* 0: it is no question. */
static size_t question_len(const struct names_question *question)
{
    size_t len = strlen(question->name) + 1;
    if (len == 1 || len > USER_SIZE || question->group_count > NAMES_GROUPS_MAX)
        return 0;
    for (size_t i = 0; i < question->group_count; i++) {
        size_t more = strlen(question->groups[i]) + 1;
        if (more == 1 || more > QUESTION_SIZE - len)
            return 0;
        len += more;
    }
    return len;
}

static char *put_name(char *at, const char *name)
{
    size_t size = strlen(name) + 1;
    memcpy(at, name, size);
    return at + size;
}

static struct lookup *lookup_new(struct names *names, const struct names_question *question)
{
    size_t len = question_len(question);
    struct lookup *lookup = len > 0 ? calloc(1, sizeof *lookup + len) : NULL;
    if (lookup == NULL)
        return NULL;

    *lookup = (struct lookup){.names = names,
                              .uid = question->uid,
                              .from_child = -1,
                              .answer = question->answer,
                              .context = question->context,
                              .group_count = question->group_count,
                              .len = len};
    char *at = put_name(lookup->question, question->name);
    for (size_t i = 0; i < question->group_count; i++)
        at = put_name(at, question->groups[i]);
    return lookup;
}

enum status names_find(struct names *names, const struct names_question *question, struct lookup **out_lookup)
{
    struct lookup *lookup = names->queued < NAMES_QUEUED_MAX ? lookup_new(names, question) : NULL;
    if (lookup == NULL)
        return STATUS_NO_MEMORY;
    if (timers_join(names->timers, &lookup->timer, on_time, lookup) != STATUS_OK) {
        free(lookup);
        return STATUS_NO_MEMORY;
    }
    timers_set(names->timers, &lookup->timer, timers_now_us() + names->time_us);
    struct lookup **last = &names->lookups;
    while (*last != NULL)
        last = &(*last)->next;
    *last = lookup;
    names->queued++;
    pump(names);
    *out_lookup = lookup;
    return STATUS_OK;
}

void names_cancel(struct lookup *lookup)
{
    lookup->answer = NULL;
    if (lookup->state == LOOKUP_QUEUED)
        lookup_free(lookup);
    else if (lookup->state == LOOKUP_RUNNING)
        kill_child(lookup);
}
