#include "forge.h"

#include <sqlite3.h>

#define PAGE_SIZE     4096
#define FILE_MAX      (1 << 22)
#define COLUMNS_MAX   32
#define ROWS_MAX      4 /* of a table that edits reach */
#define ORIGINALS_MAX 16
#define EDITS_MAX     8
#define CHANGES_MAX   32
#define VALUE_MAX     1000
#define NAME_LEN      32
#define VERSION_AT    18 /* two bytes of the file's header: 2 is write-ahead log, which no database in memory can have */
#define COUNTER_AT    24
#define VALID_FOR_AT  92

struct table {
    char name[NAME_LEN];
    char keys[2 * NAME_LEN + 3]; /* "(user, name)" */
    char columns[COLUMNS_MAX][NAME_LEN];
    int count;
    uint64_t rows[ORIGINALS_MAX]; /* what each row of the good file is like */
    size_t row_count;
};

static uint8_t good[FILE_MAX], loose[FILE_MAX], forged[FILE_MAX];
static size_t good_len;
static size_t differences[4096], difference_count; /* between good and loose */
static struct table tables[FORGE_TABLES];
static unsigned table_count;

/* ---- SQL in memory ---- */

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close(*db);
}
#define db_owner __attribute__((cleanup(close_db)))

static void finalize(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}
#define statement_owner __attribute__((cleanup(finalize)))

static sqlite3 *open_copy(const uint8_t *bytes, size_t len)
{
    sqlite3 *db = NULL;
    uint8_t *copy = sqlite3_malloc64(len);
    CLAIM(copy != NULL && sqlite3_open(":memory:", &db) == SQLITE_OK);
    memcpy(copy, bytes, len);
    CLAIM(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len,
                              SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) == SQLITE_OK);
    CLAIM(sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON; PRAGMA journal_mode = OFF", NULL, NULL, NULL) ==
          SQLITE_OK);
    return db;
}

