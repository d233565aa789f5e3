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
    (void)fputs(_("usage: garded [--config FILE]                  serve\n"
                  "       garded init [--config FILE]             make key ring and store\n"
                  "       garded check [--config FILE]            examine settings, keys and store\n"
                  "       garded accept [--config FILE] [--yes]   take the rows as they are\n"
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

static int run(const char *command, const char *config, bool yes)
{
    if (command != NULL)
        speak();
    if (command != NULL && strcmp(command, "accept") == 0)
        return command_accept(config, yes);
    if (yes) {
        print_usage(stderr);
        return CODE_USAGE;
    }
    if (command == NULL)
        return command_serve(config);
    if (strcmp(command, "init") == 0)
        return command_init(config);
    if (strcmp(command, "check") == 0)
        return command_check(config);
    print_usage(stderr);
    return CODE_USAGE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"yes", no_argument, NULL, 'y'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    const char *config = SETTINGS_DEFAULT_FILE;
    bool yes = false;

    if (fill_standard_files() != 0)
        return CODE_RUNNING;
    if (argc == 2 && strcmp(argv[1], NAMES_SUBCOMMAND) == 0)
        return names_child();
    for (int option = 0; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'c') {
            config = optarg;
        } else if (option == 'y') {
            yes = true;
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
    return run(optind < argc ? argv[optind] : NULL, config, yes);
}
