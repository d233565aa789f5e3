/* MUST 1  No statement runs outside a change: where the library has dropped the change by itself (full disk, I/O error),
 *         whatever follows fails until the caller has begun a new one.
 * MUST 2  After a failed commit nothing more is written through this store, not even at close.
 * MUST 3  Nothing in a file that is not ours is changed, and nothing that it brings along (triggers, views) is run.
 */
#include "sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Kept across transactions by the connection; none changes the file. The lock comes first, so that no shared memory is
 * ever made and a second process is turned away before it has read a page. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA secure_delete = ON;"
                               "PRAGMA cache_size = -16384;"
                               "PRAGMA cache_spill = OFF;"
                               "PRAGMA wal_autocheckpoint = 0;";

#define LOG_PAGES_DUE (STORE_LOG_PAGES / 2)

/* 1734439524 is STORE_APPLICATION_ID. */
static const char first_settings[] = "PRAGMA encoding = 'UTF-8'; PRAGMA page_size = 4096;"
                                     "PRAGMA application_id = 1734439524; PRAGMA user_version = 3;";
static const char first_rows[] = "INSERT INTO meta VALUES (1, ?1, 1)";
static const char first_head[] = "INSERT INTO head VALUES (1, 0, zeroblob(32), 0, zeroblob(32))";
_Static_assert(STORE_APPLICATION_ID == 1734439524 && STORE_VERSION == 3 && TAG_SIZE == 32, "written above");

static void finalize(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
    *statement = NULL;
}
#define statement_owner __attribute__((cleanup(finalize)))

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
    *db = NULL;
}

static void free_text(char **text)
{
    free(*text);
    *text = NULL;
}

/* ---- changes ---- */

struct touches *store_touch_list(struct store *store)
{
    return &store->touches;
}

const struct touches *store_touches_seen(const struct store *store)
{
    return &store->touches;
}

struct walk *store_walk_place(struct store *store)
{
    return &store->walk;
}

const struct walk *store_walk_seen(const struct store *store)
{
    return &store->walk;
}

static int run_alone(struct store *store, enum statement which)
{
    int code = sqlite3_step(store->prepared[which]);
    (void)sqlite3_reset(store->prepared[which]);
    return code;
}

enum status store_begin(struct store *store)
{
    if (store->dropping)
        store_drop(store);
    if (store->failed || sqlite3_get_autocommit(store->db) == 0)
        return STATUS_FAILED;
    return store_status(run_alone(store, STATEMENT_BEGIN));
}

enum status store_commit(struct store *store)
{
    if (store->failed || store->dropping || sqlite3_get_autocommit(store->db) != 0)
        return STATUS_FAILED;
    int code = run_alone(store, STATEMENT_COMMIT);
    enum status status = store_status(code);
    store->touches.count = 0;
    /* What says that there is no space is a write into the log, and the last one of a change makes it valid. (The flush after it never
     * says so.) The library has dropped the change then. */
    if (status == STATUS_NO_SPACE && sqlite3_get_autocommit(store->db) != 0)
        return status;
    if (status == STATUS_OK)
        return status;
    store->failed = true;
    return status == STATUS_NO_SPACE ? STATUS_FAILED : status;
}

void store_drop(struct store *store)
{
    store->touches.count = 0;
    if (!store->failed && sqlite3_get_autocommit(store->db) == 0)
        (void)run_alone(store, STATEMENT_DROP);
    store->dropping = sqlite3_get_autocommit(store->db) == 0; /* tried again before the next change */
}

static int on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
    struct store *store = context;
    (void)db, (void)name;
    store->uncounted += pages > store->log_pages ? pages - store->log_pages : pages;
    store->log_pages = pages;
    return SQLITE_OK;
}

bool store_checkpoint_is_due(const struct store *store)
{
    return store->log_pages >= LOG_PAGES_DUE;
}

/* The log is emptied, never cut: its blocks are there for the next change. */
enum status store_checkpoint(struct store *store)
{
    if (store->failed || sqlite3_get_autocommit(store->db) == 0)
        return STATUS_FAILED;
    enum status status =
        store_status(sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL));
    if (status == STATUS_OK)
        store->log_pages = 0;
    return status;
}

