#include "suite.h"
#include "toolbox.h"

START_TEST(base32_writes_the_vectors_of_rfc_4648_without_padding)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "MY"},
                                             {"fo", "MZXQ"},
                                             {"foo", "MZXW6"},
                                             {"foob", "MZXW6YQ"},
                                             {"fooba", "MZXW6YTB"},
                                             {"foobar", "MZXW6YTBOI"}};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        secret_owner struct secret *bytes = text_secret(vectors[i][0]);
        secret_owner struct secret *text = NULL;
        ck_assert_int_eq(otp_base32_encode(bytes, &text), STATUS_OK);
        assert_secret_is(text, vectors[i][1]);
    }
}
END_TEST

static void reads(const char *text_in, const char *want)
{
    secret_owner struct secret *text = text_secret(text_in);
    secret_owner struct secret *bytes = NULL;
    ck_assert_msg(otp_base32_decode(text, &bytes) == STATUS_OK, "'%s' was refused", text_in);
    assert_secret_is(bytes, want);
}

static void refuses(const char *text_in, size_t len)
{
    secret_owner struct secret *text = secret_copy(text_in, len);
    struct secret *bytes = NULL;
    ck_assert_msg(otp_base32_decode(text, &bytes) == STATUS_INVALID, "'%s' was taken", text_in);
    ck_assert_ptr_null(bytes);
}

START_TEST(base32_reads_the_vectors_of_rfc_4648_with_padding_and_without)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"MY======", "f"},
                                             {"MZXQ====", "fo"},
                                             {"MZXW6===", "foo"},
                                             {"MZXW6YQ=", "foob"},
                                             {"MZXW6YTB", "fooba"},
                                             {"MZXW6YTBOI======", "foobar"},
                                             {"MY", "f"},
                                             {"MZXQ", "fo"},
                                             {"MZXW6", "foo"},
                                             {"MZXW6YQ", "foob"},
                                             {"MZXW6YTBOI", "foobar"}};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        reads(vectors[i][0], vectors[i][1]);
}
END_TEST

START_TEST(base32_reads_what_people_make_of_it)
{
    reads("mzxw6ytboi", "foobar");
    reads("MZXW 6YTB OI", "foobar");
    reads("mzxw-6ytb-oi", "foobar");
    reads("Mz  Xw - 6yTb-Oi", "foobar");
    reads("MZXW 6YTB OI======", "foobar");
}
END_TEST

START_TEST(base32_refuses_everything_else)
{
    static const char *const bad[] = {"M",
                                      "MZX",
                                      "MZXW6Y",
                                      "MZXW6YTBO", /* lengths that no number of bytes gives */
                                      "MZ",
                                      "MZXR",
                                      "MZXW7",
                                      "MZXW6YR", /* bits behind the last byte */
                                      "MZXW6YT1",
                                      "MZXW6YT0",
                                      "MZXW6YT8",
                                      "MZXW6YT9",
                                      "MZXW6Y_B",
                                      "MZXW6Y+B",
                                      " MY",
                                      "MY ",
                                      "-MY",
                                      "MY-",
                                      " ",
                                      "-",
                                      "MY=",
                                      "MY=====",
                                      "MY=======",
                                      "MZXW6YTB=",
                                      "MZXW6YTB========",
                                      "========",
                                      "=",
                                      "M=Y",
                                      "MY======MY",
                                      "MY ======",
                                      "MY=== ===",
                                      "MZXW6YTB\n",
                                      "MZ\tXQ",
                                      "MZX\xc3\x89",
                                      "\xd0\x9cY"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i], strlen(bad[i]));
    refuses("MZXQ\0\0\0\0", 8);
    refuses("MZ\0Q", 4);
}
END_TEST

START_TEST(base32_takes_exactly_its_32_characters_and_their_lower_case)
{
    int taken = 0;
    for (int c = 0; c < 256; c++) {
        uint8_t text[8] = {(uint8_t)c, 'A', 'A', 'A', 'A', 'A', 'A', 'A'};
        secret_owner struct secret *secret = secret_copy(text, sizeof text);
        secret_owner struct secret *bytes = NULL;
        if (otp_base32_decode(secret, &bytes) == STATUS_OK)
            taken++;
    }
    ck_assert_int_eq(taken, 26 + 26 + 6);
}
END_TEST

START_TEST(base32_gives_back_any_bytes)
{
    uint64_t state = 4648;
    for (size_t len = 0; len <= 200; len++) {
        secret_owner struct secret *bytes = secret_new(len);
        for (size_t i = 0; i < len; i++)
            secret_fill(bytes)[i] = (uint8_t)next_number(&state);
        secret_owner struct secret *text = NULL;
        secret_owner struct secret *again = NULL;
        ck_assert_int_eq(otp_base32_encode(bytes, &text), STATUS_OK);
        ck_assert_uint_eq(secret_len(text), (len * 8 + 4) / 5);
        ck_assert_int_eq(otp_base32_decode(text, &again), STATUS_OK);
        ck_assert_uint_eq(secret_len(again), len);
        ck_assert_int_eq(memcmp(secret_read(again), secret_read(bytes), len), 0);
    }
}
END_TEST

START_TEST(base32_reads_no_two_plain_texts_as_the_same_bytes)
{
    /* What is taken comes out again as it was, separators, padding and case apart. */
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint64_t state = 32;
    int taken = 0;
    for (int round = 0; round < 3000; round++) {
        uint8_t raw[24];
        size_t len = next_below(&state, sizeof raw);
        for (size_t i = 0; i < len; i++)
            raw[i] = (uint8_t)alphabet[next_below(&state, 32)];
        secret_owner struct secret *text = secret_copy(raw, len);
        secret_owner struct secret *bytes = NULL;
        secret_owner struct secret *again = NULL;
        if (otp_base32_decode(text, &bytes) != STATUS_OK)
            continue;
        taken++;
        ck_assert_int_eq(otp_base32_encode(bytes, &again), STATUS_OK);
        ck_assert_uint_eq(secret_len(again), len);
        ck_assert_int_eq(memcmp(secret_read(again), raw, len), 0);
    }
    ck_assert_int_gt(taken, 300);
}
END_TEST

START_TEST(base32_stays_within_the_largest_secret)
{
    secret_owner struct secret *bytes = secret_new(2500);
    secret_owner struct secret *text = NULL;
    secret_owner struct secret *again = NULL;
    ck_assert_int_eq(otp_base32_encode(bytes, &text), STATUS_OK);
    ck_assert_uint_eq(secret_len(text), SECRET_MAX);
    ck_assert_int_eq(otp_base32_decode(text, &again), STATUS_OK);
    ck_assert_uint_eq(secret_len(again), 2500);

    secret_owner struct secret *large = secret_new(2501);
    struct secret *none = NULL;
    ck_assert_int_eq(otp_base32_encode(large, &none), STATUS_NO_MEMORY);
    ck_assert_ptr_null(none);
}
END_TEST

SUITE("base32", base32_writes_the_vectors_of_rfc_4648_without_padding,
      base32_reads_the_vectors_of_rfc_4648_with_padding_and_without, base32_reads_what_people_make_of_it,
      base32_refuses_everything_else, base32_takes_exactly_its_32_characters_and_their_lower_case,
      base32_gives_back_any_bytes, base32_reads_no_two_plain_texts_as_the_same_bytes,
      base32_stays_within_the_largest_secret)
