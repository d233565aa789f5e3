/* The audit chain: each entry's tag is HMAC-SHA-256 over the tag before it and all of its own fields. Component.
 *
 * The store keeps entries; this says how they hang together. Keys come from the vault as a crypto_mac.
 */
#ifndef GARDE_AUDIT_H
#define GARDE_AUDIT_H

#include <garde/crypto.h>
#include <garde/entry.h>
#include <garde/status.h>

/* Appends: sets entry->seq, key_id and tag from the head, and moves the head on (count, last_tag, key_id, tag).
 * A head of zeroes (count 0) is the empty chain. The head's own tag is the caller's to check first. Head and entry are untouched
 * on failure. STATUS_INVALID: a text without its final zero, or no room in the count. */
enum status audit_append(struct crypto_mac *mac, uint32_t key_id, struct entry_head *head,
                         struct entry *entry) GARDE_MUST_CHECK;

/* STATUS_TAMPERED: the entry does not follow on previous_tag, or its sequence number is not seq. */
enum status audit_check_entry(struct crypto_mac *mac, uint64_t seq, const uint8_t previous_tag[TAG_SIZE],
                              const struct entry *entry) GARDE_MUST_CHECK;

/* STATUS_TAMPERED: the head's own tag is wrong. So is that of the empty chain: a store that is served has its first entry. */
enum status audit_check_head(struct crypto_mac *mac, const struct entry_head *head) GARDE_MUST_CHECK;

/* Stable names for JSON, journal fields and tables: "login", "wrong-code" ... never NULL ("?" for an unknown number). */
const char *audit_event_name(enum event event);
const char *audit_reason_name(enum reason reason);

#endif