enum status store_examine(struct store *store)
{
    statement_owner sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        return STATUS_TAMPERED;
    if (code != SQLITE_ROW)
        return code == SQLITE_OK || code == SQLITE_DONE ? STATUS_FAILED : store_status(code);
    const unsigned char *answer = sqlite3_column_text(statement, 0);
    if (answer == NULL)
        return STATUS_NO_MEMORY;
    return strcmp((const char *)answer, "ok") == 0 ? STATUS_OK : STATUS_TAMPERED;
}

/* ---- open and close ---- */

static enum status open_problem(struct store *store, int code, const char *path, struct problem *out_problem)
{
    int error = store->db == NULL ? 0 : sqlite3_system_errno(store->db);

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        problem_set(out_problem, PROBLEM_BUSY, path, 0, NULL);
        return STATUS_FAILED;
    case SQLITE_NOTADB:
        problem_set(out_problem, PROBLEM_FOREIGN, path, 0, NULL);
        return STATUS_INVALID;
    case SQLITE_CORRUPT:
        problem_set(out_problem, PROBLEM_TAMPERED, path, 0, "page");
        return STATUS_INVALID;
    case SQLITE_NOMEM:
        problem_set(out_problem, PROBLEM_MEMORY, path, 0, NULL);
        return STATUS_NO_MEMORY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        problem_set_errno(out_problem, path, error != 0 ? error : EACCES);
        return STATUS_DENIED;
    default:
        problem_set_errno(out_problem, path, error != 0 ? error : EIO);
        return store_status(code) == STATUS_OK ? STATUS_FAILED : store_status(code);
    }
}

static int open_db(struct store *store, const char *path)
{
    static const struct {
        int option, on;
    } options[] = {{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}, {SQLITE_DBCONFIG_DEFENSIVE, 1},
                   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},   {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},   {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                   {SQLITE_DBCONFIG_DQS_DML, 0},          {SQLITE_DBCONFIG_DQS_DDL, 0}};
    int code = sqlite3_open_v2(path, &store->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
                                   SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                               NULL);
    for (size_t i = 0; i < sizeof options / sizeof options[0] && code == SQLITE_OK; i++)
        code = sqlite3_db_config(store->db, options[i].option, options[i].on, NULL);
    if (code == SQLITE_OK)
        code = store_keep_length(store);
    if (code == SQLITE_OK)
        code = sqlite3_exec(store->db, settings, NULL, NULL, NULL);
    return code == SQLITE_OK && sqlite3_db_readonly(store->db, "main") != 0 ? SQLITE_READONLY : code;
}

