#include "layout.h"

#include <limits.h>

/* Numbers that grow go up to INT64_MAX, the most that SQL can compare. */
#define TEXT(type, member)                                                                                             \
    {                                                                                                                  \
        COLUMN_TEXT, offsetof(struct type, member), sizeof((struct type *)0)->member, 0, 0, 0                          \
    }
#define NUMBER(type, member, min, max)                                                                                 \
    {                                                                                                                  \
        COLUMN_NUMBER, offsetof(struct type, member), sizeof((struct type *)0)->member, min, max, 0                    \
    }
#define BYTES(type, member)                                                                                            \
    {                                                                                                                  \
        COLUMN_BYTES, offsetof(struct type, member), sizeof((struct type *)0)->member, 0, 0, 0                         \
    }
#define SEALED(type, member, len_member)                                                                               \
    {                                                                                                                  \
        COLUMN_SEALED, offsetof(struct type, member), sizeof((struct type *)0)->member, 0, 0,                          \
            offsetof(struct type, len_member)                                                                          \
    }
#define UINT32(type, member) NUMBER(type, member, 0, UINT32_MAX)
#define UINT64(type, member) NUMBER(type, member, 0, INT64_MAX)
#define TIME(type, member)   NUMBER(type, member, INT64_MIN, INT64_MAX)

#define TABLE(type, key_count, column_list)                                                                            \
    {                                                                                                                  \
        .columns = column_list, .count = sizeof column_list / sizeof column_list[0], .keys = key_count,                \
        .row_size = sizeof(struct type), .key_id_offset = offsetof(struct type, key_id),                               \
        .tag_offset = offsetof(struct type, tag)                                                                       \
    }

/* *_FIXED are the columns that are part of an index. A row whose fixed columns stay as they are is changed in place, so
 * that a login dirties one page of its table and none of the indexes; only otherwise it is put as a whole. */
#define ACCOUNT_FIXED "user, uid"
#define ACCOUNT_REST  "live_factors, confirmed_s, other_failures, other_refilled_s, key_id, tag"
static const struct column account_columns[] = {
    TEXT(account, user),
    UINT32(account, uid),
    UINT32(account, live_factors),
    TIME(account, confirmed_s),
    UINT32(account, other_failures),
    TIME(account, other_refilled_s),
    UINT32(account, key_id),
    BYTES(account, tag),
};
const struct table store_accounts = TABLE(account, 1, account_columns);

#define FACTOR_FIXED "id, user, state, fingerprint"
#define FACTOR_REST                                                                                                    \
    "uid, label, kind, algorithm, digits, period_s, created_s, pending_until_s, confirmed_s, not_before_s, "           \
    "not_after_s, last_used_s, mark, offset_steps, uses, replaces, handed_out, key_id, sealed, tag"
static const struct column factor_columns[] = {
    NUMBER(factor, id, 1, INT64_MAX),
    TEXT(factor, user),
    NUMBER(factor, state, FACTOR_PENDING, FACTOR_REVOKED),
    BYTES(factor, fingerprint),
    UINT32(factor, uid),
    TEXT(factor, label),
    NUMBER(factor, kind, FACTOR_TOTP, FACTOR_TEMPORARY),
    NUMBER(factor, algorithm, ALGORITHM_SHA1, ALGORITHM_SHA512),
    UINT32(factor, digits),
    UINT32(factor, period_s),
    TIME(factor, created_s),
    TIME(factor, pending_until_s),
    TIME(factor, confirmed_s),
    TIME(factor, not_before_s),
    TIME(factor, not_after_s),
    TIME(factor, last_used_s),
    UINT64(factor, mark),
    NUMBER(factor, offset_steps, INT32_MIN, INT32_MAX),
    UINT32(factor, uses),
    NUMBER(factor, replaces, 0, INT64_MAX),
    NUMBER(factor, handed_out, 0, 1),
    UINT32(factor, key_id),
    SEALED(factor, sealed, sealed_len),
    BYTES(factor, tag),
};
const struct table store_factors = TABLE(factor, 2, factor_columns);

#define ORIGIN_FIXED "user, name"
#define ORIGIN_REST  "failures, last_failure_s, last_success_s, key_id, tag"
static const struct column origin_columns[] = {
    TEXT(origin, user),           TEXT(origin, name),     UINT32(origin, failures), TIME(origin, last_failure_s),
    TIME(origin, last_success_s), UINT32(origin, key_id), BYTES(origin, tag),
};
const struct table store_origins = TABLE(origin, 2, origin_columns);

/* Numbers of events and reasons that a newer program has added are no damage: here they only have to fit. */
#define ENTRY_COLUMNS                                                                                                  \
    "seq, time_ms, event, verdict, reason, user, uid, factor_id, service, origin, actor, note, count, key_id, tag"
