/* The head over all rows: shows rows that were taken away, put in, or put back whole to what they once were. Ground layer; plain data.
 *
 * The sum is a multiset hash (MSet-Add-Hash; Clarke, Devadas, van Dijk, Gassend, Suh: "Incremental Multiset Hash Functions", 2003):
 * for each row HMAC-SHA-256 of its tag, under a key of its own, added up modulo 2^256. A row's tag covers all of its columns and
 * names its kind, so the sum covers accounts, factors (tombstones too) and origins; audit entries have their own chain.
 * Somebody who reads the store sees all tags, but no summand and no sum: with those he could look for other rows that add up to
 * the same. So the sum rests in the head row under a one-time mask.
 *
 * The head also names the last entry of the audit: each change that appends to the audit writes the head anew. So all rows and
 * their head cannot be put back together while the audit goes on; and an audit that was put back shows in the log, which has
 * each entry's number and tag.
 */
#ifndef GARDE_HEAD_H
#define GARDE_HEAD_H

#include <stdint.h>

#include <garde/factor.h>

#define ROWS_SUM_SIZE   32
#define ROWS_NONCE_SIZE 16

/* What the rows add up to. Not for the disk as it is. */
struct rows_sum {
    uint64_t rows;
    uint8_t bytes[ROWS_SUM_SIZE]; /* big-endian */
};

/* The row on disk. Rewritten by each change that touches a row or appends to the audit. */
struct rows_head {
    uint64_t generation; /* how many times it was written */
    uint64_t rows;
    uint8_t nonce[ROWS_NONCE_SIZE]; /* random, new each time; gives the mask */
    uint8_t masked[ROWS_SUM_SIZE];
    uint8_t last_entry[TAG_SIZE]; /* tag of the last audit entry at that time */
    uint32_t key_id;
    uint8_t tag[TAG_SIZE]; /* over everything above */
};

#endif
