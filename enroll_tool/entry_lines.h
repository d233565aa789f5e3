/* An audit entry for people: two lines or more, 80 columns. */
#ifndef GARDE_TOOL_ENTRY_LINES_H
#define GARDE_TOOL_ENTRY_LINES_H

#include <garde/wire.h>

void entry_lines_write(const struct wire_entry *entry);

#endif
