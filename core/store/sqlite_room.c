/* Room on a disk that is full: the log and the file own blocks before they need them.
 *
 * MUST 1  Nothing that is there is overwritten, and the file is never made shorter: only what lies beyond the end of a file is
 *         written here, and it is zeroes.
 * MUST 2  What was written is flushed before it counts, so that no page is ever used that a power cut takes away.
 * MUST 3  While the disk is low, a change gets no page for which the file has no block. It fails as a statement, before the log has
 *         heard of it: so the log can always be moved into the file, and always begins again in blocks that it has.
 *
 * The library holds by itself with a file that is longer than the store in it: how many pages count is written in the first one.
 */
#include "sqlite.h"

#include <errno.h>
#include <sys/statvfs.h>

#define PAGE_SIZE  4096
#define FRAME_SIZE (24 + PAGE_SIZE) /* a page in the log */
#define LOG_HEADER 32

#define LOG_BYTES (LOG_HEADER + (sqlite3_int64)STORE_LOG_PAGES * FRAME_SIZE)

#define STEP (256 * 1024)
#define LEAP (2 * STEP) /* when less than half of the reserve is left */

#define PAGES_UNLIMITED 1073741823 /* the library's own bound */

/* ---- the files ---- */

static sqlite3_file *file_of(const struct store *store, int which)
{
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(store->db, "main", which, &file) != SQLITE_OK || file == NULL || file->pMethods == NULL)
        return NULL;
    return file;
}

static sqlite3_file *store_file(const struct store *store)
{
    return file_of(store, SQLITE_FCNTL_FILE_POINTER);
}

static sqlite3_file *log_file(const struct store *store)
{
    return file_of(store, SQLITE_FCNTL_JOURNAL_POINTER);
}

static int stay_long(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file, (void)size;
    return SQLITE_OK;
}

int store_keep_length(struct store *store)
{
    sqlite3_file *file = store_file(store);
    if (file == NULL)
        return SQLITE_INTERNAL;
    store->methods = *file->pMethods;
    store->truncate = store->methods.xTruncate;
    store->methods.xTruncate = stay_long;
    if (store->methods.iVersion > 3)
        store->methods.iVersion = 3; /* what this program was built with */
    file->pMethods = &store->methods;
    return SQLITE_OK;
}

static int size_of(sqlite3_file *file, sqlite3_int64 *out_size)
{
    return file == NULL ? SQLITE_INTERNAL : file->pMethods->xFileSize(file, out_size);
}

/* A quota is a full disk too. */
static enum status write_status(sqlite3_file *file, int code)
{
    int error = 0;
    if ((code & 0xff) == SQLITE_IOERR &&
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error) == SQLITE_OK &&
        (error == EDQUOT || error == ENOSPC || error == EFBIG))
        return STATUS_NO_SPACE;
    return store_status(code);
}

/* Makes the file longer, or leaves it as it was. */
static enum status extend(struct store *store, sqlite3_file *file, sqlite3_int64 from, sqlite3_int64 to)
{
    static const uint8_t zeroes[64 * 1024];
    int code = SQLITE_OK;

    for (sqlite3_int64 at = from; at < to && code == SQLITE_OK;) {
        sqlite3_int64 len = to - at < (sqlite3_int64)sizeof zeroes ? to - at : (sqlite3_int64)sizeof zeroes;
        code = file->pMethods->xWrite(file, zeroes, (int)len, at);
        at += len;
    }
    if (code == SQLITE_OK)
        code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    enum status status = write_status(file, code);
    if (status != STATUS_OK)
        (void)store->truncate(file, from);
    return status;
}

/* ---- how much there is ---- */

static int count(struct store *store, enum statement which, sqlite3_int64 *out_number)
{
    int code = sqlite3_step(store->prepared[which]);
    if (code == SQLITE_ROW)
        *out_number = sqlite3_column_int64(store->prepared[which], 0);
    (void)sqlite3_reset(store->prepared[which]);
    return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_OK || code == SQLITE_DONE ? SQLITE_INTERNAL : code;
}

static enum status count_stock(struct store *store)
{
    struct stock stock = {.pages = 0};
    sqlite3_int64 size = 0;

    int code = count(store, STATEMENT_COUNT_PAGES, &stock.pages);
    if (code == SQLITE_OK)
        code = count(store, STATEMENT_COUNT_FREE_PAGES, &stock.free);
    if (code == SQLITE_OK)
        code = size_of(store_file(store), &size);
    if (code == SQLITE_OK)
        code = size_of(log_file(store), &stock.log);
    stock.room = size / PAGE_SIZE;
    if (code == SQLITE_OK) {
        store->stock = stock;
        store->uncounted = 0;
    }
    return store_status(code);
}

