/* What somebody does who may write the file and knows SQL, but has no key. */
#include "suite.h"

#include "place.h"

#include <sqlite3.h>

static void edit(const struct place *place, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open_v2(place->store, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s: %s", sql, message);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* What SQL refuses in a STRICT table can still be written: the definition is text in the file. */
#define LOOSELY(table, sql)                                                                                            \
    "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON;"                                               \
    "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '  '), rootpage = rootpage WHERE name = '" table "';"      \
    "PRAGMA writable_schema = RESET;" sql ";"                                                                          \
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ')  ', ') STRICT') "                     \
    "WHERE name = '" table "'; PRAGMA writable_schema = RESET;"

static void fill(const struct place *place)
{
    store_owner struct store *store = open_new(place);
    struct factor alice = a_factor(1, "alice"), bob = a_factor(2, "bob");
    struct account accounts[] = {an_account("alice", 1001), an_account("bob", 1002)};
    struct origin origins[] = {an_origin("alice", "ip:1"), an_origin("bob", "ip:1")};
    struct entry entries[] = {an_entry(1, "alice", 1000), an_entry(2, "bob", 2000)};
    struct entry_head head = {.count = 2, .key_id = 1};
    OK(store_begin(store));
    OK(store_put_factor(store, &alice));
    OK(store_put_factor(store, &bob));
    for (size_t i = 0; i < 2; i++) {
        OK(store_put_account(store, &accounts[i]));
        OK(store_put_origin(store, &origins[i]));
        OK(store_add_entry(store, &entries[i]));
    }
    OK(store_put_head(store, &head));
    OK(store_commit(store));
}

static bool is_marked(uint32_t key_id, const uint8_t tag[TAG_SIZE])
{
    static const uint8_t zeroes[TAG_SIZE];
    return key_id == 0 && memcmp(tag, zeroes, TAG_SIZE) == 0;
}

static struct store *edited(const struct place *place, const char *sql)
{
    fill(place);
    edit(place, sql);
    struct store *store = reopen(place);
    OK(store_begin(store));
    return store;
}

#define TOO_LONG "hex(zeroblob(200))"

START_TEST(a_factor_that_does_not_fit_is_marked_and_others_are_not)
{
    static const char *const edits[] = {
        "UPDATE factor SET uid = -1 WHERE id = 1",
        "UPDATE factor SET uid = 4294967296 WHERE id = 1",
        "UPDATE factor SET label = " TOO_LONG " WHERE id = 1",
        "UPDATE factor SET label = printf('%.*c', 64, 'x') WHERE id = 1", /* no room for the final zero */
        "UPDATE factor SET label = 'a' || char(0) || 'b' WHERE id = 1",
        "UPDATE factor SET kind = 5 WHERE id = 1",
        "UPDATE factor SET kind = 0 WHERE id = 1",
        "UPDATE factor SET algorithm = 4 WHERE id = 1",
        "UPDATE factor SET digits = -6 WHERE id = 1",
        "UPDATE factor SET period_s = 1e12 WHERE id = 1",
        "UPDATE factor SET state = 5 WHERE id = 1",
        "UPDATE factor SET state = 0 WHERE id = 1",
        "UPDATE factor SET mark = -1 WHERE id = 1",
        "UPDATE factor SET offset_steps = 2147483648 WHERE id = 1",
        "UPDATE factor SET offset_steps = -2147483649 WHERE id = 1",
        "UPDATE factor SET fingerprint = x'00' WHERE id = 1",
        "UPDATE factor SET key_id = 4294967297 WHERE id = 1",
        "UPDATE factor SET sealed = zeroblob(321) WHERE id = 1",
        "UPDATE factor SET sealed = zeroblob(100000000) WHERE id = 1",
        "UPDATE factor SET tag = zeroblob(31) WHERE id = 1",
        "UPDATE factor SET tag = x'' WHERE id = 1",
        LOOSELY("factor", "UPDATE factor SET digits = 'six' WHERE id = 1"),
        LOOSELY("factor", "UPDATE factor SET created_s = 1.5 WHERE id = 1"),
        LOOSELY("factor", "UPDATE factor SET label = x'41' WHERE id = 1"),
        LOOSELY("factor", "UPDATE factor SET sealed = 'text' WHERE id = 1"),
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = edited(&place, edits[i]);
        struct factor found[2];
        size_t count = 0;
        OK(store_get_factors(store, "alice", found, 2, &count));
        ck_assert_uint_eq(count, 1);
        ck_assert_msg(is_marked(found[0].key_id, found[0].tag), "%s", edits[i]);
        ck_assert_int_eq(found[0].id, 1);
        OK(store_page_factors(store, NULL, "", 0, found, 2, &count));
        ck_assert_uint_eq(count, 2);
        ck_assert(is_marked(found[0].key_id, found[0].tag));
        struct factor bob = a_factor(2, "bob");
        ck_assert_mem_eq(&bob, &found[1], sizeof bob);
    }
}
END_TEST

START_TEST(an_account_or_origin_that_does_not_fit_is_marked)
{
    static const char *const accounts[] = {
        "UPDATE account SET live_factors = -1",
        "UPDATE account SET other_failures = 99999999999",
        "UPDATE account SET key_id = -5",
        "UPDATE account SET tag = zeroblob(33)",
        LOOSELY("account", "UPDATE account SET confirmed_s = 'never'"),
    };
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = edited(&place, accounts[i]);
        struct account account;
        OK(store_get_account(store, "alice", &account));
        ck_assert_msg(is_marked(account.key_id, account.tag), "%s", accounts[i]);
        OK(store_get_account_of_uid(store, 1001, &account));
        ck_assert(is_marked(account.key_id, account.tag));
    }
    static const char *const origins[] = {
        "UPDATE origin SET failures = -1",
        "UPDATE origin SET tag = x''",
        LOOSELY("origin", "UPDATE origin SET last_success_s = x'00'"),
    };
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = edited(&place, origins[i]);
        struct origin origin, all[2];
        size_t count = 0;
        OK(store_get_origin(store, "alice", "ip:1", &origin));
        ck_assert_msg(is_marked(origin.key_id, origin.tag), "%s", origins[i]);
        OK(store_get_origins(store, "alice", all, 2, &count));
        ck_assert_uint_eq(count, 1);
        ck_assert(is_marked(all[0].key_id, all[0].tag));
    }
}
END_TEST

