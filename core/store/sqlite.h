/* Inside core/store: what the files share that know SQLite. No other file includes this one. */
#ifndef GARDE_STORE_SQLITE_H
#define GARDE_STORE_SQLITE_H

#include "layout.h"

#include <sqlite3.h>

struct store {
    sqlite3 *db;
    sqlite3_stmt *prepared[STATEMENT_COUNT];
    uint8_t id[STORE_ID_SIZE];
    struct touches touches;
    struct walk walk;
    int log_pages; /* in the log since it was last moved into the file */
    bool ready;    /* opened as a whole */
    bool failed;   /* a commit failed */
    bool dropping; /* a change that was dropped is not gone yet */

    char *path;                        /* absolute */
    struct sqlite3_io_methods methods; /* of the file, but for truncate */
    int (*truncate)(sqlite3_file *, sqlite3_int64);
    struct stock {
        sqlite3_int64 pages;  /* of the store */
        sqlite3_int64 free;   /* of them */
        sqlite3_int64 room;   /* pages that the file has blocks for */
        sqlite3_int64 log;    /* bytes */
    } stock;                  /* as it was counted last */
    int uncounted;            /* pages that went into the log since then; negative: it must be counted */
    sqlite3_int64 page_limit; /* 0: not set yet */
    bool low;
    bool refused; /* the disk had no room for the last step of a refill */
};

/* What a result of the library means to a caller of store.h. */
enum status store_status(int code);

/* sqlite_room.c. From here on the file is never made shorter. */
int store_keep_length(struct store *store);
/* When all else is open: what room there is. */
enum status store_take_stock(struct store *store) GARDE_MUST_CHECK;

#endif
