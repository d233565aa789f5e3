/* MUST 1  What is said is what the name service said: a look-up that failed ends the helper with 1, and nothing has been written by then.
 * MUST 2  getgrouplist cannot fail: services that do not answer are left out without a word. So the name service is asked once more behind
 *         it for something that no cache can have, and that must not fail.
 */
#include "names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define ENTRY_SIZE     ((size_t)1024 * 1024) /* a directory may give long entries */
#define ENTRY_SIZE_MAX ((size_t)64 * ENTRY_SIZE)
#define GIDS           256   /* at first */
#define GIDS_MAX       65536 /* NGROUPS_MAX of the kernel */
#define QUESTION_SIZE  65536

struct room {
    char *bytes;
    size_t size;
};

struct gids {
    gid_t *list;
    int count;
};

static void free_room(struct room *room)
{
    free(room->bytes);
}

static void free_gids(struct gids *gids)
{
    free(gids->list);
}

static ssize_t read_question(char *text, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(STDIN_FILENO, text + used, size - used);
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

/* Names with a zero byte behind each: the first one is the user's. */
static bool split(const char *text, size_t len, const char *out_names[], size_t *out_count)
{
    size_t count = 0;
    for (size_t at = 0; at < len; at += strlen(text + at) + 1) {
        if (text[at] == '\0' || count > NAMES_GROUPS_MAX)
            return false;
        out_names[count++] = text + at;
    }
    *out_count = count;
    return count > 0 && text[len - 1] == '\0' && strlen(out_names[0]) < USER_SIZE;
}

static bool grow(struct room *room)
{
    size_t size = room->size == 0 ? ENTRY_SIZE : room->size * 2;
    char *bytes = size <= ENTRY_SIZE_MAX ? realloc(room->bytes, size) : NULL;
    if (bytes == NULL)
        return false;
    room->bytes = bytes;
    room->size = size;
    return true;
}

/* Also who has no name in the answer of a directory that leaves the members of groups out, and who is in a group by way of another. */
static bool list_groups(const char *user, gid_t primary, struct gids *gids)
{
    for (int room = GIDS; room <= GIDS_MAX; room *= 2) {
        gid_t *list = reallocarray(gids->list, (size_t)room, sizeof *list);
        if (list == NULL)
            return false;
        gids->list = list;
        gids->count = room;
        if (getgrouplist(user, primary, list, &gids->count) >= 0)
            return true;
    }
    return false;
}

/* A group that nobody has, and that nobody has asked for before. */
static bool name_service_answers(struct room *room)
{
    uint32_t number = 0;
    struct group entry;
    struct group *found = NULL;

    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return false;
    gid_t nobodys = (gid_t)(number | UINT32_C(0x80000000)) & ~(gid_t)1; /* not -1, which is none */
    return getgrgid_r(nobodys, &entry, room->bytes, room->size, &found) == 0;
}

static bool is_listed(const struct gids *gids, gid_t gid)
{
    for (int i = 0; i < gids->count; i++)
        if (gids->list[i] == gid)
            return true;
    return false;
}

static bool is_named(char *const *members, const char *user)
{
    for (; *members != NULL; members++)
        if (strcmp(*members, user) == 0)
            return true;
    return false;
}

/* 1, 0 or x; 0 byte: the look-up failed. */
static char membership(const char *group, const char *user, const struct gids *gids, struct room *room)
{
    struct group entry;
    struct group *found = NULL;
    int error = 0;

    while ((error = getgrnam_r(group, &entry, room->bytes, room->size, &found)) == ERANGE)
        if (!grow(room))
            return '\0';
    if (error != 0)
        return '\0';
    if (found == NULL)
        return 'x';
    return is_listed(gids, found->gr_gid) || is_named(found->gr_mem, user) ? '1' : '0';
}

static bool look_up_groups(const char *const groups[], size_t count, const char *user, gid_t primary,
                           char out_said[NAMES_GROUPS_MAX + 1])
{
    struct room room __attribute__((cleanup(free_room))) = {.bytes = NULL};
    struct gids gids __attribute__((cleanup(free_gids))) = {.list = NULL};

    if (!grow(&room) || !list_groups(user, primary, &gids) || !name_service_answers(&room))
        return false;
    for (size_t i = 0; i < count; i++) {
        out_said[i] = membership(groups[i], user, &gids, &room);
        if (out_said[i] == '\0')
            return false;
    }
    out_said[count] = '\0';
    return true;
}

static int say(const char *line)
{
    return fputs(line, stdout) >= 0 && fflush(stdout) == 0 ? 0 : 1;
}

static int look_up(const char *name, const char *const groups[], size_t count)
{
    struct room room __attribute__((cleanup(free_room))) = {.bytes = NULL};
    struct passwd entry;
    struct passwd *found = NULL;
    char said[NAMES_GROUPS_MAX + 1] = "-";

    if (!grow(&room) || getpwnam_r(name, &entry, room.bytes, room.size, &found) != 0)
        return 1;
    if (found == NULL)
        return say("none\n");
    if (count > 0 && !look_up_groups(groups, count, found->pw_name, found->pw_gid, said))
        return 1;
    return printf("found %u %s %s\n", found->pw_uid, said, found->pw_name) > 0 && fflush(stdout) == 0 ? 0 : 1;
}

int names_child(void)
{
    static char text[QUESTION_SIZE + 1];
    const char *names[NAMES_GROUPS_MAX + 1];
    size_t count = 0;

    ssize_t len = read_question(text, QUESTION_SIZE);
    if (len <= 0 || !split(text, (size_t)len, names, &count))
        return 1;
    return look_up(names[0], names + 1, count - 1);
}
