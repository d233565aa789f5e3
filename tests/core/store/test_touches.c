/* What a change has done to rows, and the head over all of them. */
#include "suite.h"

#include "touch.h"

#define COUNT(array) (sizeof array / sizeof array[0])

static size_t touch_count(const struct store *store)
{
    size_t count = 42;
    (void)store_touches(store, &count);
    return count;
}

/* had and has as marks; 0: none. */
static void touched(const struct store *store, uint8_t had, uint8_t has)
{
    uint8_t before[TAG_SIZE], after[TAG_SIZE];
    const struct store_touch *touch = last_touch(store);
    memset(before, had, TAG_SIZE);
    memset(after, has, TAG_SIZE);
    ck_assert_int_eq(touch->had, had != 0);
    ck_assert_int_eq(touch->has, has != 0);
    ck_assert_mem_eq(touch->before, before, TAG_SIZE);
    ck_assert_mem_eq(touch->after, after, TAG_SIZE);
    ck_assert(!touch->walked); /* nobody walks */
}

START_TEST(each_put_and_remove_is_noted_with_the_tag_before_and_after)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    OK(store_begin(store));
    ck_assert_uint_eq(touch_count(store), 0);
    put_account(store, "alice", 1);
    touched(store, 0, 1);
    put_account(store, "alice", 1); /* the same again is a touch as well */
    touched(store, 1, 1);
    put_account(store, "alice", 2); /* another uid: as a whole */
    touched(store, 1, 2);
    OK(store_remove_account(store, "alice"));
    touched(store, 2, 0);
    put_factor(store, 7, 3);
    touched(store, 0, 3);
    put_factor(store, 7, 4);
    touched(store, 3, 4);
    struct factor renamed = a_factor(7, "bob");
    memset(renamed.tag, 5, TAG_SIZE);
    OK(store_put_factor(store, &renamed));
    touched(store, 4, 5);
    OK(store_remove_factor(store, 7));
    touched(store, 5, 0);
    put_origin(store, "alice", "ip:1", 6);
    touched(store, 0, 6);
    put_origin(store, "alice", "ip:1", 7);
    touched(store, 6, 7);
    put_origin(store, "alice", "ip:2", 8);
    touched(store, 0, 8);
    OK(store_remove_origin(store, "alice", "ip:1"));
    touched(store, 7, 0);
    ck_assert_uint_eq(touch_count(store), 12);
}
END_TEST

START_TEST(what_changed_nothing_is_no_touch)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct factor twin = a_factor(2, "bob");
    struct entry entry = an_entry(1, "alice", 1);
    struct entry_head head = {.count = 1};
    int64_t id = 0;
    OK(store_begin(store));
    put_factor(store, 1, 1);
    ck_assert_int_eq(store_remove_account(store, "alice"), STATUS_NOT_FOUND);
    ck_assert_int_eq(store_remove_factor(store, 2), STATUS_NOT_FOUND);
    ck_assert_int_eq(store_remove_origin(store, "alice", "ip:1"), STATUS_NOT_FOUND);
    memcpy(twin.fingerprint, a_factor(1, "alice").fingerprint, sizeof twin.fingerprint);
    ck_assert_int_eq(store_put_factor(store, &twin), STATUS_EXISTS);
    twin.mark = UINT64_MAX;
    ck_assert_int_eq(store_put_factor(store, &twin), STATUS_INVALID);
    OK(store_new_factor_id(store, &id));
    OK(store_add_entry(store, &entry));
    OK(store_put_head(store, &head));
    ck_assert_uint_eq(touch_count(store), 1);
}
END_TEST

START_TEST(touches_are_those_of_the_open_change)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    ck_assert_uint_eq(touch_count(store), 0);
    OK(store_begin(store));
    put_account(store, "alice", 1);
    store_drop(store);
    ck_assert_uint_eq(touch_count(store), 0);
    OK(store_begin(store));
    ck_assert_uint_eq(touch_count(store), 0);
    put_account(store, "alice", 1);
    touched(store, 0, 1);
    OK(store_commit(store));
    ck_assert_uint_eq(touch_count(store), 0);
}
END_TEST