static const struct column entry_columns[] = {
    NUMBER(entry, seq, 1, INT64_MAX),
    TIME(entry, time_ms),
    NUMBER(entry, event, 0, INT_MAX),
    NUMBER(entry, verdict, VERDICT_REFUSED, VERDICT_ACCEPTED),
    NUMBER(entry, reason, 0, INT_MAX),
    TEXT(entry, user),
    UINT32(entry, uid),
    NUMBER(entry, factor_id, 0, INT64_MAX),
    TEXT(entry, service),
    TEXT(entry, origin),
    TEXT(entry, actor),
    TEXT(entry, note),
    UINT32(entry, count),
    UINT32(entry, key_id),
    BYTES(entry, tag),
};
const struct table store_entries = TABLE(entry, 1, entry_columns);

/* All of its columns count as key: a head that does not fit must not look like the head of an empty chain. */
#define HEAD_COLUMNS "count, last_tag, key_id, tag"
static const struct column head_columns[] = {
    UINT64(entry_head, count),
    BYTES(entry_head, last_tag),
    UINT32(entry_head, key_id),
    BYTES(entry_head, tag),
};
const struct table store_heads = TABLE(entry_head, 4, head_columns);

/* The same for the head over all rows. */
#define ROWS_HEAD_COLUMNS "generation, row_count, nonce, masked, last_entry, key_id, tag"
static const struct column rows_head_columns[] = {
    UINT64(rows_head, generation), UINT64(rows_head, rows),   BYTES(rows_head, nonce), BYTES(rows_head, masked),
    BYTES(rows_head, last_entry),  UINT32(rows_head, key_id), BYTES(rows_head, tag),
};
const struct table store_rows_heads = TABLE(rows_head, 7, rows_head_columns);

#define IS_NAME(column) " TEXT NOT NULL CHECK (length(CAST(" #column " AS BLOB)) BETWEEN 1 AND "

const char *const store_schema[] = {
    "CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), store_id BLOB NOT NULL, "
    "next_factor_id INTEGER NOT NULL) STRICT",

    "CREATE TABLE account (user" IS_NAME(
        user) "255) PRIMARY KEY, uid INTEGER NOT NULL, live_factors INTEGER NOT NULL, "
              "confirmed_s INTEGER NOT NULL, other_failures INTEGER NOT NULL, other_refilled_s INTEGER NOT NULL, "
              "key_id INTEGER NOT NULL, tag BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX account_uid ON account (uid)",

    "CREATE TABLE factor (id INTEGER PRIMARY KEY CHECK (id > 0), user" IS_NAME(
        user) "255), uid INTEGER NOT NULL, "
              "label TEXT NOT NULL, kind INTEGER NOT NULL, algorithm INTEGER NOT NULL, digits INTEGER NOT NULL, "
              "period_s INTEGER NOT NULL, state INTEGER NOT NULL, created_s INTEGER NOT NULL, "
              "pending_until_s INTEGER NOT NULL, confirmed_s INTEGER NOT NULL, not_before_s INTEGER NOT NULL, "
              "not_after_s INTEGER NOT NULL, last_used_s INTEGER NOT NULL, mark INTEGER NOT NULL, "
              "offset_steps INTEGER NOT NULL, uses INTEGER NOT NULL, replaces INTEGER NOT NULL, "
              "handed_out INTEGER NOT NULL, fingerprint BLOB NOT NULL, key_id INTEGER NOT NULL, sealed BLOB NOT "
              "NULL, "
              "tag BLOB NOT NULL) STRICT",
    "CREATE INDEX factor_user ON factor (user, id)",
    "CREATE INDEX factor_fingerprint ON factor (fingerprint, id)",
    "CREATE UNIQUE INDEX factor_live_fingerprint ON factor (fingerprint) WHERE state <> 4",

    "CREATE TABLE origin (user" IS_NAME(user) "255), name" IS_NAME(
        name) "127), failures INTEGER NOT NULL, "
              "last_failure_s INTEGER NOT NULL, last_success_s INTEGER NOT NULL, key_id INTEGER NOT NULL, tag BLOB NOT "
              "NULL, "
              "PRIMARY KEY (user, name)) STRICT, WITHOUT ROWID",

    "CREATE TABLE entry (seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, event INTEGER NOT NULL, "
    "verdict INTEGER NOT NULL, reason INTEGER NOT NULL, user TEXT NOT NULL, uid INTEGER NOT NULL, "
    "factor_id INTEGER NOT NULL, service TEXT NOT NULL, origin TEXT NOT NULL, actor TEXT NOT NULL, "
    "note TEXT NOT NULL, "
    "count INTEGER NOT NULL, key_id INTEGER NOT NULL, tag BLOB NOT NULL) STRICT",
    "CREATE INDEX entry_time ON entry (time_ms, seq)",

    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL, last_tag BLOB NOT NULL, "
    "key_id INTEGER NOT NULL, tag BLOB NOT NULL) STRICT",

    "CREATE TABLE rows_head (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, "
    "row_count INTEGER NOT NULL, nonce BLOB NOT NULL, masked BLOB NOT NULL, last_entry BLOB NOT NULL, "
    "key_id INTEGER NOT NULL, tag BLOB NOT NULL) STRICT",
    NULL,
};

