/* An encrypted key container (RFC 6030 6), written as it comes: AES-CBC with a MAC over each value, under an AES key or a passphrase.
 *
 * MUST 1  No plain secret is ever in the file, or in a buffer of the XML library.
 * MUST 2  The key of the MACs is drawn anew for each container and is in it under the encryption key only.
 */
#ifndef GARDE_TOOL_PSKC_WRITE_H
#define GARDE_TOOL_PSKC_WRITE_H

#include <garde/secret.h>
#include <garde/status.h>
#include <garde/wire.h>

struct pskc_writer;

/* Exactly one of key (16, 24 or 32 bytes) and passphrase; the other is NULL. Writes the head of the container to fd, which stays the caller's. */
enum status pskc_writer_open(int fd, const struct secret *key, const struct secret *passphrase,
                             struct pskc_writer **out_writer) GARDE_MUST_CHECK;
enum status pskc_writer_put(struct pskc_writer *writer, const struct wire_secret *factor) GARDE_MUST_CHECK;
/* The end of the container; without it a reader sees that the file is not whole. */
enum status pskc_writer_finish(struct pskc_writer *writer) GARDE_MUST_CHECK;
void pskc_writer_free(struct pskc_writer *writer);
void pskc_writer_drop(struct pskc_writer **writer);
#define pskc_writer_owner __attribute__((cleanup(pskc_writer_drop)))

#endif
