/* MUST 1  Whoever makes a store may be root, and its folder another user's: nothing in there is opened that we have not
 *         made ourselves at that moment, and nothing is followed.
 * MUST 2  A store file appears whole and flushed under its name, or not at all, and never takes the place of another.
 * MUST 3  A log that a lost store left behind is never taken for the log of a new one.
 */
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path taken apart, and the folder opened. */
struct place {
    const char *path;
    char *folder;
    const char *name;
    int fd;
};
#define place_owner __attribute__((cleanup(leave)))

static void leave(struct place *place)
{
    free(place->folder);
    if (place->fd >= 0)
        (void)close(place->fd);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
#define fd_owner __attribute__((cleanup(close_fd)))

static void free_image(uint8_t **bytes)
{
    store_free_image(*bytes);
}

static enum status refuse(struct problem *out_problem, enum problem_kind kind, const char *path, const char *item)
{
    problem_set(out_problem, kind, path, 0, item);
    return STATUS_DENIED;
}

/* Owner and rights, of the folder or of a file in it. `most` is what the message asks for. */
static enum status check_rights(const struct stat *have, uid_t owner, mode_t most, const char *path,
                                struct problem *out_problem)
{
    if (have->st_uid == owner && (have->st_mode & 0077) == 0)
        return STATUS_OK;
    (void)refuse(out_problem, have->st_uid != owner ? PROBLEM_OWNER : PROBLEM_MODE, path, NULL);
    if (out_problem != NULL) {
        out_problem->have_id = have->st_uid;
        out_problem->want_id = owner;
        out_problem->have_mode = have->st_mode & 07777;
        out_problem->want_mode = most;
    }
    return STATUS_DENIED;
}

static enum status take_apart(const char *path, struct place *place, struct problem *out_problem)
{
    const char *slash = strrchr(path, '/');
    place->path = path;
    place->name = slash == NULL ? path : slash + 1;
    if (place->name[0] == '\0' || strcmp(place->name, ".") == 0 || strcmp(place->name, "..") == 0)
        return refuse(out_problem, PROBLEM_NOT_A_FILE, path, NULL);

    if (slash == NULL)
        place->folder = strdup(".");
    else
        place->folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    return place->folder == NULL ? problem_set_errno(out_problem, path, ENOMEM) : STATUS_OK;
}

static enum status enter(struct place *place, uid_t owner, struct problem *out_problem)
{
    struct stat have;
    place->fd = open(place->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    if (place->fd < 0 && (error == ENOTDIR || error == ELOOP))
        return refuse(out_problem, PROBLEM_NOT_A_FOLDER, place->folder, NULL);
    if (place->fd < 0 && error == EACCES && lstat(place->folder, &have) == 0 && have.st_uid != owner)
        return check_rights(&have, owner, 0700, place->folder, out_problem);
    if (place->fd < 0)
        return problem_set_errno(out_problem, place->folder, error);
    if (fstat(place->fd, &have) != 0)
        return problem_set_errno(out_problem, place->folder, errno);
    return check_rights(&have, owner, 0700, place->folder, out_problem);
}

/* ---- an existing store ---- */

/* The name with an ending, checked. A missing one is STATUS_NOT_FOUND and no problem where it may be missing. */
static enum status check_file(const struct place *place, const char *ending, uid_t owner, struct problem *out_problem)
{
    char name[NAME_MAX + 1], path[PROBLEM_PATH_SIZE];
    struct stat have;

    if ((size_t)snprintf(name, sizeof name, "%s%s", place->name, ending) >= sizeof name)
        return problem_set_errno(out_problem, place->path, ENAMETOOLONG);
    (void)snprintf(path, sizeof path, "%s%s", place->path, ending);
    if (fstatat(place->fd, name, &have, AT_SYMLINK_NOFOLLOW) != 0)
        return problem_set_errno(out_problem, path, errno);
    if (!S_ISREG(have.st_mode) || have.st_nlink != 1)
        return refuse(out_problem, PROBLEM_NOT_A_FILE, path, NULL);
    return check_rights(&have, owner, 0600, path, out_problem);
}

/* Told from the file's first bytes: the library would already change some of the files that are not ours. */
static enum status check_first_bytes(const struct place *place, struct problem *out_problem)
{
    static const char magic[16] = "SQLite format 3";
    static const uint8_t application[4] = {STORE_APPLICATION_ID >> 24, STORE_APPLICATION_ID >> 16 & 0xff,
                                           STORE_APPLICATION_ID >> 8 & 0xff, STORE_APPLICATION_ID & 0xff};
    uint8_t bytes[100];
    fd_owner int fd = openat(place->fd, place->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : pread(fd, bytes, sizeof bytes, 0);

    if (got < 0)
        return problem_set_errno(out_problem, place->path, errno);
    bool known = got == sizeof bytes && memcmp(bytes, magic, sizeof magic) == 0 &&
                 memcmp(bytes + 68, application, 4) == 0 && bytes[18] >= 1 && bytes[18] <= 2 && bytes[19] >= 1 &&
                 bytes[19] <= 2; /* of another format version the library says no more than that it cannot be written */
    if (!known) {
        problem_set(out_problem, PROBLEM_FOREIGN, place->path, 0, NULL);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status store_check_files(const char *path, char **out_path, struct problem *out_problem)
{
    static const char *const endings[] = {"-wal", "-journal", "-shm"};
    place_owner struct place place = {.fd = -1};
    uid_t owner = geteuid();

    enum status status = take_apart(path, &place, out_problem);
    if (status == STATUS_OK)
        status = enter(&place, owner, out_problem);
    if (status == STATUS_OK)
        status = check_file(&place, "", owner, out_problem);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0] && status == STATUS_OK; i++) {
        struct problem found;
        status = check_file(&place, endings[i], owner, &found);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        else if (status != STATUS_OK && out_problem != NULL)
            *out_problem = found;
    }
    if (status == STATUS_OK)
        status = check_first_bytes(&place, out_problem);
    if (status != STATUS_OK)
        return status;

    /* The library refuses links anywhere in the path; those above the folder are the administrator's business. */
    char folder[PATH_MAX];
    char *real = NULL;
    if (realpath(place.folder, folder) == NULL ||
        asprintf(&real, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, place.name) < 0)
        return problem_set_errno(out_problem, path, errno);
    *out_path = real;
    return STATUS_OK;
}

/* ---- a new store ---- */

static enum status make_folder(const struct place *place, uid_t owner, gid_t group, struct problem *out_problem)
{
    if (mkdir(place->folder, 0700) != 0)
        return errno == EEXIST ? STATUS_OK : problem_set_errno(out_problem, place->folder, errno);

    fd_owner int fd = open(place->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0700) != 0 || fchown(fd, owner, group) != 0)
        return problem_set_errno(out_problem, place->folder, errno);
    fd_owner int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0 || fsync(parent) != 0)
        return problem_set_errno(out_problem, place->folder, errno);
    return STATUS_OK;
}

static enum status check_absent(const struct place *place, const char *ending, struct problem *out_problem)
{
    struct problem found;
    enum status status = check_file(place, ending, (uid_t)-1, &found);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (found.kind != PROBLEM_SYSTEM) {
        found.kind = PROBLEM_EXISTS;
        status = STATUS_EXISTS;
    }
    if (out_problem != NULL)
        *out_problem = found;
    return status;
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno != EINTR)
            return -1;
        if (done > 0) {
            bytes += done;
            len -= (size_t)done;
        }
    }
    return 0;
}

