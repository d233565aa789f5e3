/* A tree or an index that somebody has built by hand, so that look-ups do not find what a walk sees. */
#include "suite.h"

#include "touch.h"

static void write_page(int fd, int page, const uint8_t bytes[4096])
{
    ck_assert_int_eq(pwrite(fd, bytes, 4096, (off_t)4096 * (page - 1)), 4096);
}

static uint8_t *put_number(uint8_t *at, size_t size, uint32_t number)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
    return at + size;
}

static uint32_t number_at(const uint8_t *at, size_t size)
{
    uint32_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

/* A leaf with the rows [first, end) of another: their bytes stay where they are. */
static void write_leaf(int fd, int page, const uint8_t leaf[4096], size_t first, size_t end)
{
    uint8_t bytes[4096];
    memcpy(bytes, leaf, sizeof bytes);
    (void)put_number(bytes + 1, 2, 0);
    (void)put_number(bytes + 3, 2, (uint32_t)(end - first));
    bytes[7] = 0;
    memmove(bytes + 8, leaf + 8 + 2 * first, 2 * (end - first));
    write_page(fd, page, bytes);
}

/* The table is one leaf. It becomes two, with the row `middle` once more above them: a look-up of what lies between middle and split goes to the
 * second, where it is not; but a page that ends at split is followed by one that begins there. */
static void split_early(const struct place *place, const char *table, size_t middle, size_t split)
{
    edit(place, "PRAGMA wal_checkpoint(TRUNCATE)");
    int root = root_page(place, table), fd = open(place->store, O_RDWR);
    uint8_t leaf[4096], above[4096] = {2}, first[4096];
    ck_assert_int_eq(pread(fd, first, sizeof first, 0), sizeof first);
    ck_assert_int_eq(pread(fd, leaf, sizeof leaf, (off_t)4096 * (root - 1)), sizeof leaf);
    ck_assert_int_eq(leaf[0], 0x0a);
    uint32_t pages = number_at(first + 28, 4), at = number_at(leaf + 8 + 2 * middle, 2);
    ck_assert_int_lt(leaf[at], 0x80); /* the length in one byte */
    size_t len = 1 + (size_t)leaf[at];

    write_leaf(fd, (int)pages + 1, leaf, 0, split);
    write_leaf(fd, (int)pages + 2, leaf, split, number_at(leaf + 3, 2));
    (void)put_number(above + 3, 2, 1);
    (void)put_number(above + 5, 2, (uint32_t)(4096 - 4 - len));
    (void)put_number(above + 8, 4, pages + 2);
    (void)put_number(above + 12, 2, (uint32_t)(4096 - 4 - len));
    memcpy(put_number(above + 4096 - 4 - len, 4, pages + 1), leaf + at, len);
    write_page(fd, root, above);
    (void)put_number(first + 28, 4, pages + 2);
    write_page(fd, 1, first);
    close(fd);
}

static void put_many(struct store *store, const char *table)
{
    char name[8];
    OK(store_begin(store));
    for (int i = 1; i <= 40; i++) {
        snprintf(name, sizeof name, "u%02d", i);
        if (strcmp(table, "account") == 0)
            put_account(store, name, (uint8_t)i);
        else
            put_origin(store, "u", name, (uint8_t)i);
    }
    OK(store_commit(store));
}

static enum status walk_all(struct store *store, size_t page)
{
    struct store_row rows[100];
    size_t count = page;
    enum status status = STATUS_OK;
    store_walk_begin(store);
    while (status == STATUS_OK && count == page)
        status = store_walk(store, rows, page, &count);
    store_walk_end(store);
    return status;
}

START_TEST(a_row_that_a_walk_sees_and_a_lookup_does_not_find_ends_the_walk)
{
    static const char *const tables[] = {"account", "origin"};
    for (size_t i = 0; i < COUNT(tables); i++) {
        place_owner struct place place = place_new();
        struct store *store = open_new(&place);
        struct account account;
        struct origin origin;
        put_many(store, tables[i]);
        store_close(store);
        split_early(&place, tables[i], 4, 32);
        store = reopen(&place);
        OK(store_begin(store));
        ck_assert_int_eq(i == 0 ? store_get_account(store, "u20", &account)
                                : store_get_origin(store, "u", "u20", &origin),
                         STATUS_NOT_FOUND);
        ck_assert_msg(walk_all(store, 100) == STATUS_TAMPERED, "%s", tables[i]);
        store_close(store);
    }
}
END_TEST

/* The rows of a table with numbers as names: which page holds which is written above them, in a cell of four bytes and a number. */
START_TEST(a_factor_that_a_walk_sees_and_a_lookup_does_not_find_ends_the_walk)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    struct store_row rows[100];
    uint8_t above[4096];
    size_t count = 0;
    fill(store);
    store_close(store);
    edit(&place, "DELETE FROM account; DELETE FROM origin; PRAGMA wal_checkpoint(TRUNCATE)");
    off_t at = (off_t)4096 * (root_page(&place, "factor") - 1);
    int fd = open(place.store, O_RDWR);
    ck_assert_int_eq(pread(fd, above, sizeof above, at), sizeof above);
    ck_assert_int_eq(above[0], 5);
    uint8_t *last = above + number_at(above + 12, 2) + 4; /* the last one of the first leaf */
    size_t page = *last;
    ck_assert(page > 4 && page < 32);
    *last = (uint8_t)(page - 3);
    ck_assert_int_eq(pwrite(fd, above, sizeof above, at), sizeof above);
    close(fd);

    store = reopen(&place);
    OK(store_begin(store));
    store_walk_begin(store);
    ck_assert_int_eq(store_walk(store, rows, page, &count), STATUS_TAMPERED);
    store_close(store);
}
END_TEST

