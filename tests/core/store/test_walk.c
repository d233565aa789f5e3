/* The walk over all rows. */
#include "suite.h"

#include "touch.h"

/* Stands for the sum of the vault: a number for each tag, added up. */
struct total {
    uint64_t rows, sum;
};

static uint64_t weight(const uint8_t tag[TAG_SIZE])
{
    uint64_t number = 0;
    memcpy(&number, tag, sizeof number);
    return number * 0x9e3779b97f4a7c15ULL + 1;
}

static void follow(struct total *total, const struct store *store, bool walked_only)
{
    size_t count = 0;
    const struct store_touch *touches = store_touches(store, &count);
    for (size_t i = 0; i < count; i++) {
        if (walked_only && !touches[i].walked)
            continue;
        total->rows += (uint64_t)touches[i].has - (uint64_t)touches[i].had;
        total->sum += touches[i].has ? weight(touches[i].after) : 0;
        total->sum -= touches[i].had ? weight(touches[i].before) : 0;
    }
}

static const uint8_t *tag_of(const struct store_row *row)
{
    return row->kind == STORE_ACCOUNT  ? row->account.tag
           : row->kind == STORE_FACTOR ? row->factor.tag
                                       : row->origin.tag;
}

START_TEST(a_walk_sees_each_row_once_in_pages_of_any_size)
{
    static const size_t sizes[] = {1, 2, 5, 31, 32, 33, 75, 84, 85, 86, 200};
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct store_row rows[200];
    fill(store);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bool seen[256] = {false};
        size_t count = sizes[i], total = 0;
        store_walk_begin(store);
        while (count == sizes[i]) {
            OK(store_begin(store));
            OK(store_walk(store, rows, sizes[i], &count));
            store_drop(store);
            for (size_t j = 0; j < count; j++) {
                ck_assert(!seen[tag_of(&rows[j])[0]]);
                seen[tag_of(&rows[j])[0]] = true;
            }
            total += count;
        }
        ck_assert_uint_eq(total, 85);
        OK(store_begin(store));
        OK(store_walk(store, rows, sizes[i], &count));
        ck_assert_uint_eq(count, 0);
        store_drop(store);
    }
}
END_TEST

START_TEST(a_walk_gives_rows_whole_and_tombstones_too)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct account account = an_account("alice", 1);
    struct factor factor = a_factor(3, "alice");
    struct origin origin = an_origin("alice", "ip:1");
    struct store_row rows[4];
    size_t count = 0;
    factor.state = FACTOR_REVOKED;
    OK(store_begin(store));
    OK(store_put_account(store, &account));
    OK(store_put_factor(store, &factor));
    OK(store_put_origin(store, &origin));
    store_walk_begin(store);
    OK(store_walk(store, rows, 4, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(rows[0].kind, STORE_ACCOUNT);
    ck_assert_mem_eq(&rows[0].account, &account, sizeof account);
    ck_assert_int_eq(rows[1].kind, STORE_FACTOR);
    ck_assert_mem_eq(&rows[1].factor, &factor, sizeof factor);
    ck_assert_int_eq(rows[2].kind, STORE_ORIGIN);
    ck_assert_mem_eq(&rows[2].origin, &origin, sizeof origin);
}
END_TEST

START_TEST(a_walk_must_have_begun_and_needs_a_change)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct store_row row;
    size_t count = 7;
    store_walk_begin(store);
    ck_assert_int_eq(store_walk(store, &row, 1, &count), STATUS_FAILED);
    store_walk_end(store);
    OK(store_begin(store));
    ck_assert_int_eq(store_walk(store, &row, 1, &count), STATUS_FAILED);
    ck_assert_uint_eq(count, 7);
}
END_TEST

static bool put_is_walked(struct store *store, enum store_kind kind, int64_t id, const char *user, const char *name)
{
    if (kind == STORE_ACCOUNT)
        put_account(store, user, 200);
    else if (kind == STORE_FACTOR)
        put_factor(store, id, 200);
    else
        put_origin(store, user, name, 200);
    return last_touch(store)->walked;
}

