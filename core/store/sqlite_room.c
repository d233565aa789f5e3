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
#define LEAP (5 * STEP) /* when less than half of the reserve is left */

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
        (void)store->truncate(
            file, from); /* what it leaves behind is counted as room at the next look, and is none that is used */
    return status;
}

/* ---- how much there is ---- */

struct state {
    sqlite3_int64 pages; /* of the store */
    sqlite3_int64 free;  /* of them */
    sqlite3_int64 room;  /* pages that the file has blocks for */
    sqlite3_int64 log;   /* bytes */
};

static int count(struct store *store, enum statement which, sqlite3_int64 *out_number)
{
    int code = sqlite3_step(store->prepared[which]);
    if (code == SQLITE_ROW)
        *out_number = sqlite3_column_int64(store->prepared[which], 0);
    (void)sqlite3_reset(store->prepared[which]);
    return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_OK || code == SQLITE_DONE ? SQLITE_INTERNAL : code;
}

static enum status look(struct store *store, struct state *out_state)
{
    struct state state = {.pages = 0};
    sqlite3_int64 size = 0;

    if (store->failed || sqlite3_get_autocommit(store->db) == 0)
        return STATUS_FAILED;
    int code = count(store, STATEMENT_COUNT_PAGES, &state.pages);
    if (code == SQLITE_OK)
        code = count(store, STATEMENT_COUNT_FREE_PAGES, &state.free);
    if (code == SQLITE_OK)
        code = size_of(store_file(store), &size);
    if (code == SQLITE_OK)
        code = size_of(log_file(store), &state.log);
    state.room = size / PAGE_SIZE;
    if (state.room < state.pages)
        state.room = state.pages; /* the last ones are in the log alone */
    if (code == SQLITE_OK)
        *out_state = state;
    return store_status(code);
}

static sqlite3_int64 reserve_of(const struct state *state)
{
    return (state->room - state->pages + state->free) * PAGE_SIZE;
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

/* MUST 3 */
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

static bool is_low(const struct store *store, uint64_t disk_bytes)
{
    return disk_bytes < STORE_RESERVE_BYTES || store->refused;
}

enum status store_look_at_room(struct store *store, struct store_room *out_room)
{
    struct state state;

    enum status status = look(store, &state);
    if (status != STATUS_OK)
        return status;
    struct store_room room = {.disk_bytes = look_at_disk(store), .reserve_bytes = (uint64_t)reserve_of(&state)};
    room.low = is_low(store, room.disk_bytes);
    status = limit_pages(store, room.low ? state.room : PAGES_UNLIMITED);
    if (status == STATUS_OK)
        *out_room = room;
    return status;
}

/* ---- making it ---- */

/* How many bytes a step adds to the log, and to the file; 0: enough is there. */
static sqlite3_int64 log_step(const struct state *state)
{
    sqlite3_int64 missing = LOG_BYTES - state->log;
    return missing <= 0 ? 0 : missing < STEP ? missing : STEP;
}

static sqlite3_int64 file_step(const struct state *state)
{
    sqlite3_int64 missing = STORE_RESERVE_BYTES - reserve_of(state);
    if (missing < STEP)
        return 0;
    if (missing < STORE_RESERVE_BYTES / 2)
        return STEP;
    return missing < LEAP ? missing : LEAP;
}

static enum status take_step(struct store *store, struct state *state)
{
    sqlite3_int64 log = log_step(state), file = file_step(state), step = log > 0 ? log : file;

    if (step == 0)
        return STATUS_OK;
    if (look_at_disk(store) < (uint64_t)step)
        return STATUS_NO_SPACE;
    if (log > 0) {
        enum status status = extend(store, log_file(store), state->log, state->log + step);
        state->log += status == STATUS_OK ? step : 0;
        return status;
    }
    enum status status = extend(store, store_file(store), state->room * PAGE_SIZE, state->room * PAGE_SIZE + step);
    state->room += status == STATUS_OK ? step / PAGE_SIZE : 0;
    return status;
}

enum status store_refill(struct store *store, bool *out_more)
{
    struct state state;

    enum status status = look(store, &state);
    if (status == STATUS_OK)
        status = take_step(store, &state);
    if (status == STATUS_OK || status == STATUS_NO_SPACE)
        store->refused = status != STATUS_OK;
    if (status == STATUS_OK && store->page_limit != PAGES_UNLIMITED)
        status = limit_pages(store, state.room);
    if (status == STATUS_OK)
        *out_more = log_step(&state) + file_step(&state) > 0;
    return status;
}

/* What was made just before a crash may not be on disk yet. */
enum status store_take_stock(struct store *store)
{
    struct store_room room;
    sqlite3_file *file = store_file(store);

    if (file == NULL)
        return STATUS_FAILED;
    enum status status = store_status(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL));
    return status == STATUS_OK ? store_look_at_room(store, &room) : status;
}
