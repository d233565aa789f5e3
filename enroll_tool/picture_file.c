#include "picture_file.h"

#include <errno.h>
#include <fcntl.h>
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

enum tool_exit picture_file_open(struct picture_file *file, const char *path)
{
    if (path == NULL)
        return TOOL_DONE;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return tell(path, errno);
    *file = (struct picture_file){path, fd};
    return TOOL_DONE;
}

void picture_file_drop(struct picture_file *file)
{
    struct stat ours, there;

    if (file->fd < 0)
        return;
    /* Only what was made here: someone may have put another file in its place. */
    if (fstat(file->fd, &ours) == 0 && lstat(file->path, &there) == 0 && ours.st_dev == there.st_dev &&
        ours.st_ino == there.st_ino)
        (void)unlink(file->path);
    (void)close(file->fd);
    file->fd = -1;
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
    enum status written = sink_close(&sink);
    if (status == STATUS_OK)
        status = written;
    if (status == STATUS_OK && fsync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
        return tell(file->path, errno);
    if (status == STATUS_OK)
        return TOOL_DONE;
    return tell(file->path, status == STATUS_NO_SPACE ? ENOSPC : status == STATUS_NO_MEMORY ? ENOMEM : EIO);
}

void picture_file_keep(struct picture_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}
