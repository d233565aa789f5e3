/* garde: the admin's tool. The table of its commands, and what comes before and after each.
 *
 * MUST 1  Nothing of its memory reaches a core dump, a debugger of the same user, or swap.
 * MUST 2  Descriptors 0, 1 and 2 are open before any file is made, so that no message ends up in a picture of a secret. What
 *         goes to a standard output that was closed is lost, and fails: a code that nobody saw is taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <garde/speech.h>

#include "ask.h"
#include "command.h"
#include "complete.h"
#include "help.h"
#include "text.h"

static const struct command *const commands[] = {
    &cmd_enroll, &cmd_confirm,  &cmd_list,     &cmd_show,   &cmd_suspend, &cmd_resume, &cmd_revoke,
    &cmd_resync, &cmd_recovery, &cmd_tempcode, &cmd_unlock, &cmd_clear,   &cmd_verify, &cmd_import,
    &cmd_export, &cmd_audit,    &cmd_coverage, &cmd_status, &cmd_doctor,  NULL,
};

static bool protect(void)
{
    const struct rlimit none = {0, 0};
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
            return false;
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    /* Under a limit, what is mapped later would fail; then the secrets alone are locked, each by itself. */
    if (setrlimit(RLIMIT_MEMLOCK, &all) == 0)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    (void)signal(SIGPIPE, SIG_IGN); /* a reader that went away, and a limit, are errors of write() */
    (void)signal(SIGXFSZ, SIG_IGN);
    return true;
}

static const struct command *look_up(const char *name)
{
    for (const struct command *const *command = commands; *command != NULL; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

/* next: the word behind, or NULL. */
static const struct command *find(const char *name, const char *next)
{
    const struct command *command = look_up(name);
    char shown[256];

    if (command != NULL)
        return command;
    text_show(shown, sizeof shown, name);
    if (next != NULL && look_up(next) != NULL)
        tool_complain(_("the command comes first: garde %s %s"), next, shown);
    else
        tool_complain(_("there is no command %s"), shown);
    return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static enum tool_exit help(int argc, char **argv)
{
    if (argc == 0) {
        help_all(stdout, commands);
        return TOOL_DONE;
    }
    const struct command *command = find(argv[0], NULL);
    if (command == NULL)
        return options_hint(NULL);
    help_one(command);
    return TOOL_DONE;
}

static enum tool_exit run_command(struct tool *tool, int argc, char **argv)
{
    if (strcmp(argv[0], "help") == 0)
        return asks_for_help(argc, argv) ? help(0, NULL) : help(argc - 1, argv + 1);
    if (strcmp(argv[0], "complete") == 0)
        return complete_run(tool, commands, argc - 1, argv + 1);
    const struct command *command = find(argv[0], argc > 1 ? argv[1] : NULL);
    if (command == NULL)
        return options_hint(NULL);
    if (asks_for_help(argc - 1, argv + 1))
        return help(1, argv);

    struct options options = {
        .tool = tool, .command = command->name, .table = command->options, .argc = argc - 1, .argv = argv + 1};
    return command->run(tool, &options);
}

/* The options before the command. */
static enum tool_exit run(struct tool *tool, int argc, char **argv)
{
    static const struct option_row before[] = {{"help", NULL, ""}, {"version", NULL, ""}, {NULL, NULL, NULL}};
    struct options options = {.tool = tool, .table = before, .argc = argc - 1, .argv = argv + 1};
    const char *word = NULL;

    switch (options_next(&options, &word)) {
    case OPTIONS_WORD:
        return run_command(tool, argc - options.at, argv + options.at);
    case OPTIONS_WRONG:
        return TOOL_USAGE;
    case OPTIONS_END:
        help_all(stderr, commands);
        return TOOL_USAGE;
    case 1:
        puts("garde " GARDE_VERSION);
        return TOOL_DONE;
    default:
        return help(0, NULL);
    }
}

/* A reader of ours (head, less) simply had enough. */
static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

/* What was not written was not done. */
static enum tool_exit finish_output(enum tool_exit done)
{
    errno = 0;
    bool lost = fflush(stdout) != 0;
    if ((!lost && ferror(stdout) == 0) || reader_is_gone())
        return done;
    if (lost && errno != 0)
        tool_complain(_("standard output: %s"), strerror(errno));
    else
        tool_complain(_("not everything could be written to standard output."));
    return done == TOOL_DONE ? TOOL_REFUSED : done;
}

int main(int argc, char **argv)
{
    struct tool tool = {.config = SETTINGS_DEFAULT_FILE};

    if (!protect())
        return TOOL_REFUSED;
    speech_begin(GARDE_LOCALE_FOLDER);
    enum tool_exit done = run(&tool, argc, argv);
    done = finish_output(done);
    ask_obey();
    return (int)done;
}
