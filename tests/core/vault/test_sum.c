/* The sum over all rows, and the head that it rests in. */
#include "suite.h"

#include "open_vault.h"

static void a_tag(uint8_t number, uint8_t out_tag[TAG_SIZE])
{
    memset(out_tag, number, TAG_SIZE);
}

static struct rows_sum sum_of(struct vault_keys *keys, const char *tags)
{
    struct rows_sum sum = {.rows = 0};
    uint8_t tag[TAG_SIZE];
    for (const char *at = tags; *at != '\0'; at++) {
        a_tag((uint8_t)*at, tag);
        OK(vault_sum_add(keys, tag, &sum));
    }
    return sum;
}

START_TEST(the_order_of_rows_does_not_matter_and_each_row_does)
{
    WITH_KEYS(RING_A);
    struct rows_sum abc = sum_of(keys, "abc"), cab = sum_of(keys, "cab");
    ck_assert(vault_sum_equal(&abc, &cab));
    ck_assert_uint_eq(abc.rows, 3);

    static const char *const others[] = {"", "ab", "abcd", "abd", "abb", "abcc", "aabbcc"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct rows_sum other = sum_of(keys, others[i]);
        ck_assert_msg(!vault_sum_equal(&abc, &other), "%s", others[i]);
        ck_assert_mem_ne(abc.bytes, other.bytes, ROWS_SUM_SIZE);
    }
    struct rows_sum fewer = abc;
    fewer.rows--;
    ck_assert(!vault_sum_equal(&abc, &fewer));
}
END_TEST

/* Under XOR two equal rows would be none. */
START_TEST(a_row_that_is_there_twice_counts_twice)
{
    WITH_KEYS(RING_A);
    struct rows_sum none = sum_of(keys, ""), twice = sum_of(keys, "aa");
    ck_assert_mem_ne(twice.bytes, none.bytes, ROWS_SUM_SIZE);
}
END_TEST

START_TEST(what_is_removed_was_never_added_in_any_order)
{
    WITH_KEYS(RING_A);
    struct rows_sum ac = sum_of(keys, "ac"), sum = sum_of(keys, "abc");
    uint8_t tag[TAG_SIZE];
    a_tag('b', tag);
    OK(vault_sum_remove(keys, tag, &sum));
    ck_assert(vault_sum_equal(&sum, &ac));

    /* First less, then more: below zero and back. */
    sum = sum_of(keys, "");
    for (int i = 0; i < 200; i++) {
        a_tag((uint8_t)i, tag);
        OK(vault_sum_remove(keys, tag, &sum));
    }
    ck_assert_uint_eq(sum.rows, INT64_MAX - 199);
    for (int i = 0; i < 200; i++) {
        a_tag((uint8_t)i, tag);
        OK(vault_sum_add(keys, tag, &sum));
    }
    struct rows_sum none = sum_of(keys, "");
    ck_assert(vault_sum_equal(&sum, &none));
}
END_TEST

START_TEST(a_part_that_is_subtracted_was_never_added)
{
    WITH_KEYS(RING_A);
    struct rows_sum whole = sum_of(keys, "abcde"), part = sum_of(keys, "dba"), rest = sum_of(keys, "ec"),
                    none = sum_of(keys, "");
    vault_sum_subtract(&part, &whole);
    ck_assert(vault_sum_equal(&whole, &rest));
    vault_sum_subtract(&none, &whole);
    ck_assert(vault_sum_equal(&whole, &rest));
    vault_sum_subtract(&rest, &whole);
    ck_assert(vault_sum_equal(&whole, &none));
    vault_sum_subtract(&part, &whole); /* below zero */
    ck_assert_uint_eq(whole.rows, INT64_MAX - 2);
}
END_TEST

/* The sum of a single row is its summand, so carries can be set up by hand. */
START_TEST(a_carry_runs_through_all_bytes_and_out_at_the_top)
{
    WITH_KEYS(RING_A);
    uint8_t tag[TAG_SIZE];
    a_tag('a', tag);
    struct rows_sum one = sum_of(keys, "a"), sum = {.rows = 7};
    for (size_t i = 0; i < ROWS_SUM_SIZE; i++)
        sum.bytes[i] = one.bytes[i] ^ 0xff; /* with the summand: all ones */
    OK(vault_sum_add(keys, tag, &sum));
    for (size_t i = 0; i < ROWS_SUM_SIZE; i++)
        ck_assert_uint_eq(sum.bytes[i], 0xff);
    OK(vault_sum_add(keys, tag, &sum)); /* 2^256 - 1 and the summand: the summand less one */
    struct rows_sum less = one;
    for (size_t i = ROWS_SUM_SIZE; i-- > 0;)
        if (less.bytes[i]-- != 0)
            break;
    ck_assert_mem_eq(sum.bytes, less.bytes, ROWS_SUM_SIZE);

    memset(sum.bytes, 0, sizeof sum.bytes); /* nothing less the summand, and the summand again */
    OK(vault_sum_remove(keys, tag, &sum));
    ck_assert_mem_ne(sum.bytes, one.bytes, ROWS_SUM_SIZE);
    OK(vault_sum_add(keys, tag, &sum));
    for (size_t i = 0; i < ROWS_SUM_SIZE; i++)
        ck_assert_uint_eq(sum.bytes[i], 0);
}
END_TEST

