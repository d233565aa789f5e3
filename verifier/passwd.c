#include "passwd.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

enum status passwd_find(const char *file, const char *name, uid_t *out_uid, gid_t *out_gid)
{
    __attribute__((cleanup(close_file))) FILE *lines = fopen(file, "re");
    if (lines == NULL)
        return STATUS_FAILED;
    for (struct passwd *entry = fgetpwent(lines); entry != NULL; entry = fgetpwent(lines)) {
        if (strcmp(entry->pw_name, name) != 0)
            continue;
        *out_uid = entry->pw_uid;
        *out_gid = entry->pw_gid;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

void passwd_name(const char *file, uid_t uid, char *out_name, size_t size)
{
    (void)snprintf(out_name, size, "%u", uid);
    __attribute__((cleanup(close_file))) FILE *lines = fopen(file, "re");
    if (lines == NULL)
        return;
    for (struct passwd *entry = fgetpwent(lines); entry != NULL; entry = fgetpwent(lines))
        if (entry->pw_uid == uid) {
            (void)snprintf(out_name, size, "%s", entry->pw_name);
            return;
        }
}
