/* The log: the journal, syslog (authpriv) where there is no journal, or standard error. English; for admins.
 *
 * Both threads write; a line is one write. Where the log goes is one setting of the process.
 */
#ifndef GARDE_VERIFIER_JOURNAL_H
#define GARDE_VERIFIER_JOURNAL_H

#include <syslog.h>

#include <garde/entry.h>
#include <garde/problem.h>
#include <garde/settings.h>

/* Before the first call lines go to standard error. May be called again (SIGHUP). */
void journal_open(enum settings_log where);

/* A line about the verifier itself. */
void journal_say(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same: "what: the problem in words". */
void journal_problem(int priority, const char *what, const struct problem *problem);

/* An audit entry, after it was committed; a desk_tell. Journal fields: MESSAGE, MESSAGE_ID (one per event), PRIORITY,
 * SYSLOG_FACILITY=10, GARDE_EVENT, GARDE_VERDICT, GARDE_REASON, GARDE_USER, GARDE_UID, GARDE_FACTOR, GARDE_SERVICE, GARDE_ORIGIN,
 * GARDE_ACTOR, GARDE_COUNT, GARDE_SEQ, GARDE_TAG; those that the entry does not have are left out. */
void journal_entry(const struct entry *entry, void *context);

#endif