static size_t save(sqlite3 *db, uint8_t *out)
{
    sqlite3_int64 len = 0;
    const uint8_t *bytes = sqlite3_serialize(db, "main", &len, SQLITE_SERIALIZE_NOCOPY);
    CLAIM(bytes != NULL && len > 0 && len <= FILE_MAX);
    memcpy(out, bytes, (size_t)len);
    return (size_t)len;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    CLAIM(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    return statement;
}

/* ---- the good file, and the same with definitions that refuse nothing ---- */

/* Each replacement is as long as what it replaces, so that nothing in the file moves. */
static const char loosen[] =
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(replace(replace(replace(replace(replace(sql, "
    "' INTEGER NOT NULL', '                 '), ' TEXT NOT NULL', '              '), ' BLOB NOT NULL', "
    "'              '), ' STRICT,', '        '), ' STRICT', '       '), ' UNIQUE INDEX', '        INDEX')";

static void read_columns(sqlite3 *db, struct table *table)
{
    statement_owner sqlite3_stmt *statement = prepare(db, "SELECT name, pk FROM pragma_table_info(?1)");
    size_t len = 0;
    CLAIM(sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        CLAIM(table->count < COLUMNS_MAX && strlen(name) < NAME_LEN);
        memcpy(table->columns[table->count++], name, strlen(name) + 1);
        if (sqlite3_column_int(statement, 1) > 0)
            len += (size_t)snprintf(table->keys + len, sizeof table->keys - len, "%s%s", len == 0 ? "(" : ", ", name);
    }
    CLAIM(len > 0 && len < sizeof table->keys - 1);
    table->keys[len] = ')';
}

static void add(char *sql, size_t size, const char *text)
{
    size_t len = strlen(sql);
    CLAIM((size_t)snprintf(sql + len, size - len, "%s", text) < size - len);
}

/* One number for all types and values of a row (FNV-1a). False: no further row. */
static bool next_row(sqlite3_stmt *statement, const struct table *table, uint64_t *out_row)
{
    uint64_t row = 14695981039346656037U;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return false;
    for (int i = 0; i < table->count; i++) {
        const uint8_t *bytes = sqlite3_column_text(statement, i);
        CLAIM(bytes != NULL);
        for (int at = 0; at <= sqlite3_column_bytes(statement, i); at++)
            row = (row ^ bytes[at]) * 1099511628211U;
    }
    *out_row = row;
    return true;
}

static sqlite3_stmt *select_rows(sqlite3 *db, const struct table *table)
{
    char sql[2048] = "SELECT ", column[2 * NAME_LEN + 32];
    for (int i = 0; i < table->count; i++) {
        (void)snprintf(column, sizeof column, "%stypeof(%s) || hex(%s)", i > 0 ? ", " : "", table->columns[i],
                       table->columns[i]);
        add(sql, sizeof sql, column);
    }
    add(sql, sizeof sql, " FROM ");
    add(sql, sizeof sql, table->name);
    return prepare(db, sql);
}

static void read_rows(sqlite3 *db, struct table *table)
{
    statement_owner sqlite3_stmt *statement = select_rows(db, table);
    uint64_t row = 0;
    while (next_row(statement, table, &row)) {
        CLAIM(table->row_count < ORIGINALS_MAX);
        table->rows[table->row_count++] = row;
    }
}

static unsigned count_untouched(sqlite3 *db, const struct table *table)
{
    statement_owner sqlite3_stmt *statement = select_rows(db, table);
    unsigned count = 0;
    uint64_t row = 0;
    while (next_row(statement, table, &row))
        for (size_t i = 0; i < table->row_count; i++)
            count += table->rows[i] == row;
    return count;
}

unsigned forge_untouched(const struct forged *file, const char *table)
{
    unsigned i = 0;
    while (i < table_count && strcmp(tables[i].name, table) != 0)
        i++;
    CLAIM(i < table_count);
    return file->untouched[i];
}

static void read_tables(sqlite3 *db)
{
    statement_owner sqlite3_stmt *statement =
        prepare(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid");
    while (sqlite3_step(statement) == SQLITE_ROW) {
        CLAIM(table_count < FORGE_TABLES && sqlite3_column_bytes(statement, 0) < NAME_LEN);
        (void)snprintf(tables[table_count].name, NAME_LEN, "%s", (const char *)sqlite3_column_text(statement, 0));
        read_columns(db, &tables[table_count]);
        read_rows(db, &tables[table_count++]);
    }
    CLAIM(table_count > 0);
}

/* The definitions: all that differs, beside what counts changes in the header. */
static void find_differences(void)
{
    for (size_t i = 0; i < good_len; i++) {
        if (loose[i] == good[i] || (i >= COUNTER_AT && i < COUNTER_AT + 4) ||
            (i >= VALID_FOR_AT && i < VALID_FOR_AT + 8))
            continue;
        CLAIM(difference_count < sizeof differences / sizeof differences[0]);
        differences[difference_count++] = i;
    }
}

void forge_from(const uint8_t *bytes, size_t len)
{
    CLAIM(len <= FILE_MAX && len % PAGE_SIZE == 0);
    CLAIM(sqlite3_shutdown() == SQLITE_OK && sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
          sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK); /* faster */
    memcpy(good, bytes, len);
    memset(good + VERSION_AT, 1, 2);
    good_len = len;
    db_owner sqlite3 *db = open_copy(good, len);
    CLAIM(sqlite3_exec(db, loosen, NULL, NULL, NULL) == SQLITE_OK);
    CLAIM(save(db, loose) == len);
    find_differences();
    read_tables(db);
}

/* Puts the good file's definitions back. */
static void tighten(uint8_t *file)
{
    for (size_t i = 0; i < difference_count; i++)
        file[differences[i]] = good[differences[i]];
}

/* ---- edits ---- */

enum value {
    VALUE_NULL,
    VALUE_NUMBER,
    VALUE_SMALL,
    VALUE_EDGE,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_BYTES,
    VALUE_ZEROES,
    VALUE_OF_ANOTHER, /* what that row has there */
    VALUE_FLIPPED,    /* what is there, with a byte changed */
    VALUE_KINDS
};

struct edit {
    const struct table *table;
    const char *column;
    unsigned row;
    enum value kind;
};

static const int64_t edges[] = {INT64_MIN,
                                -1,
                                0,
                                1,
                                2,
                                3,
                                4,
                                5,
                                119,
                                120,
                                121,
                                255,
                                INT32_MIN,
                                INT32_MAX,
                                1LL + INT32_MAX,
                                UINT32_MAX,
                                1LL + UINT32_MAX,
                                INT64_MAX - 1,
                                INT64_MAX};

static void bind_flipped(sqlite3 *db, const struct edit *edit, struct input *input, sqlite3_stmt *into)
{
    char sql[256];
    uint8_t bytes[VALUE_MAX] = {0};
    unsigned at = (unsigned)input_number(input, 1), with = (unsigned)input_number(input, 1);
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s LIMIT 1 OFFSET %u", edit->column, edit->table->name, edit->row);
    statement_owner sqlite3_stmt *statement = prepare(db, sql);

    if (sqlite3_step(statement) != SQLITE_ROW)
        return;
    int type = sqlite3_column_type(statement, 0);
    if (type == SQLITE_INTEGER) {
        uint64_t number = (uint64_t)sqlite3_column_int64(statement, 0) ^ (uint64_t)with << at % 64;
        (void)sqlite3_bind_int64(into, 1, (sqlite3_int64)number);
        return;
    }
    int len = sqlite3_column_bytes(statement, 0);
    if (len <= 0 || len > VALUE_MAX)
        return;
    memcpy(bytes, sqlite3_column_blob(statement, 0), (size_t)len);
    bytes[at % (unsigned)len] ^= (uint8_t)with;
    (void)(type == SQLITE_TEXT ? sqlite3_bind_text(into, 1, (const char *)bytes, len, SQLITE_TRANSIENT)
                               : sqlite3_bind_blob(into, 1, bytes, len, SQLITE_TRANSIENT));
}

static void bind_value(sqlite3 *db, const struct edit *edit, struct input *input, sqlite3_stmt *into)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    double real = 0;
    uint64_t number = 0;

    switch (edit->kind) {
    case VALUE_NUMBER:
        (void)sqlite3_bind_int64(into, 1, (sqlite3_int64)input_number(input, 8));
        return;
    case VALUE_SMALL:
        (void)sqlite3_bind_int(into, 1, (int8_t)input_byte(input));
        return;
    case VALUE_EDGE:
        (void)sqlite3_bind_int64(into, 1, edges[input_byte(input) % (sizeof edges / sizeof edges[0])]);
        return;
    case VALUE_REAL:
        number = input_number(input, 8);
        memcpy(&real, &number, sizeof real);
        (void)sqlite3_bind_double(into, 1, real);
        return;
    case VALUE_TEXT:
    case VALUE_BYTES:
        bytes = input_bytes(input, VALUE_MAX, &len);
        if (edit->kind == VALUE_TEXT)
            (void)sqlite3_bind_text(into, 1, len > 0 ? (const char *)bytes : "", (int)len, SQLITE_TRANSIENT);
        else
            (void)sqlite3_bind_blob(into, 1, len > 0 ? (const void *)bytes : "", (int)len, SQLITE_TRANSIENT);
        return;
    case VALUE_ZEROES:
        (void)sqlite3_bind_zeroblob(into, 1, (int)input_number(input, 2));
        return;
    case VALUE_FLIPPED:
        bind_flipped(db, edit, input, into);
        return;
    case VALUE_NULL:
    case VALUE_OF_ANOTHER:
    case VALUE_KINDS:
        return;
    }
}

/* What becomes of the row: the value in its place, in it or in a copy of it. */
static void write_sql(const struct edit *edit, unsigned what, unsigned other, char *out, size_t size)
{
    char value[128] = "?1", where[256];
    const struct table *table = edit->table;

    if (edit->kind == VALUE_OF_ANOTHER)
        (void)snprintf(value, sizeof value, "(SELECT %s FROM %s LIMIT 1 OFFSET %u)", edit->column, table->name, other);
    (void)snprintf(where, sizeof where, " WHERE %s IN (SELECT %.*s FROM %s LIMIT 1 OFFSET %u)", table->keys,
                   (int)strlen(table->keys) - 2, table->keys + 1, table->name, edit->row);
    if (what == 0)
        (void)snprintf(out, size, "UPDATE OR REPLACE %s SET %s = %s", table->name, edit->column, value);
    else if (what == 1)
        (void)snprintf(out, size, "DELETE FROM %s", table->name);
    else {
        (void)snprintf(out, size, "INSERT OR REPLACE INTO %s SELECT ", table->name);
        for (int i = 0; i < table->count; i++) {
            add(out, size, i > 0 ? ", " : "");
            add(out, size, table->columns[i] == edit->column ? value : table->columns[i]);
        }
        add(out, size, " FROM ");
        add(out, size, table->name);
    }
    add(out, size, where);
}

static void edit_a_row(sqlite3 *db, struct input *input)
{
    char sql[1024];
    unsigned what = input_byte(input) % 3;
    struct edit edit = {.table = &tables[input_byte(input) % table_count]};
    edit.row = input_byte(input) % ROWS_MAX;
    edit.column = edit.table->columns[input_byte(input) % (unsigned)edit.table->count];
    edit.kind = (enum value)(input_byte(input) % VALUE_KINDS);
    unsigned other = edit.kind == VALUE_OF_ANOTHER ? input_byte(input) % ROWS_MAX : 0;

    write_sql(&edit, what, other, sql, sizeof sql);
    statement_owner sqlite3_stmt *statement = prepare(db, sql);
    if (sqlite3_bind_parameter_count(statement) > 0)
        bind_value(db, &edit, input, statement);
    (void)sqlite3_step(statement); /* a few things cannot be written even so: a rowid is a number */
}

/* ---- the file's bytes ---- */

static size_t place(struct input *input, size_t len)
{
    size_t page = input_byte(input) % (len / PAGE_SIZE + 1);
    size_t at = page * PAGE_SIZE + (size_t)input_number(input, 2) % PAGE_SIZE;
    return at < len ? at : len - 1;
}

static size_t change(struct input *input, size_t len)
{
    unsigned what = input_byte(input) % 4;
    size_t at = place(input, len), many = 0;

    if (what == 0) {
        forged[at] = input_byte(input);
    } else if (what == 1) {
        const uint8_t *bytes = input_bytes(input, len - at, &many);
        memcpy(forged + at, bytes, many);
    } else if (what == 2) {
        size_t from = place(input, len) / PAGE_SIZE * PAGE_SIZE, to = at / PAGE_SIZE * PAGE_SIZE;
        many = len - (from > to ? from : to);
        memmove(forged + to, forged + from, many > PAGE_SIZE ? PAGE_SIZE : many);
    } else {
        return at + 1;
    }
    return len;
}

struct forged forge(struct input *input)
{
    unsigned edits = input_byte(input) % (EDITS_MAX + 1);
    struct forged file = {.bytes = forged, .len = good_len, .is_good = edits == 0 && input->left == 0};

    if (edits == 0) {
        memcpy(forged, good, good_len);
        for (unsigned i = 0; i < table_count; i++)
            file.untouched[i] = (unsigned)tables[i].row_count;
    } else {
        db_owner sqlite3 *db = open_copy(loose, good_len);
        for (unsigned i = 0; i < edits; i++)
            edit_a_row(db, input);
        for (unsigned i = 0; i < table_count; i++)
            file.untouched[i] = count_untouched(db, &tables[i]);
        file.len = save(db, forged);
        tighten(forged);
    }
    memset(forged + VERSION_AT, 2, 2);
    file.is_torn = input->left > 0;
    for (unsigned i = 0; i < CHANGES_MAX && input->left > 0; i++)
        file.len = change(input, file.len);
    return file;
}
