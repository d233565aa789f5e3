/* Formats of one entry a line. */
#ifndef GARDE_TOOL_LINES_H
#define GARDE_TOOL_LINES_H

#include "format.h"
#include "input.h"

struct lines {
    const struct format_request *request;
    incoming_take *take;
    void *context; /* of take */
    void *own;     /* the format's */
};

/* Hands on what a line holds that is neither empty nor a comment; it may be changed. The entry has path and line set. false: no more. */
typedef bool lines_read(const struct lines *lines, struct incoming *entry, struct secret *line);

/* Each line of the request's file. Lines with a fault of their own go to `take` and not to `read`. */
enum tool_exit lines_each(const struct lines *lines, lines_read *read) GARDE_MUST_CHECK;

#endif
