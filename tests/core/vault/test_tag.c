#include "suite.h"

#include "open_vault.h"

struct member {
    const char *name;
    size_t offset, size;
};

#define MEMBER(type, member)                                                                                           \
    {                                                                                                                  \
#member, offsetof(struct type, member), sizeof((struct type *)0)->member                                       \
    }

/* In the order of the headers, tag last. */
static const struct member factor_members[] = {
    MEMBER(factor, id),
    MEMBER(factor, user),
    MEMBER(factor, uid),
    MEMBER(factor, label),
    MEMBER(factor, kind),
    MEMBER(factor, algorithm),
    MEMBER(factor, digits),
    MEMBER(factor, period_s),
    MEMBER(factor, state),
    MEMBER(factor, created_s),
    MEMBER(factor, pending_until_s),
    MEMBER(factor, confirmed_s),
    MEMBER(factor, not_before_s),
    MEMBER(factor, not_after_s),
    MEMBER(factor, last_used_s),
    MEMBER(factor, mark),
    MEMBER(factor, offset_steps),
    MEMBER(factor, uses),
    MEMBER(factor, replaces),
    MEMBER(factor, handed_out),
    MEMBER(factor, fingerprint),
    MEMBER(factor, key_id),
    MEMBER(factor, sealed_len),
    MEMBER(factor, sealed),
    MEMBER(factor, tag),
};
static const struct member account_members[] = {
    MEMBER(account, user),           MEMBER(account, uid),
    MEMBER(account, live_factors),   MEMBER(account, confirmed_s),
    MEMBER(account, other_failures), MEMBER(account, other_refilled_s),
    MEMBER(account, key_id),         MEMBER(account, tag),
};
static const struct member origin_members[] = {
    MEMBER(origin, user),           MEMBER(origin, name),   MEMBER(origin, failures), MEMBER(origin, last_failure_s),
    MEMBER(origin, last_success_s), MEMBER(origin, key_id), MEMBER(origin, tag),
};

#define COUNT(array) (sizeof array / sizeof array[0])

static enum status check_factor(struct vault_keys *keys, const void *row)
{
    return vault_check_factor(keys, row);
}

static enum status check_account(struct vault_keys *keys, const void *row)
{
    return vault_check_account(keys, row);
}

static enum status check_origin(struct vault_keys *keys, const void *row)
{
    return vault_check_origin(keys, row);
}

/* Every byte of every member, changed in turn. A member that is missing from the table leaves a gap that is larger than
 * padding can be, or, if it is small, makes the sum wrong. */
static void every_byte_counts(struct vault_keys *keys, enum status (*check)(struct vault_keys *, const void *),
                              uint8_t *row, size_t row_size, const struct member *members, size_t count, size_t padding)
{
    size_t sum = padding;
    OK(check(keys, row));
    for (size_t i = 0; i < count; i++) {
        sum += members[i].size;
        for (size_t at = members[i].offset; at < members[i].offset + members[i].size; at++) {
            row[at] ^= 0x10;
            ck_assert_msg(check(keys, row) == STATUS_TAMPERED, "%s, byte %zu", members[i].name, at - members[i].offset);
            row[at] ^= 0x10;
        }
    }
    ck_assert_uint_eq(sum, row_size);
    OK(check(keys, row));
}

/* Full to the last byte, so that each of them is part of the row. */
static struct factor a_full_factor(struct vault_keys *keys)
{
    struct factor factor = a_factor();
    uint8_t bytes[FACTOR_SECRET_MAX];
    memset(factor.user, 'u', USER_SIZE - 1);
    memset(factor.label, 'l', LABEL_SIZE - 1);
    memset(bytes, 's', sizeof bytes);
    secret_owner struct secret *secret = secret_copy(bytes, sizeof bytes);
    OK(vault_seal(keys, secret, &factor));
    factor.sealed_len = FACTOR_SEALED_MAX;
    memset(factor.sealed, 'h', FACTOR_SEALED_MAX);
    OK(vault_tag_factor(keys, &factor));
    return factor;
}

START_TEST(every_byte_of_a_factor_is_under_its_tag)
{
    WITH_KEYS(RING_AB);
    struct factor factor = a_full_factor(keys);
    every_byte_counts(keys, check_factor, (uint8_t *)&factor, sizeof factor, factor_members, COUNT(factor_members), 4);
}
END_TEST

START_TEST(every_byte_of_an_account_is_under_its_tag)
{
    WITH_KEYS(RING_AB);
    struct account account = {.uid = 1, .live_factors = 2, .confirmed_s = 3, .other_failures = 4};
    memset(account.user, 'u', USER_SIZE - 1);
    OK(vault_tag_account(keys, &account));
    ck_assert_uint_eq(account.key_id, 5);
    every_byte_counts(keys, check_account, (uint8_t *)&account, sizeof account, account_members, COUNT(account_members),
                      8);
}
END_TEST

