#include "suite.h"
#include "toolbox.h"

/* Base32 of "12345678901234567890". */
#define KEY_TEXT "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static struct otp_uri plain_uri(void)
{
    struct otp_uri uri = {.kind = FACTOR_TOTP,
                          .algorithm = ALGORITHM_SHA1,
                          .digits = 6,
                          .period_s = 30,
                          .issuer = "garde",
                          .account = "alice",
                          .key = rfc_key(ALGORITHM_SHA1)};
    return uri;
}

static void writes(const struct otp_uri *uri, const char *want)
{
    secret_owner struct secret *text = NULL;
    ck_assert_int_eq(otp_uri_encode(uri, &text), STATUS_OK);
    assert_secret_is(text, want);
}

static void refuses(const struct otp_uri *uri)
{
    struct secret *text = NULL;
    ck_assert_int_eq(otp_uri_encode(uri, &text), STATUS_INVALID);
    ck_assert_ptr_null(text);
}

START_TEST(uri_leaves_out_what_every_phone_assumes)
{
    otp_uri_owner struct otp_uri uri = plain_uri();
    writes(&uri, "otpauth://totp/garde:alice?secret=" KEY_TEXT "&issuer=garde");
}
END_TEST

START_TEST(uri_spells_out_what_differs)
{
    otp_uri_owner struct otp_uri uri = plain_uri();
    uri.algorithm = ALGORITHM_SHA256;
    uri.digits = 8;
    uri.period_s = 60;
    writes(&uri, "otpauth://totp/garde:alice?secret=" KEY_TEXT "&issuer=garde&algorithm=SHA256&digits=8&period=60");
    uri.algorithm = ALGORITHM_SHA512;
    uri.digits = 7;
    uri.period_s = 30;
    writes(&uri, "otpauth://totp/garde:alice?secret=" KEY_TEXT "&issuer=garde&algorithm=SHA512&digits=7");
}
END_TEST

START_TEST(uri_of_a_counter_always_has_the_counter)
{
    otp_uri_owner struct otp_uri uri = plain_uri();
    uri.kind = FACTOR_HOTP;
    uri.period_s = 0;
    writes(&uri, "otpauth://hotp/garde:alice?secret=" KEY_TEXT "&issuer=garde&counter=0");
    uri.counter = INT64_MAX;
    writes(&uri, "otpauth://hotp/garde:alice?secret=" KEY_TEXT "&issuer=garde&counter=9223372036854775807");
}
END_TEST

START_TEST(uri_without_issuer_has_it_in_neither_place)
{
    otp_uri_owner struct otp_uri uri = plain_uri();
    uri.issuer[0] = '\0';
    writes(&uri, "otpauth://totp/alice?secret=" KEY_TEXT);
}
END_TEST

START_TEST(uri_percent_encodes_all_but_the_unreserved)
{
    otp_uri_owner struct otp_uri uri = plain_uri();
    strcpy(uri.issuer, "H\xc3\xb4pital Saint-Andr\xc3\xa9");
    strcpy(uri.account, "fran\xc3\xa7ois.l\xc5\x93uillet@chu-lyon.fr");
    writes(&uri,
           "otpauth://totp/H%C3%B4pital%20Saint-Andr%C3%A9:fran%C3%A7ois.l%C5%93uillet%40chu-lyon.fr?secret=" KEY_TEXT
           "&issuer=H%C3%B4pital%20Saint-Andr%C3%A9");
    strcpy(uri.issuer, "a/b?c=d&e#f%g+h");
    strcpy(uri.account, "DOM\\-._~'\"");
    writes(&uri, "otpauth://totp/a%2Fb%3Fc%3Dd%26e%23f%25g%2Bh:DOM%5C-._~%27%22?secret=" KEY_TEXT
                 "&issuer=a%2Fb%3Fc%3Dd%26e%23f%25g%2Bh");
}
END_TEST

