/* The log's own thread. Where the log is not taken (a journal that hangs, a pipe that nobody reads), a write waits for as long as
 * that lasts; so neither the event loop nor the worker writes while the verifier serves.
 */
#ifndef GARDE_VERIFIER_JOURNAL_QUEUE_H
#define GARDE_VERIFIER_JOURNAL_QUEUE_H

#include <stdbool.h>

#include <garde/entry.h>
#include <garde/status.h>

#include "notice.h"

#define JOURNAL_QUEUE_MAX 4096       /* what waits at most; more is lost and counted */
#define JOURNAL_END_NS    1000000000 /* how long the end waits for a log that hangs */

/* What writes; called on the log's thread, one at a time. */
struct journal_writer {
    void (*line)(int priority, const char *line);
    void (*entry)(const struct entry *entry);
    void (*notice)(const struct notice *notice);
    void (*lost)(unsigned long count); /* so many are missing at this place */
};

enum status journal_queue_start(const struct journal_writer *writer) GARDE_MUST_CHECK;
/* Waits until all is written, or JOURNAL_END_NS: then the rest is lost, and all that comes later. */
void journal_queue_end(void);

/* They never wait for the log. false: there is no thread, write it yourself. */
bool journal_queue_line(int priority, const char *line);
bool journal_queue_entry(const struct entry *entry);
bool journal_queue_notice(const struct notice *notice);

#endif