/* A look comes behind each batch, and counting costs more than looking at the disk: while there is plenty, the stock may be wrong by as
 * much as a step. */
static enum status know_stock(struct store *store)
{
    if (store->failed || sqlite3_get_autocommit(store->db) == 0)
        return STATUS_FAILED;
    if (store->uncounted >= 0 && store->uncounted < (store->low ? 1 : STEP / PAGE_SIZE))
        return STATUS_OK;
    return count_stock(store);
}

/* Negative: so much of the store is in the log alone. */
static sqlite3_int64 reserve_of(const struct stock *stock)
{
    return (stock->room - stock->pages + stock->free) * PAGE_SIZE;
}

/* A disk that does not say has no room. */
static uint64_t look_at_disk(const struct store *store)
{
    struct statvfs disk;
    while (statvfs(store->path, &disk) != 0)
        if (errno != EINTR)
            return 0;
    return (uint64_t)disk.f_bavail * disk.f_frsize;
}

/* MUST 3. Not below what is there: the library would not do it. */
static enum status limit_pages(struct store *store, sqlite3_int64 pages)
{
    char text[64];
    if (store->page_limit == pages)
        return STATUS_OK;
    (void)sqlite3_snprintf(sizeof text, text, "PRAGMA max_page_count = %lld", pages);
    int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        store->page_limit = pages;
    return store_status(code);
}

enum status store_look_at_room(struct store *store, struct store_room *out_room)
{
    enum status status = know_stock(store);
    if (status != STATUS_OK)
        return status;

    struct store_room room = {.disk_bytes = look_at_disk(store)};
    room.low = room.disk_bytes < STORE_RESERVE_BYTES || store->refused;
    status = limit_pages(store, room.low ? store->stock.room : PAGES_UNLIMITED);
    if (status != STATUS_OK)
        return status;
    store->low = room.low;
    sqlite3_int64 reserve = reserve_of(&store->stock);
    room.reserve_bytes = reserve < 0 ? 0 : (uint64_t)reserve;
    *out_room = room;
    return STATUS_OK;
}

/* ---- making it ---- */

/* How many bytes a step adds to the log, and to the file; 0: enough is there. */
static sqlite3_int64 log_step(const struct stock *stock)
{
    sqlite3_int64 missing = LOG_BYTES - stock->log;
    return missing <= 0 ? 0 : missing < STEP ? missing : STEP;
}

static sqlite3_int64 file_step(const struct stock *stock)
{
    sqlite3_int64 missing = STORE_RESERVE_BYTES - reserve_of(stock);
    if (missing < STEP)
        return 0;
    if (missing < STORE_RESERVE_BYTES / 2)
        return STEP;
    return LEAP;
}

static enum status take_step(struct store *store)
{
    struct stock *stock = &store->stock;
    if (log_step(stock) + file_step(stock) == 0)
        return STATUS_OK;

    enum status status = count_stock(store); /* MUST 1: where the files end is not known from an older one */
    if (status != STATUS_OK)
        return status;
    sqlite3_int64 log = log_step(stock), file = file_step(stock), end = stock->room * PAGE_SIZE;
    if (log + file == 0)
        return STATUS_OK;
    if (look_at_disk(store) < (uint64_t)(log > 0 ? log : file))
        return STATUS_NO_SPACE;
    status = log > 0 ? extend(store, log_file(store), stock->log, stock->log + log)
                     : extend(store, store_file(store), end, end + file);
    if (status != STATUS_OK)
        return status;
    stock->log += log;
    stock->room += log > 0 ? 0 : file / PAGE_SIZE;
    return STATUS_OK;
}

enum status store_refill(struct store *store, bool *out_more)
{
    enum status status = know_stock(store);
    if (status == STATUS_OK)
        status = take_step(store);
    if (status == STATUS_OK || status == STATUS_NO_SPACE)
        store->refused = status != STATUS_OK;
    if (status == STATUS_OK && store->low)
        status = limit_pages(store, store->stock.room);
    if (status == STATUS_OK)
        *out_more = log_step(&store->stock) + file_step(&store->stock) > 0;
    return status;
}

/* What was made just before a crash may not be on disk yet. */
enum status store_take_stock(struct store *store)
{
    struct store_room room;
    sqlite3_file *file = store_file(store);

    store->uncounted = -1;
    if (file == NULL)
        return STATUS_FAILED;
    enum status status = store_status(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL));
    return status == STATUS_OK ? store_look_at_room(store, &room) : status;
}
