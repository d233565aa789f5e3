/* Inside core/store: what the two files share that know SQLite. No other file includes this one. */
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
};

/* What a result of the library means to a caller of store.h. */
enum status store_status(int code);

#endif
