/* The store: users, factors, origins, audit entries on disk. Component. One process, one thread at a time.
 *
 * Speaks of these nouns and never of SQL; it knows no key and judges no tag: rows go in and come out as they
 * are. Everything is read and written inside one change (store_begin .. store_commit); what was not committed never
 * happened. One change may carry a whole batch of attempts.
 *
 * After store_commit has failed the change may or may not be on disk: the caller must end the process and not go on
 * (no retry on the same descriptor); the next start recovers.
 *
 * A row that somebody else wrote into the file and that does not fit its struct (too long, out of range, another type) comes out all
 * the same, with what does fit, key_id 0 and a tag of zeroes: no key ring has a key 0, so it fails its check like any row that
 * was tampered with. Where there is no such way (the head, a row without user or id, rows out of order) it is STATUS_TAMPERED.
 * What a caller hands in and the file cannot hold is STATUS_INVALID (numbers go up to INT64_MAX). Names are compared byte by byte.
 *
 * Outside a change, and after a failed commit, everything is STATUS_FAILED. The rows of an array are undefined when its read
 * failed; remove is STATUS_NOT_FOUND when there is no such row.
 *
 * A full disk. The log has blocks of its own (16 MiB) and the file a reserve behind its last page (12 MiB, made and refilled by
 * store_refill), so that logins go on where no block is to be had. A login takes about 160 bytes of it for its entry, 1,000 with the
 * longest names there are: a full reserve carries some 75,000 logins, and 10,000 whatever their names.
 * STATUS_NO_SPACE means that what was asked for is not on disk, and that the store is as sound as before; it goes on by itself once
 * there is room. Not on file systems that write each block to a new place (btrfs, ZFS, bcachefs, copy-on-write XFS reflinks).
 */
#ifndef GARDE_STORE_H
#define GARDE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <garde/account.h>
#include <garde/entry.h>
#include <garde/factor.h>
#include <garde/head.h>
#include <garde/problem.h>
#include <garde/status.h>

struct store;

/* Makes a new, empty store: the folder (0700) if it is missing, the file (0600, whole or not at all), flushed.
 * Both belong to owner:group; a folder that is there must (STATUS_DENIED). STATUS_EXISTS: a file, or the log of a lost one, is
 * there and untouched. Its head is that of an empty chain. */
enum status store_create(const char *path, const uint8_t id[STORE_ID_SIZE], uid_t owner, gid_t group,
                         struct problem *out_problem) GARDE_MUST_CHECK;

/* Opens it for this process alone, once. STATUS_NOT_FOUND: it is not there. Folder and file must belong to the effective uid, with no right for group
 * and others, and be no links (STATUS_DENIED); STATUS_INVALID: no store of a known version; STATUS_FAILED with PROBLEM_BUSY: another
 * process has it open. A log left by a crash is recovered. */
enum status store_open(const char *path, struct store **out_store, struct problem *out_problem) GARDE_MUST_CHECK;
void store_close(struct store *store);
void store_drop_open(struct store **store);
#define store_owner __attribute__((cleanup(store_drop_open)))

const uint8_t *store_id(const struct store *store);

/* Every table, index and page is sound (for `garded check`; reads the whole file). STATUS_TAMPERED if not. */
enum status store_examine(struct store *store) GARDE_MUST_CHECK;

/* Moves the log into the file. STATUS_NO_SPACE: not all of it; the log goes on where it is. is_due: the log is so full that it
 * must be moved before many more changes, even under load (for when nothing else is to be done, it is worth it at any time). */
enum status store_checkpoint(struct store *store) GARDE_MUST_CHECK;
bool store_checkpoint_is_due(const struct store *store);

/* Room for changes on a disk that is full. */
#define STORE_RESERVE_BYTES (12 * 1024 * 1024) /* a full reserve */
struct store_room {
    uint64_t disk_bytes; /* free on the file system, for this process */
    uint64_t
        reserve_bytes; /* in pages of the file that hold nothing; while there is plenty, as of a little while ago */
    bool low;          /* the disk has too little left to make the whole reserve again */
};
/* Both outside a change, and behind each batch of changes: from what is seen there follows whether the next changes may take blocks
 * of the disk, or of the reserve alone. A look is cheap. */
enum status store_look_at_room(struct store *store, struct store_room *out_room) GARDE_MUST_CHECK;
/* One small step (256 KiB, or 512 while half of the reserve is missing, are written and flushed) towards a full log and a full reserve.
 * *out_more: another step is wanted. STATUS_NO_SPACE: not now, the disk has no room for it. */
enum status store_refill(struct store *store, bool *out_more) GARDE_MUST_CHECK;

/* One change at a time. drop after begin undoes it; after commit there is nothing to drop. A commit that fails with
 * STATUS_NO_SPACE is dropped and certainly not on disk; after any other failure see above. */
enum status store_begin(struct store *store) GARDE_MUST_CHECK;
enum status store_commit(struct store *store) GARDE_MUST_CHECK;
void store_drop(struct store *store);

/* Accounts. get: STATUS_NOT_FOUND if there is none. put: insert or replace by user. */
enum status store_get_account(struct store *store, const char *user, struct account *out_account) GARDE_MUST_CHECK;
enum status store_get_account_of_uid(struct store *store, uint32_t uid, struct account *out_account) GARDE_MUST_CHECK;
enum status store_has_account(struct store *store, const char *user, bool *out_has) GARDE_MUST_CHECK;
enum status store_put_account(struct store *store, const struct account *account) GARDE_MUST_CHECK;
/* A page of all accounts, ordered by user, strictly after after_user (which may lie in the array: it is read first); at first "". */
enum status store_page_accounts(struct store *store, const char *after_user, struct account *out_accounts, size_t max,
                                size_t *out_count) GARDE_MUST_CHECK;
