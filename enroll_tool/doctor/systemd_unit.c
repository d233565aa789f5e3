#include "systemd_unit.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The first that has a file of some name is the one that counts; wants of all of them do. */
static const char *const folders[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                                      "/usr/lib/systemd/system", "/lib/systemd/system"};
#define FOLDERS (sizeof folders / sizeof folders[0])

bool systemd_unit_runs(void)
{
    struct stat found = {0};
    return lstat("/run/systemd/system", &found) == 0 && S_ISDIR(found.st_mode); /* as sd_booted(3) */
}

/* A link to nothing, or an empty file, stands for "not at all". */
static bool is_masked(const char *path)
{
    struct stat found = {0};
    return stat(path, &found) == 0 && (S_ISCHR(found.st_mode) || (S_ISREG(found.st_mode) && found.st_size == 0));
}

static bool find(const char *name, char out_path[SYSTEMD_PATH_SIZE])
{
    struct stat found = {0};
    for (size_t i = 0; i < FOLDERS; i++) {
        (void)snprintf(out_path, SYSTEMD_PATH_SIZE, "%s/%s", folders[i], name);
        if (lstat(out_path, &found) == 0)
            return true;
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Does any target or unit want it, by a link in its folder? */
static bool is_wanted_in(const char *folder, const char *name)
{
    DIR *entries = opendir(folder);
    bool is_wanted = false;

    if (entries == NULL)
        return false;
    for (const struct dirent *entry = readdir(entries); entry != NULL && !is_wanted; entry = readdir(entries)) {
        char path[SYSTEMD_PATH_SIZE + sizeof entry->d_name];
        struct stat found = {0};
        if (!ends_with(entry->d_name, ".wants") && !ends_with(entry->d_name, ".requires"))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s/%s", folder, entry->d_name, name);
        is_wanted = lstat(path, &found) == 0;
    }
    (void)closedir(entries);
    return is_wanted;
}

enum unit_state systemd_unit_look(const char *name)
{
    char path[SYSTEMD_PATH_SIZE];

    if (!find(name, path))
        return UNIT_NONE;
    if (is_masked(path))
        return UNIT_MASKED;
    for (size_t i = 0; i < FOLDERS; i++)
        if (is_wanted_in(folders[i], name))
            return UNIT_WANTED;
    return UNIT_LEFT;
}

bool systemd_unit_has_drop_in(const char *name)
{
    char path[SYSTEMD_PATH_SIZE];
    return find(name, path) && !is_masked(path);
}

bool systemd_unit_has_credential(const char *name, char out_path[SYSTEMD_PATH_SIZE])
{
    static const char *const stores[] = {"/etc/credstore.encrypted", "/run/credstore.encrypted",
                                         "/usr/lib/credstore.encrypted"};
    struct stat found = {0};

    for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++) {
        (void)snprintf(out_path, SYSTEMD_PATH_SIZE, "%s/%s", stores[i], name);
        if (lstat(out_path, &found) == 0)
            return true;
    }
    return false;
}
