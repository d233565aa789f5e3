#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include <garde/wire.h>

static const struct {
    const char *name;
    enum door door;
    mode_t mode;
} kinds[SOCKETS_MAX] = {
    {WIRE_VERIFY_SOCKET, DOOR_PUBLIC, 0666},
    {WIRE_TRUSTED_SOCKET, DOOR_TRUSTED, 0600},
    {WIRE_ADMIN_SOCKET, DOOR_ADMIN, 0600},
};

static enum status fail_errno(const char *path, struct problem *out_problem)
{
    problem_set_errno(out_problem, path, errno);
    return STATUS_FAILED;
}

static enum status check_folder(const char *folder, struct problem *out_problem)
{
    struct stat stat;

    if (lstat(folder, &stat) != 0)
        return fail_errno(folder, out_problem);
    if (!S_ISDIR(stat.st_mode)) {
        problem_set(out_problem, PROBLEM_NOT_A_FOLDER, folder, 0, NULL);
        return STATUS_DENIED;
    }
    if (stat.st_uid == geteuid() && (stat.st_mode & 022) == 0)
        return STATUS_OK;
    problem_set(out_problem, stat.st_uid != geteuid() ? PROBLEM_OWNER : PROBLEM_MODE, folder, 0, NULL);
    out_problem->have_id = stat.st_uid;
    out_problem->want_id = geteuid();
    out_problem->have_mode = stat.st_mode & 07777;
    out_problem->want_mode = 0755;
    return STATUS_DENIED;
}

static enum status prepare_folder(struct sockets *sockets, const char *folder, struct problem *out_problem)
{
    bool made = mkdir(folder, 0755) == 0;

    if (made)
        (void)snprintf(sockets->made_folder, sizeof sockets->made_folder, "%s", folder);
    if (!made && errno != EEXIST)
        return fail_errno(folder, out_problem);
    if (made && chmod(folder, 0755) != 0) /* whatever the umask was */
        return fail_errno(folder, out_problem);
    return check_folder(folder, out_problem);
}

/* A socket file that nobody serves any more is in the way of bind(). */
static enum status clear_path(const struct sockaddr_un *address, struct problem *out_problem)
{
    const char *path = address->sun_path;
    struct stat stat;

    if (lstat(path, &stat) != 0)
        return errno == ENOENT ? STATUS_OK : fail_errno(path, out_problem);
    if (!S_ISSOCK(stat.st_mode)) {
        problem_set(out_problem, PROBLEM_EXISTS, path, 0, "not a socket");
        return STATUS_EXISTS;
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(path, out_problem);
    bool served = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED;
    (void)close(fd);
    if (served) {
        problem_set(out_problem, PROBLEM_BUSY, path, 0, NULL);
        return STATUS_FAILED;
    }
    return unlink(path) == 0 ? STATUS_OK : fail_errno(path, out_problem);
}

static enum status make_one(struct sockets *sockets, size_t kind, const char *folder, struct problem *out_problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, kinds[kind].name);
    if (len < 0 || (size_t)len >= sizeof address.sun_path) {
        problem_set(out_problem, PROBLEM_VALUE, folder, 0, "socket_folder");
        return STATUS_INVALID;
    }
    enum status status = clear_path(&address, out_problem);
    if (status != STATUS_OK)
        return status;

    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(address.sun_path, out_problem);
    /* the umask keeps everybody out until the mode is right */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(address.sun_path, kinds[kind].mode) != 0 ||
        listen(fd, SOCKETS_BACKLOG) != 0) {
        (void)fail_errno(address.sun_path, out_problem);
        (void)close(fd);
        return STATUS_FAILED;
    }
    sockets->rows[sockets->count].door = kinds[kind].door;
    sockets->rows[sockets->count].fd = fd;
    sockets->rows[sockets->count].ours = true;
    memcpy(sockets->rows[sockets->count++].path, address.sun_path, sizeof address.sun_path);
    return STATUS_OK;
}

enum status sockets_make(const char *folder, struct sockets *out_sockets, struct problem *out_problem)
{
    struct sockets sockets = {0};
    mode_t before = umask(077);

    enum status status = prepare_folder(&sockets, folder, out_problem);
    for (size_t kind = 0; status == STATUS_OK && kind < SOCKETS_MAX; kind++)
        status = make_one(&sockets, kind, folder, out_problem);
    (void)umask(before);
    if (status != STATUS_OK) {
        sockets_undo(&sockets);
        return status;
    }
    *out_sockets = sockets;
    return STATUS_OK;
}

/* Which of the three a path is: SOCKETS_MAX if it is none of them, or one that we have already. */
static size_t kind_of(const struct sockets *sockets, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t kind = 0;

    while (kind < SOCKETS_MAX && (slash == NULL || strcmp(slash + 1, kinds[kind].name) != 0))
        kind++;
    for (size_t i = 0; kind < SOCKETS_MAX && i < sockets->count; i++)
        if (sockets->rows[i].door == kinds[kind].door)
            return SOCKETS_MAX;
    return kind;
}

static enum status take_one(struct sockets *sockets, int fd, struct problem *out_problem)
{
    struct sockaddr_un address = {0};
    socklen_t len = sizeof address - 1;

    problem_set(out_problem, PROBLEM_FOREIGN, "a socket from systemd", 0, NULL);
    if (sd_is_socket_unix(fd, SOCK_SEQPACKET, 1, NULL, 0) <= 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return STATUS_INVALID;

    size_t kind = kind_of(sockets, address.sun_path);
    if (kind == SOCKETS_MAX) {
        problem_set(out_problem, PROBLEM_FOREIGN, address.sun_path, 0, NULL);
        return STATUS_INVALID;
    }
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(address.sun_path, out_problem);
    sockets->rows[sockets->count].door = kinds[kind].door;
    sockets->rows[sockets->count].fd = fd;
    memcpy(sockets->rows[sockets->count++].path, address.sun_path, sizeof address.sun_path);
    return STATUS_OK;
}

enum status sockets_take(int first, int count, struct sockets *out_sockets, struct problem *out_problem)
{
    struct sockets sockets = {0};

    for (int i = 0; i < count; i++) {
        enum status status = take_one(&sockets, first + i, out_problem);
        if (status != STATUS_OK)
            return status;
    }
    *out_sockets = sockets;
    return STATUS_OK;
}

void sockets_close(struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++) {
        (void)close(sockets->rows[i].fd);
        if (sockets->rows[i].ours)
            (void)unlink(sockets->rows[i].path); /* after becoming garde: refused, and the next start clears it */
    }
    sockets->count = 0;
}

void sockets_undo(struct sockets *sockets)
{
    sockets_close(sockets);
    if (sockets->made_folder[0] != '\0')
        (void)rmdir(sockets->made_folder);
}