START_TEST(uri_at_its_longest_is_whole)
{
    otp_uri_owner struct otp_uri uri = {.kind = FACTOR_HOTP,
                                        .algorithm = ALGORITHM_SHA512,
                                        .digits = 8,
                                        .counter = INT64_MAX,
                                        .key = secret_new(FACTOR_SECRET_MAX)};
    memset(uri.issuer, '%', sizeof uri.issuer - 1);
    memset(uri.account, '%', sizeof uri.account - 1);
    secret_owner struct secret *text = NULL;
    ck_assert_int_eq(otp_uri_encode(&uri, &text), STATUS_OK);
    otp_uri_owner struct otp_uri again = {0};
    ck_assert_int_eq(otp_uri_decode(text, &again), STATUS_OK);
    ck_assert_str_eq(again.issuer, uri.issuer);
    ck_assert_str_eq(again.account, uri.account);
    ck_assert_uint_eq(secret_len(again.key), FACTOR_SECRET_MAX);
}
END_TEST

START_TEST(uri_is_not_made_from_values_out_of_range)
{
    static const struct {
        unsigned kind, algorithm, digits, period_s;
        uint64_t counter;
    } bad[] = {{0, 1, 6, 30, 0},
               {3, 1, 6, 30, 0},
               {1, 0, 6, 30, 0},
               {1, 4, 6, 30, 0},
               {1, 1, 5, 30, 0},
               {1, 1, 9, 30, 0},
               {1, 1, 6, 0, 0},
               {1, 1, 6, 121, 0},
               {1, 1, 6, 30, 1},
               {2, 1, 6, 30, 0},
               {2, 1, 6, 0, UINT64_C(1) << 63}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        otp_uri_owner struct otp_uri uri = plain_uri();
        uri.kind = (enum factor_kind)bad[i].kind;
        uri.algorithm = (enum factor_algorithm)bad[i].algorithm;
        uri.digits = bad[i].digits;
        uri.period_s = bad[i].period_s;
        uri.counter = bad[i].counter;
        refuses(&uri);
    }
}
END_TEST

START_TEST(uri_is_not_made_from_keys_of_a_length_out_of_range)
{
    static const size_t lens[] = {0, FACTOR_SECRET_MIN - 1, FACTOR_SECRET_MAX + 1};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        otp_uri_owner struct otp_uri uri = plain_uri();
        secret_free(uri.key);
        uri.key = secret_new(lens[i]);
        refuses(&uri);
    }
    otp_uri_owner struct otp_uri uri = plain_uri();
    secret_drop(&uri.key);
    refuses(&uri);
}
END_TEST

START_TEST(uri_is_not_made_from_names_that_cannot_be_told_apart)
{
    static const char *const bad[] = {"a:b", ":", "a\nb", "\x7f", "\x1b[31m", "\xc2\x85", "\xff", "a\xc3", "\xc0\xaf"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        otp_uri_owner struct otp_uri uri = plain_uri();
        strcpy(uri.issuer, bad[i]);
        refuses(&uri);
        strcpy(uri.issuer, "garde");
        strcpy(uri.account, bad[i]);
        refuses(&uri);
    }
    otp_uri_owner struct otp_uri uri = plain_uri();
    uri.account[0] = '\0';
    refuses(&uri);
    strcpy(uri.account, " alice");
    refuses(&uri);
    memset(uri.account, 'a', sizeof uri.account);
    refuses(&uri);
    strcpy(uri.account, "alice");
    memset(uri.issuer, 'a', sizeof uri.issuer);
    refuses(&uri);
}
END_TEST

START_TEST(uri_wiped_holds_nothing)
{
    struct otp_uri uri = plain_uri();
    static const struct otp_uri nothing;
    otp_uri_wipe(&uri);
    ck_assert_mem_eq(&uri, &nothing, sizeof uri);
    otp_uri_wipe(&uri);
}
END_TEST

SUITE("uri_encode", uri_leaves_out_what_every_phone_assumes, uri_spells_out_what_differs,
      uri_of_a_counter_always_has_the_counter, uri_without_issuer_has_it_in_neither_place,
      uri_percent_encodes_all_but_the_unreserved, uri_at_its_longest_is_whole, uri_is_not_made_from_values_out_of_range,
      uri_is_not_made_from_keys_of_a_length_out_of_range, uri_is_not_made_from_names_that_cannot_be_told_apart,
      uri_wiped_holds_nothing)
