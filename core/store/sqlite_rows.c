/* MUST 1  A row that does not fit its struct never looks like a good one, and never like none.
 * MUST 2  No byte of a row is read beyond its column, and none written beyond its member.
 */
#include "sqlite.h"

#include <string.h>

enum status store_status(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STATUS_OK;
    case SQLITE_FULL:
        return STATUS_NO_SPACE;
    case SQLITE_NOMEM:
        return STATUS_NO_MEMORY;
    case SQLITE_TOOBIG:
        return STATUS_INVALID;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ? STATUS_EXISTS
                                                                                        : STATUS_INVALID;
    default:
        return STATUS_FAILED;
    }
}

static int64_t load_number(const struct column *column, const uint8_t *at)
{
    if (column->size == sizeof(int64_t)) {
        int64_t number;
        memcpy(&number, at, sizeof number); /* an unsigned one beyond INT64_MAX becomes negative: out of range */
        return number;
    }
    uint32_t number;
    memcpy(&number, at, sizeof number);
    return column->min < 0 ? (int64_t)(int32_t)number : (int64_t)number;
}

static void save_number(const struct column *column, uint8_t *at, int64_t number)
{
    uint32_t narrow = (uint32_t)number;
    if (column->size == sizeof narrow)
        memcpy(at, &narrow, sizeof narrow);
    else
        memcpy(at, &number, sizeof number);
}

static int bind_column(sqlite3_stmt *statement, int index, const struct column *column, const uint8_t *row)
{
    const uint8_t *at = row + column->offset;

    switch (column->type) {
    case COLUMN_TEXT: {
        size_t len = strnlen((const char *)at, column->size);
        if (len == column->size)
            return SQLITE_TOOBIG;
        return sqlite3_bind_text(statement, index, (const char *)at, (int)len, SQLITE_STATIC);
    }
    case COLUMN_NUMBER: {
        int64_t number = load_number(column, at);
        if (number < column->min || number > column->max)
            return SQLITE_TOOBIG;
        return sqlite3_bind_int64(statement, index, number);
    }
    case COLUMN_BYTES:
        return sqlite3_bind_blob(statement, index, at, (int)column->size, SQLITE_STATIC);
    case COLUMN_SEALED: {
        uint32_t len;
        memcpy(&len, row + column->len_offset, sizeof len);
        if (len > column->size)
            return SQLITE_TOOBIG;
        return sqlite3_bind_blob(statement, index, at, (int)len, SQLITE_STATIC);
    }
    }
    return SQLITE_INTERNAL;
}

/* False: the column does not fit, and its member stays zero. */
static bool read_column(sqlite3_stmt *statement, int index, const struct column *column, uint8_t *row)
{
    uint8_t *at = row + column->offset;
    int type = sqlite3_column_type(statement, index);

    if (column->type == COLUMN_NUMBER) {
        int64_t number = sqlite3_column_int64(statement, index);
        if (type != SQLITE_INTEGER || number < column->min || number > column->max)
            return false;
        save_number(column, at, number);
        return true;
    }

    if (type != (column->type == COLUMN_TEXT ? SQLITE_TEXT : SQLITE_BLOB))
        return false;
    const void *bytes = sqlite3_column_blob(statement, index);
    size_t len = (size_t)sqlite3_column_bytes(statement, index);
    if (len > 0 && bytes == NULL)
        return false;
    if (column->type == COLUMN_TEXT && (len >= column->size || (len > 0 && memchr(bytes, 0, len) != NULL)))
        return false;
    if (column->type == COLUMN_BYTES && len != column->size)
        return false;
    if (column->type == COLUMN_SEALED) {
        if (len > column->size)
            return false;
        uint32_t narrow = (uint32_t)len;
        memcpy(row + column->len_offset, &narrow, sizeof narrow);
    }
    if (len > 0)
        memcpy(at, bytes, len);
    return true;
}

/* A row that does not fit gets a key that no ring holds; one that does not even say which row it is, is an error. */
static enum status read_row(sqlite3_stmt *statement, const struct table *table, uint8_t *row)
{
    bool fits = true;