/* Under a passing name first; link() then neither replaces nor shows half a file. */
static enum status write_file(const struct place *place, const uint8_t *bytes, size_t len, uid_t owner, gid_t group,
                              struct problem *out_problem)
{
    char passing[NAME_MAX + 1];
    if ((size_t)snprintf(passing, sizeof passing, "%s.new", place->name) >= sizeof passing)
        return problem_set_errno(out_problem, place->path, ENAMETOOLONG);

    (void)unlinkat(place->fd, passing, 0); /* left by a crash */
    fd_owner int fd = openat(place->fd, passing, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return problem_set_errno(out_problem, place->path, errno);
    bool made = fchmod(fd, 0600) == 0 && write_all(fd, bytes, len) == 0 && fchown(fd, owner, group) == 0 &&
                fsync(fd) == 0 && linkat(place->fd, passing, place->fd, place->name, 0) == 0;
    int error = made ? 0 : errno;
    if (unlinkat(place->fd, passing, 0) != 0 && error == 0)
        error = errno;
    if (error == 0 && fsync(place->fd) != 0)
        error = errno;
    if (made && error != 0)
        (void)unlinkat(place->fd, place->name, 0); /* ours: link() replaces nothing */
    if (error == EEXIST) {
        problem_set(out_problem, PROBLEM_EXISTS, place->path, 0, NULL);
        return STATUS_EXISTS;
    }
    return error == 0 ? STATUS_OK : problem_set_errno(out_problem, place->path, error);
}

enum status store_create(const char *path, const uint8_t id[STORE_ID_SIZE], uid_t owner, gid_t group,
                         struct problem *out_problem)
{
    static const char *const endings[] = {"", "-wal", "-journal"};
    place_owner struct place place = {.fd = -1};

    enum status status = take_apart(path, &place, out_problem);
    if (status == STATUS_OK)
        status = make_folder(&place, owner, group, out_problem);
    if (status == STATUS_OK)
        status = enter(&place, owner, out_problem);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0] && status == STATUS_OK; i++)
        status = check_absent(&place, endings[i], out_problem);
    if (status != STATUS_OK)
        return status;

    __attribute__((cleanup(free_image))) uint8_t *bytes = NULL;
    size_t len = 0;
    status = store_make_image(id, &bytes, &len);
    if (status != STATUS_OK) {
        problem_set(out_problem, status == STATUS_NO_MEMORY ? PROBLEM_MEMORY : PROBLEM_SYSTEM, path, 0, NULL);
        return status;
    }
    return write_file(&place, bytes, len, owner, group, out_problem);
}
