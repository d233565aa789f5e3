/* Wiped bytes: keys, factor secrets, typed codes and the packets that carry them. Ground layer.
 *
 * A secret lives in memory of its own that is locked (as far as the caller's limits allow), kept out of core
 * dumps, zeroed in a forked child, and wiped when it is freed. secret_read() is the only way to see the
 * bytes, so a search for it lists every reader. NIST SP 800-63B 5.1.4.2, ANSSI R13 (Q9).
 *
 * In garded the memory of freed secrets, wiped and locked as it is, is kept for the next ones; everywhere else it goes back to
 * the system at once, so that a guest in other processes leaves nothing behind.
 */
#ifndef GARDE_SECRET_H
#define GARDE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include <garde/status.h>

#define SECRET_MAX 4000 /* bytes in one secret */

struct secret;

/* A zero-filled secret of len bytes (0..SECRET_MAX); NULL when there is no memory or len is out of range.
 * The caller owns it. A lock that the system refuses is not an error: garded locks all of its memory itself and
 * refuses to serve without; a caller of PAM may have no right to. */
struct secret *secret_new(size_t len) GARDE_MUST_CHECK;

/* The same, filled with a copy of bytes. The caller still owns (and wipes) the original. */
struct secret *secret_copy(const void *bytes, size_t len) GARDE_MUST_CHECK;

/* Wipes and frees; NULL is fine. */
void secret_free(struct secret *secret);

size_t secret_len(const struct secret *secret);

/* The bytes, for reading. Valid until the secret is freed. There is always a zero byte behind the last one,
 * which is not counted in the length. */
const uint8_t *secret_read(const struct secret *secret);

/* The bytes, for filling in. */
uint8_t *secret_fill(struct secret *secret);

/* Makes it shorter (len at most its present length); what is cut off is wiped. */
void secret_shorten(struct secret *secret, size_t len);

/* Wipes any memory in a way the compiler keeps. For structures that had to hold a secret for a moment. */
void secret_wipe(void *bytes, size_t len);

/* Cleanup attribute: secret_owner struct secret *key = NULL; */
void secret_drop(struct secret **secret);
#define secret_owner __attribute__((cleanup(secret_drop)))

#endif