/* As the walk gives it: what was added up and what is taken off again must be one thing. */
START_TEST(a_row_that_does_not_fit_is_touched_with_the_tag_that_a_walk_sees)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    OK(store_begin(store));
    put_origin(store, "alice", "ip:1", 6);
    OK(store_commit(store));
    store_close(store);
    edit(&place, "UPDATE origin SET failures = -1");
    store = reopen(&place);
    OK(store_begin(store));
    put_origin(store, "alice", "ip:1", 7);
    const struct store_touch *touch = last_touch(store);
    static const uint8_t none[TAG_SIZE];
    ck_assert(touch->had);
    ck_assert_mem_eq(touch->before, none, TAG_SIZE);
    store_close(store);
}
END_TEST

/* ---- the head ---- */

START_TEST(a_head_over_rows_comes_back_as_it_went_in)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    struct rows_head in = {.generation = 1, .rows = 2, .key_id = 3}, out = {.generation = 42};
    memset(in.nonce, 4, sizeof in.nonce);
    memset(in.masked, 5, sizeof in.masked);
    memset(in.last_entry, 6, sizeof in.last_entry);
    memset(in.tag, 7, sizeof in.tag);
    ck_assert_int_eq(store_get_rows_head(store, &out), STATUS_FAILED);
    OK(store_begin(store));
    ck_assert_int_eq(store_get_rows_head(store, &out), STATUS_NOT_FOUND);
    ck_assert_uint_eq(out.generation, 42);
    OK(store_put_rows_head(store, &in));
    in.generation = INT64_MAX;
    OK(store_put_rows_head(store, &in));
    in.rows = (uint64_t)INT64_MAX + 1;
    ck_assert_int_eq(store_put_rows_head(store, &in), STATUS_INVALID);
    in.rows = 2;
    ck_assert_uint_eq(touch_count(store), 0);
    OK(store_commit(store));
    store_close(store);
    store = reopen(&place);
    OK(store_begin(store));
    OK(store_get_rows_head(store, &out));
    ck_assert_mem_eq(&in, &out, offsetof(struct rows_head, tag) + TAG_SIZE);
    store_close(store);
}
END_TEST

START_TEST(a_head_over_rows_that_cannot_be_is_tampered)
{
    static const char *const edits[] = {
        "UPDATE rows_head SET generation = -1", "UPDATE rows_head SET row_count = -1",
        "UPDATE rows_head SET nonce = x'00'",   "UPDATE rows_head SET masked = zeroblob(33)",
        "UPDATE rows_head SET key_id = -1",     "UPDATE rows_head SET tag = x''",
    };
    for (size_t i = 0; i < COUNT(edits); i++) {
        place_owner struct place place = place_new();
        struct store *store = open_new(&place);
        struct rows_head head = {.generation = 1}, out = {.generation = 42};
        OK(store_begin(store));
        OK(store_put_rows_head(store, &head));
        OK(store_commit(store));
        store_close(store);
        edit(&place, edits[i]);
        store = reopen(&place);
        OK(store_begin(store));
        ck_assert_msg(store_get_rows_head(store, &out) == STATUS_TAMPERED, "%s", edits[i]);
        ck_assert_uint_eq(out.generation, 42);
        store_close(store);
    }
}
END_TEST

SUITE("store touches", each_put_and_remove_is_noted_with_the_tag_before_and_after, what_changed_nothing_is_no_touch,
      touches_are_those_of_the_open_change, a_row_that_does_not_fit_is_touched_with_the_tag_that_a_walk_sees,
      a_head_over_rows_comes_back_as_it_went_in, a_head_over_rows_that_cannot_be_is_tampered)