enum status store_remove_account(struct store *store, const char *user) GARDE_MUST_CHECK;

/* Factors. An id is never given out twice. put: insert or replace by id; STATUS_EXISTS: a live factor with that
 * fingerprint is there under another id. */
enum status store_new_factor_id(struct store *store, int64_t *out_id) GARDE_MUST_CHECK;
enum status store_put_factor(struct store *store, const struct factor *factor) GARDE_MUST_CHECK;
enum status store_remove_factor(struct store *store, int64_t id) GARDE_MUST_CHECK;
/* All of the user's that are not tombstones, by id; STATUS_TAMPERED if there are more than max. */
enum status store_get_factors(struct store *store, const char *user, struct factor *out_factors, size_t max,
                              size_t *out_count) GARDE_MUST_CHECK;
/* How many those are, also where they are more. */
enum status store_count_factors(struct store *store, const char *user, uint64_t *out_count) GARDE_MUST_CHECK;
/* Live ones and tombstones with this fingerprint, of any user, newest first, at most max. */
enum status store_get_factors_of_fingerprint(struct store *store, const uint8_t fingerprint[FINGERPRINT_SIZE],
                                             struct factor *out_factors, size_t max,
                                             size_t *out_count) GARDE_MUST_CHECK;
/* A page of all factors, tombstones too, ordered by user and id, strictly after (after_user, after_id), as above; at first ("", 0).
 * user not NULL: only that user's. *out_count < max: that was the last page. */
enum status store_page_factors(struct store *store, const char *user, const char *after_user, int64_t after_id,
                               struct factor *out_factors, size_t max, size_t *out_count) GARDE_MUST_CHECK;

/* Origins. get: STATUS_NOT_FOUND. get_origins: newest activity first, at most max; of a user with more than 1,024, which only a stranger's hand
 * puts in, the newest of some. */
enum status store_get_origin(struct store *store, const char *user, const char *name,
                             struct origin *out_origin) GARDE_MUST_CHECK;
enum status store_get_origins(struct store *store, const char *user, struct origin *out_origins, size_t max,
                              size_t *out_count) GARDE_MUST_CHECK;
/* A page of all origins, ordered by user and name, strictly after (after_user, after_name), as above; at first ("", ""). */
enum status store_page_origins(struct store *store, const char *after_user, const char *after_name,
                               struct origin *out_origins, size_t max, size_t *out_count) GARDE_MUST_CHECK;
enum status store_put_origin(struct store *store, const struct origin *origin) GARDE_MUST_CHECK;
enum status store_remove_origin(struct store *store, const char *user, const char *name) GARDE_MUST_CHECK;

/* The head over all rows. NOT_FOUND, TAMPERED: somebody took it away, or wrote one that cannot be. */
enum status store_get_rows_head(struct store *store, struct rows_head *out_head) GARDE_MUST_CHECK;
enum status store_put_rows_head(struct store *store, const struct rows_head *head) GARDE_MUST_CHECK;

/* What the open change has done to rows of accounts, factors and origins so far, in order, one for each put or remove that changed
 * something; tags as they stood in the file. Valid until the next call; empty outside a change. */
struct store_touch {
    bool had, has; /* a row before, a row after */
    uint8_t before[TAG_SIZE];
    uint8_t after[TAG_SIZE];
    bool walked; /* the walk below has been here: it has seen `before`, and will not see `after` */
};
const struct store_touch *store_touches(const struct store *store, size_t *out_count);

/* A walk over every row: accounts, then factors (tombstones too), then origins, each once, while changes are made between the pages.
 * Each row is also what the look-ups above find, or the page is STATUS_TAMPERED: by name, an account by its uid, a factor by its fingerprint.
 * One walk at a time; begin starts it anew. A page is read inside a change; *out_count < max: that was the last. A page that fails, and a
 * row that cannot be read at all (STATUS_TAMPERED), leave the walk where it was. */
enum store_kind {
    STORE_ACCOUNT = 1,
    STORE_FACTOR,
    STORE_ORIGIN,
};
struct store_row {
    enum store_kind kind;
    union {
        struct account account;
        struct factor factor;
        struct origin origin;
    };
};
void store_walk_begin(struct store *store);
enum status store_walk(struct store *store, struct store_row *out_rows, size_t max, size_t *out_count) GARDE_MUST_CHECK;
void store_walk_end(struct store *store);

/* Audit entries: only ever added. Page: seq > after_seq, in order; since_ms: not older. There is no look-up by user: what it would cost
 * each login is more than an admin's question now and then. */
enum status store_get_head(struct store *store, struct entry_head *out_head) GARDE_MUST_CHECK;
enum status store_put_head(struct store *store, const struct entry_head *head) GARDE_MUST_CHECK;
enum status store_add_entry(struct store *store, const struct entry *entry) GARDE_MUST_CHECK;
enum status store_page_entries(struct store *store, uint64_t after_seq, int64_t since_ms, struct entry *out_entries,
                               size_t max, size_t *out_count) GARDE_MUST_CHECK;
/* Do pages since its time have this entry? STATUS_TAMPERED if not. */
enum status store_look_up_entry(struct store *store, const struct entry *entry) GARDE_MUST_CHECK;

#endif
