#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <garde/wire.h>

/* What ends a program at a prompt, and what stops it: the last. */
static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define CAUGHT (sizeof caught / sizeof caught[0])

static volatile sig_atomic_t signal_seen;

static void on_signal(int number)
{
    signal_seen = number;
}

/* A terminal at a prompt: its signals wait, and where a secret is typed it shows nothing. */
struct quiet_terminal {
    int fd;
    bool hidden;
    struct termios before;
    struct sigaction actions[CAUGHT];
    sigset_t mask; /* as it was: let through while waiting, and at no other moment */
    bool is_on;
};

static void catch_signals(struct quiet_terminal *quiet)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t held;

    signal_seen = 0;
    (void)sigemptyset(&action.sa_mask);
    (void)sigemptyset(&held);
    for (size_t i = 0; i < CAUGHT; i++)
        (void)sigaddset(&held, caught[i]);
    (void)sigprocmask(SIG_BLOCK, &held, &quiet->mask);
    for (size_t i = 0; i < CAUGHT; i++) {
        (void)sigaction(caught[i], NULL, &quiet->actions[i]);
        bool stops_only = caught[i] == SIGTSTP && !quiet->hidden;
        if (quiet->actions[i].sa_handler != SIG_IGN && !stops_only)
            (void)sigaction(caught[i], &action, NULL);
    }
}

static void begin_quiet(struct quiet_terminal *quiet, int fd)
{
    struct termios without;

    quiet->fd = fd;
    if (tcgetattr(fd, &quiet->before) != 0)
        return;
    catch_signals(quiet);
    without = quiet->before;
    without.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (quiet->hidden)
        (void)tcsetattr(fd, TCSAFLUSH, &without);
    quiet->is_on = true;
}

/* Puts everything back. A stop that came meanwhile has its way now; what ends the tool waits for ask_obey(). */
static void end_quiet(struct quiet_terminal *quiet)
{
    if (!quiet->is_on)
        return;
    if (quiet->hidden)
        (void)tcsetattr(quiet->fd, TCSAFLUSH, &quiet->before);
    for (size_t i = 0; i < CAUGHT; i++)
        (void)sigaction(caught[i], &quiet->actions[i], NULL);
    (void)sigprocmask(SIG_SETMASK, &quiet->mask, NULL);
    quiet->is_on = false;
    if (signal_seen == SIGTSTP) {
        signal_seen = 0;
        (void)raise(SIGTSTP);
    }
}

void ask_obey(void)
{
    if (signal_seen != 0)
        (void)raise(signal_seen);
}

/* Waits for input; a signal that was held back is let in here, so that none can come between the look and the wait. */
static bool has_input(const struct quiet_terminal *quiet, int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    if (quiet == NULL || !quiet->is_on)
        return true;
    while (signal_seen == 0)
        if (ppoll(&poll_fd, 1, NULL, &quiet->mask) > 0)
            return true;
    return false;
}

/* Reads to the end of the line, one byte at a time: what follows belongs to the next question. */
static enum status read_line(int fd, const struct quiet_terminal *quiet, struct secret *line)
{
    size_t used = 0;
    bool too_long = false;

    for (;;) {
        uint8_t *at = secret_fill(line) + (too_long ? 0 : used);
        if (!has_input(quiet, fd))
            return STATUS_CLOSED;
        ssize_t len = read(fd, at, 1);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return STATUS_FAILED;
        if (len == 0 && used == 0)
            return STATUS_CLOSED;
        if (len == 0 || *at == '\n')
            break;
        if (!too_long && used + 1 == secret_len(line))
            too_long = true;
        else if (!too_long)
            used++;
    }
    if (too_long)
        return STATUS_INVALID;
    if (used > 0 && secret_read(line)[used - 1] == '\r')
        used--;
    secret_shorten(line, used);
    return memchr(secret_read(line), '\0', used) == NULL ? STATUS_OK : STATUS_INVALID;
}

static void put_question(int fd, const char *question)
{
    (void)!write(fd, question, strlen(question));
}

static enum status read_terminal(int fd, const char *question, enum ask_how how, struct secret *line)
{
    struct quiet_terminal quiet = {.hidden = how == ASK_HIDDEN, .is_on = false};

    begin_quiet(&quiet, fd);
    put_question(fd, question);
    enum status status = read_line(fd, &quiet, line);
    if (how == ASK_HIDDEN || status == STATUS_CLOSED)
        put_question(fd, "\n");
    end_quiet(&quiet);
    return status;
}

enum status ask_line(const char *question, enum ask_how how, bool after_input, size_t max, struct secret **out_line)
{
    /* Room for one byte more: the line end, or the byte that is too much. */
    secret_owner struct secret *line = secret_new(max + 2);
    if (line == NULL)
        return STATUS_FAILED;
    (void)fflush(stdout);

    enum status status = STATUS_CLOSED;
    bool is_terminal = isatty(STDIN_FILENO) == 1;
    if (!is_terminal) {
        put_question(STDERR_FILENO, question);
        status = read_line(STDIN_FILENO, NULL, line);
        put_question(STDERR_FILENO, "\n");
    }
    if (is_terminal || (after_input && status == STATUS_CLOSED)) {
        int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (fd >= 0) {
            status = read_terminal(fd, question, how, line);
            (void)close(fd);
        } else if (is_terminal) {
            status = read_terminal(STDIN_FILENO, question, how, line);
        }
    }
    if (status != STATUS_OK)
        return status;
    *out_line = line;
    line = NULL;
    return STATUS_OK;
}

enum status ask_code(const char *question, bool after_input, struct secret **out_code)
{
    secret_owner struct secret *line = NULL;
    enum status status = ask_line(question, ASK_SHOWN, after_input, WIRE_CODE_MAX, &line);
    if (status != STATUS_OK)
        return status;

    uint8_t *bytes = secret_fill(line);
    size_t kept = 0;
    for (size_t i = 0; i < secret_len(line); i++)
        if (bytes[i] != ' ' && bytes[i] != '\t')
            bytes[kept++] = bytes[i];
    secret_shorten(line, kept);
    *out_code = line;
    line = NULL;
    return STATUS_OK;
}