/* The definition of an index is text in the file: one that leaves rows out is filled, and then called by its old name. */
static void leave_out(const struct place *place, const char *index, const char *definition, const char *which)
{
    char sql[1024];
    snprintf(sql, sizeof sql,
             "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' WHERE %s' WHERE name = '%s';"
             "PRAGMA writable_schema = RESET; REINDEX %s;"
             "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '%s' WHERE name = '%s';"
             "PRAGMA writable_schema = RESET",
             which, index, index, definition, index);
    edit(place, sql);
}

START_TEST(a_row_that_an_index_leaves_out_ends_the_walk)
{
    static const struct {
        const char *index, *definition, *which;
    } left_out[] = {
        {"account_uid", "CREATE INDEX account_uid ON account (uid)", "uid <> 3"},
        {"factor_fingerprint", "CREATE INDEX factor_fingerprint ON factor (fingerprint, id)", "id <> 7"},
    };
    for (size_t i = 0; i < COUNT(left_out); i++) {
        place_owner struct place place = place_new();
        struct store *store = open_new(&place);
        fill(store);
        OK(store_begin(store));
        OK(walk_all(store, 100));
        store_close(store);
        leave_out(&place, left_out[i].index, left_out[i].definition, left_out[i].which);
        store = reopen(&place);
        OK(store_begin(store));
        ck_assert_msg(walk_all(store, 100) == STATUS_TAMPERED, "%s", left_out[i].index);
        store_close(store);
    }
}
END_TEST

START_TEST(several_accounts_of_a_uid_and_factors_of_a_secret_are_walked)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    OK(store_begin(store));
    put_account(store, "alice", 7);
    put_account(store, "alice.admin", 7);
    for (int64_t id = 1; id <= 70; id++) {
        struct factor factor = a_factor(id, "alice");
        factor.state = FACTOR_REVOKED;
        memset(factor.fingerprint, 9, sizeof factor.fingerprint);
        OK(store_put_factor(store, &factor));
    }
    OK(walk_all(store, 10));
}
END_TEST

SUITE("store lookups", a_row_that_a_walk_sees_and_a_lookup_does_not_find_ends_the_walk,
      a_factor_that_a_walk_sees_and_a_lookup_does_not_find_ends_the_walk, a_row_that_an_index_leaves_out_ends_the_walk,
      several_accounts_of_a_uid_and_factors_of_a_secret_are_walked)
