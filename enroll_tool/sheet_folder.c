#include "sheet_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

#define HALF  ".half-written" /* no user's name leads there: it begins with a dot and has another end */
#define SHOWN 4096

static enum tool_exit tell(const struct sheet_folder *folder, const char *name, int error)
{
    char shown[SHOWN];
    tool_complain(_("%s/%s cannot be written: %s"), text_show(shown, sizeof shown, folder->path), name,
                  strerror(error));
    return TOOL_REFUSED;
}

static enum tool_exit tell_folder(const char *path, const char *why)
{
    char shown[SHOWN];
    tool_complain(_("the folder %s: %s"), text_show(shown, sizeof shown, path), why);
    return TOOL_REFUSED;
}

static enum tool_exit check(const char *path, int fd)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return tell_folder(path, strerror(errno));
    if ((about.st_uid != geteuid() && about.st_uid != 0) || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return tell_folder(path, _("others can write to it. Sheets need a folder of root's own, best one that is not "
                                   "there yet."));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return tell_folder(path, errno == EWOULDBLOCK ? _("another garde is writing sheets there.") : strerror(errno));
    if (unlinkat(fd, HALF, 0) != 0 && errno != ENOENT)
        return tell_folder(path, strerror(errno));
    return TOOL_DONE;
}

enum tool_exit sheet_folder_open(struct sheet_folder *folder, const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return tell_folder(path, strerror(errno));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return tell_folder(path, strerror(errno));
    enum tool_exit done = check(path, fd);
    if (done != TOOL_DONE) {
        (void)close(fd);
        return done;
    }
    *folder = (struct sheet_folder){path, fd};
    return TOOL_DONE;
}

void sheet_folder_close(struct sheet_folder *folder)
{
    if (folder->fd >= 0)
        (void)close(folder->fd);
    folder->fd = -1;
}

static bool is_plain(unsigned char c, bool is_first)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter || c == '_' || c == '@' || c == '+' || (!is_first && (c == '.' || c == '-'));
}

bool sheet_folder_name(const char *user, char out[SHEET_FILE_SIZE])
{
    static const char digits[] = "0123456789ABCDEF", end[] = ".html";
    char name[SHEET_FILE_SIZE];
    size_t used = 0;

    for (size_t i = 0; user[i] != '\0'; i++) {
        unsigned char c = (unsigned char)user[i];
        if (used + 3 + sizeof end > sizeof name)
            return false;
        if (is_plain(c, i == 0)) {
            name[used++] = (char)c;
            continue;
        }
        name[used++] = '%';
        name[used++] = digits[c >> 4];
        name[used++] = digits[c & 15];
    }
    memcpy(name + used, end, sizeof end);
    memcpy(out, name, used + sizeof end);
    return true;
}

static int error_of(enum status status)
{
    return status == STATUS_NO_SPACE ? ENOSPC : status == STATUS_NO_MEMORY ? ENOMEM : EIO;
}

/* 0, or what was wrong. */
static int write_half(int fd, const struct sheet *sheet)
{
    struct stat about;
    struct sink sink;

    if (fstat(fd, &about) != 0)
        return errno;
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ENOTSUP; /* a file system without modes: everybody could read it */
    sink_open(&sink, fd);
    enum status status = sheet_write(sheet, &sink);
    enum status written = sink_close(&sink);
    if (status != STATUS_OK || written != STATUS_OK)
        return error_of(status != STATUS_OK ? status : written);
    return fsync(fd) == 0 ? 0 : errno;
}

enum tool_exit sheet_folder_put(struct sheet_folder *folder, const char *name, const struct sheet *sheet)
{
    int fd = openat(folder->fd, HALF, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return tell(folder, name, errno);
    int error = write_half(fd, sheet);
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && renameat(folder->fd, HALF, folder->fd, name) != 0)
        error = errno;
    if (error != 0) {
        (void)unlinkat(folder->fd, HALF, 0);
        return tell(folder, name, error);
    }
    if (fsync(folder->fd) == 0 || errno == EINVAL)
        return TOOL_DONE;
    error = errno;
    (void)unlinkat(folder->fd, name, 0);
    return tell(folder, name, error);
}

void sheet_folder_remove(struct sheet_folder *folder, const char *name)
{
    (void)unlinkat(folder->fd, name, 0);
}
