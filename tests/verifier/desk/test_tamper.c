#include "office.h"
#include "suite.h"

#include <unistd.h>

#include <garde/store.h>
#include <garde/vault.h>

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

static enum reason log_in(struct office_token token)
{
    return office_log_in(&office, token.user, DESK, office_code(&office, token, 0));
}

/* Both have a factor, and an origin from an earlier success. */
static void open_both(void)
{
    office_open(&office);
    office_give(&office, alice);
    office_give(&office, bob);
    office.now_s += 60;
    ck_assert_int_eq(log_in(alice), ACCEPTED);
    ck_assert_int_eq(log_in(bob), ACCEPTED);
    office.now_s += 60;
}

/* After each of the edits, made on a store of its own, alice is refused as tampered and bob gets in. */
static void each_is_noticed(const char *const *edits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        open_both();
        office_sql(&office, "%s", edits[i]);
        enum reason reason = log_in(alice);
        ck_assert_msg(reason == REASON_TAMPERED, "%s: reason %d", edits[i], (int)reason);
        const struct entry *entry = office_last(&office);
        ck_assert_int_eq(entry->event, EVENT_LOGIN);
        ck_assert_int_eq(entry->verdict, VERDICT_REFUSED);
        ck_assert_int_eq(entry->reason, REASON_TAMPERED);
        ck_assert_str_eq(entry->user, "alice");
        ck_assert_msg(log_in(bob) == ACCEPTED, "%s touched bob", edits[i]);
        ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_OK);
        office_close(&office);
    }
}

#define FACTOR(set)  "UPDATE factor SET " set " WHERE user = 'alice'"
#define ACCOUNT(set) "UPDATE account SET " set " WHERE user = 'alice'"
#define ORIGIN(set)  "UPDATE origin SET " set " WHERE user = 'alice'"
#define COUNT(list)  (sizeof(list) / sizeof(list)[0])

START_TEST(tamper_with_any_column_of_a_factor_and_it_is_noticed)
{
    static const char *const edits[] = {
        FACTOR("user = 'zed'"),
        FACTOR("id = 77"),
        FACTOR("uid = 1001"),
        FACTOR("label = 'tablet'"),
        FACTOR("kind = 2"),
        FACTOR("kind = 9"),
        FACTOR("algorithm = 2"),
        FACTOR("digits = 8"),
        FACTOR("period_s = 60"),
        FACTOR("state = 1"),
        FACTOR("state = 3"),
        FACTOR("state = 4"),
        FACTOR("state = 9"),
        FACTOR("created_s = created_s + 1"),
        FACTOR("pending_until_s = 1"),
        FACTOR("confirmed_s = 0"),
        FACTOR("not_before_s = 1"),
        FACTOR("not_after_s = 9999999999"),
        FACTOR("last_used_s = 0"),
        FACTOR("mark = 0"),
        FACTOR("mark = -1"),
        FACTOR("offset_steps = 1"),
        FACTOR("fingerprint = zeroblob(32)"),
        FACTOR("fingerprint = zeroblob(1)"),
        FACTOR("key_id = 2"),
        FACTOR("sealed = zeroblob(48)"),
        FACTOR("sealed = zeroblob(0)"),
        FACTOR("sealed = zeroblob(500)"),
        FACTOR("tag = zeroblob(32)"),
        FACTOR("tag = zeroblob(1)"),
    };
    each_is_noticed(edits, COUNT(edits));
}
END_TEST

START_TEST(tamper_with_any_column_of_an_account_and_it_is_noticed)
{
    static const char *const edits[] = {
        ACCOUNT("user = 'zed'"),        ACCOUNT("uid = 7"),
        ACCOUNT("live_factors = 0"),    ACCOUNT("live_factors = 2"),
        ACCOUNT("confirmed_s = 0"),     ACCOUNT("other_failures = 9"),
        ACCOUNT("other_failures = -1"), ACCOUNT("other_refilled_s = 1"),
        ACCOUNT("key_id = 2"),          ACCOUNT("tag = zeroblob(32)"),
    };
    each_is_noticed(edits, COUNT(edits));
}
END_TEST

