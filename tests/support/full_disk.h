/* A disk that can be full, for a program that is not root: its own symbols come before the C library's, also for the
 * libraries. A write into blocks that a file has works; one that needs a new block finds as many as are left. For one file of each
 * program. */
#ifndef GARDE_TESTS_FULL_DISK_H
#define GARDE_TESTS_FULL_DISK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DISK_BLOCK  INT64_C(4096)
#define DISK_PLENTY (INT64_C(1) << 30)

static struct {
    bool full;       /* else there is plenty */
    int64_t left;    /* bytes, when it is full */
    int error;       /* what a write says then; 0: ENOSPC */
    bool lies;       /* statvfs says that there is plenty, as with a quota */
    int flush_error; /* of each flush; 0: none */
    uint64_t flushes;
    uint64_t added;     /* bytes, in all */
    uint64_t added_max; /* between two flushes */
    uint64_t added_now;
} disk;

static int64_t disk_round(int64_t bytes)
{
    return (bytes + DISK_BLOCK - 1) / DISK_BLOCK * DISK_BLOCK;
}

static bool disk_takes(int fd, size_t len, off_t at)
{
    struct stat file;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))
        return true;
    int64_t more = disk_round(at + (int64_t)len) - disk_round(file.st_size);
    if (more <= 0)
        return true;
    if (disk.full && more > disk.left)
        return false;
    disk.left -= disk.full ? more : 0;
    disk.added += (uint64_t)more;
    disk.added_now += (uint64_t)more;
    if (disk.added_now > disk.added_max)
        disk.added_max = disk.added_now;
    return true;
}

__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    if (!disk_takes(fd, len, at)) {
        errno = disk.error != 0 ? disk.error : ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

/* Nothing here is about power: no time is spent on a real flush. */
static int disk_flush(void)
{
    disk.flushes++;
    disk.added_now = 0;
    errno = disk.flush_error;
    return disk.flush_error == 0 ? 0 : -1;
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    (void)fd;
    return disk_flush();
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    (void)fd;
    return disk_flush();
}

__attribute__((visibility("default"))) int statvfs(const char *restrict path, struct statvfs *restrict out)
{
    (void)path;
    int64_t left = disk.full && !disk.lies ? disk.left : DISK_PLENTY;
    *out = (struct statvfs){.f_frsize = DISK_BLOCK, .f_bavail = (fsblkcnt_t)(left / DISK_BLOCK)};
    return 0;
}

#endif
