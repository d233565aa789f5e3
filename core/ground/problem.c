#include <garde/problem.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Names of files and keys may come from a hostile file: they end up in a log or on a terminal. */
static void copy_printable(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (; text != NULL && *text != '\0' && used + 1 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        out[used++] = (byte < 0x20 || byte == 0x7f) ? '?' : *text;
    }
    out[used] = '\0';
}

void problem_set(struct problem *out, enum problem_kind kind, const char *path, unsigned line, const char *item)
{
    if (out == NULL)
        return;
    *out = (struct problem){.kind = kind, .line = line};
    copy_printable(out->path, sizeof out->path, path);
    copy_printable(out->item, sizeof out->item, item);
}

enum status problem_set_errno(struct problem *out, const char *path, int error)
{
    problem_set(out, error == ENOENT ? PROBLEM_MISSING : PROBLEM_SYSTEM, path, 0, NULL);
    if (out != NULL)
        out->error = error;
    switch (error) {
    case ENOENT:
        return STATUS_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOSPC:
    case EDQUOT:
        return STATUS_NO_SPACE;
    case ENOMEM:
        return STATUS_NO_MEMORY;
    default:
        return STATUS_FAILED;
    }
}
