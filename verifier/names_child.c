#include "names.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRY_SIZE (1024 * 1024) /* a directory may give long entries */

static ssize_t read_name(char *name, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(STDIN_FILENO, name + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)used;
        used += (size_t)got;
    }
    return -1;
}

static int look_up(const char *name, char *entry)
{
    struct passwd found;
    struct passwd *result = NULL;

    if (getpwnam_r(name, &found, entry, ENTRY_SIZE, &result) != 0)
        return 1;
    int written = result == NULL ? printf("none\n") : printf("found %u %s\n", result->pw_uid, result->pw_name);
    return written > 0 && fflush(stdout) == 0 ? 0 : 1;
}

int names_child(void)
{
    char name[USER_SIZE] = "";
    ssize_t len = read_name(name, sizeof name);

    if (len <= 0 || strlen(name) != (size_t)len)
        return 1;
    char *entry = malloc(ENTRY_SIZE);
    if (entry == NULL)
        return 1;
    int code = look_up(name, entry);
    free(entry);
    return code;
}