/* A row that changes hands altogether leaves nothing behind here; whoever gets it is refused. */
START_TEST(tamper_with_any_column_of_an_origin_and_it_is_noticed)
{
    static const char *const edits[] = {
        ORIGIN("name = 'ip:192.0.2.8'"),
        ORIGIN("failures = 3"),
        ORIGIN("failures = 4294967296"),
        ORIGIN("last_failure_s = 1"),
        ORIGIN("key_id = 2"),
        ORIGIN("last_success_s = last_success_s - 1"),
        ORIGIN("tag = zeroblob(32)"),
        "UPDATE origin SET user = 'alice', name = 'x' WHERE user = 'bob'",
    };
    each_is_noticed(edits, COUNT(edits));
}
END_TEST

START_TEST(tamper_by_taking_rows_away_is_never_unenrolled)
{
    static const char *const edits[] = {
        "DELETE FROM factor WHERE user = 'alice'",
        "DELETE FROM account WHERE user = 'alice'",
        ("UPDATE account SET live_factors = 0, confirmed_s = 0 WHERE user = 'alice'; "
         "DELETE FROM factor WHERE user = 'alice'"),
        "DELETE FROM account WHERE user = 'alice'; UPDATE factor SET state = 4 WHERE user = 'alice'",
    };
    each_is_noticed(edits, COUNT(edits));
}
END_TEST

#define COPIED                                                                                                         \
    "user, uid, label, kind, algorithm, digits, period_s, state, created_s, pending_until_s, confirmed_s, "            \
    "not_before_s, not_after_s, last_used_s, mark, offset_steps, uses, replaces, handed_out"

START_TEST(tamper_by_adding_rows_is_noticed)
{
    static const char *const edits[] = {
        "INSERT INTO factor SELECT 50, " COPIED ", zeroblob(32), key_id, sealed, tag FROM factor WHERE user = 'alice'",
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 40) "
         "INSERT INTO factor SELECT 50 + i, " COPIED ", CAST(printf('%032d', i) AS BLOB), key_id, sealed, tag "
         "FROM factor, n WHERE user = 'alice'"),
        ("INSERT INTO origin SELECT user, 'ip:192.0.2.8', 0, 0, last_success_s, key_id, tag FROM origin "
         "WHERE user = 'alice'"),
    };
    each_is_noticed(edits, COUNT(edits));
}
END_TEST

START_TEST(tamper_by_swapping_secrets_is_noticed_on_both_sides)
{
    static const char *const swaps[] = {"sealed", "sealed, tag", "sealed, tag, key_id, mark"};
    static const struct office_token carol = {.user = "carol", .uid = 1002, .seed = 0x33};
    for (size_t i = 0; i < COUNT(swaps); i++) {
        open_both();
        office_give(&office, carol);
        office.now_s += 60;
        office_sql(&office,
                   "CREATE TEMP TABLE was AS SELECT * FROM factor; UPDATE factor SET (%s) = "
                   "(SELECT %s FROM was WHERE was.id = 3 - factor.id) WHERE id IN (1, 2)",
                   swaps[i], swaps[i]);
        ck_assert_int_eq(log_in(alice), REASON_TAMPERED);
        ck_assert_int_eq(log_in(bob), REASON_TAMPERED);
        ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, bob, 0)), REASON_TAMPERED);
        ck_assert_int_eq(log_in(carol), ACCEPTED);
        office_close(&office);
    }
}
END_TEST

START_TEST(tampered_rows_are_not_changed_by_an_admin)
{
    static const struct office_token second = {.user = "alice", .uid = 1000, .seed = 0x33};
    static const struct office_token third = {.user = "alice", .uid = 1000, .seed = 0x44};
    open_both();
    ck_assert_int_eq(office_ask(&office, office_enrolment(second)).code, WIRE_OK);
    office_sql(&office, FACTOR("label = 'tablet'"));
    for (enum wire_change_kind kind = WIRE_SUSPEND; kind <= WIRE_UNLOCK; kind++)
        ck_assert_int_eq(office_ask(&office, office_change(kind, "alice", 0)).code, WIRE_TAMPERED);
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_code(&office, second, 0))).code,
                     WIRE_TAMPERED);
    ck_assert_int_eq(office_ask(&office, office_enrolment(third)).code, WIRE_TAMPERED);
    ck_assert_int_eq(office_ask(&office, office_try("alice", office_code(&office, alice, 0))).code, WIRE_TAMPERED);
    ck_assert_int_eq(office_last(&office)->event, EVENT_VERIFIED);
    ck_assert_uint_eq(office_count_told(&office, EVENT_DENIED, REASON_TAMPERED), 6);
    ck_assert_int_eq(log_in(alice), REASON_TAMPERED);
    office_close(&office);
}
END_TEST

