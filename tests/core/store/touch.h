/* Rows with a mark as their tag, and what is touched by putting them. */
#ifndef GARDE_TESTS_STORE_TOUCH_H
#define GARDE_TESTS_STORE_TOUCH_H

#include <sqlite3.h>

#include "place.h"

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

#endif
