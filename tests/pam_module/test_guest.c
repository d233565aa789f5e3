/* The module is a guest in somebody else's process: it leaves nothing behind, takes nothing away, and gets along with
 * processes that are short of something. */
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

START_TEST(no_descriptor_stays_open_whatever_the_outcome)
{
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    size_t before = open_descriptors();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(stack_try(fake.path, "", "123456"), PAM_SUCCESS);
        ck_assert_int_eq(stack_try(fake.path, "", "1"), PAM_AUTH_ERR);
        ck_assert_int_eq(stack_try(fake.path, "", ""), PAM_AUTH_ERR);
        ck_assert_int_eq(stack_try(fake.path, "", NULL), PAM_CONV_ERR);
        ck_assert_int_eq(stack_try("/nonexistent/socket", "", "1"), PAM_AUTHINFO_UNAVAIL);
        ck_assert_int_eq(stack_try(fake.path, "unknown", "1"), PAM_SERVICE_ERR);
    }
    /* A connection that the thread still has in hand is not the module's. */
    fake_stop(&fake);
    ck_assert_uint_eq(open_descriptors(), before - 3);
}
END_TEST

/* The module's end of the connection: the descriptor whose peer has that path. -1: none. */
static int connection_to(const char *path)
{
    for (int fd = 0; fd < 4096; fd++) {
        struct sockaddr_un peer = {0};
        socklen_t len = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && strcmp(peer.sun_path, path) == 0)
            return fd;
    }
    return -1;
}

struct look {
    struct fake fake;
    int fd;
    int flags;
};

static void look_at_the_connection(void *detail)
{
    struct look *look = detail;
    look->fd = connection_to(look->fake.path);
    look->flags = look->fd >= 0 ? fcntl(look->fd, F_GETFD) : 0;
}

static void look_through_a_login(struct look *look)
{
    struct stack stack;
    stack_open(&stack, "alice", look->fake.path, "");
    stack.talk.at_prompt = look_at_the_connection;
    stack.talk.detail = look;
    int result = stack_authenticate(&stack, "123456");
    stack_close(&stack);
    ck_assert_int_eq(result, PAM_SUCCESS);
    ck_assert_int_eq(connection_to(look->fake.path), -1);
}

START_TEST(the_connection_is_not_inherited_by_programs_that_the_caller_starts)
{
    struct look look = {0};
    fake_start(&look.fake, fake_honest);
    look_through_a_login(&look);
    fake_stop(&look.fake);
    ck_assert_int_ge(look.fd, 0);
    ck_assert_int_eq(look.flags, FD_CLOEXEC);
}
END_TEST

START_TEST(no_connection_is_open_while_password_and_code_are_typed)
{
    struct look look = {.fd = 0};
    struct stack stack;
    fake_start(&look.fake, fake_honest);
    stack_open_pair(&stack, "alice", look.fake.path, (struct pair){.split = NULL});
    stack.talk.at_prompt = look_at_the_connection;
    stack.talk.detail = &look;
    ck_assert_int_eq(stack_authenticate(&stack, "secret123456"), PAM_SUCCESS);
    ck_assert_int_eq(connection_to(look.fake.path), -1);
    stack_close(&stack);
    fake_stop(&look.fake);
    ck_assert_int_eq(look.fd, -1);
}
END_TEST

START_TEST(the_connection_never_takes_the_number_of_a_standard_stream)
{
    struct look look = {0};
    int kept[3];
    fake_start(&look.fake, fake_honest);
    for (int fd = 0; fd < 3; fd++)
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    for (int fd = 0; fd < 3; fd++)
        (void)close(fd);
    look_through_a_login(&look);
    for (int fd = 0; fd < 3; fd++)
        (void)dup2(kept[fd], fd);
    fake_stop(&look.fake);
    ck_assert_int_ge(look.fd, 3);
    ck_assert_int_eq(look.flags, FD_CLOEXEC);
}
END_TEST

START_TEST(a_process_with_thousands_of_descriptors_logs_in)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 3000 ? limit.rlim_max : 3000;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    struct look look = {0};
    fake_start(&look.fake, fake_honest);
    while (dup(2) < 2000)
        ck_assert_int_ne(errno, EMFILE);
    look_through_a_login(&look);
    fake_stop(&look.fake);
    ck_assert_int_ge(look.fd, 1024);
}
END_TEST

START_TEST(a_process_without_free_descriptors_is_refused)
{
    struct rlimit limit;
    struct stack stack;
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS); /* libpam has its module by now */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    int result = stack_authenticate(&stack, "123456");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_ne(result, PAM_SUCCESS); /* not the module's code: libpam's audit fails, too */
    ck_assert_int_ne(result, PAM_IGNORE);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert(log_has("refused: no memory\n"));
}
END_TEST

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static void take_all_memory(void *detail)
{
    struct rlimit limit = *(const struct rlimit *)detail;
    limit.rlim_cur = 1; /* no further page: neither mmap() nor brk() */
    (void)setrlimit(RLIMIT_AS, &limit);
}