START_TEST(a_sum_is_of_one_store_and_one_ring)
{
    WITH_KEYS(RING_A);
    vault_owner struct vault *other_vault = open_vault(crypto, RING_B);
    vault_keys_owner struct vault_keys *other_ring = open_keys(other_vault, a_store);
    vault_keys_owner struct vault_keys *other_id = open_keys(vault, other_store);
    struct rows_sum sum = sum_of(keys, "ab"), ring = sum_of(other_ring, "ab"), id = sum_of(other_id, "ab");
    ck_assert(!vault_sum_equal(&sum, &ring));
    ck_assert(!vault_sum_equal(&sum, &id));

    struct rows_head head = {.generation = 0};
    struct rows_sum out = {.rows = 42};
    OK(vault_seal_head(keys, &sum, &head));
    ck_assert_int_eq(vault_open_head(other_ring, &head, &out), STATUS_TAMPERED);
    ck_assert_int_eq(vault_open_head(other_id, &head, &out), STATUS_TAMPERED);
    ck_assert_uint_eq(out.rows, 42);
}
END_TEST

START_TEST(a_head_gives_back_its_sum_under_the_next_generation)
{
    WITH_KEYS(RING_AB);
    struct rows_head head = {.generation = 41};
    struct rows_sum sum = sum_of(keys, "abc"), out = {.rows = 0};
    OK(vault_seal_head(keys, &sum, &head));
    ck_assert_uint_eq(head.generation, 42);
    ck_assert_uint_eq(head.rows, 3);
    ck_assert_uint_eq(head.key_id, 5);
    OK(vault_open_head(keys, &head, &out));
    ck_assert(vault_sum_equal(&sum, &out));
}
END_TEST

START_TEST(every_byte_of_a_head_is_under_its_tag)
{
    WITH_KEYS(RING_AB);
    struct rows_head head = {.generation = 1};
    struct rows_sum sum = sum_of(keys, "abc"), out = {.rows = 42};
    size_t members = sizeof head.generation + sizeof head.rows + sizeof head.nonce + sizeof head.masked +
                     sizeof head.last_entry + sizeof head.key_id + sizeof head.tag;
    size_t padding = sizeof head - members;
    ck_assert_uint_eq(padding, 4); /* behind the tag: a member that is added is added to the tag */
    memset(head.last_entry, 0x5a, sizeof head.last_entry);
    OK(vault_seal_head(keys, &sum, &head));
    for (size_t i = 0; i < sizeof head - padding; i++) {
        ((uint8_t *)&head)[i] ^= 0x10;
        ck_assert_msg(vault_open_head(keys, &head, &out) == STATUS_TAMPERED, "byte %zu", i);
        ((uint8_t *)&head)[i] ^= 0x10;
    }
    ck_assert_uint_eq(out.rows, 42);
    OK(vault_open_head(keys, &head, &out));

    head.key_id = 1; /* a key that is in the ring */
    ck_assert_int_eq(vault_open_head(keys, &head, &out), STATUS_TAMPERED);
}
END_TEST

/* The same sum, and also the same generation, as after a file was put back. */
START_TEST(equal_sums_never_look_equal)
{
    WITH_KEYS(RING_A);
    struct rows_head one = {.generation = 1}, two = {.generation = 1};
    struct rows_sum sum = sum_of(keys, "abc");
    OK(vault_seal_head(keys, &sum, &one));
    OK(vault_seal_head(keys, &sum, &two));
    ck_assert_mem_ne(one.nonce, two.nonce, ROWS_NONCE_SIZE);
    ck_assert_mem_ne(one.masked, two.masked, ROWS_SUM_SIZE);
    ck_assert_mem_ne(one.masked, sum.bytes, ROWS_SUM_SIZE);

    struct rows_head next = two;
    memcpy(next.nonce, one.nonce, sizeof next.nonce);
    memcpy(next.masked, one.masked, sizeof next.masked);
    struct rows_sum out;
    ck_assert_int_eq(vault_open_head(keys, &next, &out), STATUS_TAMPERED);
}
END_TEST

START_TEST(no_rows_are_no_zeroes_on_disk)
{
    static const uint8_t zeroes[ROWS_SUM_SIZE];
    WITH_KEYS(RING_A);
    struct rows_head head = {.generation = 0};
    struct rows_sum none = {.rows = 0};
    OK(vault_seal_head(keys, &none, &head));
    ck_assert_mem_ne(head.masked, zeroes, sizeof zeroes);
    ck_assert_mem_ne(head.nonce, zeroes, ROWS_NONCE_SIZE);
}
END_TEST