_Static_assert(FACTOR_REVOKED == 4, "the index factor_live_fingerprint names it");
_Static_assert(USER_SIZE == 256 && ORIGIN_SIZE == 128, "the tables name them");

#define ACCOUNT_PUT "?1, ?2"
#define ACCOUNT_SET "?3, ?4, ?5, ?6, ?7, ?8"
#define FACTOR_PUT  "?1, ?2, ?3, ?4"
#define FACTOR_SET  "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24"
#define ORIGIN_PUT  "?1, ?2"
#define ORIGIN_SET  "?3, ?4, ?5, ?6, ?7"

#define PUT(table, FIXED, REST, put, set, key)                                                                         \
    "INSERT INTO " table " (" FIXED ", " REST ") VALUES (" put ", " set ") ON CONFLICT (" key                          \
    ") DO UPDATE SET (" FIXED ", " REST ") = (" put ", " set ")"

const char *const store_statements[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_DROP] = "ROLLBACK",
    /* Also above every id in use, should somebody have turned the counter back, or made it something else than a number (to max() a
     * text or blob is more than any number). */
    [STATEMENT_NEW_FACTOR_ID] = "UPDATE meta SET next_factor_id = 1 + max(1, iif(typeof(next_factor_id) = 'integer', "
                                "next_factor_id, 1), (SELECT ifnull(max(id), 0) + 1 FROM factor)) "
                                "RETURNING next_factor_id - 1",

    [STATEMENT_GET_ACCOUNT] = "SELECT " ACCOUNT_FIXED ", " ACCOUNT_REST " FROM account WHERE user = ?1",
    [STATEMENT_GET_ACCOUNT_OF_UID] =
        "SELECT " ACCOUNT_FIXED ", " ACCOUNT_REST " FROM account WHERE uid = ?1 ORDER BY user LIMIT 1",
    [STATEMENT_PAGE_ACCOUNTS] = "SELECT " ACCOUNT_FIXED ", " ACCOUNT_REST " FROM account WHERE user > ?1 ORDER BY user",
    [STATEMENT_CHANGE_ACCOUNT] =
        "UPDATE account SET (" ACCOUNT_REST ") = (" ACCOUNT_SET ") WHERE user = ?1 AND uid = ?2",
    [STATEMENT_PUT_ACCOUNT] = PUT("account", ACCOUNT_FIXED, ACCOUNT_REST, ACCOUNT_PUT, ACCOUNT_SET, "user"),
    [STATEMENT_REMOVE_ACCOUNT] = "DELETE FROM account WHERE user = ?1",

    [STATEMENT_GET_FACTORS] =
        "SELECT " FACTOR_FIXED ", " FACTOR_REST " FROM factor WHERE user = ?1 AND state <> 4 ORDER BY id",
    [STATEMENT_GET_FACTORS_OF_FINGERPRINT] =
        "SELECT " FACTOR_FIXED ", " FACTOR_REST " FROM factor WHERE fingerprint = ?1 ORDER BY id DESC",
    [STATEMENT_PAGE_FACTORS] =
        "SELECT " FACTOR_FIXED ", " FACTOR_REST " FROM factor WHERE (user, id) > (?1, ?2) ORDER BY user, id",
    [STATEMENT_PAGE_FACTORS_OF_USER] =
        "SELECT " FACTOR_FIXED ", " FACTOR_REST " FROM factor WHERE user = ?3 AND (user, id) > (?1, ?2) ORDER BY id",
    [STATEMENT_CHANGE_FACTOR] = "UPDATE factor SET (" FACTOR_REST ") = (" FACTOR_SET
                                ") WHERE id = ?1 AND user = ?2 AND state = ?3 AND fingerprint = ?4",
    [STATEMENT_PUT_FACTOR] = PUT("factor", FACTOR_FIXED, FACTOR_REST, FACTOR_PUT, FACTOR_SET, "id"),
    [STATEMENT_REMOVE_FACTOR] = "DELETE FROM factor WHERE id = ?1",

    [STATEMENT_GET_ORIGIN] = "SELECT " ORIGIN_FIXED ", " ORIGIN_REST " FROM origin WHERE user = ?1 AND name = ?2",
    /* Somebody can have put in a million for one user: they are not all read at each attempt of that user. (With an
     * order of its own the inner part stays one, and ends there.) */
    [STATEMENT_GET_ORIGINS] = "SELECT " ORIGIN_FIXED ", " ORIGIN_REST
                              " FROM (SELECT * FROM origin WHERE user = ?1 ORDER BY user, name LIMIT 1024) "
                              "ORDER BY max(last_failure_s, last_success_s) DESC, name",
    [STATEMENT_CHANGE_ORIGIN] = "UPDATE origin SET (" ORIGIN_REST ") = (" ORIGIN_SET ") WHERE user = ?1 AND name = ?2",
    [STATEMENT_PUT_ORIGIN] = PUT("origin", ORIGIN_FIXED, ORIGIN_REST, ORIGIN_PUT, ORIGIN_SET, "user, name"),
    [STATEMENT_REMOVE_ORIGIN] = "DELETE FROM origin WHERE user = ?1 AND name = ?2",

    [STATEMENT_GET_HEAD] = "SELECT " HEAD_COLUMNS " FROM head",
    [STATEMENT_PUT_HEAD] = "INSERT INTO head (one, " HEAD_COLUMNS ") VALUES (1, ?1, ?2, ?3, ?4) "
                           "ON CONFLICT (one) DO UPDATE SET (" HEAD_COLUMNS ") = (?1, ?2, ?3, ?4)",
    [STATEMENT_ADD_ENTRY] =
        "INSERT INTO entry (" ENTRY_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
        "?15)",
    [STATEMENT_PAGE_ENTRIES] = "SELECT " ENTRY_COLUMNS " FROM entry WHERE seq > ?1 AND +time_ms >= ?2 ORDER BY seq",
    [STATEMENT_FIRST_ENTRY_SINCE] = "SELECT min(seq) FROM entry INDEXED BY entry_time WHERE time_ms >= ?1",

    [STATEMENT_IS_ENTRY_OF_TIME] = "SELECT count(*) FROM entry INDEXED BY entry_time WHERE time_ms = ?1 AND seq = ?2",

    [STATEMENT_GET_FACTOR] = "SELECT " FACTOR_FIXED ", " FACTOR_REST " FROM factor WHERE id = ?1",
    [STATEMENT_GET_ROWS_HEAD] = "SELECT " ROWS_HEAD_COLUMNS " FROM rows_head",
    [STATEMENT_PUT_ROWS_HEAD] =
        "INSERT INTO rows_head (one, " ROWS_HEAD_COLUMNS ") VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (one) DO UPDATE SET (" ROWS_HEAD_COLUMNS ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    /* By the tables themselves: what an index leads to is not all there is. */
    [STATEMENT_WALK_FACTORS] =
        "SELECT " FACTOR_FIXED ", " FACTOR_REST " FROM factor NOT INDEXED WHERE id >= ?1 ORDER BY id",
    [STATEMENT_WALK_ORIGINS] =
        "SELECT " ORIGIN_FIXED ", " ORIGIN_REST " FROM origin WHERE (user, name) > (?1, ?2) ORDER BY user, name",
    /* 1: what a look-up finds first is that row. */
    [STATEMENT_SEE_ACCOUNT] = "SELECT tag = ?2 FROM account WHERE user = ?1",
    [STATEMENT_SEE_ACCOUNT_OF_UID] = "SELECT user = ?2 FROM account WHERE uid = ?1 ORDER BY user LIMIT 1",
    [STATEMENT_SEE_FACTOR] = "SELECT tag = ?2 FROM factor WHERE id = ?1",
    [STATEMENT_SEE_FINGERPRINT] =
        "SELECT id = ?2 FROM factor INDEXED BY factor_fingerprint WHERE fingerprint = ?1 ORDER BY id DESC LIMIT 1",
    /* Is the factor with that id among the newest 64 with that fingerprint, as an enrolment asks for them? Also 1 when there are so many. */
    [STATEMENT_IS_LISTED] = ("SELECT count(*) = 64 OR ifnull(max(id = ?2), 0) FROM (SELECT id FROM factor INDEXED BY "
                             "factor_fingerprint WHERE fingerprint = ?1 ORDER BY id DESC LIMIT 64)"),

    [STATEMENT_COUNT_FACTORS] = "SELECT count(*) FROM factor WHERE user = ?1 AND state <> 4",
    [STATEMENT_HAS_ACCOUNT] = "SELECT count(*) FROM account WHERE user = ?1",

    [STATEMENT_COUNT_PAGES] = "PRAGMA page_count",
    [STATEMENT_COUNT_FREE_PAGES] = "PRAGMA freelist_count",
};
