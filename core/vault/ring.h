/* Inside core/vault: what the files share.
 *
 *   ring.c     the key ring's file
 *   keys.c     the keys of one batch, derived when they are first asked for
 *   message.c  one unambiguous row of bytes for what is signed or sealed along
 *   seal.c     secrets and fingerprints
 *   codes.c    hashes of recovery and help-desk codes
 *   tag.c      row tags
 *   sum.c      the sum over all rows, and its head
 */
#ifndef GARDE_VAULT_RING_H
#define GARDE_VAULT_RING_H

#include <stdbool.h>

#include <garde/vault.h>

#define RING_MAX 32 /* keys; the file of a full ring fits into one struct secret */

struct ring_key {
    uint32_t id;
    struct secret *bytes;
};

struct vault {
    struct crypto *crypto;
    size_t count; /* 1 and up; the last is the newest */
    struct ring_key ring[RING_MAX];
};

struct derived {
    struct secret *seal;
    struct crypto_mac *code, *tag, *audit, *head;
};

struct vault_keys {
    struct vault *vault;
    uint8_t store_id[STORE_ID_SIZE];
    struct crypto_mac *fingerprint, *sum;
    struct derived derived[RING_MAX]; /* in the order of the ring */
};

/* keys.c. The keys own what comes out. find: STATUS_NOT_FOUND. */
enum status vault_find(const struct vault_keys *keys, uint32_t key_id, size_t *out_index) GARDE_MUST_CHECK;
enum status vault_seal_key(struct vault_keys *keys, size_t index, const struct secret **out_key) GARDE_MUST_CHECK;
enum status vault_code_mac(struct vault_keys *keys, size_t index, struct crypto_mac **out_mac) GARDE_MUST_CHECK;
enum status vault_tag_mac(struct vault_keys *keys, size_t index, struct crypto_mac **out_mac) GARDE_MUST_CHECK;
enum status vault_fingerprint_mac(struct vault_keys *keys, struct crypto_mac **out_mac) GARDE_MUST_CHECK;
enum status vault_sum_mac(struct vault_keys *keys, struct crypto_mac **out_mac) GARDE_MUST_CHECK;
enum status vault_head_mac(struct vault_keys *keys, size_t index, struct crypto_mac **out_mac) GARDE_MUST_CHECK;

/* message.c: each field is its length (4 bytes, big end first) and its bytes; a number is 8 bytes, big end first. */
struct message {
    uint8_t bytes[1536];
    size_t len;
    bool whole; /* every field was well-formed and fitted */
};
void vault_message_start(struct message *message, const char *what);
void vault_message_bytes(struct message *message, const void *bytes, size_t len);
void vault_message_text(struct message *message, const char *text, size_t size);
void vault_message_number(struct message *message, uint64_t number);
/* For members that may be negative. */
void vault_message_signed(struct message *message, int64_t number);

/* tag.c: all members of a row but its tag, behind `what`. */
void vault_message_factor(struct message *message, const char *what, const struct factor *factor);
void vault_message_account(struct message *message, const char *what, const struct account *account);
void vault_message_origin(struct message *message, const char *what, const struct origin *origin);

#endif
