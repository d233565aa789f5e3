#include "sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE 4000

static void write_all(struct sink *sink, const uint8_t *bytes, size_t len)
{
    while (len > 0 && sink->status == STATUS_OK) {
        ssize_t written = write(sink->fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            sink->status = errno == ENOSPC || errno == EDQUOT ? STATUS_NO_SPACE : STATUS_FAILED;
            return;
        }
        bytes += written;
        len -= (size_t)written;
    }
}

static void flush(struct sink *sink)
{
    if (sink->buffer != NULL)
        write_all(sink, secret_read(sink->buffer), sink->used);
    sink->used = 0;
}

void sink_open(struct sink *sink, int fd)
{
    *sink = (struct sink){.fd = fd, .buffer = secret_new(BUFFER_SIZE)};
    if (sink->buffer == NULL)
        sink->status = STATUS_NO_MEMORY;
}

void sink_put(struct sink *sink, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    while (len > 0 && sink->status == STATUS_OK) {
        size_t room = BUFFER_SIZE - sink->used;
        size_t part = len < room ? len : room;
        memcpy(secret_fill(sink->buffer) + sink->used, from, part);
        sink->used += part;
        from += part;
        len -= part;
        if (sink->used == BUFFER_SIZE)
            flush(sink);
    }
}

void sink_text(struct sink *sink, const char *text)
{
    sink_put(sink, text, strlen(text));
}

void sink_number(struct sink *sink, unsigned number)
{
    char digits[16];
    int len = snprintf(digits, sizeof digits, "%u", number);
    sink_put(sink, digits, (size_t)len);
    secret_wipe(digits, sizeof digits);
}

enum status sink_close(struct sink *sink)
{
    flush(sink);
    secret_free(sink->buffer);
    sink->buffer = NULL;
    return sink->status;
}