START_TEST(rows_behind_the_place_are_walked_and_those_before_it_are_not)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct store_row rows[100];
    size_t count = 0;
    fill(store);
    OK(store_begin(store));
    store_walk_begin(store);
    ck_assert(!put_is_walked(store, STORE_ACCOUNT, 0, "A", ""));
    store_drop(store);

    OK(store_begin(store));
    OK(store_walk(store, rows, 2, &count)); /* Alice, alice */
    ck_assert_str_eq(rows[1].account.user, "alice");
    ck_assert(put_is_walked(store, STORE_ACCOUNT, 0, "alice", ""));
    ck_assert(put_is_walked(store, STORE_ACCOUNT, 0, "ALICE", ""));
    ck_assert(put_is_walked(store, STORE_ACCOUNT, 0, "alic", ""));
    ck_assert(!put_is_walked(store, STORE_ACCOUNT, 0, "alice ", ""));
    ck_assert(!put_is_walked(store, STORE_ACCOUNT, 0, "bob", ""));
    ck_assert(!put_is_walked(store, STORE_ACCOUNT, 0, "\xc3\xa9", "")); /* a byte above 0x7f is not below zero */
    ck_assert(!put_is_walked(store, STORE_FACTOR, 1, "", ""));
    ck_assert(!put_is_walked(store, STORE_ORIGIN, 0, "A", "A"));
    store_drop(store);

    OK(store_begin(store));
    OK(store_walk(store, rows, 13, &count)); /* the other three, and factors 1 to 10 */
    ck_assert_int_eq(rows[12].factor.id, 10);
    ck_assert(put_is_walked(store, STORE_ACCOUNT, 0, "zzz", ""));
    ck_assert(put_is_walked(store, STORE_FACTOR, 10, "", ""));
    ck_assert(!put_is_walked(store, STORE_FACTOR, 11, "", ""));
    ck_assert(!put_is_walked(store, STORE_FACTOR, 1000, "", ""));
    ck_assert(!put_is_walked(store, STORE_ORIGIN, 0, "A", "A"));
    store_drop(store);

    OK(store_begin(store));
    OK(store_walk(store, rows, 61, &count)); /* the other sixty, and (Alice, ip:1) */
    ck_assert_str_eq(rows[60].origin.name, "ip:1");
    ck_assert(put_is_walked(store, STORE_FACTOR, 1000, "", ""));
    ck_assert(put_is_walked(store, STORE_ORIGIN, 0, "Alice", "ip:1"));
    ck_assert(put_is_walked(store, STORE_ORIGIN, 0, "Alice", "ip:"));
    ck_assert(put_is_walked(store, STORE_ORIGIN, 0, "A", "zzz"));
    ck_assert(!put_is_walked(store, STORE_ORIGIN, 0, "Alice", "ip:10"));
    ck_assert(!put_is_walked(store, STORE_ORIGIN, 0, "alice", "a"));
    store_drop(store);

    OK(store_begin(store));
    OK(store_walk(store, rows, 100, &count));
    ck_assert_uint_eq(count, 9);
    ck_assert(put_is_walked(store, STORE_ORIGIN, 0, "zzzz", "zzzz"));
    store_walk_end(store);
    ck_assert(!put_is_walked(store, STORE_ORIGIN, 0, "zzzz", "zzzz"));
}
END_TEST

/* Somebody writes at random between the pages; some of it is dropped. What the walk has added up, mended by what was touched
 * behind it, is what is there. */
