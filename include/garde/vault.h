/* The vault: the key ring, sealed secrets, row tags and fingerprints. Component.
 *
 * The key ring is the one locked place that holds keys between batches. From it struct vault_keys is derived for one batch
 * and freed with it. Keys are told apart by purpose with HKDF (salt: the store's id; info: "garde 1 seal",
 * "garde 1 code", "garde 1 tag", "garde 1 audit", "garde 1 fingerprint", "garde 1 head", "garde 1 sum").
 *
 * Key ring file (text, mode 0400 or stricter than 0600):
 *     garde-key-ring 1
 *     key ID HEX        one line a key; ID 1..2^31-1, strictly growing; HEX 64 lower-case digits (256 bits)
 * The newest (last) seals and tags; all unseal and check. The first gives the keys for fingerprints and for the sum over all rows, so
 * that fingerprints stay comparable, and the sum goes on, when a key is added.
 */
#ifndef GARDE_VAULT_H
#define GARDE_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <garde/account.h>
#include <garde/crypto.h>
#include <garde/entry.h>
#include <garde/factor.h>
#include <garde/head.h>
#include <garde/problem.h>
#include <garde/secret.h>
#include <garde/status.h>

struct vault;      /* the key ring */
struct vault_keys; /* derived keys, for one batch */

/* Makes a new key ring file with one random key: O_EXCL, mode 0400, flushed with its folder.
 * STATUS_EXISTS: it is there and untouched. */
enum status vault_create(struct crypto *crypto, const char *path, struct problem *out_problem) GARDE_MUST_CHECK;

/* Reads a key ring: a regular file (no link), owned by `owner` (STATUS_DENIED otherwise), no right for group and
 * others (STATUS_DENIED), well-formed (STATUS_INVALID). The caller owns the vault. Where `owner` is root and we are not, the group root
 * may read it: an access list lets us, and its mask looks like that. */
enum status vault_open(struct crypto *crypto, const char *path, uid_t owner, struct vault **out_vault,
                       struct problem *out_problem) GARDE_MUST_CHECK;
void vault_close(struct vault *vault);
void vault_drop(struct vault **vault);
#define vault_owner __attribute__((cleanup(vault_drop)))

/* Derived keys for the store with this id. Freed after the batch. */
enum status vault_keys_new(struct vault *vault, const uint8_t store_id[STORE_ID_SIZE],
                           struct vault_keys **out_keys) GARDE_MUST_CHECK;
void vault_keys_free(struct vault_keys *keys);
void vault_keys_drop(struct vault_keys **keys);
#define vault_keys_owner __attribute__((cleanup(vault_keys_drop)))

/* Seals a secret into the factor: sets key_id, sealed, sealed_len and fingerprint. Associated data: store id, user, uid,
 * factor id, kind, algorithm, digits, period, so these must be set and never change afterwards. */
enum status vault_seal(struct vault_keys *keys, const struct secret *secret, struct factor *factor) GARDE_MUST_CHECK;
/* STATUS_TAMPERED: not sealed by this ring for this store, user and factor. */
enum status vault_unseal(struct vault_keys *keys, const struct factor *factor,
                         struct secret **out_secret) GARDE_MUST_CHECK;
/* The fingerprint alone, to look for the same secret. */
enum status vault_fingerprint(struct vault_keys *keys, const struct secret *secret,
                              uint8_t out_fingerprint[FINGERPRINT_SIZE]) GARDE_MUST_CHECK;

/* Recovery and help-desk codes are never kept: of each there is a keyed hash (HMAC-SHA-256 under "garde 1 code") over store id, user, uid,
 * factor id, kind, its number (from 0 on) and the code, so that a hash is of use for nobody else and in no other place.
 * hash: `codes` are one behind the other, of factor->digits characters each; sets key_id, sealed, sealed_len, and a fingerprint that is made of the
 * factor's id under that key: no other factor has it, nor any secret. user, uid, id, kind and digits must be set and never change
 * afterwards. STATUS_INVALID: another kind, no whole number of codes, none, or more than RECOVERY_CODES. */