START_TEST(an_entry_that_does_not_fit_is_marked_and_keeps_its_place)
{
    static const char *const edits[] = {
        "UPDATE entry SET verdict = 2 WHERE seq = 1",          "UPDATE entry SET event = -1 WHERE seq = 1",
        "UPDATE entry SET user = " TOO_LONG " WHERE seq = 1",  "UPDATE entry SET service = " TOO_LONG " WHERE seq = 1",
        "UPDATE entry SET actor = " TOO_LONG " WHERE seq = 1", "UPDATE entry SET factor_id = -1 WHERE seq = 1",
        "UPDATE entry SET tag = zeroblob(5) WHERE seq = 1",
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = edited(&place, edits[i]);
        struct entry found[2], bob = an_entry(2, "bob", 2000);
        size_t count = 0;
        OK(store_page_entries(store, 0, 0, found, 2, &count));
        ck_assert_uint_eq(count, 2);
        ck_assert_uint_eq(found[0].seq, 1);
        ck_assert_msg(is_marked(found[0].key_id, found[0].tag), "%s", edits[i]);
        ck_assert_mem_eq(&found[1], &bob, sizeof bob);
    }
}
END_TEST

START_TEST(an_event_of_a_newer_program_is_no_damage)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = edited(&place, "UPDATE entry SET event = 77, reason = 78 WHERE seq = 1");
    struct entry found[2];
    size_t count = 0;
    OK(store_page_entries(store, 0, 0, found, 2, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq((int)found[0].event, 77);
    ck_assert(!is_marked(found[0].key_id, found[0].tag));
}
END_TEST

START_TEST(a_damaged_head_never_looks_like_an_empty_chain)
{
    static const char *const edits[] = {
        "UPDATE head SET count = -1",
        "UPDATE head SET last_tag = x''",
        "UPDATE head SET key_id = -1",
        "UPDATE head SET tag = zeroblob(33)",
        "DELETE FROM head",
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = edited(&place, edits[i]);
        struct entry_head head = {.count = 42};
        ck_assert_int_eq(store_get_head(store, &head), STATUS_TAMPERED);
        ck_assert_uint_eq(head.count, 42);
    }
}
END_TEST

START_TEST(a_row_that_says_no_user_ends_a_page_as_tampered)
{
    place_owner struct place place = place_new();
    store_owner struct store *store =
        edited(&place, "PRAGMA ignore_check_constraints = ON; UPDATE factor SET user = " TOO_LONG " WHERE id = 1");
    struct factor found[2];
    size_t count = 9;
    ck_assert_int_eq(store_page_factors(store, NULL, "", 0, found, 2, &count), STATUS_TAMPERED);
    ck_assert_uint_eq(count, 9);
    OK(store_get_factors(store, "bob", found, 2, &count));
    ck_assert_uint_eq(count, 1);
    OK(store_get_factors(store, "alice", found, 2, &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_counter_of_ids_turned_back_gives_no_id_in_use)
{
    static const char *const edits[] = {"UPDATE meta SET next_factor_id = 1", "UPDATE meta SET next_factor_id = -9",
                                        LOOSELY("meta", "UPDATE meta SET next_factor_id = x''"),
                                        LOOSELY("meta", "UPDATE meta SET next_factor_id = 'two'"),
                                        LOOSELY("meta", "UPDATE meta SET next_factor_id = 1.5")};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        place_owner struct place place = place_new();
        store_owner struct store *store = edited(&place, edits[i]);
        int64_t id = 0;
        OK(store_new_factor_id(store, &id));
        ck_assert_int_eq(id, 3);
    }
    place_owner struct place place = place_new();
    store_owner struct store *store = edited(&place, "UPDATE meta SET next_factor_id = 9223372036854775807");
    int64_t id = 0;
    ck_assert_int_ne(store_new_factor_id(store, &id), STATUS_OK);
    ck_assert_int_eq(id, 0);
}
END_TEST

START_TEST(a_changed_schema_is_not_opened)
{
    static const char *const edits[] = {
        "CREATE TRIGGER t AFTER UPDATE ON factor BEGIN DELETE FROM entry; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE extra (a)",
        "DROP INDEX factor_live_fingerprint",
        "DROP TABLE origin",
        "ALTER TABLE factor ADD COLUMN note TEXT",
        ("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'user TEXT NOT NULL', "
         "'user TEXT NOT NULL COLLATE NOCASE') WHERE name = 'factor'"),
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7",
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        place_owner struct place place = place_new();
        struct problem problem = {.kind = PROBLEM_NONE};
        struct store *store = NULL;
        fill(&place);
        edit(&place, edits[i]);
        ck_assert_msg(store_open(place.store, &store, &problem) == STATUS_INVALID, "%s", edits[i]);
        ck_assert_int_eq(problem.kind, PROBLEM_FOREIGN);
        ck_assert_ptr_null(store);
    }
}
END_TEST

START_TEST(a_store_without_its_id_is_not_opened)
{
    static const char *const edits[] = {"DELETE FROM meta", "UPDATE meta SET store_id = x'0102'"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        place_owner struct place place = place_new();
        struct problem problem;
        struct store *store = NULL;
        fill(&place);
        edit(&place, edits[i]);
        ck_assert_int_eq(store_open(place.store, &store, &problem), STATUS_INVALID);
        ck_assert_int_eq(problem.kind, PROBLEM_TAMPERED);
        ck_assert_str_eq(problem.item, "meta");
    }
}
END_TEST

static void write_byte(const struct place *place, off_t at, uint8_t value)
{
    int fd = open(place->store, O_WRONLY);
    ck_assert_int_eq(pwrite(fd, &value, 1, at), 1);
    close(fd);
}

START_TEST(a_file_of_another_format_is_not_opened_and_not_called_a_matter_of_rights)
{
    for (off_t at = 18; at <= 19; at++) { /* SQLite's format versions for writing and for reading */
        for (int version = 0; version <= 3; version += 3) {
            place_owner struct place place = place_new();
            struct problem problem;
            struct store *store = NULL;
            fill(&place);
            write_byte(&place, at, (uint8_t)version);
            ck_assert_int_eq(store_open(place.store, &store, &problem), STATUS_INVALID);
            ck_assert_int_eq(problem.kind, PROBLEM_FOREIGN);
        }
    }
}
END_TEST

START_TEST(a_vacuumed_store_is_still_the_store)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = edited(&place, "VACUUM");
    struct account account;
    OK(store_get_account(store, "alice", &account));
}
END_TEST

/* Every byte of a small store in turn, in big steps so that it stays quick. */
START_TEST(a_store_with_garbage_in_it_never_crashes)
{
    place_owner struct place place = place_new();
    uint8_t garbage[16];
    fill(&place);
    edit(&place, "PRAGMA wal_checkpoint(TRUNCATE); VACUUM");
    int fd = open(place.store, O_RDWR);
    off_t end = lseek(fd, 0, SEEK_END);
    memset(garbage, 0xff, sizeof garbage);
    for (off_t at = 0; at < end; at += 97) {
        uint8_t was[sizeof garbage];
        ssize_t len = pread(fd, was, sizeof was, at);
        ck_assert_int_gt(len, 0);
        ck_assert_int_eq(pwrite(fd, garbage, (size_t)len, at), len);
        struct problem problem;
        struct store *store = NULL;
        if (store_open(place.store, &store, &problem) == STATUS_OK) {
            struct factor found[4];
            struct entry entries[4];
            struct account account;
            size_t count = 0;
            bool read = store_begin(store) == STATUS_OK &&
                        store_page_factors(store, NULL, "", 0, found, 4, &count) == STATUS_OK &&
                        store_page_entries(store, 0, 0, entries, 4, &count) == STATUS_OK &&
                        store_get_account(store, "bob", &account) == STATUS_OK;
            store_drop(store);
            bool sound = store_examine(store) == STATUS_OK;
            (void)(read && sound);
        } else {
            ck_assert_int_ne(problem.kind, PROBLEM_NONE);
        }
        store_close(store);
        ck_assert_int_eq(pwrite(fd, was, (size_t)len, at), len);
    }
    close(fd);
}
END_TEST

/* The newest lie behind the first 1,024. */
START_TEST(of_a_million_origins_of_a_user_not_all_are_read)
{
    place_owner struct place place = place_new();
    store_owner struct store *store =
        edited(&place, "INSERT INTO origin SELECT user, printf('x%05d', value), 1, value, value, 1, tag FROM origin, "
                       "(WITH RECURSIVE number (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM number "
                       "WHERE value < 5000) SELECT value FROM number) WHERE user = 'alice'");
    struct origin found[65];
    size_t count = 0;
    OK(store_get_origins(store, "alice", found, 65, &count));
    ck_assert_uint_eq(count, 65);
    ck_assert_int_eq(found[0].last_success_s, 1023); /* and ip:1 */
    ck_assert_int_eq(found[64].last_success_s, 959);
}
END_TEST

START_TEST(an_index_that_lies_is_found_by_the_examination)
{
    place_owner struct place place = place_new();
    fill(&place);
    struct store *store = reopen(&place);
    OK(store_examine(store));
    store_close(store);
    edit(&place, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
                 "(SELECT rootpage FROM sqlite_schema WHERE name = 'entry_time') WHERE name = 'factor_user'");
    store = reopen(&place);
    ck_assert_int_eq(store_examine(store), STATUS_TAMPERED);
    store_close(store);
}
END_TEST

SUITE("store damage", a_factor_that_does_not_fit_is_marked_and_others_are_not,
      an_account_or_origin_that_does_not_fit_is_marked, an_entry_that_does_not_fit_is_marked_and_keeps_its_place,
      an_event_of_a_newer_program_is_no_damage, a_damaged_head_never_looks_like_an_empty_chain,
      a_row_that_says_no_user_ends_a_page_as_tampered, a_counter_of_ids_turned_back_gives_no_id_in_use,
      a_changed_schema_is_not_opened, a_store_without_its_id_is_not_opened,
      a_file_of_another_format_is_not_opened_and_not_called_a_matter_of_rights, a_vacuumed_store_is_still_the_store,
      a_store_with_garbage_in_it_never_crashes, of_a_million_origins_of_a_user_not_all_are_read,
      an_index_that_lies_is_found_by_the_examination)