START_TEST(a_walk_mended_by_touches_adds_up_to_what_is_there)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct store_row rows[16];
    struct total kept = {0};
    uint32_t random = 1;

    for (int round = 0; round < 40; round++) {
        struct total walked = {0};
        size_t page = 1 + (size_t)round % 16, count = page;
        store_walk_begin(store);
        for (int step = 0; count == page || step < 10; step++) {
            struct total next_kept = kept, next_walked = walked;
            OK(store_begin(store));
            for (int i = 0; i < 6; i++) {
                char user[8], name[8];
                random = random * 1664525 + 1013904223;
                uint8_t mark = (uint8_t)(random >> 13);
                snprintf(user, sizeof user, "u%u", random >> 20 & 15);
                snprintf(name, sizeof name, "n%u", random >> 24 & 3);
                int64_t id = 1 + (random >> 20 & 31);
                enum status ignored = STATUS_OK;
                switch (random >> 28 & 7) {
                case 0:
                    ignored = store_remove_account(store, user);
                    break;
                case 1:
                    ignored = store_remove_factor(store, id);
                    break;
                case 2:
                    ignored = store_remove_origin(store, user, name);
                    break;
                case 3:
                    put_account(store, user, mark);
                    break;
                case 4:
                case 5:
                    put_factor(store, id, mark);
                    break;
                default:
                    put_origin(store, user, name, mark);
                }
                (void)ignored;
            }
            follow(&next_kept, store, false);
            follow(&next_walked, store, true);
            if ((random >> 9 & 3) == 0) {
                store_drop(store);
            } else {
                OK(store_commit(store));
                kept = next_kept;
                walked = next_walked;
            }
            if (count != page)
                continue;
            OK(store_begin(store));
            OK(store_walk(store, rows, page, &count));
            store_drop(store);
            for (size_t i = 0; i < count; i++)
                walked.sum += weight(tag_of(&rows[i]));
            walked.rows += count;
        }
        store_walk_end(store);
        ck_assert_uint_eq(walked.rows, kept.rows);
        ck_assert_uint_eq(walked.sum, kept.sum);
    }
    ck_assert_uint_gt(kept.rows, 20);
}
END_TEST

START_TEST(a_row_without_a_name_stops_the_walk_where_it_was)
{
    static const char *const edits[] = {
        "INSERT INTO factor SELECT -5, user, uid, label, kind, algorithm, digits, period_s, state, created_s, "
        "pending_until_s, confirmed_s, not_before_s, not_after_s, last_used_s, mark, offset_steps, uses, replaces, "
        "handed_out, x'05', key_id, "
        "sealed, tag FROM factor WHERE id = 1",
        "UPDATE factor SET id = 0 WHERE id = 1",
        "UPDATE factor SET user = printf('%.*c', 256, 'x') WHERE id = 1",
        "UPDATE account SET user = 'a' || char(0) || 'b' WHERE user = 'bob'",
        "UPDATE origin SET name = printf('%.*c', 128, 'x') WHERE user = 'bob' AND name = 'ip:1'",
    };
    for (size_t i = 0; i < COUNT(edits); i++) {
        place_owner struct place place = place_new();
        struct store *store = open_new(&place);
        struct store_row rows[100];
        size_t count = 0;
        fill(store);
        store_close(store);
        char sql[1024];
        snprintf(sql, sizeof sql, "PRAGMA ignore_check_constraints = ON; %s", edits[i]);
        edit(&place, sql);
        store = reopen(&place);
        store_walk_begin(store);
        OK(store_begin(store));
        ck_assert_msg(store_walk(store, rows, 100, &count) == STATUS_TAMPERED, "%s", edits[i]);
        ck_assert_uint_eq(count, 0);
        OK(store_walk(store, rows, 1, &count)); /* from the start again */
        ck_assert_str_eq(rows[0].account.user, "Alice");
        store_close(store);
    }
}
END_TEST

/* The table is one page; behind its head of eight bytes is where each row is, in order: the first two change places. */
static void swap_rows(const struct place *place, const char *table)
{
    uint8_t bytes[12], swapped[4];
    off_t at = (off_t)4096 * (root_page(place, table) - 1);
    int fd = open(place->store, O_RDWR);
    ck_assert_int_eq(pread(fd, bytes, sizeof bytes, at), sizeof bytes);
    ck_assert(bytes[0] == 0x0d || bytes[0] == 0x0a);
    memcpy(swapped, bytes + 10, 2);
    memcpy(swapped + 2, bytes + 8, 2);
    ck_assert_int_eq(pwrite(fd, swapped, sizeof swapped, at + 8), sizeof swapped);
    close(fd);
}

