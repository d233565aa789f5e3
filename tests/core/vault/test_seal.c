#include "suite.h"

#include "open_vault.h"

#define SECRET_TEXT "12345678901234567890"

static void unseals_to(struct vault_keys *keys, const struct factor *factor, const char *text)
{
    secret_owner struct secret *secret = NULL;
    OK(vault_unseal(keys, factor, &secret));
    ck_assert_uint_eq(secret_len(secret), strlen(text));
    ck_assert_mem_eq(secret_read(secret), text, strlen(text));
}

static void is_tampered(struct vault_keys *keys, const struct factor *factor, const char *what)
{
    struct secret *secret = NULL;
    ck_assert_msg(vault_unseal(keys, factor, &secret) == STATUS_TAMPERED, "%s", what);
    ck_assert_ptr_null(secret);
}

START_TEST(a_sealed_secret_unseals_to_itself)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_factor();
    secret_owner struct secret *secret = secret_copy(SECRET_TEXT, 20);
    OK(vault_seal(keys, secret, &factor));
    ck_assert_uint_eq(factor.key_id, 1);
    ck_assert_uint_eq(factor.sealed_len, 20 + 28);
    unseals_to(keys, &factor, SECRET_TEXT);

    /* Kept by another run of the program. */
    vault_owner struct vault *again = open_vault(crypto, RING_A);
    vault_keys_owner struct vault_keys *later = open_keys(again, a_store);
    unseals_to(later, &factor, SECRET_TEXT);
}
END_TEST

START_TEST(nothing_sealed_contains_the_secret_and_no_two_seals_are_alike)
{
    WITH_KEYS(RING_A);
    struct factor first = a_whole_factor(keys, SECRET_TEXT), second = a_whole_factor(keys, SECRET_TEXT);
    ck_assert_ptr_null(memmem(&first, sizeof first, SECRET_TEXT, 8));
    ck_assert_mem_ne(first.sealed, second.sealed, first.sealed_len);
    ck_assert_mem_eq(first.fingerprint, second.fingerprint, FINGERPRINT_SIZE);
}
END_TEST

START_TEST(only_secrets_of_16_to_128_bytes_are_sealed)
{
    static const struct {
        size_t len;
        enum status status;
    } lengths[] = {{0, STATUS_INVALID}, {9, STATUS_INVALID}, {10, STATUS_OK}, {128, STATUS_OK}, {129, STATUS_INVALID}};
    WITH_KEYS(RING_A);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct factor factor = a_factor(), before = factor;
        secret_owner struct secret *secret = secret_new(lengths[i].len);
        memset(secret_fill(secret), 'x', lengths[i].len);
        ck_assert_int_eq(vault_seal(keys, secret, &factor), lengths[i].status);
        if (lengths[i].status != STATUS_OK) {
            ck_assert_mem_eq(&factor, &before, sizeof factor);
            continue;
        }
        secret_owner struct secret *back = NULL;
        OK(vault_unseal(keys, &factor, &back));
        ck_assert_uint_eq(secret_len(back), lengths[i].len);
    }
}
END_TEST

START_TEST(a_secret_opens_only_with_what_it_was_sealed_along_with)
{
    WITH_KEYS(RING_AB);
    const struct factor whole = a_whole_factor(keys, SECRET_TEXT);
    struct factor factor = whole;
    strcpy(factor.user, "mallory");
    is_tampered(keys, &factor, "user");
    factor = whole;
    strcpy(factor.user, "Alice");
    is_tampered(keys, &factor, "user's case");
    factor = whole;
    factor.uid++;
    is_tampered(keys, &factor, "uid");
    factor = whole;
    factor.id++;
    is_tampered(keys, &factor, "id");
    factor = whole;
    factor.kind = FACTOR_HOTP;
    is_tampered(keys, &factor, "kind");
    factor = whole;
    factor.algorithm = ALGORITHM_SHA256;
    is_tampered(keys, &factor, "algorithm");
    factor = whole;
    factor.digits = 8;
    is_tampered(keys, &factor, "digits");
    factor = whole;
    factor.period_s = 60;
    is_tampered(keys, &factor, "period_s");
    factor = whole;
    factor.key_id = 1;
    is_tampered(keys, &factor, "another key of the ring");
    factor = whole;
    factor.key_id = 2;
    is_tampered(keys, &factor, "no key of the ring");
    factor = whole;
    factor.key_id = 0;
    is_tampered(keys, &factor, "key 0");

    vault_keys_owner struct vault_keys *elsewhere = open_keys(vault, other_store);
    is_tampered(elsewhere, &whole, "store");
    unseals_to(keys, &whole, SECRET_TEXT);
}
END_TEST

