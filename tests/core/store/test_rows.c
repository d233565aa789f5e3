#include "suite.h"

#include "place.h"

static void begin_new(struct place *place, struct store **store)
{
    *place = place_new();
    *store = open_new(place);
    OK(store_begin(*store));
}

/* Every test works in one change and then sees what a fresh open sees. */
static void settle(const struct place *place, struct store **store)
{
    OK(store_commit(*store));
    store_close(*store);
    *store = reopen(place);
    OK(store_begin(*store));
}

#define WITH_STORE                                                                                                     \
    place_owner struct place place;                                                                                    \
    store_owner struct store *store = NULL;                                                                            \
    begin_new(&place, &store)

START_TEST(store_id_is_the_one_it_was_made_with)
{
    WITH_STORE;
    ck_assert_mem_eq(store_id(store), an_id, STORE_ID_SIZE);
}
END_TEST

START_TEST(an_account_comes_back_as_it_went_in)
{
    WITH_STORE;
    struct account in = an_account("alice", NO_UID), out;
    ck_assert_int_eq(store_get_account(store, "alice", &out), STATUS_NOT_FOUND);
    OK(store_put_account(store, &in));
    settle(&place, &store);
    OK(store_get_account(store, "alice", &out));
    ck_assert_mem_eq(&in, &out, sizeof in);
    memset(&out, 0, sizeof out);
    OK(store_get_account_of_uid(store, NO_UID, &out));
    ck_assert_mem_eq(&in, &out, sizeof in);
    ck_assert_int_eq(store_get_account_of_uid(store, 1, &out), STATUS_NOT_FOUND);
    OK(store_remove_account(store, "alice"));
    ck_assert_int_eq(store_get_account(store, "alice", &out), STATUS_NOT_FOUND);
    ck_assert_int_eq(store_remove_account(store, "alice"), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(a_name_in_another_case_is_another_user)
{
    WITH_STORE;
    struct account account = an_account("alice", 7);
    struct factor factor = a_factor(1, "alice"), found[2];
    struct origin origin = an_origin("alice", "host:desk7");
    size_t count = 9;
    OK(store_put_account(store, &account));
    OK(store_put_factor(store, &factor));
    OK(store_put_origin(store, &origin));
    static const char *const others[] = {"Alice", "alice ", "ALICE", "alic", "alicee", "", "al%", "\xc3\xa0lice"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_int_eq(store_get_account(store, others[i], &account), STATUS_NOT_FOUND);
        ck_assert_int_eq(store_get_origin(store, others[i], "host:desk7", &origin), STATUS_NOT_FOUND);
        OK(store_get_factors(store, others[i], found, 2, &count));
        ck_assert_uint_eq(count, 0);
    }
    ck_assert_int_eq(store_get_origin(store, "alice", "host:Desk7", &origin), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(a_put_replaces_the_row_and_no_other)
{
    WITH_STORE;
    struct account alice = an_account("alice", 1), bob = an_account("bob", 2), out;
    OK(store_put_account(store, &alice));
    OK(store_put_account(store, &bob));
    alice.other_failures = 99; /* in place */
    OK(store_put_account(store, &alice));
    OK(store_get_account(store, "alice", &out));
    ck_assert_mem_eq(&alice, &out, sizeof out);
    alice.uid = 3; /* as a whole */
    OK(store_put_account(store, &alice));
    OK(store_get_account_of_uid(store, 3, &out));
    ck_assert_mem_eq(&alice, &out, sizeof out);
    ck_assert_int_eq(store_get_account_of_uid(store, 1, &out), STATUS_NOT_FOUND);
    OK(store_get_account(store, "bob", &out));
    ck_assert_mem_eq(&bob, &out, sizeof out);
}
END_TEST

START_TEST(a_factor_comes_back_as_it_went_in)
{
    WITH_STORE;
    struct factor in = a_factor(5, "alice"), out;
    size_t count = 0;
    OK(store_put_factor(store, &in));
    settle(&place, &store);
    OK(store_get_factors(store, "alice", &out, 1, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_mem_eq(&in, &out, sizeof in);

    in.mark = INT64_MAX;
    in.offset_steps = INT32_MIN;
    in.sealed_len = FACTOR_SEALED_MAX;
    memset(in.sealed, 0xff, sizeof in.sealed);
    memset(in.label, 'l', LABEL_SIZE - 1);
    in.created_s = INT64_MIN;
    OK(store_put_factor(store, &in)); /* in place, with the limits of each type */
    OK(store_get_factors(store, "alice", &out, 1, &count));
    ck_assert_mem_eq(&in, &out, sizeof in);

    in.state = FACTOR_REVOKED; /* as a whole: a tombstone */
    in.sealed_len = 0;
    memset(in.sealed, 0, sizeof in.sealed);
    OK(store_put_factor(store, &in));
    OK(store_get_factors(store, "alice", &out, 1, &count));
    ck_assert_uint_eq(count, 0);
    OK(store_page_factors(store, NULL, "", 0, &out, 1, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_mem_eq(&in, &out, sizeof in);
    OK(store_remove_factor(store, 5));
    ck_assert_int_eq(store_remove_factor(store, 5), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(what_the_file_cannot_hold_is_refused)
{
    WITH_STORE;
    struct factor factor = a_factor(1, "alice"), out;
    size_t count = 9;
    memset(factor.label, 'l', LABEL_SIZE); /* no final zero */
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_INVALID);
    factor = a_factor(1, "alice");
    factor.sealed_len = FACTOR_SEALED_MAX + 1;
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_INVALID);
    factor = a_factor(1, "alice");
    factor.mark = (uint64_t)INT64_MAX + 1;
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_INVALID);
    factor = a_factor(1, "alice");
    factor.state = 0;
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_INVALID);
    factor = a_factor(0, "alice");
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_INVALID);
    factor = a_factor(1, "");
    ck_assert_int_eq(store_put_factor(store, &factor), STATUS_INVALID);
    OK(store_page_factors(store, NULL, "", 0, &out, 1, &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_users_factors_come_by_id_and_without_tombstones)
{
    WITH_STORE;
    struct factor found[3];
    size_t count = 9;
    static const int64_t ids[] = {30, 10, 20, 40};
    for (size_t i = 0; i < 4; i++) {
        struct factor factor = a_factor(ids[i], ids[i] == 40 ? "bob" : "alice");
        factor.state = ids[i] == 20 ? FACTOR_REVOKED : FACTOR_SUSPENDED;
        OK(store_put_factor(store, &factor));
    }
    OK(store_get_factors(store, "alice", found, 3, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(found[0].id, 10);
    ck_assert_int_eq(found[1].id, 30);
    OK(store_get_factors(store, "alice", found, 2, &count));
    count = 9;
    ck_assert_int_eq(store_get_factors(store, "alice", found, 1, &count), STATUS_TAMPERED);
    ck_assert_uint_eq(count, 9);
}
END_TEST

START_TEST(a_users_live_factors_and_account_can_be_asked_for_alone)
{
    WITH_STORE;
    uint64_t live = 0;
    bool has = true;
    for (int64_t id = 1; id <= 40; id++) {
        struct factor factor = a_factor(id, id % 2 == 0 ? "alice" : "alicee");
        memcpy(factor.fingerprint, &id, sizeof id);
        if (id % 4 == 0)
            factor.state = FACTOR_REVOKED;
        OK(store_put_factor(store, &factor));
    }
    OK(store_count_factors(store, "alice", &live)); /* more than a look-up by user gives back */
    ck_assert_uint_eq(live, 10);
    OK(store_count_factors(store, "alic", &live));
    ck_assert_uint_eq(live, 0);
    struct account account = an_account("alicee", 1);
    OK(store_put_account(store, &account));
    OK(store_has_account(store, "alice", &has));
    ck_assert(!has);
    OK(store_has_account(store, "alicee", &has));
    ck_assert(has);
}
END_TEST

START_TEST(a_fingerprint_is_unique_among_live_factors_only)
{
    WITH_STORE;
    struct factor first = a_factor(1, "alice"), second = a_factor(2, "bob"), found[3];
    size_t count = 0;
    memcpy(second.fingerprint, first.fingerprint, FINGERPRINT_SIZE);
    OK(store_put_factor(store, &first));
    ck_assert_int_eq(store_put_factor(store, &second), STATUS_EXISTS);
    OK(store_put_factor(store, &first)); /* itself is not another one */

    first.state = FACTOR_REVOKED;
    OK(store_put_factor(store, &first));
    OK(store_put_factor(store, &second));
    first.state = FACTOR_ACTIVE;
    ck_assert_int_eq(store_put_factor(store, &first), STATUS_EXISTS);

    second.state = FACTOR_REVOKED;
    OK(store_put_factor(store, &second));
    struct factor third = a_factor(3, "carol"), other = a_factor(4, "dora");
    memcpy(third.fingerprint, first.fingerprint, FINGERPRINT_SIZE);
    OK(store_put_factor(store, &third));
    OK(store_put_factor(store, &other));
    OK(store_get_factors_of_fingerprint(store, first.fingerprint, found, 3, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(found[0].id, 3);
    ck_assert_int_eq(found[1].id, 2);
    ck_assert_int_eq(found[2].id, 1);
    ck_assert_str_eq(found[2].user, "alice");
    OK(store_get_factors_of_fingerprint(store, first.fingerprint, found, 1, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(found[0].id, 3);
}
END_TEST

START_TEST(a_factor_id_is_never_given_out_twice)
{
    WITH_STORE;
    int64_t first = 0, second = 0, third = 0;
    OK(store_new_factor_id(store, &first));
    OK(store_new_factor_id(store, &second));
    ck_assert_int_ge(first, 1);
    ck_assert_int_gt(second, first);
    struct factor factor = a_factor(second, "alice");
    OK(store_put_factor(store, &factor));
    OK(store_remove_factor(store, second));
    settle(&place, &store);
    OK(store_new_factor_id(store, &third));
    ck_assert_int_gt(third, second);
}
END_TEST

START_TEST(origins_come_newest_activity_first)
{
    WITH_STORE;
    static const struct {
        const char *name;
        int64_t failure, success;
    } rows[] = {{"ip:old", 1, 2}, {"ip:failed", 50, 3}, {"ip:used", 4, 60}, {"ip:middle", 30, 30}};
    struct origin found[4], one;
    size_t count = 0;
    for (size_t i = 0; i < 4; i++) {
        struct origin origin = an_origin("alice", rows[i].name);
        origin.last_failure_s = rows[i].failure;
        origin.last_success_s = rows[i].success;
        OK(store_put_origin(store, &origin));
    }
    struct origin stranger = an_origin("bob", "ip:used");
    OK(store_put_origin(store, &stranger));
    settle(&place, &store);

    OK(store_get_origins(store, "alice", found, 4, &count));
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(found[0].name, "ip:used");
    ck_assert_str_eq(found[1].name, "ip:failed");
    ck_assert_str_eq(found[2].name, "ip:middle");
    ck_assert_str_eq(found[3].name, "ip:old");
    OK(store_get_origins(store, "alice", found, 2, &count));
    ck_assert_uint_eq(count, 2);

    OK(store_get_origin(store, "bob", "ip:used", &one));
    ck_assert_mem_eq(&one, &stranger, sizeof one);
    stranger.failures = 9;
    OK(store_put_origin(store, &stranger));
    OK(store_get_origin(store, "bob", "ip:used", &one));
    ck_assert_mem_eq(&one, &stranger, sizeof one);
    OK(store_remove_origin(store, "alice", "ip:used"));
    ck_assert_int_eq(store_get_origin(store, "alice", "ip:used", &one), STATUS_NOT_FOUND);
    OK(store_get_origin(store, "bob", "ip:used", &one));
}
END_TEST

START_TEST(a_new_store_has_the_head_of_an_empty_chain)
{
    WITH_STORE;
    static const struct entry_head empty;
    struct entry_head in = {.count = 7, .key_id = 8}, out = {.count = 1};
    OK(store_get_head(store, &out));
    ck_assert_mem_eq(&out, &empty, sizeof out);
    memset(in.last_tag, 1, TAG_SIZE);
    memset(in.tag, 2, TAG_SIZE);
    OK(store_put_head(store, &in));
    settle(&place, &store);
    OK(store_get_head(store, &out));
    ck_assert_mem_eq(&in, &out, sizeof in);
}
END_TEST

START_TEST(entries_are_only_added)
{
    WITH_STORE;
    struct entry in = an_entry(1, "alice", 1000), out[2];
    size_t count = 0;
    OK(store_add_entry(store, &in));
    struct entry again = an_entry(1, "bob", 2000);
    ck_assert_int_eq(store_add_entry(store, &again), STATUS_EXISTS);
    settle(&place, &store);
    OK(store_page_entries(store, 0, 0, out, 2, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_mem_eq(&in, &out[0], sizeof in);
}
END_TEST

START_TEST(entries_are_paged_by_time)
{
    WITH_STORE;
    struct entry found[8];
    size_t count = 0;
    /* The clock was set back between 3 and 4, and again between 5 and 6. */
    static const int64_t times[] = {100, 200, 300, 150, 400, 50};
    for (uint64_t seq = 1; seq <= 6; seq++) {
        struct entry entry = an_entry(seq, seq % 2 == 0 ? "bob" : "alice", times[seq - 1]);
        OK(store_add_entry(store, &entry));
    }
    struct entry unknown = an_entry(7, "", 500);
    OK(store_add_entry(store, &unknown));

    OK(store_page_entries(store, 0, 200, found, 8, &count));
    ck_assert_uint_eq(count, 4);
    ck_assert(found[0].seq == 2 && found[1].seq == 3 && found[2].seq == 5 && found[3].seq == 7);
    OK(store_page_entries(store, 3, 200, found, 8, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert(found[0].seq == 5 && found[1].seq == 7);
    OK(store_page_entries(store, 0, 501, found, 8, &count));
    ck_assert_uint_eq(count, 0);
    OK(store_page_entries(store, 1, 0, found, 3, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(found[0].seq, 2);
    ck_assert_int_eq(store_page_entries(store, UINT64_MAX, 0, found, 3, &count), STATUS_INVALID);
}
END_TEST

START_TEST(a_page_of_one_user_starts_and_ends_with_that_user)
{
    WITH_STORE;
    struct factor found[4];
    size_t count = 0;
    static const char *const users[] = {"bob", "alice", "bob", "carol", "bob"};
    for (int64_t id = 1; id <= 5; id++) {
        struct factor factor = a_factor(id, users[id - 1]);
        OK(store_put_factor(store, &factor));
    }
    OK(store_page_factors(store, "bob", "", 0, found, 2, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert(found[0].id == 1 && found[1].id == 3);
    OK(store_page_factors(store, "bob", "bob", 3, found, 2, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(found[0].id, 5);
    OK(store_page_factors(store, "bob", "bob", 5, found, 2, &count));
    ck_assert_uint_eq(count, 0);
    OK(store_page_factors(store, "nobody", "", 0, found, 2, &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_hundred_thousand_factors_are_paged_in_order_and_whole)
{
    WITH_STORE;
    enum { USERS = 100000, PAGE = 64 };
    for (int64_t id = 1; id <= USERS; id++) {
        char user[32];
        snprintf(user, sizeof user, "u%05lld", (long long)(id * 7919 % USERS)); /* not in the order of the ids */
        struct factor factor = a_factor(id, user);
        OK(store_put_factor(store, &factor));
    }
    settle(&place, &store);

    struct factor page[PAGE];
    char user[USER_SIZE] = "";
    int64_t id = 0;
    size_t count = PAGE, total = 0;
    while (count == PAGE) {
        OK(store_page_factors(store, NULL, user, id, page, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            ck_assert_int_lt(strcmp(user, page[i].user), 0);
            memcpy(user, page[i].user, sizeof user);
            id = page[i].id;
        }
        total += count;
    }
    ck_assert_uint_eq(total, USERS);
}
END_TEST

SUITE("store rows", store_id_is_the_one_it_was_made_with, an_account_comes_back_as_it_went_in,
      a_name_in_another_case_is_another_user, a_put_replaces_the_row_and_no_other, a_factor_comes_back_as_it_went_in,
      what_the_file_cannot_hold_is_refused, a_users_factors_come_by_id_and_without_tombstones,
      a_users_live_factors_and_account_can_be_asked_for_alone, a_fingerprint_is_unique_among_live_factors_only,
      a_factor_id_is_never_given_out_twice, origins_come_newest_activity_first,
      a_new_store_has_the_head_of_an_empty_chain, entries_are_only_added, entries_are_paged_by_time,
      a_page_of_one_user_starts_and_ends_with_that_user, a_hundred_thousand_factors_are_paged_in_order_and_whole)