static struct store *open_out_of_order(const struct place *place, const char *table)
{
    struct store *store = open_new(place);
    OK(store_begin(store));
    put_account(store, "alice", 1);
    put_account(store, "bob", 2);
    put_factor(store, 1, 3);
    put_factor(store, 2, 4);
    put_origin(store, "alice", "ip:1", 5);
    put_origin(store, "alice", "ip:2", 6);
    for (uint64_t seq = 1; seq <= 2; seq++) {
        struct entry entry = an_entry(seq, "alice", 1000);
        OK(store_add_entry(store, &entry));
    }
    OK(store_commit(store));
    store_close(store);
    swap_rows(place, table);
    store = reopen(place);
    OK(store_begin(store));
    return store;
}

START_TEST(a_table_out_of_order_ends_the_walk)
{
    static const char *const tables[] = {"account", "factor", "origin"};
    for (size_t i = 0; i < COUNT(tables); i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = open_out_of_order(&place, tables[i]);
        struct store_row rows[10];
        size_t count = 0;
        store_walk_begin(store);
        ck_assert_msg(store_walk(store, rows, 10, &count) == STATUS_TAMPERED, "%s", tables[i]);
    }
}
END_TEST

static enum status page_accounts(struct store *store, size_t *out_count)
{
    struct account rows[10];
    return store_page_accounts(store, "", rows, 10, out_count);
}

static enum status page_factors(struct store *store, size_t *out_count)
{
    struct factor rows[10];
    return store_page_factors(store, NULL, "", 0, rows, 10, out_count);
}

static enum status page_origins(struct store *store, size_t *out_count)
{
    struct origin rows[10];
    return store_page_origins(store, "", "", rows, 10, out_count);
}

static enum status get_factors(struct store *store, size_t *out_count)
{
    struct factor rows[10];
    return store_get_factors(store, "alice", rows, 10, out_count);
}

static enum status page_entries(struct store *store, size_t *out_count)
{
    struct entry rows[10];
    return store_page_entries(store, 0, 0, rows, 10, out_count);
}

/* Who pages on from a row that lies behind would never come to an end. */
START_TEST(a_table_out_of_order_ends_the_page)
{
    static const struct {
        const char *table;
        enum status (*page)(struct store *store, size_t *out_count);
    } pages[] = {{"account", page_accounts},
                 {"factor_user", page_factors},
                 {"factor_user", get_factors},
                 {"origin", page_origins},
                 {"entry", page_entries}};
    for (size_t i = 0; i < COUNT(pages); i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = open_out_of_order(&place, pages[i].table);
        size_t count = 9;
        ck_assert_msg(pages[i].page(store, &count) == STATUS_TAMPERED, "%s", pages[i].table);
        ck_assert_uint_eq(count, 9);
    }
}
END_TEST

START_TEST(a_page_may_go_on_from_a_row_that_it_overwrites)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct account account = {.user = ""};
    struct factor factor = {.user = ""};
    struct origin origin = {.user = ""};
    size_t count = 0;
    OK(store_begin(store));
    put_account(store, "alice", 1);
    put_account(store, "bob", 2);
    put_factor(store, 1, 3);
    put_factor(store, 2, 4);
    put_origin(store, "alice", "ip:1", 5);
    put_origin(store, "bob", "ip:1", 6);
    for (int row = 1; row <= 3; row++) {
        OK(store_page_accounts(store, account.user, &account, 1, &count));
        ck_assert_uint_eq(count, row <= 2);
        OK(store_page_factors(store, NULL, factor.user, factor.id, &factor, 1, &count));
        ck_assert_uint_eq(count, row <= 2);
        OK(store_page_origins(store, origin.user, origin.name, &origin, 1, &count));
        ck_assert_uint_eq(count, row <= 2);
    }
    ck_assert_str_eq(account.user, "bob");
    ck_assert_int_eq(factor.id, 2);
}
END_TEST

SUITE("store walk", a_walk_sees_each_row_once_in_pages_of_any_size, a_walk_gives_rows_whole_and_tombstones_too,
      a_walk_must_have_begun_and_needs_a_change, rows_behind_the_place_are_walked_and_those_before_it_are_not,
      a_walk_mended_by_touches_adds_up_to_what_is_there, a_row_without_a_name_stops_the_walk_where_it_was,
      a_table_out_of_order_ends_the_walk, a_table_out_of_order_ends_the_page,
      a_page_may_go_on_from_a_row_that_it_overwrites)
