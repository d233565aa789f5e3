#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../text.h"

static enum tool_exit tell(const char *path, int error)
{
    char shown[1024];
    tool_complain(_("%s cannot be read: %s"), text_show(shown, sizeof shown, path), strerror(error));
    return TOOL_REFUSED;
}

static enum status begin(struct input *input, const char *path, int fd, uint64_t bytes_max)
{
    struct secret *buffer = secret_new(SECRET_MAX);
    if (buffer == NULL)
        return STATUS_NO_MEMORY;
    *input = (struct input){.path = path, .fd = fd, .owner = (uid_t)-1, .left = bytes_max, .buffer = buffer};
    return STATUS_OK;
}

enum tool_exit input_open(struct input *input, const char *path, uint64_t bytes_max)
{
    struct stat there;
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return tell(path, errno);
    int error = fstat(fd, &there) != 0 ? errno : S_ISDIR(there.st_mode) ? EISDIR : 0;
    if (error == 0 && begin(input, path, fd, bytes_max) != STATUS_OK)
        error = ENOMEM;
    if (error != 0) {
        if (!is_stdin)
            (void)close(fd);
        return tell(path, error);
    }
    input->is_stdin = is_stdin;
    if (S_ISREG(there.st_mode))
        input->owner = there.st_uid;
    return TOOL_DONE;
}

static int open_in(const char *path, const char *name)
{
    const int how = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return errno == ENOTDIR ? open(path, how | O_NOFOLLOW) : -1;
    int fd = openat(folder, name, how | O_NOFOLLOW);
    int error = errno;
    (void)close(folder);
    errno = error;
    return fd;
}

enum status input_open_theirs(struct input *input, const char *path, const char *name, uid_t uid, gid_t gid,
                              uint64_t bytes_max)
{
    struct stat there;

    /* As the user: homes on NFS are closed to root, and a link of theirs leads nowhere that they may not go. */
    (void)setfsgid(gid);
    (void)setfsuid(uid);
    int fd = open_in(path, name);
    int error = errno;
    (void)setfsuid(geteuid());
    (void)setfsgid(getegid());
    if (fd < 0)
        return error == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED;

    enum status status = STATUS_FAILED;
    if (fstat(fd, &there) == 0 && S_ISREG(there.st_mode))
        status = there.st_uid == uid ? begin(input, path, fd, bytes_max) : STATUS_DENIED;
    if (status != STATUS_OK)
        (void)close(fd);
    return status;
}

void input_close(struct input *input)
{
    if (input->fd >= 0 && !input->is_stdin)
        (void)close(input->fd);
    input->fd = -1;
    secret_drop(&input->buffer);
}

/* More bytes behind those that were handed out. false: none; *out_found says why. */
static bool refill(struct input *input, enum input_found *out_found)
{
    ssize_t len = 0;

    *out_found = INPUT_END;
    if (input->ended)
        return false;
    do
        len = read(input->fd, secret_fill(input->buffer), secret_len(input->buffer));
    while (len < 0 && errno == EINTR);
    input->ended = len <= 0;
    if (len < 0)
        *out_found = INPUT_FAILED;
    if (len > 0 && (uint64_t)len > input->left) {
        input->ended = true;
        *out_found = INPUT_TOO_LARGE;
    }
    if (input->ended)
        return false;
    input->left -= (uint64_t)len;
    input->at = 0;
    input->have = (size_t)len;
    return true;
}

/* false: there are no more bytes; *out_found is set where that is not the end of the file. */
static bool next_byte(struct input *input, uint8_t *out_byte, enum input_found *out_found)
{
    if (input->at == input->have && !refill(input, out_found))
        return false;
    *out_byte = secret_read(input->buffer)[input->at++];
    return true;
}

static bool begins_with_mark(const struct secret *line, size_t len)
{
    return len >= 3 && memcmp(secret_read(line), "\xef\xbb\xbf", 3) == 0;
}

enum input_found input_line(struct input *input, struct secret **out_line)
{
    secret_owner struct secret *line = secret_new(INPUT_LINE_MAX + 1);
    enum input_found found = INPUT_END;
    size_t used = 0;
    bool begun = false, has_zero = false;
    uint8_t byte = 0;

    if (line == NULL)
        return INPUT_FAILED;
    bool more = false;
    while ((more = next_byte(input, &byte, &found)) && byte != '\n') {
        begun = true;
        has_zero = has_zero || byte == 0;
        if (used <= INPUT_LINE_MAX)
            secret_fill(line)[used < INPUT_LINE_MAX ? used : INPUT_LINE_MAX] = byte;
        used += used <= INPUT_LINE_MAX ? 1 : 0;
    }
    if (!more && (found != INPUT_END || !begun))
        return found;
    input->line++;
    if (has_zero)
        return INPUT_ZERO;
    if (used > INPUT_LINE_MAX)
        return INPUT_TOO_LONG;
    if (used > 0 && secret_read(line)[used - 1] == '\r')
        used--;
    secret_shorten(line, used);
    if (input->line == 1 && begins_with_mark(line, used)) {
        memmove(secret_fill(line), secret_read(line) + 3, used - 3);
        secret_shorten(line, used - 3);
    }
    *out_line = line;
    line = NULL;
    return INPUT_LINE;
}

enum input_found input_bytes(struct input *input, const uint8_t **out_bytes, size_t *out_len)
{
    enum input_found found = INPUT_END;
    if (input->at == input->have && !refill(input, &found))
        return found;
    *out_bytes = secret_read(input->buffer) + input->at;
    *out_len = input->have - input->at;
    input->at = input->have;
    return INPUT_LINE;
}

enum tool_exit input_tell(const struct input *input, enum input_found found)
{
    char shown[1024];

    if (found == INPUT_TOO_LARGE) {
        tool_complain(_("%s is too large for such a file; what came before was looked at."),
                      text_show(shown, sizeof shown, input->path));
        return TOOL_REFUSED;
    }
    return found == INPUT_END ? TOOL_DONE : tell(input->path, errno == 0 ? EIO : errno);
}