START_TEST(what_an_ordinary_login_changes_is_not_sealed_along)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_whole_factor(keys, SECRET_TEXT);
    factor.mark = 77;
    factor.last_used_s = 78;
    factor.state = FACTOR_SUSPENDED;
    strcpy(factor.label, "other phone");
    unseals_to(keys, &factor, SECRET_TEXT);
}
END_TEST

START_TEST(every_bit_of_the_sealed_bytes_counts)
{
    WITH_KEYS(RING_A);
    const struct factor whole = a_whole_factor(keys, SECRET_TEXT);
    for (uint32_t at = 0; at < whole.sealed_len; at++) {
        struct factor factor = whole;
        factor.sealed[at] ^= 1;
        is_tampered(keys, &factor, "byte");
    }
    static const uint32_t lengths[] = {0, 1, 12, 28, 47, 49, FACTOR_SEALED_MAX, FACTOR_SEALED_MAX + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct factor factor = whole;
        factor.sealed_len = lengths[i];
        is_tampered(keys, &factor, "length");
    }
}
END_TEST

START_TEST(secrets_of_two_factors_cannot_be_swapped)
{
    WITH_KEYS(RING_A);
    struct factor alice = a_whole_factor(keys, SECRET_TEXT), bob = a_factor(), swapped;
    secret_owner struct secret *secret = secret_copy("of bob............", 18);
    strcpy(bob.user, "bob");
    bob.id = 8;
    OK(vault_seal(keys, secret, &bob));
    OK(vault_tag_factor(keys, &bob));

    swapped = alice;
    memcpy(swapped.sealed, bob.sealed, sizeof bob.sealed);
    swapped.sealed_len = bob.sealed_len;
    is_tampered(keys, &swapped, "sealed");
    ck_assert_int_eq(vault_check_factor(keys, &swapped), STATUS_TAMPERED);
    swapped = bob;
    memcpy(swapped.sealed, alice.sealed, sizeof alice.sealed);
    swapped.sealed_len = alice.sealed_len;
    memcpy(swapped.tag, alice.tag, TAG_SIZE);
    is_tampered(keys, &swapped, "sealed");
    ck_assert_int_eq(vault_check_factor(keys, &swapped), STATUS_TAMPERED);
}
END_TEST

START_TEST(the_newest_key_seals_and_every_key_unseals)
{
    WITH_KEYS(RING_A);
    const struct factor old = a_whole_factor(keys, SECRET_TEXT);
    vault_owner struct vault *grown = open_vault(crypto, RING_ABC);
    vault_keys_owner struct vault_keys *grown_keys = open_keys(grown, a_store);
    unseals_to(grown_keys, &old, SECRET_TEXT);
    OK(vault_check_factor(grown_keys, &old));
    const struct factor new = a_whole_factor(grown_keys, SECRET_TEXT);
    ck_assert_uint_eq(new.key_id, 2147483647);
    unseals_to(grown_keys, &new, SECRET_TEXT);
    is_tampered(keys, &new, "a key that this ring has not");

    vault_owner struct vault *other = open_vault(crypto, RING_B);
    vault_keys_owner struct vault_keys *other_keys = open_keys(other, a_store);
    is_tampered(other_keys, &old, "another ring");
}
END_TEST

/* RFC 2104 fills a key up with zeroes, so these make the same codes. */
START_TEST(a_secret_with_zeroes_behind_it_has_the_same_fingerprint)
{
    uint8_t bytes[FACTOR_SECRET_MAX] = "12345678901234567890", first[FINGERPRINT_SIZE], other[FINGERPRINT_SIZE];
    WITH_KEYS(RING_A);
    secret_owner struct secret *secret = secret_copy(bytes, 20);
    OK(vault_fingerprint(keys, secret, first));
    const size_t lengths[] = {21, 64, sizeof bytes};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        secret_owner struct secret *longer = secret_copy(bytes, lengths[i]);
        OK(vault_fingerprint(keys, longer, other));
        ck_assert_mem_eq(first, other, sizeof first);
    }
    secret_owner struct secret *shorter = secret_copy(bytes, 19);
    OK(vault_fingerprint(keys, shorter, other));
    ck_assert_mem_ne(first, other, sizeof first);
    memset(bytes, 0, sizeof bytes);
    secret_owner struct secret *zeroes = secret_copy(bytes, 20);
    OK(vault_fingerprint(keys, zeroes, other));
    ck_assert_mem_ne(first, other, sizeof first);
}
END_TEST