START_TEST(every_byte_of_an_origin_is_under_its_tag)
{
    WITH_KEYS(RING_AB);
    struct origin origin = {.failures = 1, .last_failure_s = 2, .last_success_s = 3};
    memset(origin.user, 'u', USER_SIZE - 1);
    memset(origin.name, 'n', ORIGIN_SIZE - 1);
    OK(vault_tag_origin(keys, &origin));
    ck_assert_uint_eq(origin.key_id, 5);
    every_byte_counts(keys, check_origin, (uint8_t *)&origin, sizeof origin, origin_members, COUNT(origin_members), 8);
}
END_TEST

START_TEST(a_tag_does_not_move_bytes_from_one_field_to_the_next)
{
    WITH_KEYS(RING_A);
    struct origin origin = {.user = "alice", .name = "host:x"}, moved;
    OK(vault_tag_origin(keys, &origin));
    moved = origin;
    strcpy(moved.user, "alic");
    strcpy(moved.name, "ehost:x");
    ck_assert_int_eq(vault_check_origin(keys, &moved), STATUS_TAMPERED);
}
END_TEST

START_TEST(a_tag_holds_in_its_store_only)
{
    WITH_KEYS(RING_A);
    vault_keys_owner struct vault_keys *elsewhere = open_keys(vault, other_store);
    struct factor factor = a_whole_factor(keys, "12345678901234567890");
    struct account account = {.user = "alice"};
    struct origin origin = {.user = "alice", .name = "local:1"};
    OK(vault_tag_account(keys, &account));
    OK(vault_tag_origin(keys, &origin));
    ck_assert_int_eq(vault_check_factor(elsewhere, &factor), STATUS_TAMPERED);
    ck_assert_int_eq(vault_check_account(elsewhere, &account), STATUS_TAMPERED);
    ck_assert_int_eq(vault_check_origin(elsewhere, &origin), STATUS_TAMPERED);
}
END_TEST

START_TEST(a_row_without_tag_or_known_key_is_tampered)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_factor();
    struct account account = {.user = "alice"};
    struct origin origin = {.user = "alice", .name = "local:1"};
    static const uint32_t ids[] = {0, 1, 2, UINT32_MAX};
    for (size_t i = 0; i < COUNT(ids); i++) {
        factor.key_id = account.key_id = origin.key_id = ids[i];
        ck_assert_int_eq(vault_check_factor(keys, &factor), STATUS_TAMPERED);
        ck_assert_int_eq(vault_check_account(keys, &account), STATUS_TAMPERED);
        ck_assert_int_eq(vault_check_origin(keys, &origin), STATUS_TAMPERED);
    }
    factor.key_id = 2;
    ck_assert_int_eq(vault_tag_factor(keys, &factor), STATUS_TAMPERED);
}
END_TEST

START_TEST(a_text_without_end_is_neither_tagged_nor_passed)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_whole_factor(keys, "12345678901234567890");
    memset(factor.label, 'l', LABEL_SIZE);
    ck_assert_int_eq(vault_tag_factor(keys, &factor), STATUS_INVALID);
    ck_assert_int_eq(vault_check_factor(keys, &factor), STATUS_TAMPERED);
    struct account account = {.uid = 1}, before;
    memset(account.user, 'u', USER_SIZE);
    before = account;
    ck_assert_int_eq(vault_tag_account(keys, &account), STATUS_INVALID);
    ck_assert_mem_eq(&account, &before, sizeof account);
}
END_TEST

START_TEST(a_tombstone_keeps_the_key_that_its_secret_had)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_whole_factor(keys, "12345678901234567890");
    vault_owner struct vault *grown = open_vault(crypto, RING_AB);
    vault_keys_owner struct vault_keys *grown_keys = open_keys(grown, a_store);
    factor.state = FACTOR_REVOKED;
    factor.sealed_len = 0;
    memset(factor.sealed, 0, sizeof factor.sealed);
    OK(vault_tag_factor(grown_keys, &factor));
    ck_assert_uint_eq(factor.key_id, 1);
    OK(vault_check_factor(grown_keys, &factor));
    OK(vault_check_factor(keys, &factor));
}
END_TEST

START_TEST(an_old_row_passes_and_its_next_tag_is_of_the_newest_key)
{
    WITH_KEYS(RING_A);
    struct account account = {.user = "alice", .uid = 1};
    OK(vault_tag_account(keys, &account));
    ck_assert_uint_eq(account.key_id, 1);
    vault_owner struct vault *grown = open_vault(crypto, RING_AB);
    vault_keys_owner struct vault_keys *grown_keys = open_keys(grown, a_store);
    OK(vault_check_account(grown_keys, &account));
    OK(vault_tag_account(grown_keys, &account));
    ck_assert_uint_eq(account.key_id, 5);
    OK(vault_check_account(grown_keys, &account));
    ck_assert_int_eq(vault_check_account(keys, &account), STATUS_TAMPERED);
}
END_TEST

