#undef _FORTIFY_SOURCE /* its inline functions would hide some of these */

#include "../failing.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* memory */
FAILING(void *, malloc, (size_t len), (len), NULL)
FAILING(void *, calloc, (size_t count, size_t len), (count, len), NULL)
FAILING(void *, realloc, (void *old, size_t len), (old, len), NULL)
FAILING(void *, reallocarray, (void *old, size_t count, size_t len), (old, count, len), NULL)
FAILING(char *, strdup, (const char *text), (text), NULL)
FAILING(char *, strndup, (const char *text, size_t len), (text, len), NULL)
FAILING(void *, mmap, (void *at, size_t len, int protection, int flags, int fd, off_t offset),
        (at, len, protection, flags, fd, offset), MAP_FAILED)
FAILING(int, mlockall, (int flags), (flags), -1)
int __wrap_asprintf(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **out, const char *format, ...)
{
    va_list arguments;
    if (failing_now("asprintf"))
        return -1;
    va_start(arguments, format);
    int len = vasprintf(out, format, arguments);
    va_end(arguments);
    return len;
}

/* files */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return failing_now("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return failing_now("openat") ? -1 : __real_openat(folder, path, flags, mode);
}
FAILING(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
FAILING(FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL)
FAILING(int, ferror, (FILE * file), (file), 1)
FAILING(int, fstat, (int fd, struct stat *out), (fd, out), -1)
FAILING(int, lstat, (const char *path, struct stat *out), (path, out), -1)
FAILING(int, fstatat, (int folder, const char *path, struct stat *out, int flags), (folder, path, out, flags), -1)
FAILING(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAILING(int, chmod, (const char *path, mode_t mode), (path, mode), -1)
FAILING(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), -1)
FAILING(int, fsync, (int fd), (fd), -1)
FAILING(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAILING(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), -1)
FAILING(int, linkat, (int from, const char *path, int to, const char *name, int flags), (from, path, to, name, flags),
        -1)
FAILING(ssize_t, read, (int fd, void *bytes, size_t len), (fd, bytes, len), -1)
FAILING(ssize_t, pread, (int fd, void *bytes, size_t len, off_t at), (fd, bytes, len, at), -1)
FAILING(char *, realpath, (const char *path, char *out), (path, out), NULL)

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    bool is_log = fd == STDERR_FILENO; /* it says what failed */
    return !is_log && failing_now("write") ? -1 : __real_write(fd, bytes, len);
}

/* These come before the C library's, for other libraries too: nobody pulls the plug, and thousands of flushes take their time. */
__attribute__((visibility("default"))) int fsync(int fd)
{
    (void)fd;
    return 0;
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

/* sockets and events */
FAILING(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAILING(int, bind, (int fd, __CONST_SOCKADDR_ARG address, socklen_t len), (fd, address, len), -1)
FAILING(int, listen, (int fd, int backlog), (fd, backlog), -1)
FAILING(int, eventfd, (unsigned value, int flags), (value, flags), -1)
FAILING(int, pipe2, (int *out_fds, int flags), (out_fds, flags), -1)

/* processes and rights */
FAILING(pid_t, fork, (void), (), -1)
FAILING(pid_t, waitpid, (pid_t pid, int *out_state, int options), (pid, out_state, options), (errno = EINTR, -1))
FAILING(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old), -1)
FAILING(int, setgroups, (size_t count, const gid_t *groups), (count, groups), -1)
FAILING(int, setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved), -1)
FAILING(int, setresgid, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved), -1)
FAILING(int, getresuid, (uid_t * real, uid_t *effective, uid_t *saved), (real, effective, saved), -1)
FAILING(int, getresgid, (gid_t * real, gid_t *effective, gid_t *saved), (real, effective, saved), -1)
FAILING(int, getrlimit, (__rlimit_resource_t what, struct rlimit *out), (what, out), -1)
FAILING(int, setrlimit, (__rlimit_resource_t what, const struct rlimit *limit), (what, limit), -1)
int __real_prctl(int what, ...);
int __wrap_prctl(int what, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int __wrap_prctl(int what, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    return failing_now("prctl") ? -1 : __real_prctl(what, a, b, c, d);
}
long __real_syscall(long number, ...);
long __wrap_syscall(long number, void *a, void *b);
long __wrap_syscall(long number, void *a, void *b)
{
    return failing_now("syscall") ? -1 : __real_syscall(number, a, b);
}

/* these return the error */
FAILING(int, pthread_attr_init, (pthread_attr_t * attributes), (attributes), failing_error())
FAILING(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
        (thread, attributes, start, argument), failing_error())
FAILING(int, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * actions), (actions), failing_error())
FAILING(int, posix_spawn_file_actions_adddup2, (posix_spawn_file_actions_t * actions, int from, int to),
        (actions, from, to), failing_error())
FAILING(int, posix_spawnattr_init, (posix_spawnattr_t * attributes), (attributes), failing_error())
FAILING(int, posix_spawnattr_setsigmask, (posix_spawnattr_t * attributes, const sigset_t *set), (attributes, set),
        failing_error())
FAILING(int, posix_spawnattr_setsigdefault, (posix_spawnattr_t * attributes, const sigset_t *set), (attributes, set),
        failing_error())
FAILING(int, posix_spawnattr_setflags, (posix_spawnattr_t * attributes, short flags), (attributes, flags),
        failing_error())
FAILING(int, posix_spawn,
        (pid_t * out_pid, const char *path, const posix_spawn_file_actions_t *actions,
         const posix_spawnattr_t *attributes, char *const *arguments, char *const *environment),
        (out_pid, path, actions, attributes, arguments, environment), failing_error())
FAILING(int, getpwnam_r, (const char *name, struct passwd *out, char *room, size_t size, struct passwd **out_found),
        (name, out, room, size, out_found), failing_error())
FAILING(int, getgrnam_r, (const char *name, struct group *out, char *room, size_t size, struct group **out_found),
        (name, out, room, size, out_found), failing_error())
FAILING(int, getgrgid_r, (gid_t gid, struct group *out, char *room, size_t size, struct group **out_found),
        (gid, out, room, size, out_found), failing_error())
FAILING(int, getgrouplist, (const char *user, gid_t group, gid_t *groups, int *count), (user, group, groups, count), -1)
FAILING(ssize_t, getrandom, (void *bytes, size_t len, unsigned flags), (bytes, len, flags), -1)