START_TEST(fingerprints_are_keyed_by_ring_and_store_and_outlive_new_keys)
{
    uint8_t first[FINGERPRINT_SIZE], grown_print[FINGERPRINT_SIZE], other[FINGERPRINT_SIZE];
    WITH_KEYS(RING_A);
    secret_owner struct secret *secret = secret_copy(SECRET_TEXT, 20);
    secret_owner struct secret *similar = secret_copy("12345678901234567891", 20);
    OK(vault_fingerprint(keys, secret, first));

    vault_owner struct vault *grown = open_vault(crypto, RING_AB);
    vault_keys_owner struct vault_keys *grown_keys = open_keys(grown, a_store);
    OK(vault_fingerprint(grown_keys, secret, grown_print));
    ck_assert_mem_eq(first, grown_print, sizeof first);
    const struct factor factor = a_whole_factor(grown_keys, SECRET_TEXT);
    ck_assert_mem_eq(first, factor.fingerprint, sizeof first);

    OK(vault_fingerprint(keys, similar, other));
    ck_assert_mem_ne(first, other, sizeof first);
    vault_keys_owner struct vault_keys *elsewhere = open_keys(vault, other_store);
    OK(vault_fingerprint(elsewhere, secret, other));
    ck_assert_mem_ne(first, other, sizeof first);
    vault_owner struct vault *another = open_vault(crypto, RING_B);
    vault_keys_owner struct vault_keys *another_keys = open_keys(another, a_store);
    OK(vault_fingerprint(another_keys, secret, other));
    ck_assert_mem_ne(first, other, sizeof first);
}
END_TEST

/* A change of any of this would shut out every secret that was sealed before. */
START_TEST(a_secret_that_was_sealed_by_the_rules_of_the_format_opens)
{
    static const char along[] = "\0\0\0\6secret\0\0\0\20one store......\0"
                                "\0\0\0\5alice\0\0\0\10\0\0\0\0\0\0\3\351\0\0\0\10\0\0\0\0\0\0\0\7"
                                "\0\0\0\10\0\0\0\0\0\0\0\1\0\0\0\10\0\0\0\0\0\0\0\1"
                                "\0\0\0\10\0\0\0\0\0\0\0\6\0\0\0\10\0\0\0\0\0\0\0\36";
    static const uint8_t ring[] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
                                   0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
                                   0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    WITH_KEYS(RING_A);
    secret_owner struct secret *master = secret_copy(ring, sizeof ring);
    secret_owner struct secret *secret = secret_copy(SECRET_TEXT, 20);
    secret_owner struct secret *key = NULL;
    struct factor factor = a_factor();
    size_t len = 0;

    OK(crypto_derive(crypto, master, a_store, sizeof a_store, "garde 1 seal", &key));
    OK(crypto_seal(crypto, key, along, sizeof along - 1, secret, factor.sealed, sizeof factor.sealed, &len));
    factor.sealed_len = (uint32_t)len;
    factor.key_id = 1;
    unseals_to(keys, &factor, SECRET_TEXT);
}
END_TEST

SUITE("vault seal", a_sealed_secret_unseals_to_itself, nothing_sealed_contains_the_secret_and_no_two_seals_are_alike,
      only_secrets_of_16_to_128_bytes_are_sealed, a_secret_opens_only_with_what_it_was_sealed_along_with,
      what_an_ordinary_login_changes_is_not_sealed_along, every_bit_of_the_sealed_bytes_counts,
      secrets_of_two_factors_cannot_be_swapped, the_newest_key_seals_and_every_key_unseals,
      a_secret_with_zeroes_behind_it_has_the_same_fingerprint,
      fingerprints_are_keyed_by_ring_and_store_and_outlive_new_keys,
      a_secret_that_was_sealed_by_the_rules_of_the_format_opens)
