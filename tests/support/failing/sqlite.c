#include "../failing.h"

#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>

static int code(void)
{
    switch (failing_error()) {
    case ENOMEM:
        return SQLITE_NOMEM;
    case ENOSPC:
        return SQLITE_FULL;
    default:
        return SQLITE_IOERR;
    }
}

FAILING(int, sqlite3_open_v2, (const char *path, sqlite3 **out_db, int flags, const char *vfs),
        (path, out_db, flags, vfs), code())
FAILING(int, sqlite3_exec,
        (sqlite3 * db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **out_error),
        (db, sql, row, context, out_error), code())
FAILING(int, sqlite3_prepare_v2,
        (sqlite3 * db, const char *sql, int len, sqlite3_stmt **out_statement, const char **out_rest),
        (db, sql, len, out_statement, out_rest), code())
FAILING(int, sqlite3_prepare_v3,
        (sqlite3 * db, const char *sql, int len, unsigned flags, sqlite3_stmt **out_statement, const char **out_rest),
        (db, sql, len, flags, out_statement, out_rest), code())
FAILING(int, sqlite3_step, (sqlite3_stmt * statement), (statement), code())
FAILING(int, sqlite3_bind_int64, (sqlite3_stmt * statement, int at, sqlite3_int64 number), (statement, at, number),
        code())
FAILING(int, sqlite3_bind_text, (sqlite3_stmt * statement, int at, const char *text, int len, void (*release)(void *)),
        (statement, at, text, len, release), code())
FAILING(int, sqlite3_bind_blob, (sqlite3_stmt * statement, int at, const void *bytes, int len, void (*release)(void *)),
        (statement, at, bytes, len, release), code())
FAILING(const unsigned char *, sqlite3_column_text, (sqlite3_stmt * statement, int at), (statement, at), NULL)
FAILING(unsigned char *, sqlite3_serialize, (sqlite3 * db, const char *name, sqlite3_int64 *out_len, unsigned flags),
        (db, name, out_len, flags), NULL)
FAILING(int, sqlite3_wal_checkpoint_v2, (sqlite3 * db, const char *name, int mode, int *out_log, int *out_done),
        (db, name, mode, out_log, out_done), code())
