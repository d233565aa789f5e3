/* The helper as it ships, and by special names one that hangs, crashes or talks nonsense. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"

static int say(const char *text)
{
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? 0 : 1;
}

static const struct {
    const char *name, *told;
} lies[] = {
    {"babbles", "found 7 - babbles\nfound 0 - root\n"},
    {"lies", "found 4294967295 - lies\n"},
    {"is-silent", ""},
    {"has-no-end", "found 7 - has-no-end"},
    {"says-half", "found 7 says-half\n"},
    {"is-nameless", "found 7 - \n"},
    {"speaks-of-groups", "found 7 0 speaks-of-groups\n"},
    {"speaks-of-no-groups", "found 7 - speaks-of-no-groups\n"},
    {"speaks-of-three", "found 7 000 speaks-of-three\n"},
    {"speaks-on", "found 7 00? speaks-on\n"},
    {"speaks-in-riddles", "found 7 0? speaks-in-riddles\n"},
};

/* Peeks at the name and leaves it to be read. */
int main(int argc, char **argv)
{
    static char question[65536];
    const char *name = question; /* up to its zero byte */
    int copy[2];

    if (argc != 2 || strcmp(argv[1], NAMES_SUBCOMMAND) != 0)
        return 99;
    ssize_t len = read(STDIN_FILENO, question, sizeof question - 1);
    if (len <= 0 || pipe(copy) != 0 || write(copy[1], question, (size_t)len) != len)
        return 98;
    (void)close(copy[1]);
    (void)dup2(copy[0], STDIN_FILENO);

    if (strcmp(name, "hangs") == 0)
        for (;;)
            (void)pause();
    if (strcmp(name, "crashes") == 0)
        (void)raise(SIGKILL);
    if (strcmp(name, "fails") == 0)
        return say("found 7 - fails\n") == 0 ? 1 : 1;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        if (strcmp(name, lies[i].name) == 0)
            return say(lies[i].told);
    return names_child();
}