    memset(row, 0, table->row_size);
    for (size_t i = 0; i < table->count; i++) {
        if (read_column(statement, (int)i, &table->columns[i], row))
            continue;
        if (i < table->keys)
            return STATUS_TAMPERED;
        fits = false;
    }
    if (!fits) {
        memset(row + table->key_id_offset, 0, sizeof(uint32_t));
        memset(row + table->tag_offset, 0, TAG_SIZE);
    }
    return STATUS_OK;
}

/* ---- statements ---- */

/* NULL outside a change. */
static sqlite3_stmt *take(struct store *store, enum statement which)
{
    if (store->failed || store->dropping || sqlite3_get_autocommit(store->db) != 0)
        return NULL;
    return store->prepared[which];
}

/* Parameters point into the caller's memory: they must not outlive the call. */
static void put_back(sqlite3_stmt **statement)
{
    if (*statement == NULL)
        return;
    (void)sqlite3_reset(*statement);
    (void)sqlite3_clear_bindings(*statement);
}
#define taken __attribute__((cleanup(put_back)))

static int bind_arguments(sqlite3_stmt *statement, const struct argument *arguments, size_t count)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        const struct argument *argument = &arguments[i];
        int index = (int)i + 1;
        if (argument->text != NULL)
            code = sqlite3_bind_text(statement, index, argument->text, -1, SQLITE_STATIC);
        else if (argument->bytes != NULL)
            code = sqlite3_bind_blob(statement, index, argument->bytes, (int)argument->len, SQLITE_STATIC);
        else
            code = sqlite3_bind_int64(statement, index, argument->number);
    }
    return code;
}

enum status store_write_row(struct store *store, enum statement which, const struct table *table, const void *row,
                            bool *out_changed)
{
    taken sqlite3_stmt *statement = take(store, which);
    if (statement == NULL)
        return STATUS_FAILED;

    for (size_t i = 0; i < table->count; i++) {
        int code = bind_column(statement, (int)i + 1, &table->columns[i], row);
        if (code != SQLITE_OK)
            return store_status(code);
    }
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE)
        return store_status(code);
    *out_changed = sqlite3_changes(store->db) > 0;
    return STATUS_OK;
}

enum status store_read_rows(struct store *store, enum statement which, const struct argument *arguments,
                            size_t argument_count, const struct table *table, void *out_rows, size_t max,
                            size_t *out_count, bool *out_more)
{
    taken sqlite3_stmt *statement = take(store, which);
    if (statement == NULL)
        return STATUS_FAILED;

    int code = bind_arguments(statement, arguments, argument_count);
    size_t count = 0;
    bool more = false;
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        if (count == max && out_more == NULL)
            break;
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        more = count == max;
        if (more)
            break;
        enum status status = read_row(statement, table, (uint8_t *)out_rows + count * table->row_size);
        if (status != STATUS_OK)
            return status;
        count++;
    }
    if (store_status(code) != STATUS_OK)
        return store_status(code);
    *out_count = count;
    if (out_more != NULL)
        *out_more = more;
    return STATUS_OK;
}

enum status store_read_number(struct store *store, enum statement which, const struct argument *arguments,
                              size_t argument_count, int64_t *out_number)
{
    taken sqlite3_stmt *statement = take(store, which);
    if (statement == NULL)
        return STATUS_FAILED;

    int code = bind_arguments(statement, arguments, argument_count);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return STATUS_NOT_FOUND;
    if (code != SQLITE_ROW)
        return store_status(code);
    if (sqlite3_column_type(statement, 0) == SQLITE_NULL)
        return STATUS_NOT_FOUND;
    int64_t number = sqlite3_column_int64(statement, 0);
    if (sqlite3_column_type(statement, 0) != SQLITE_INTEGER || number < 0)
        return STATUS_TAMPERED;
    *out_number = number;
    return STATUS_OK;
}

enum status store_run(struct store *store, enum statement which, const struct argument *arguments,
                      size_t argument_count)
{
    taken sqlite3_stmt *statement = take(store, which);
    if (statement == NULL)
        return STATUS_FAILED;

    int code = bind_arguments(statement, arguments, argument_count);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_DONE)
        return code == SQLITE_OK || code == SQLITE_ROW ? STATUS_FAILED : store_status(code);
    return sqlite3_changes(store->db) > 0 ? STATUS_OK : STATUS_NOT_FOUND;
}
