/* An audit entry as one line of text, for syslog and standard error. Pure.
 *
 *   login user=alice uid=1000 verdict=refused reason=wrong-code service=sshd origin=ip:192.0.2.7 seq=12 tag=0123456789abcdef
 *
 * A value that is empty or holds a blank, a quote, a backslash, '=' or any byte outside printable ASCII stands in double quotes, and
 * in it " and \ get a backslash and odd bytes become \xNN: so no name can forge a field or a line. Facts that an entry does
 * not have are left out.
 */
#ifndef GARDE_VERIFIER_JOURNAL_LINE_H
#define GARDE_VERIFIER_JOURNAL_LINE_H

#include <stddef.h>

#include <garde/entry.h>

#define JOURNAL_LINE_SIZE 4096 /* every entry fits */
#define JOURNAL_TAG_SIZE  (2 * TAG_SIZE + 1)
/* For a text of so many bytes, final zero included: each may become \xNN, and two quotes. */
#define JOURNAL_VALUE_SIZE(size) (4 * (size) + 3)

void journal_line(const struct entry *entry, char *out_line, size_t size);

/* One value, quoted as above. */
void journal_value(const char *value, char *out_text, size_t size);

const char *journal_verdict_name(enum verdict verdict);
/* `bytes` of the tag in lower-case hexadecimal. */
void journal_tag(const struct entry *entry, size_t bytes, char out_tag[JOURNAL_TAG_SIZE]);
/* Of syslog.h: what an admin should be woken by is louder. */
int journal_priority(const struct entry *entry);

#endif
