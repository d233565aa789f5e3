/* A notice as one line of text and as fields of the journal. Pure.
 *
 *   row-tampered: the scan found a row that was changed without the key ... user=alice row="factor 12"
 *
 * What is wrong comes first, then what to do about it, then the facts, quoted as in journal_line.h.
 */
#ifndef GARDE_VERIFIER_JOURNAL_NOTICE_H
#define GARDE_VERIFIER_JOURNAL_NOTICE_H

#include <stddef.h>

#include "notice.h"

struct journal_notice_kind {
    const char *id; /* MESSAGE_ID: stable, people search for it */
    int priority;   /* of syslog.h */
    const char *name;
    const char *text;
    const char *number; /* what the notice's numbers are called; NULL: not used */
    const char *other;
};

/* Never NULL. */
const struct journal_notice_kind *journal_notice_kind(enum notice_kind kind);

void journal_notice_line(const struct notice *notice, char *out_line, size_t size);

#endif
