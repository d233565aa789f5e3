/* The log: the journal, syslog (authpriv) where there is no journal, or standard error. English; for admins.
 *
 * A line is one write. Where the log goes is one setting of the process.
 */
#ifndef GARDE_VERIFIER_JOURNAL_H
#define GARDE_VERIFIER_JOURNAL_H

#include <syslog.h>

#include <garde/entry.h>
#include <garde/problem.h>
#include <garde/settings.h>
#include <garde/status.h>

#include "notice.h"

/* Before the first call lines go to standard error. May be called again (SIGHUP). */
void journal_open(enum settings_log where);

/* From here to journal_end a thread of its own writes: whoever says something never waits for the log. What a log that hangs
 * does not take is lost beyond a bound, and the log is told how much when it goes on. The end waits a second for it at most, and may be
 * called by any thread. */
enum status journal_start(void) GARDE_MUST_CHECK;
void journal_end(void);

/* A line about the verifier itself. */
void journal_say(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same: "what: the problem in words". */
void journal_problem(int priority, const char *what, const struct problem *problem);

/* An audit entry, after it was committed; a desk_tell. Journal fields: MESSAGE, MESSAGE_ID (one per event), PRIORITY,
 * SYSLOG_FACILITY=10, GARDE_EVENT, GARDE_VERDICT, GARDE_REASON, GARDE_USER, GARDE_UID, GARDE_FACTOR, GARDE_SERVICE, GARDE_ORIGIN,
 * GARDE_ACTOR, GARDE_COUNT, GARDE_SEQ, GARDE_TAG; those that the entry does not have are left out. */
void journal_entry(const struct entry *entry, void *context);

/* What the verifier noticed; a notice_tell. Journal fields: MESSAGE, MESSAGE_ID (one per kind), PRIORITY, SYSLOG_FACILITY=10,
 * GARDE_NOTICE, GARDE_USER, GARDE_ROW, and the numbers of the kind in capitals: GARDE_ROWS, GARDE_DISK_BYTES ... */
void journal_notice(const struct notice *notice, void *context);

#endif