enum status vault_hash_codes(struct vault_keys *keys, const struct secret *codes,
                             struct factor *factor) GARDE_MUST_CHECK;
/* Compares with each of the factor's codes, all of them in constant time. Bit i of *out_matches: it is the i-th. A code of another length
 * matches nothing and takes as long. STATUS_TAMPERED: there are no hashes, or a key that is not in the ring made them. */
enum status vault_match_code(struct vault_keys *keys, const struct factor *factor, const struct secret *code,
                             uint64_t *out_matches) GARDE_MUST_CHECK;

/* Row tags: tag_* writes the row's tag (with its key_id: for a factor the one it was sealed with or, in a tombstone, had; for the
 * others the newest); check_* is STATUS_TAMPERED when the tag is not that of the row, or its key is not in the ring. */
enum status vault_tag_factor(struct vault_keys *keys, struct factor *factor) GARDE_MUST_CHECK;
enum status vault_check_factor(struct vault_keys *keys, const struct factor *factor) GARDE_MUST_CHECK;
enum status vault_tag_account(struct vault_keys *keys, struct account *account) GARDE_MUST_CHECK;
enum status vault_check_account(struct vault_keys *keys, const struct account *account) GARDE_MUST_CHECK;
enum status vault_tag_origin(struct vault_keys *keys, struct origin *origin) GARDE_MUST_CHECK;
enum status vault_check_origin(struct vault_keys *keys, const struct origin *origin) GARDE_MUST_CHECK;

/* The head over all rows (head.h). add and remove: one row's tag more or less in the sum; the number of rows goes round at 2^63, as
 * the sum does at 2^256, so that rows that somebody put in can be removed and the difference stays. add_odd_*: for a row whose
 * tag does not hold; its summand covers all that is in it, so that it never stands for a row that holds. */
enum status vault_sum_add(struct vault_keys *keys, const uint8_t tag[TAG_SIZE], struct rows_sum *sum) GARDE_MUST_CHECK;
enum status vault_sum_remove(struct vault_keys *keys, const uint8_t tag[TAG_SIZE],
                             struct rows_sum *sum) GARDE_MUST_CHECK;
enum status vault_sum_add_odd_factor(struct vault_keys *keys, const struct factor *factor,
                                     struct rows_sum *sum) GARDE_MUST_CHECK;
enum status vault_sum_add_odd_account(struct vault_keys *keys, const struct account *account,
                                      struct rows_sum *sum) GARDE_MUST_CHECK;
enum status vault_sum_add_odd_origin(struct vault_keys *keys, const struct origin *origin,
                                     struct rows_sum *sum) GARDE_MUST_CHECK;
/* All that a part was added up from, less: for odd rows that are taken away. */
void vault_sum_subtract(const struct rows_sum *part, struct rows_sum *sum);
bool vault_sum_equal(const struct rows_sum *a, const struct rows_sum *b);
/* seal: writes the sum into the head, with a new nonce, the newest key, and a generation one higher; last_entry is the caller's to
 * set first. STATUS_INVALID: no generation is left. open: STATUS_TAMPERED when the head's tag is not that of its columns, or its key is
 * not in the ring. */
enum status vault_seal_head(struct vault_keys *keys, const struct rows_sum *sum,
                            struct rows_head *head) GARDE_MUST_CHECK;
enum status vault_open_head(struct vault_keys *keys, const struct rows_head *head,
                            struct rows_sum *out_sum) GARDE_MUST_CHECK;

/* The MAC under which audit entries are chained, and the id of its key. `key_id` 0: the newest. The keys own the MAC.
 * STATUS_NOT_FOUND: no such key in the ring. */
enum status vault_audit_mac(struct vault_keys *keys, uint32_t key_id, uint32_t *out_key_id,
                            struct crypto_mac **out_mac) GARDE_MUST_CHECK;

#endif
