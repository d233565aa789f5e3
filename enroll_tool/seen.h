/* What was in a file before: kept as HMACs under a key of this run, so that no list of secrets is in memory. */
#ifndef GARDE_TOOL_SEEN_H
#define GARDE_TOOL_SEEN_H

#include <stddef.h>

#include <garde/status.h>

struct seen;

enum status seen_new(struct seen **out_seen) GARDE_MUST_CHECK;
void seen_free(struct seen *seen);
void seen_drop(struct seen **seen);
#define seen_owner __attribute__((cleanup(seen_drop)))

/* Keeps the bytes in mind with a line (from 1). *out_line: where they were before, 0: nowhere. */
enum status seen_before(struct seen *seen, const void *bytes, size_t len, unsigned long line,
                        unsigned long *out_line) GARDE_MUST_CHECK;

#endif
