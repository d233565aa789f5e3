/* The scan over all rows after a start: does the head over all rows (head.h) tell what is there? */
#ifndef GARDE_VERIFIER_DESK_SCAN_H
#define GARDE_VERIFIER_DESK_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include <garde/factor.h>
#include <garde/head.h>
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
    uint64_t bad_rows; /* found, also those beyond SCAN_BAD_ROWS */
    struct scan_bad_row bad[SCAN_BAD_ROWS];
};

#endif
