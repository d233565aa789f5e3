#include "picture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

static enum tool_exit tell(const char *path, int error)
{
    char shown[1024];
    text_show(shown, sizeof shown, path);
    if (error == EEXIST)
        tool_complain(_("%s is there already and was not touched. Choose another name."), shown);
    else
        tool_complain(_("%s cannot be written: %s"), shown, strerror(error));
    return TOOL_REFUSED;
}

/* -1 with errno EOPNOTSUPP: the file system has none. */
static int open_nameless(const char *path)
{
    struct stat there;
    if (lstat(path, &there) == 0) {
        errno = EEXIST;
        return -1;
    }
    if (errno != ENOENT)
        return -1;
    char *copy = strdup(path);
    if (copy == NULL)
        return -1;
    int fd = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    int error = errno;
    free(copy);
    errno = error;
    return fd;
}

enum tool_exit picture_file_open(struct picture_file *file, const char *path)
{
    if (path == NULL)
        return TOOL_DONE;
    int fd = open_nameless(path);
    bool named = fd < 0 && errno == EOPNOTSUPP;
    if (named)
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return tell(path, errno);
    *file = (struct picture_file){path, fd, named};
    return TOOL_DONE;
}

/* The name lies in the folder. Some file systems have nothing to flush there. */
static bool flush_folder(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL)
        return false;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
    int error = errno;
    if (fd >= 0)
        (void)close(fd);
    free(copy);
    errno = error;
    return done;
}

enum tool_exit picture_file_place(struct picture_file *file)
{
    char nameless[32];

    if (file->fd < 0)
        return TOOL_DONE;
    if (!file->named) {
        (void)snprintf(nameless, sizeof nameless, "/proc/self/fd/%d", file->fd);
        if (linkat(AT_FDCWD, nameless, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) != 0)
            return tell(file->path, errno);
        file->named = true;
    }
    return flush_folder(file->path) ? TOOL_DONE : tell(file->path, errno);
}

void picture_file_drop(struct picture_file *file)
{
    struct stat ours, there;

    if (file->fd < 0)
        return;
    /* Only what was made here: someone may have put another file in its place. */
    if (file->named && fstat(file->fd, &ours) == 0 && lstat(file->path, &there) == 0 && ours.st_dev == there.st_dev &&
        ours.st_ino == there.st_ino)
        (void)unlink(file->path);
    (void)close(file->fd);
    file->fd = -1;
}

static enum tool_exit make_sure(struct picture_file *file, struct sink *sink, enum status status)
{
    enum status written = sink_close(sink);
    if (status == STATUS_OK)
        status = written;
    if (status == STATUS_OK && fsync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
        return tell(file->path, errno);
    if (status == STATUS_OK)
        return TOOL_DONE;
    return tell(file->path, status == STATUS_NO_SPACE ? ENOSPC : status == STATUS_NO_MEMORY ? ENOMEM : EIO);
}

enum tool_exit picture_file_write(struct picture_file *file, enum picture_format format, const struct qr *qr)
{
    if (file->fd < 0)
        return TOOL_DONE;

    struct sink sink;
    enum status status = STATUS_OK;
    sink_open(&sink, file->fd);
    if (format == PICTURE_PNG)
        status = qr_write_png(qr, &sink);
    else
        qr_write_svg(qr, &sink);
    return make_sure(file, &sink, status);
}

enum tool_exit picture_file_write_sheet(struct picture_file *file, const struct sheet *sheet)
{
    if (file->fd < 0)
        return TOOL_DONE;

    struct sink sink;
    sink_open(&sink, file->fd);
    return make_sure(file, &sink, sheet_write(sheet, &sink));
}

void picture_file_keep(struct picture_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}