/* Every table and index is there as it was made, and nothing else. */
static enum status check_schema(struct store *store, const char *path, struct problem *out_problem)
{
    statement_owner sqlite3_stmt *statement = NULL;
    size_t found = 0, wanted = 0;
    int code = sqlite3_prepare_v2(store->db, "SELECT name, sql FROM sqlite_schema", -1, &statement, NULL);

    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const char *sql = (const char *)sqlite3_column_text(statement, 1);
        size_t i = 0;
        while (store_schema[i] != NULL && (sql == NULL || strcmp(store_schema[i], sql) != 0))
            i++;
        if (store_schema[i] == NULL) {
            problem_set(out_problem, PROBLEM_FOREIGN, path, 0, name);
            return STATUS_INVALID;
        }
        found++;
    }
    if (code != SQLITE_DONE)
        return open_problem(store, code, path, out_problem);
    while (store_schema[wanted] != NULL)
        wanted++;
    if (found != wanted) {
        problem_set(out_problem, PROBLEM_FOREIGN, path, 0, "schema");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static int read_version(struct store *store, int *out_version)
{
    statement_owner sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return code;
    *out_version = sqlite3_column_int(statement, 0);
    return SQLITE_OK;
}

static int read_id(struct store *store, bool *out_found)
{
    statement_owner sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "SELECT store_id FROM meta", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return code;
    *out_found = code == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == STORE_ID_SIZE;
    if (*out_found)
        memcpy(store->id, sqlite3_column_blob(statement, 0), STORE_ID_SIZE);
    return SQLITE_OK;
}

static int start_log(struct store *store)
{
    statement_owner sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return code;
    const unsigned char *mode = sqlite3_column_text(statement, 0);
    if (mode == NULL || strcmp((const char *)mode, "wal") != 0)
        return SQLITE_CANTOPEN;
    finalize(&statement);

    /* Only a checkpoint lets the log start again at its beginning; a full disk is no reason not to serve. */
    code = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_FULL)
        return code;
    code = SQLITE_OK;
    (void)sqlite3_wal_hook(store->db, on_commit, store);
    for (size_t i = 0; i < STATEMENT_COUNT && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(store->db, store_statements[i], -1, SQLITE_PREPARE_PERSISTENT, &store->prepared[i],
                                  NULL);
    return code;
}

enum status store_open(const char *path, struct store **out_store, struct problem *out_problem)
{
    __attribute__((cleanup(free_text))) char *real = NULL;
    enum status status = store_check_files(path, &real, out_problem);
    if (status != STATUS_OK)
        return status;

    store_owner struct store *store = calloc(1, sizeof *store);
    int version = 0;
    bool has_id = false;
    int code = store == NULL ? SQLITE_NOMEM : open_db(store, real);
    if (store == NULL) {
        problem_set(out_problem, PROBLEM_MEMORY, path, 0, NULL);
        return STATUS_NO_MEMORY;
    }
    if (code == SQLITE_OK)
        code = read_version(store, &version);
    if (code != SQLITE_OK)
        return open_problem(store, code, path, out_problem);
    if (version != STORE_VERSION) {
        problem_set(out_problem, PROBLEM_FOREIGN, path, 0, "version");
        return STATUS_INVALID;
    }
    status = check_schema(store, path, out_problem);
    if (status != STATUS_OK)
        return status;
    code = read_id(store, &has_id);
    if (code == SQLITE_OK && has_id)
        code = start_log(store);
    if (code != SQLITE_OK)
        return open_problem(store, code, path, out_problem);
    if (!has_id) {
        problem_set(out_problem, PROBLEM_TAMPERED, path, 0, "meta");
        return STATUS_INVALID;
    }
    store->path = real;
    real = NULL;
    status = store_take_stock(store);
    if (status != STATUS_OK) {
        (void)problem_set_errno(out_problem, path, EIO);
        return status;
    }
    store->ready = true;
    *out_store = store;
    store = NULL;
    return STATUS_OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->db != NULL)
        store_drop(store);
    if (store->ready && !store->failed) {
        enum status ignored = store_checkpoint(store);
        (void)ignored; /* the log keeps it all for the next start */
    }
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        finalize(&store->prepared[i]);
    close_db(&store->db);
    free(store->touches.list);
    free(store->path);
    free(store);
}

void store_drop_open(struct store **store)
{
    store_close(*store);
    *store = NULL;
}

const uint8_t *store_id(const struct store *store)
{
    return store->id;
}

/* ---- a new store ---- */

static int fill_new(sqlite3 *db, const uint8_t id[STORE_ID_SIZE])
{
    statement_owner sqlite3_stmt *meta = NULL;
    int code = sqlite3_exec(db, first_settings, NULL, NULL, NULL);
    for (size_t i = 0; store_schema[i] != NULL && code == SQLITE_OK; i++)
        code = sqlite3_exec(db, store_schema[i], NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, first_head, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, first_rows, -1, &meta, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob(meta, 1, id, STORE_ID_SIZE, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(meta);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* In memory, so that whoever makes a store for another user (root does) opens no file by way of the library. */
enum status store_make_image(const uint8_t id[STORE_ID_SIZE], uint8_t **out_bytes, size_t *out_len)
{
    __attribute__((cleanup(close_db))) sqlite3 *db = NULL;
    int code = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = fill_new(db, id);
    if (code != SQLITE_OK)
        return store_status(code);

    sqlite3_int64 len = 0;
    uint8_t *bytes = sqlite3_serialize(db, "main", &len, 0);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    *out_bytes = bytes;
    *out_len = (size_t)len;
    return STATUS_OK;
}

void store_free_image(uint8_t *bytes)
{
    sqlite3_free(bytes);
}
