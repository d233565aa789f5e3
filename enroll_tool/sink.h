/* Bytes to a descriptor, through a buffer that is wiped: everything that shows a secret is written here and never with stdio. */
#ifndef GARDE_TOOL_SINK_H
#define GARDE_TOOL_SINK_H

#include <stddef.h>

#include <garde/secret.h>
#include <garde/status.h>

struct sink {
    int fd;
    struct secret *buffer;
    size_t used;
    enum status status; /* the first failure stays: STATUS_NO_SPACE, STATUS_NO_MEMORY, STATUS_FAILED */
};

void sink_open(struct sink *sink, int fd);
void sink_put(struct sink *sink, const void *bytes, size_t len);
void sink_text(struct sink *sink, const char *text);
/* A decimal number. */
void sink_number(struct sink *sink, unsigned number);
/* Writes out the rest and frees the buffer; the descriptor stays open. */
enum status sink_close(struct sink *sink) GARDE_MUST_CHECK;

#endif