static void sign(struct vault_keys *keys, uint32_t key_id, uint32_t want_id, uint8_t out_mac[CRYPTO_HASH_MAX])
{
    struct crypto_mac *mac = NULL;
    uint32_t id = 0;
    size_t len = 0;
    OK(vault_audit_mac(keys, key_id, &id, &mac));
    ck_assert_uint_eq(id, want_id);
    OK(crypto_mac_sign(mac, "entry", 5, out_mac, &len));
    ck_assert_uint_eq(len, TAG_SIZE);
}

START_TEST(the_audit_has_a_key_of_its_own_for_each_key_of_the_ring)
{
    uint8_t first[CRYPTO_HASH_MAX], second[CRYPTO_HASH_MAX], newest[CRYPTO_HASH_MAX], other[CRYPTO_HASH_MAX];
    WITH_KEYS(RING_AB);
    sign(keys, 1, 1, first);
    sign(keys, 5, 5, second);
    sign(keys, 0, 5, newest);
    ck_assert_mem_ne(first, second, TAG_SIZE);
    ck_assert_mem_eq(second, newest, TAG_SIZE);
    vault_keys_owner struct vault_keys *elsewhere = open_keys(vault, other_store);
    sign(elsewhere, 5, 5, other);
    ck_assert_mem_ne(second, other, TAG_SIZE);

    struct crypto_mac *mac = NULL;
    uint32_t id = 42;
    ck_assert_int_eq(vault_audit_mac(keys, 2, &id, &mac), STATUS_NOT_FOUND);
    ck_assert_ptr_null(mac);
    ck_assert_uint_eq(id, 42);

    /* Not the key of fingerprints either: the same message gives another MAC. */
    secret_owner struct secret *message = secret_copy("entry", 5);
    uint8_t fingerprint[FINGERPRINT_SIZE];
    OK(vault_fingerprint(keys, message, fingerprint));
    ck_assert_mem_ne(first, fingerprint, TAG_SIZE);
}
END_TEST

/* Written out from the headers, so that stores and audits of today can be read for ever. */
static void sign_by_hand(const char *purpose, const void *message, size_t len, uint8_t out_mac[CRYPTO_HASH_MAX])
{
    uint8_t bytes[CRYPTO_KEY_SIZE];
    size_t mac_len = 0;
    crypto_owner struct crypto *crypto = a_crypto();
    crypto_mac_owner struct crypto_mac *mac = NULL;
    secret_owner struct secret *derived = NULL;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(0x11 * (i % 16)); /* HEX_A */
    secret_owner struct secret *key = secret_copy(bytes, sizeof bytes);
    OK(crypto_derive(crypto, key, a_store, STORE_ID_SIZE, purpose, &derived));
    OK(crypto_mac_new(crypto, ALGORITHM_SHA256, derived, &mac));
    OK(crypto_mac_sign(mac, message, len, out_mac, &mac_len));
}

START_TEST(keys_and_messages_are_those_of_the_format)
{
    static const char message[] = "\0\0\0\6origin\0\0\0\5alice\0\0\0\4ip:1\0\0\0\10\0\0\0\0\0\0\0\2"
                                  "\0\0\0\10\377\377\377\377\377\377\377\377\0\0\0\10\0\0\0\0\0\0\1\4"
                                  "\0\0\0\10\0\0\0\0\0\0\0\1";
    WITH_KEYS(RING_A);
    uint8_t expected[CRYPTO_HASH_MAX], have[CRYPTO_HASH_MAX];
    struct origin origin = {
        .user = "alice", .name = "ip:1", .failures = 2, .last_failure_s = -1, .last_success_s = 260};
    OK(vault_tag_origin(keys, &origin));
    sign_by_hand("garde 1 tag", message, sizeof message - 1, expected);
    ck_assert_mem_eq(origin.tag, expected, TAG_SIZE);

    sign(keys, 1, 1, have);
    sign_by_hand("garde 1 audit", "entry", 5, expected);
    ck_assert_mem_eq(have, expected, TAG_SIZE);

    secret_owner struct secret *secret = secret_copy("12345678901234567890", 20);
    OK(vault_fingerprint(keys, secret, have));
    sign_by_hand("garde 1 fingerprint", "12345678901234567890", 20, expected);
    ck_assert_mem_eq(have, expected, FINGERPRINT_SIZE);
}
END_TEST

SUITE("vault tag", every_byte_of_a_factor_is_under_its_tag, every_byte_of_an_account_is_under_its_tag,
      every_byte_of_an_origin_is_under_its_tag, a_tag_does_not_move_bytes_from_one_field_to_the_next,
      a_tag_holds_in_its_store_only, a_row_without_tag_or_known_key_is_tampered,
      a_text_without_end_is_neither_tagged_nor_passed, a_tombstone_keeps_the_key_that_its_secret_had,
      an_old_row_passes_and_its_next_tag_is_of_the_newest_key, the_audit_has_a_key_of_its_own_for_each_key_of_the_ring,
      keys_and_messages_are_those_of_the_format)
