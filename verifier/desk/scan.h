/* The scan over all rows after a start: does the head over all rows (head.h) tell what is there? docs/decisions/0009-the-scan.md says why as it is.
 *
 * The rows are counted a page at a time between the batches. What a change does meanwhile to rows that were counted already is brought
 * into the count with the change itself. */
#ifndef GARDE_VERIFIER_DESK_SCAN_H
#define GARDE_VERIFIER_DESK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/factor.h>
#include <garde/head.h>
#include <garde/secret.h>
#include <garde/status.h>
#include <garde/wire.h>

#define SCAN_BAD_ROWS 100 /* so many are remembered by name */

struct scan_bad_row {
    char user[USER_SIZE];
    char what[WHAT_SIZE]; /* "factor 12" ... */
};

struct scan {
    enum wire_scan state;
    uint64_t rows;     /* seen so far */
    uint64_t expected; /* as the head has it */
    uint64_t bad_rows; /* found, also those beyond SCAN_BAD_ROWS; less those that were cleared since */
    size_t named;      /* of `bad` */
    struct scan_bad_row bad[SCAN_BAD_ROWS];

    /* Of scan.c. */
    bool begun;
    bool unrecorded;      /* BROKEN, and the audit does not say so yet */
    unsigned failures;    /* pages that could not be read, in a row */
    struct secret *sum;   /* a struct rows_sum: what was counted so far */
    struct secret *draft; /* what the open change makes of it */
    bool drafted;
};

#endif