START_TEST(the_last_generation_is_not_gone_beyond)
{
    WITH_KEYS(RING_A);
    struct rows_head head = {.generation = INT64_MAX - 1};
    struct rows_sum sum = sum_of(keys, "a");
    OK(vault_seal_head(keys, &sum, &head));
    struct rows_head before = head;
    ck_assert_int_eq(vault_seal_head(keys, &sum, &head), STATUS_INVALID);
    ck_assert_mem_eq(&head, &before, sizeof head);
}
END_TEST

START_TEST(the_sum_goes_on_when_a_key_is_added)
{
    WITH_KEYS(RING_A);
    struct rows_head head = {.generation = 0};
    struct rows_sum sum = sum_of(keys, "abc"), out = {.rows = 0};
    OK(vault_seal_head(keys, &sum, &head));

    vault_owner struct vault *longer = open_vault(crypto, RING_AB);
    vault_keys_owner struct vault_keys *rotated = open_keys(longer, a_store);
    OK(vault_open_head(rotated, &head, &out));
    struct rows_sum again = sum_of(rotated, "abc");
    ck_assert(vault_sum_equal(&out, &again));
    OK(vault_seal_head(rotated, &out, &head));
    ck_assert_uint_eq(head.key_id, 5);
    ck_assert_int_eq(vault_open_head(keys, &head, &out), STATUS_TAMPERED); /* the old ring does not know the key */
    OK(vault_open_head(rotated, &head, &out));
    ck_assert(vault_sum_equal(&out, &again));
}
END_TEST

/* Whoever can have a head made must not get a row's tag, or an entry's, by it. */
START_TEST(a_head_has_a_key_of_its_own)
{
    WITH_KEYS(RING_A);
    struct rows_sum one = sum_of(keys, "a");
    struct crypto_mac *audit = NULL;
    uint32_t id = 0;
    uint8_t tag[TAG_SIZE], bytes[CRYPTO_HASH_MAX];
    size_t len = 0;
    a_tag('a', tag);
    OK(vault_audit_mac(keys, 0, &id, &audit));
    OK(crypto_mac_sign(audit, tag, sizeof tag, bytes, &len));
    ck_assert_mem_ne(one.bytes, bytes, ROWS_SUM_SIZE);
    secret_owner struct secret *secret = secret_copy(tag, sizeof tag);
    OK(vault_fingerprint(keys, secret, bytes)); /* an enrolled secret must not be a way to a summand */
    ck_assert_mem_ne(one.bytes, bytes, ROWS_SUM_SIZE);
}
END_TEST

START_TEST(a_row_that_does_not_hold_counts_with_all_that_is_in_it)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_whole_factor(keys, "a secret of twenty b");
    struct account account = {.user = "alice", .uid = 1};
    struct origin origin = {.user = "alice", .name = "ip:1"};
    OK(vault_tag_account(keys, &account));
    OK(vault_tag_origin(keys, &origin));
    struct rows_sum sums[9] = {{.rows = 0}};

    OK(vault_sum_add(keys, factor.tag, &sums[0]));
    OK(vault_sum_add_odd_factor(keys, &factor, &sums[1]));
    factor.mark++;
    OK(vault_sum_add_odd_factor(keys, &factor, &sums[2]));
    OK(vault_sum_add_odd_account(keys, &account, &sums[3]));
    account.live_factors++;
    OK(vault_sum_add_odd_account(keys, &account, &sums[4]));
    account.tag[0] ^= 1;
    OK(vault_sum_add_odd_account(keys, &account, &sums[5]));
    OK(vault_sum_add_odd_origin(keys, &origin, &sums[6]));
    origin.failures++;
    OK(vault_sum_add_odd_origin(keys, &origin, &sums[7]));
    factor.tag[31] ^= 1;
    OK(vault_sum_add_odd_factor(keys, &factor, &sums[8]));
    for (size_t i = 0; i < 9; i++) {
        ck_assert_uint_eq(sums[i].rows, 1);
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(memcmp(sums[i].bytes, sums[j].bytes, ROWS_SUM_SIZE) != 0, "%zu and %zu", i, j);
    }
    memset(factor.user, 'u', sizeof factor.user);
    ck_assert_int_eq(vault_sum_add_odd_factor(keys, &factor, &sums[0]), STATUS_INVALID);
    ck_assert_uint_eq(sums[0].rows, 1);
}
END_TEST

SUITE("vault sum", the_order_of_rows_does_not_matter_and_each_row_does, a_row_that_is_there_twice_counts_twice,
      what_is_removed_was_never_added_in_any_order, a_part_that_is_subtracted_was_never_added,
      a_carry_runs_through_all_bytes_and_out_at_the_top, a_sum_is_of_one_store_and_one_ring,
      a_head_gives_back_its_sum_under_the_next_generation, every_byte_of_a_head_is_under_its_tag,
      equal_sums_never_look_equal, no_rows_are_no_zeroes_on_disk, the_last_generation_is_not_gone_beyond,
      the_sum_goes_on_when_a_key_is_added, a_head_has_a_key_of_its_own,
      a_row_that_does_not_hold_counts_with_all_that_is_in_it)
