#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <garde/settings.h>
#include <garde/speech.h>

#include "commands.h"
#include "installation.h"
#include "names.h"

/* Commands speak the language of who runs them. What serves never does: the log is English. */
static void speak(void)
{
    speech_begin(GARDE_LOCALE_FOLDER);
}

static void print_usage(FILE *to)
{
    speak();
    (void)fputs(_("usage: garded [--config FILE]                    serve\n"
                  "       garded init [--config FILE]               make key ring and store\n"
                  "       garded check [--config FILE]              examine settings, keys and store\n"
                  "       garded check [--config FILE] --settings   examine settings alone\n"
                  "       garded accept [--config FILE] [--yes]     take the rows as they are\n"
                  "       garded --help | --version\n"),
                to);
}

/* Descriptors 0 to 2 must not become a socket or the store. */
static int fill_standard_files(void)
{
    int fd = 0;
    do
        fd = open("/dev/null", O_RDWR); /* these three are inherited by the helper: no close-on-exec */
    while (fd >= 0 && fd <= STDERR_FILENO);
    return fd < 0 ? -1 : close(fd);
}

struct line {
    const char *command; /* NULL: serve */
    const char *config;
    bool yes;
    bool settings_only;
};

static bool is_command(const struct line *line, const char *name)
{
    return line->command != NULL && strcmp(line->command, name) == 0;
}

static int run(const struct line *line)
{
    bool bare = !line->yes && !line->settings_only;

    if (line->command != NULL)
        speak();
    else if (bare)
        return command_serve(line->config);
    if (is_command(line, "accept") && !line->settings_only)
        return command_accept(line->config, line->yes);
    if (is_command(line, "check") && !line->yes)
        return line->settings_only ? command_check_settings(line->config) : command_check(line->config);
    if (is_command(line, "init") && bare)
        return command_init(line->config);
    print_usage(stderr);
    return CODE_USAGE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'}, {"yes", no_argument, NULL, 'y'},
                                            {"settings", no_argument, NULL, 's'},     {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0}};
    struct line line = {.config = SETTINGS_DEFAULT_FILE};

    if (fill_standard_files() != 0)
        return CODE_RUNNING;
    if (argc == 2 && strcmp(argv[1], NAMES_SUBCOMMAND) == 0)
        return names_child();
    for (int option = 0; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'c') {
            line.config = optarg;
        } else if (option == 'y') {
            line.yes = true;
        } else if (option == 's') {
            line.settings_only = true;
        } else if (option == 'h') {
            print_usage(stdout);
            return CODE_GOOD;
        } else if (option == 'V') {
            (void)puts("garded " GARDE_VERSION);
            return CODE_GOOD;
        } else {
            print_usage(stderr);
            return CODE_USAGE;
        }
    }
    if (argc - optind > 1) {
        print_usage(stderr);
        return CODE_USAGE;
    }
    line.command = optind < argc ? argv[optind] : NULL;
    return run(&line);
}
