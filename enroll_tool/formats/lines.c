#include "lines.h"

#include <string.h>

static bool says_nothing(const struct secret *line)
{
    const char *text = (const char *)secret_read(line);
    size_t blanks = strspn(text, " \t");
    return text[blanks] == '\0' || text[blanks] == '#';
}

enum tool_exit lines_each(const struct lines *lines, lines_read *read)
{
    input_owner struct input input = INPUT_NONE;
    bool more = true;

    enum tool_exit done = input_open(&input, lines->request->path, INPUT_BYTES_MAX);
    while (done == TOOL_DONE && more) {
        secret_owner struct secret *line = NULL;
        incoming_owner struct incoming entry = {.path = lines->request->path};
        enum input_found found = input_line(&input, &line);

        entry.line = input.line;
        if (found == INPUT_TOO_LONG || found == INPUT_ZERO) {
            entry.fault = found == INPUT_ZERO ? INCOMING_ZERO_BYTE : INCOMING_LINE_TOO_LONG;
            more = lines->take(&entry, lines->context);
        } else if (found != INPUT_LINE) {
            return input_tell(&input, found);
        } else if (!says_nothing(line)) {
            more = read(lines, &entry, line);
        }
    }
    return done;
}
