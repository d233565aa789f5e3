#include "stack_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct kept {
    struct kept *next;
    char text[];
};

const char *stack_file_keep(void **texts, const char *text)
{
    size_t size = strlen(text) + 1;
    struct kept *kept = malloc(sizeof *kept + size);
    if (kept == NULL)
        return NULL;
    memcpy(kept->text, text, size);
    kept->next = *texts;
    *texts = kept;
    return kept->text;
}

void stack_file_forget(void *texts)
{
    for (struct kept *kept = texts, *next; kept != NULL; kept = next) {
        next = kept->next;
        free(kept);
    }
}

static enum stack_trouble_kind trouble_of(int error)
{
    if (error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG)
        return TROUBLE_MISSING;
    return error == EACCES || error == EPERM ? TROUBLE_DENIED : error == ENXIO ? TROUBLE_NOT_A_FILE : TROUBLE_SYSTEM;
}

static enum stack_trouble_kind read_whole(int fd, char **out_bytes, size_t *out_len)
{
    char *bytes = malloc(STACK_FILE_MAX + 1);
    size_t len = 0;
    ssize_t more = 0;

    if (bytes == NULL)
        return TROUBLE_SYSTEM;
    while (len <= STACK_FILE_MAX && (more = read(fd, bytes + len, STACK_FILE_MAX + 1 - len)) > 0)
        len += (size_t)more;
    if (more < 0 || len > STACK_FILE_MAX) {
        free(bytes);
        return more < 0 ? TROUBLE_SYSTEM : TROUBLE_TOO_LONG;
    }
    *out_bytes = bytes;
    *out_len = len;
    return TROUBLE_NONE;
}

enum stack_trouble_kind stack_file_read(const char *path, char **out_bytes, size_t *out_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return trouble_of(errno);

    struct stat found = {0};
    enum stack_trouble_kind trouble = TROUBLE_NOT_A_FILE;
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode))
        trouble = read_whole(fd, out_bytes, out_len);
    (void)close(fd);
    return trouble;
}
