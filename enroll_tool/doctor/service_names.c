#include "service_names.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stack_file.h"
#include "stack_text.h"

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_service(const char *name)
{
    static const char *const included[] = {
        "system-auth", "password-auth", "postlogin",          "fingerprint-auth",    "smartcard-auth",
        "config-util", "system-login",  "system-local-login", "system-remote-login", "system-services"};
    static const char *const copies[] = {".dpkg-", ".rpmnew", ".rpmsave", ".ucf-", ".bak", ".orig", ".swp"};
    size_t len = strlen(name);

    /* libpam makes small letters of a service's name: it reads no such file. */
    if (strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL)
        return false;
    if (name[0] == '.' || begins_with(name, "common-") || name[len - 1] == '~')
        return false;
    for (size_t i = 0; i < sizeof included / sizeof included[0]; i++)
        if (strcmp(name, included[i]) == 0)
            return false;
    for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++)
        if (strstr(name, copies[i]) != NULL)
            return false;
    return true;
}

static void add(struct service_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return;
    char *copy = names->count == SERVICE_NAMES_MAX ? NULL : strdup(name);
    if (copy == NULL) {
        names->too_many = true;
        return;
    }
    names->names[names->count++] = copy;
}

/* false: there is no such folder. */
static bool read_folder(const char *path, struct service_names *names)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        names->unseen = names->unseen || (errno != ENOENT && errno != ENOTDIR);
        return errno != ENOENT && errno != ENOTDIR;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (is_service(entry->d_name))
            add(names, entry->d_name);
    (void)closedir(folder);
    return true;
}

static void read_single(const char *path, struct service_names *names)
{
    char *bytes = NULL, line[STACK_LINE_SIZE];
    struct stack_text text = {.at = 0};
    unsigned number = 0;

    enum stack_trouble_kind trouble = stack_file_read(path, &bytes, &text.len);
    names->single = trouble != TROUBLE_MISSING;
    names->unseen = names->single && trouble != TROUBLE_NONE;
    if (trouble != TROUBLE_NONE)
        return;
    text.bytes = bytes;
    while (stack_text_next(&text, line, &number) == STACK_TEXT_LINE) {
        char *rest = line;
        const char *name = stack_text_word(&rest);
        if (name != NULL)
            add(names, name);
    }
    free(bytes);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void service_names_find(const struct stack_places *places, struct service_names *out_names)
{
    bool any = false;

    *out_names = (struct service_names){.count = 0};
    for (size_t i = 0; places->services[i] != NULL; i++)
        any = read_folder(places->services[i], out_names) || any;
    if (!any && places->single != NULL)
        read_single(places->single, out_names);
    qsort(out_names->names, out_names->count, sizeof out_names->names[0], compare);
}

void service_names_drop(struct service_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    names->count = 0;
}