START_TEST(a_lapsed_secret_is_not_taken_over_from_a_tampered_user)
{
    static const struct office_token theirs = {.user = "alice", .uid = 1000, .seed = 0x33};
    static const struct office_token ours = {.user = "bob", .uid = 1001, .seed = 0x33};
    open_both();
    ck_assert_int_eq(office_ask(&office, office_enrolment(theirs)).code, WIRE_OK);
    office.now_s += 900;
    office_sql(&office, ACCOUNT("other_failures = 9"));
    ck_assert_int_eq(office_ask(&office, office_enrolment(ours)).code, WIRE_TAMPERED);
    ck_assert_int_eq(log_in(alice), REASON_TAMPERED); /* and not as good as new */
    ck_assert_int_eq(log_in(bob), ACCEPTED);
    office_close(&office);
}
END_TEST

/* As if a broken program of ours had written alice's row: its tag holds. */
static void spoil_with_the_key(void)
{
    struct factor factor;
    struct vault *vault = NULL;
    struct vault_keys *keys = NULL;
    struct store *store = NULL;
    struct problem problem;
    size_t count = 0;

    desk_close(office.desk);
    ck_assert_int_eq(vault_open(office.crypto, office.ring, geteuid(), &vault, &problem), STATUS_OK);
    ck_assert_int_eq(store_open(office.store, &store, &problem), STATUS_OK);
    ck_assert_int_eq(vault_keys_new(vault, store_id(store), &keys), STATUS_OK);
    ck_assert_int_eq(store_begin(store), STATUS_OK);
    ck_assert_int_eq(store_get_factors(store, "alice", &factor, 1, &count), STATUS_OK);
    factor.sealed[20] ^= 1;
    ck_assert_int_eq(vault_tag_factor(keys, &factor), STATUS_OK);
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_OK);
    ck_assert_int_eq(store_commit(store), STATUS_OK);
    vault_keys_free(keys);
    store_close(store);
    vault_close(vault);
    office_reopen(&office);
}

START_TEST(a_secret_that_does_not_open_is_tampered_although_its_row_holds)
{
    open_both();
    spoil_with_the_key();
    ck_assert_int_eq(log_in(alice), REASON_TAMPERED);
    ck_assert_int_eq(office_last(&office)->reason, REASON_TAMPERED);
    ck_assert_str_eq(office_last(&office)->user, "alice");
    ck_assert_int_eq(log_in(bob), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(a_tampered_account_is_tampered_for_its_own_user_at_the_public_door_too)
{
    open_both();
    office_sql(&office, ACCOUNT("other_failures = 9"));
    struct job *job = office_attempt("alice", "local:1000", office_code(&office, alice, 0));
    job->caller.door = DOOR_PUBLIC;
    job->caller.uid = 1000;
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(job->reason, REASON_TAMPERED);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(a_tampered_tombstone_hands_no_mark_on)
{
    open_both();
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_REVOKE, "alice", 0)).code, WIRE_OK);
    office_sql(&office, FACTOR("mark = 0"));
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_TAMPERED);
    ck_assert_int_eq(log_in(bob), ACCEPTED);
    office_close(&office);
}
END_TEST

SUITE("tamper", tamper_with_any_column_of_a_factor_and_it_is_noticed,
      tamper_with_any_column_of_an_account_and_it_is_noticed, tamper_with_any_column_of_an_origin_and_it_is_noticed,
      tamper_by_taking_rows_away_is_never_unenrolled, tamper_by_adding_rows_is_noticed,
      tamper_by_swapping_secrets_is_noticed_on_both_sides, tampered_rows_are_not_changed_by_an_admin,
      a_lapsed_secret_is_not_taken_over_from_a_tampered_user,
      a_secret_that_does_not_open_is_tampered_although_its_row_holds,
      a_tampered_account_is_tampered_for_its_own_user_at_the_public_door_too, a_tampered_tombstone_hands_no_mark_on)
