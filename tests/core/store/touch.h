/* Rows with a mark as their tag, what is touched by putting them, and a hand in the file. */
#ifndef GARDE_TESTS_STORE_TOUCH_H
#define GARDE_TESTS_STORE_TOUCH_H

#include <sqlite3.h>

#include "place.h"

#define COUNT(array) (sizeof array / sizeof array[0])

static inline const struct store_touch *last_touch(const struct store *store)
{
    size_t count = 0;
    const struct store_touch *touches = store_touches(store, &count);
    ck_assert_uint_gt(count, 0);
    return &touches[count - 1];
}

static inline void put_account(struct store *store, const char *user, uint8_t mark)
{
    struct account account = an_account(user, mark);
    memset(account.tag, mark, TAG_SIZE);
    OK(store_put_account(store, &account));
}

static inline void put_factor(struct store *store, int64_t id, uint8_t mark)
{
    struct factor factor = a_factor(id, "alice");
    memset(factor.tag, mark, TAG_SIZE);
    OK(store_put_factor(store, &factor));
}

static inline void put_origin(struct store *store, const char *user, const char *name, uint8_t mark)
{
    struct origin origin = an_origin(user, name);
    memset(origin.tag, mark, TAG_SIZE);
    OK(store_put_origin(store, &origin));
}

static inline void edit(const struct place *place, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open_v2(place->store, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s: %s", sql, message);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* 85 rows. */
static inline void fill(struct store *store)
{
    static const char *const users[] = {"alice", "Alice", "bob", "zo\xc3\xa9", "zz"};
    OK(store_begin(store));
    for (size_t i = 0; i < COUNT(users); i++) {
        put_account(store, users[i], (uint8_t)(1 + i));
        put_origin(store, users[i], "ip:1", (uint8_t)(101 + i));
        put_origin(store, users[i], "ip:10", (uint8_t)(111 + i));
    }
    for (int64_t id = 1; id <= 70; id++)
        put_factor(store, id, (uint8_t)(10 + id));
    OK(store_commit(store));
}

static inline int root_page(const struct place *place, const char *table)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_open_v2(place->store, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = ?1", -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int page = sqlite3_column_int(statement, 0);
    ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    return page;
}

#endif
