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

/* Peeks at the name and leaves it to be read. */
int main(int argc, char **argv)
{
    char name[256] = "";
    int copy[2];

    if (argc != 2 || strcmp(argv[1], NAMES_SUBCOMMAND) != 0)
        return 99;
    ssize_t len = read(STDIN_FILENO, name, sizeof name - 1);
    if (len <= 0 || pipe(copy) != 0 || write(copy[1], name, (size_t)len) != len)
        return 98;
    (void)close(copy[1]);
    (void)dup2(copy[0], STDIN_FILENO);

    if (strcmp(name, "hangs") == 0)
        for (;;)
            (void)pause();
    if (strcmp(name, "crashes") == 0)
        (void)raise(SIGKILL);
    if (strcmp(name, "fails") == 0)
        return say("found 7 fails\n") == 0 ? 1 : 1;
    if (strcmp(name, "babbles") == 0)
        return say("found 7 babbles\nfound 0 root\n");
    if (strcmp(name, "lies") == 0)
        return say("found 4294967295 lies\n");
    if (strcmp(name, "is-silent") == 0)
        return 0;
    if (strcmp(name, "has-no-end") == 0)
        return say("found 7 has-no-end");
    return names_child();
}
