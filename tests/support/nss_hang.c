/* A name service of its own temper, put in the place of libnss_hesiod.so.2 by tests/system/test_names.py and test_rollout.py.
 *
 * It knows alice by another spelling, and never answers about anybody else. Of groups it has one, "wards", which names one member, "listed", whose own list of groups does not have it; that carol is
 * in it, by way of another group, and erin, behind 3000 others, only their lists of groups say. What MODE_FILE has in it says how it
 * answers about groups: nothing or no file: as it should; "hangs"; "down": as one that cannot reach its server; "cached": it is down
 * too, but still has the group itself from before.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODE_FILE "/run/nss-mode"
#define WARDS     30001
#define CROWD     3000

enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *result, char *buffer, size_t size, int *error);
enum nss_status _nss_hesiod_getgrnam_r(const char *name, struct group *result, char *buffer, size_t size, int *error);
enum nss_status _nss_hesiod_getgrgid_r(gid_t gid, struct group *result, char *buffer, size_t size, int *error);
enum nss_status _nss_hesiod_initgroups_dyn(const char *user, gid_t group, long *start, long *size, gid_t **groups,
                                           long limit, int *error);

#define ENTRY __attribute__((visibility("default")))

ENTRY enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *result, char *buffer, size_t size,
                                             int *error)
{
    static const char alice[] = "alice";

    while (strcmp(name, "ALICE") != 0)
        (void)pause();
    if (size < sizeof alice) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    memcpy(buffer, alice, sizeof alice);
    char *end = buffer + sizeof alice - 1;
    *result = (struct passwd){.pw_name = buffer,
                              .pw_passwd = end,
                              .pw_uid = 20001,
                              .pw_gid = 20001,
                              .pw_gecos = end,
                              .pw_dir = end,
                              .pw_shell = end};
    return NSS_STATUS_SUCCESS;
}

/* true: it is down; false: it answers. */
static bool is_down(bool has_it_cached, int *error)
{
    char mode[16] = "";
    int fd = open(MODE_FILE, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!read(fd, mode, sizeof mode - 1);
        (void)close(fd);
    }
    while (strcmp(mode, "hangs") == 0)
        (void)pause();
    *error = ECONNREFUSED;
    return strcmp(mode, "down") == 0 || (strcmp(mode, "cached") == 0 && !has_it_cached);
}

ENTRY enum nss_status _nss_hesiod_getgrnam_r(const char *name, struct group *result, char *buffer, size_t size,
                                             int *error)
{
    static const char wards[] = "wards", listed[] = "listed";

    if (is_down(true, error))
        return NSS_STATUS_UNAVAIL;
    *error = ENOENT;
    if (strcmp(name, wards) != 0)
        return NSS_STATUS_NOTFOUND;
    char **members = (char **)(void *)buffer;
    char *texts = (char *)&members[2];
    if (size < 2 * sizeof *members + sizeof wards + sizeof listed) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    memcpy(texts, wards, sizeof wards);
    members[0] = memcpy(texts + sizeof wards, listed, sizeof listed);
    members[1] = NULL;
    *result =
        (struct group){.gr_name = texts, .gr_passwd = texts + sizeof wards - 1, .gr_gid = WARDS, .gr_mem = members};
    return NSS_STATUS_SUCCESS;
}

ENTRY enum nss_status _nss_hesiod_getgrgid_r(gid_t gid, struct group *result, char *buffer, size_t size, int *error)
{
    if (gid == WARDS)
        return _nss_hesiod_getgrnam_r("wards", result, buffer, size, error);
    if (is_down(false, error))
        return NSS_STATUS_UNAVAIL;
    *error = ENOENT;
    return NSS_STATUS_NOTFOUND;
}

static bool add(gid_t gid, long *start, long *size, gid_t **groups)
{
    if (*start == *size) {
        gid_t *more = reallocarray(*groups, (size_t)*size * 2, sizeof **groups);
        if (more == NULL)
            return false;
        *groups = more;
        *size *= 2;
    }
    (*groups)[(*start)++] = gid;
    return true;
}

ENTRY enum nss_status _nss_hesiod_initgroups_dyn(const char *user, gid_t group, long *start, long *size, gid_t **groups,
                                                 long limit, int *error)
{
    (void)group, (void)limit;
    if (is_down(false, error))
        return NSS_STATUS_UNAVAIL;
    *error = ENOENT;
    bool is_erin = strcmp(user, "erin") == 0;
    for (gid_t other = 0; is_erin && other < CROWD; other++)
        if (!add(40000 + other, start, size, groups))
            return NSS_STATUS_TRYAGAIN;
    if (!is_erin && strcmp(user, "carol") != 0)
        return NSS_STATUS_NOTFOUND;
    return add(WARDS, start, size, groups) ? NSS_STATUS_SUCCESS : NSS_STATUS_TRYAGAIN;
}
