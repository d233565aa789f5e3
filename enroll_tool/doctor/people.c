#include "people.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}
#define file_owner __attribute__((cleanup(close_file)))

static bool is_shell(const char *shell)
{
    static const char *const none[] = {"nologin", "false", "sync", "halt", "shutdown"};
    const char *name = strrchr(shell, '/');
    name = name == NULL ? shell : name + 1;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (strcmp(name, none[i]) == 0)
            return false;
    return true; /* no shell given: /bin/sh */
}

static bool is_group_of_admins(const char *group)
{
    return strcmp(group, "sudo") == 0 || strcmp(group, "wheel") == 0 || strcmp(group, "admin") == 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct person *)a)->name, ((const struct person *)b)->name);
}

struct person *people_find(const struct people *people, const char *name)
{
    char copy[512];
    if (people->count == 0 || strlen(name) >= sizeof copy)
        return NULL;
    (void)snprintf(copy, sizeof copy, "%s", name);
    const struct person key = {.name = copy};
    return bsearch(&key, people->all, people->count, sizeof key, compare);
}

/* The numbers of the groups of admins. */
struct gids {
    gid_t all[8];
    size_t count;
};

static bool has(const struct gids *gids, gid_t gid)
{
    for (size_t i = 0; i < gids->count; i++)
        if (gids->all[i] == gid)
            return true;
    return false;
}

static bool add(struct people *people, size_t *room, const struct passwd *user, const struct gids *gids)
{
    if (people->count == *room) {
        size_t more = *room == 0 ? 64 : 2 * *room;
        struct person *all = realloc(people->all, more * sizeof *all);
        if (all == NULL)
            return false;
        people->all = all;
        *room = more;
    }
    char *name = strdup(user->pw_name);
    if (name == NULL)
        return false;
    people->all[people->count++] =
        (struct person){.name = name, .is_root = user->pw_uid == 0, .is_admin = has(gids, user->pw_gid)};
    return true;
}

static void read_passwd(const char *path, const struct gids *gids, struct people *people)
{
    file_owner FILE *file = fopen(path, "re");
    size_t room = 0;

    people->unread = people->unread || file == NULL;
    if (file == NULL)
        return;
    for (const struct passwd *user = fgetpwent(file); user != NULL; user = fgetpwent(file))
        if (is_shell(user->pw_shell) && !add(people, &room, user, gids))
            people->unread = true;
    if (people->count > 0)
        qsort(people->all, people->count, sizeof people->all[0], compare);
}

static void take_members(const struct group *group, struct people *people)
{
    for (char **member = group->gr_mem; *member != NULL; member++) {
        struct person *person = people_find(people, *member);
        if (person != NULL)
            person->is_admin = true;
    }
}

/* people NULL: only the numbers. */
static bool read_groups(const char *path, struct gids *gids, struct people *people)
{
    file_owner FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    for (const struct group *group = fgetgrent(file); group != NULL; group = fgetgrent(file)) {
        if (!is_group_of_admins(group->gr_name))
            continue;
        if (people != NULL)
            take_members(group, people);
        else if (gids->count < sizeof gids->all / sizeof gids->all[0])
            gids->all[gids->count++] = group->gr_gid;
    }
    return true;
}

void people_read(const char *passwd, const char *group, struct people *out_people)
{
    struct gids gids = {.count = 0};

    *out_people = (struct people){.count = 0};
    out_people->unread = !read_groups(group, &gids, NULL);
    read_passwd(passwd, &gids, out_people);
    (void)read_groups(group, &gids, out_people);
}

void people_drop(struct people *people)
{
    for (size_t i = 0; i < people->count; i++)
        free(people->all[i].name);
    free(people->all);
    *people = (struct people){.count = 0};
}
