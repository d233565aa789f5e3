#include "suite.h"

#include "open_vault.h"

#define FIRST  "0123456789ABCDE"
#define SECOND "FGHJKMNPQRSTVWX"
#define THIRD  "YZ0000000000000"

static struct factor a_set(void)
{
    struct factor factor = a_factor();
    factor.kind = FACTOR_RECOVERY;
    factor.algorithm = ALGORITHM_SHA256;
    factor.digits = RECOVERY_CODE_LEN;
    factor.period_s = 0;
    return factor;
}

static struct factor a_help_desk_code(void)
{
    struct factor factor = a_set();
    factor.kind = FACTOR_TEMPORARY;
    factor.digits = TEMPORARY_CODE_LEN;
    return factor;
}

static enum status hash(struct vault_keys *keys, const char *codes, struct factor *factor)
{
    secret_owner struct secret *secret = secret_copy(codes, strlen(codes));
    return vault_hash_codes(keys, secret, factor);
}

static struct factor a_hashed_set(struct vault_keys *keys)
{
    struct factor factor = a_set();
    OK(hash(keys, FIRST SECOND THIRD, &factor));
    OK(vault_tag_factor(keys, &factor));
    return factor;
}

static uint64_t matches(struct vault_keys *keys, const struct factor *factor, const char *code)
{
    uint64_t found = UINT64_MAX;
    secret_owner struct secret *secret = secret_copy(code, strlen(code));
    OK(vault_match_code(keys, factor, secret, &found));
    return found;
}

static void is_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    char text[2 * FACTOR_SEALED_MAX + 1] = "";
    for (size_t i = 0; i < len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    ck_assert_str_eq(text, hex);
}

/* By Python's own HMAC and an HKDF of three lines, from what the header says. */
START_TEST(hashes_are_those_of_another_program)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_set();
    OK(hash(keys, FIRST SECOND, &factor));
    ck_assert_uint_eq(factor.sealed_len, 2 * CODE_HASH_SIZE);
    is_hex(factor.sealed, 2 * CODE_HASH_SIZE,
           "92bc9920692ace3972761c52e3b7806a5ab9b8624731e8631a74e2a0dbf0b449"
           "594bc00f2a03add2bfca19d6d529246fd66bc08d7040d3d084646e69b68443e0");
    is_hex(factor.fingerprint, FINGERPRINT_SIZE, "7344dcec3ccab39ce3ae2670b4a242433bef79e79ce892298f4e0fe2c5ce6126");

    factor = a_help_desk_code();
    OK(hash(keys, "00420815", &factor));
    is_hex(factor.sealed, CODE_HASH_SIZE, "2bc37a5c2a0c0894783ce525e103e9fe7321d764f8e5196d8025a9ddc24f53e6");
    is_hex(factor.fingerprint, FINGERPRINT_SIZE, "1da33a79c990889aa2352d66caf92c694cf80cb867c04a8cca012dabfee08575");
}
END_TEST

START_TEST(each_code_of_a_set_matches_in_its_own_place)
{
    WITH_KEYS(RING_A);
    const struct factor factor = a_hashed_set(keys);
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 1);
    ck_assert_uint_eq(matches(keys, &factor, SECOND), 2);
    ck_assert_uint_eq(matches(keys, &factor, THIRD), 4);
    ck_assert_uint_eq(matches(keys, &factor, "0123456789ABCDF"), 0);

    struct factor desk = a_help_desk_code();
    OK(hash(keys, "00420815", &desk));
    ck_assert_uint_eq(matches(keys, &desk, "00420815"), 1);
    ck_assert_uint_eq(matches(keys, &desk, "00420816"), 0);
}
END_TEST

START_TEST(a_code_of_another_length_matches_nothing_also_where_it_begins_right)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_help_desk_code();
    OK(hash(keys, "00420815", &factor));
    static const char *const others[] = {"", "0042081", "004208150", "00420815000000000000000000000000", "0"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_uint_eq(matches(keys, &factor, others[i]), 0);

    /* One that ends with zero bytes, as the padding does. */
    static const char with_zeroes[TEMPORARY_CODE_LEN] = "0042";
    secret_owner struct secret *code = secret_copy(with_zeroes, sizeof with_zeroes);
    struct factor odd = a_help_desk_code();
    OK(vault_hash_codes(keys, code, &odd));
    ck_assert_uint_eq(matches(keys, &odd, "0042"), 0);
}
END_TEST

START_TEST(nothing_that_is_kept_contains_a_code_and_no_two_places_are_alike)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_set(), other = a_set();
    OK(hash(keys, FIRST FIRST, &factor));
    ck_assert_ptr_null(memmem(&factor, sizeof factor, FIRST, 5));
    ck_assert_mem_ne(factor.sealed, factor.sealed + CODE_HASH_SIZE, CODE_HASH_SIZE);

    other.id++;
    OK(hash(keys, FIRST FIRST, &other));
    ck_assert_mem_ne(factor.sealed, other.sealed, CODE_HASH_SIZE);
    ck_assert_mem_ne(factor.fingerprint, other.fingerprint, FINGERPRINT_SIZE);
}
END_TEST