START_TEST(a_process_without_free_memory_is_refused_and_lives_on)
{
    if (SANITIZED)
        return; /* a sanitizer could not go on */
    struct rlimit limit;
    struct stack stack;
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    stack_open(&stack, "alice", fake.path, "");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_SUCCESS);
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
    stack.talk.at_prompt = take_all_memory;
    stack.talk.detail = &limit;
    int result = stack_authenticate(&stack, "123456");
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    ck_assert_int_eq(result, PAM_BUF_ERR);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 1);
}
END_TEST

struct surroundings {
    void (*handlers[65])(int);
    int flags[65];
    sigset_t blocked;
    mode_t mask;
    char locale[64];
    char folder[256];
    char *first_variable;
    size_t variables;
};

static void note_surroundings(struct surroundings *out)
{
    memset(out, 0, sizeof *out);
    for (int number = 1; number < 65; number++) {
        struct sigaction action = {0};
        (void)sigaction(number, NULL, &action);
        out->handlers[number] = action.sa_handler;
        out->flags[number] = action.sa_flags;
    }
    (void)pthread_sigmask(SIG_SETMASK, NULL, &out->blocked);
    out->mask = umask(0);
    (void)umask(out->mask);
    (void)snprintf(out->locale, sizeof out->locale, "%s", setlocale(LC_ALL, NULL));
    ck_assert_ptr_nonnull(getcwd(out->folder, sizeof out->folder));
    out->first_variable = environ[0];
    while (environ[out->variables] != NULL)
        out->variables++;
}

static void hangs_up_at_once(struct fake *fake, int fd)
{
    (void)fake, (void)fd;
}

START_TEST(signals_umask_locale_folder_and_environment_stay_as_they_were)
{
    struct surroundings before;
    struct surroundings after;
    struct fake fake = {0};
    struct fake rude = {0};
    (void)signal(SIGPIPE, SIG_DFL);
    (void)umask(027);
    note_surroundings(&before);
    fake_start(&fake, fake_honest);
    fake_start(&rude, hangs_up_at_once);
    ck_assert_int_eq(stack_try(fake.path, "", "123456"), PAM_SUCCESS);
    ck_assert_int_eq(stack_try(fake.path, "", "1"), PAM_AUTH_ERR);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(stack_try(rude.path, "quiet", "1"), PAM_AUTHINFO_UNAVAIL);
    fake_stop(&rude);
    fake_stop(&fake);
    note_surroundings(&after);
    ck_assert_mem_eq(before.handlers, after.handlers, sizeof before.handlers);
    ck_assert_mem_eq(before.flags, after.flags, sizeof before.flags);
    ck_assert_mem_eq(&before.blocked, &after.blocked, sizeof before.blocked);
    ck_assert_uint_eq(before.mask, after.mask);
    ck_assert_str_eq(before.locale, after.locale);
    ck_assert_str_eq(before.folder, after.folder);
    ck_assert_ptr_eq(before.first_variable, after.first_variable);
    ck_assert_uint_eq(before.variables, after.variables);
}
END_TEST

#define THREADS 6 /* as FreeRADIUS has at its start */
#define ROUNDS  40

struct worker {
    pthread_t thread;
    const char *path;
    int number;
    int wrong_results;
};

static void *log_in_and_out(void *data)
{
    struct worker *worker = data;
    for (int i = 0; i < ROUNDS; i++) {
        bool right = (i + worker->number) % 2 == 0;
        int result = stack_try(worker->path, "timeout=20", right ? "123456" : "654321");
        worker->wrong_results += result != (right ? PAM_SUCCESS : PAM_AUTH_ERR);
    }
    return NULL;
}

START_TEST(threads_with_a_handle_each_get_their_own_verdicts)
{
    struct fake fake = {0};
    struct worker workers[THREADS];
    fake_start(&fake, fake_honest);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.path = fake.path, .number = i};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, log_in_and_out, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
        ck_assert_int_eq(workers[i].wrong_results, 0);
    }
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, THREADS * ROUNDS);
}
END_TEST

SUITE("guest", no_descriptor_stays_open_whatever_the_outcome,
      the_connection_is_not_inherited_by_programs_that_the_caller_starts,
      no_connection_is_open_while_password_and_code_are_typed,
      the_connection_never_takes_the_number_of_a_standard_stream, a_process_with_thousands_of_descriptors_logs_in,
      a_process_without_free_descriptors_is_refused, a_process_without_free_memory_is_refused_and_lives_on,
      signals_umask_locale_folder_and_environment_stay_as_they_were, threads_with_a_handle_each_get_their_own_verdicts)
