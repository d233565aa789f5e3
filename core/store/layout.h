/* Inside core/store: what the files share.
 *
 *   files.c    owner, mode and links of folder and file; writes a new file
 *   layout.c   the tables, the statements, and which column is which member of which struct
 *   sqlite.c   knows the library: opens, and keeps the changes
 *   sqlite_rows.c   knows it too: runs statements, moves columns in and out of structs
 *   sqlite_room.c   and so does this: blocks that the files own before they need them
 *   rows.c     the nouns of store.h, said with the statements
 *   touches.c  what a change has done to rows so far
 *   walk.c     every row, page by page
 */
#ifndef GARDE_STORE_LAYOUT_H
#define GARDE_STORE_LAYOUT_H

#include <stdbool.h>

#include <garde/store.h>

#define STORE_APPLICATION_ID 0x67617264 /* "gard" */
#define STORE_VERSION        3
#define STORE_LOG_PAGES      4096 /* the log is made for so many: 16 MiB; it is moved at half of them */

enum column_type {
    COLUMN_TEXT,   /* char[size], with its final zero */
    COLUMN_NUMBER, /* an integer of size 4 or 8; signed if min is below zero */
    COLUMN_BYTES,  /* uint8_t[size], all of it */
    COLUMN_SEALED, /* uint8_t[size], of which the uint32_t at len_offset counts */
};

struct column {
    enum column_type type;
    size_t offset, size;
    int64_t min, max;
    size_t len_offset;
};

/* The order of columns is that of the statements' parameters and results. */
struct table {
    const struct column *columns;
    size_t count;
    size_t keys; /* so many of the first columns say which row it is */
    size_t row_size;
    size_t key_id_offset, tag_offset;
};

extern const struct table store_accounts, store_factors, store_origins, store_entries, store_heads, store_rows_heads;

enum statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_DROP,
    STATEMENT_NEW_FACTOR_ID,
    STATEMENT_GET_ACCOUNT,
    STATEMENT_GET_ACCOUNT_OF_UID,
    STATEMENT_PAGE_ACCOUNTS,
    STATEMENT_CHANGE_ACCOUNT,
    STATEMENT_PUT_ACCOUNT,
    STATEMENT_REMOVE_ACCOUNT,
    STATEMENT_GET_FACTORS,
    STATEMENT_GET_FACTORS_OF_FINGERPRINT,
    STATEMENT_PAGE_FACTORS,
    STATEMENT_PAGE_FACTORS_OF_USER,
    STATEMENT_CHANGE_FACTOR,
    STATEMENT_PUT_FACTOR,
    STATEMENT_REMOVE_FACTOR,
    STATEMENT_GET_ORIGIN,
    STATEMENT_GET_ORIGINS,
    STATEMENT_CHANGE_ORIGIN,
    STATEMENT_PUT_ORIGIN,
    STATEMENT_REMOVE_ORIGIN,
    STATEMENT_GET_HEAD,
    STATEMENT_PUT_HEAD,
    STATEMENT_ADD_ENTRY,
    STATEMENT_PAGE_ENTRIES,
    STATEMENT_FIRST_ENTRY_SINCE,
    STATEMENT_IS_ENTRY_OF_TIME,
    STATEMENT_GET_FACTOR,
    STATEMENT_GET_ROWS_HEAD,
    STATEMENT_PUT_ROWS_HEAD,
    STATEMENT_WALK_FACTORS,
    STATEMENT_WALK_ORIGINS,
    STATEMENT_SEE_ACCOUNT,
    STATEMENT_SEE_ACCOUNT_OF_UID,
    STATEMENT_SEE_FACTOR,
    STATEMENT_SEE_FINGERPRINT,
    STATEMENT_IS_LISTED,
    STATEMENT_COUNT_FACTORS,
    STATEMENT_HAS_ACCOUNT,
    STATEMENT_COUNT_PAGES,
    STATEMENT_COUNT_FREE_PAGES,
    STATEMENT_COUNT
};

extern const char *const store_statements[STATEMENT_COUNT];

/* What sqlite_schema must hold, text by text; ends with NULL. */
extern const char *const store_schema[];

/* One parameter: the text if there is one, else the bytes if there are any, else the number. */
struct argument {
    const char *text;
    const uint8_t *bytes;
    size_t len;
    int64_t number;
};

/* sqlite.c. All of them: STATUS_FAILED outside a change. */

/* The row's columns are the parameters. *out_changed: whether a row was written. STATUS_INVALID: a member that the
 * column cannot hold; STATUS_EXISTS: a unique index says no. */
enum status store_write_row(struct store *store, enum statement statement, const struct table *table, const void *row,
                            bool *out_changed) GARDE_MUST_CHECK;
/* At most max rows into the array; *out_more (may be NULL): there was another one. */
enum status store_read_rows(struct store *store, enum statement statement, const struct argument *arguments,
                            size_t argument_count, const struct table *table, void *out_rows, size_t max,
                            size_t *out_count, bool *out_more) GARDE_MUST_CHECK;
/* For a statement whose result is one number, 0 and up. STATUS_NOT_FOUND: none; STATUS_TAMPERED: something else. */
enum status store_read_number(struct store *store, enum statement statement, const struct argument *arguments,
                              size_t argument_count, int64_t *out_number) GARDE_MUST_CHECK;
/* For a statement without result. STATUS_NOT_FOUND: it changed nothing. */
enum status store_run(struct store *store, enum statement statement, const struct argument *arguments,
                      size_t argument_count) GARDE_MUST_CHECK;

/* The bytes of a new, empty store's file, to be given to store_free_image. */
enum status store_make_image(const uint8_t id[STORE_ID_SIZE], uint8_t **out_bytes, size_t *out_len) GARDE_MUST_CHECK;
void store_free_image(uint8_t *bytes);

/* touches.c. prepare: there is room for one more, which is noted when its row is written. The names of a row are those of its key:
 * a factor has an id, an account a user, an origin both texts. */
struct row_name {
    enum store_kind kind;
    int64_t id;
    const char *user, *name;
};
struct touches {
    struct store_touch *list;
    size_t count, room;
};
enum status store_touch_prepare(struct store *store) GARDE_MUST_CHECK;
void store_touch_note(struct store *store, const struct row_name *name, const uint8_t *before, const uint8_t *after);

/* walk.c. How far the walk has come: all of the kinds before `kind`, and of that one all up to the last row, this included. */
struct walk {
    enum store_kind kind; /* 0: there is none */
    int64_t id;           /* where the next page of factors begins */
    char user[USER_SIZE];
    char name[ORIGIN_SIZE];
};
bool store_walk_passed(const struct store *store, const struct row_name *name);

/* sqlite.c: where both are kept. */
struct touches *store_touch_list(struct store *store);
const struct touches *store_touches_seen(const struct store *store);
struct walk *store_walk_place(struct store *store);
const struct walk *store_walk_seen(const struct store *store);

/* files.c: everything that can be told without the library. *out_path is absolute, free of links, the caller's. */
enum status store_check_files(const char *path, char **out_path, struct problem *out_problem) GARDE_MUST_CHECK;

#endif