START_TEST(hashes_are_of_use_for_no_other_user_factor_kind_or_store)
{
    WITH_KEYS(RING_AB);
    const struct factor whole = a_hashed_set(keys);
    struct factor factor = whole;
    strcpy(factor.user, "mallory");
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 0);
    factor = whole;
    factor.uid++;
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 0);
    factor = whole;
    factor.id++;
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 0);
    factor = whole;
    factor.kind = FACTOR_TEMPORARY;
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 0);
    factor = whole;
    factor.key_id = 1; /* another key of the ring */
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 0);
    factor = whole; /* the first hash in the second place */
    memcpy(factor.sealed + CODE_HASH_SIZE, factor.sealed, CODE_HASH_SIZE);
    ck_assert_uint_eq(matches(keys, &factor, FIRST), 1);

    vault_keys_owner struct vault_keys *elsewhere = open_keys(vault, other_store);
    ck_assert_uint_eq(matches(elsewhere, &whole, FIRST), 0);
}
END_TEST

START_TEST(hashes_of_an_older_key_match_when_a_newer_one_is_there)
{
    WITH_KEYS(RING_A);
    const struct factor factor = a_hashed_set(keys);
    vault_owner struct vault *newer = open_vault(crypto, RING_AB);
    vault_keys_owner struct vault_keys *later = open_keys(newer, a_store);
    ck_assert_uint_eq(matches(later, &factor, SECOND), 2);
    struct factor second = a_set();
    OK(hash(later, FIRST, &second));
    ck_assert_uint_eq(second.key_id, 5);
}
END_TEST

static void is_tampered(struct vault_keys *keys, const struct factor *factor, const char *what)
{
    uint64_t found = 77;
    secret_owner struct secret *secret = secret_copy(FIRST, RECOVERY_CODE_LEN);
    ck_assert_msg(vault_match_code(keys, factor, secret, &found) == STATUS_TAMPERED, "%s", what);
    ck_assert_uint_eq(found, 77);
}

START_TEST(what_are_no_hashes_is_tampered_and_matches_nothing)
{
    WITH_KEYS(RING_A);
    const struct factor whole = a_hashed_set(keys);
    struct factor factor = whole;
    factor.sealed_len = 0;
    is_tampered(keys, &factor, "a tombstone");
    factor.sealed_len = CODE_HASH_SIZE + 1;
    is_tampered(keys, &factor, "half a hash");
    factor.sealed_len = (RECOVERY_CODES + 1) * CODE_HASH_SIZE;
    is_tampered(keys, &factor, "more than there is room for");
    factor = whole;
    factor.key_id = 9;
    is_tampered(keys, &factor, "no key of the ring");
    factor = whole;
    factor.digits = RECOVERY_CODE_LEN + 1;
    is_tampered(keys, &factor, "longer codes than there are");
    factor = whole;
    factor.digits = 0;
    is_tampered(keys, &factor, "codes without characters");
    factor = a_whole_factor(keys, "12345678901234567890");
    is_tampered(keys, &factor, "a sealed secret");
}
END_TEST

START_TEST(only_whole_sets_of_up_to_ten_codes_are_hashed)
{
    WITH_KEYS(RING_A);
    struct factor factor = a_set(), before = factor;
    secret_owner struct secret *ten = secret_new(RECOVERY_CODES * RECOVERY_CODE_LEN);
    secret_owner struct secret *eleven = secret_new((RECOVERY_CODES + 1) * RECOVERY_CODE_LEN);
    ck_assert_int_eq(hash(keys, "", &factor), STATUS_INVALID);
    ck_assert_int_eq(hash(keys, FIRST "0", &factor), STATUS_INVALID);
    ck_assert_int_eq(vault_hash_codes(keys, eleven, &factor), STATUS_INVALID);
    ck_assert_mem_eq(&factor, &before, sizeof factor);
    OK(vault_hash_codes(keys, ten, &factor));
    ck_assert_uint_eq(factor.sealed_len, FACTOR_SEALED_MAX);

    factor = a_factor();
    before = factor;
    ck_assert_int_eq(hash(keys, "123456", &factor), STATUS_INVALID);
    ck_assert_mem_eq(&factor, &before, sizeof factor);
}
END_TEST

START_TEST(a_fingerprint_of_codes_is_never_that_of_a_secret)
{
    WITH_KEYS(RING_A);
    const struct factor set = a_hashed_set(keys);
    uint8_t fingerprint[FINGERPRINT_SIZE];
    /* A secret of the very bytes that were signed for it. */
    static const uint8_t signed_bytes[] =
        "\0\0\0\5codes\0\0\0\20one store......\0\0\0\0\5alice\0\0\0\10\0\0\0\0\0\0\3\351"
        "\0\0\0\10\0\0\0\0\0\0\0\7\0\0\0\10\0\0\0\0\0\0\0\3";
    secret_owner struct secret *secret = secret_copy(signed_bytes, sizeof signed_bytes - 1);
    OK(vault_fingerprint(keys, secret, fingerprint));
    ck_assert_mem_ne(fingerprint, set.fingerprint, FINGERPRINT_SIZE);
}
END_TEST

SUITE("codes", hashes_are_those_of_another_program, each_code_of_a_set_matches_in_its_own_place,
      a_code_of_another_length_matches_nothing_also_where_it_begins_right,
      nothing_that_is_kept_contains_a_code_and_no_two_places_are_alike,
      hashes_are_of_use_for_no_other_user_factor_kind_or_store, hashes_of_an_older_key_match_when_a_newer_one_is_there,
      what_are_no_hashes_is_tampered_and_matches_nothing, only_whole_sets_of_up_to_ten_codes_are_hashed,
      a_fingerprint_of_codes_is_never_that_of_a_secret)
