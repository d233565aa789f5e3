#include "suite.h"
#include "toolbox.h"

#define KEY_TEXT "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define SECRET   "secret=" KEY_TEXT
#define TOTP     "otpauth://totp/"
#define HOTP     "otpauth://hotp/"
#define A_64     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct otp_uri read_uri(const char *text_in)
{
    secret_owner struct secret *text = text_secret(text_in);
    struct otp_uri uri = {0};
    ck_assert_msg(otp_uri_decode(text, &uri) == STATUS_OK, "refused: %s", text_in);
    return uri;
}

static void refuses_bytes(const char *bytes, size_t len)
{
    secret_owner struct secret *text = secret_copy(bytes, len);
    struct otp_uri uri, untouched;
    memset(&uri, 0x5a, sizeof uri);
    memset(&untouched, 0x5a, sizeof untouched);
    ck_assert_msg(otp_uri_decode(text, &uri) == STATUS_INVALID, "taken: %s", bytes);
    ck_assert_mem_eq(&uri, &untouched, sizeof uri);
}

static void refuses(const char *text)
{
    refuses_bytes(text, strlen(text));
}

START_TEST(uri_gives_every_field)
{
    otp_uri_owner struct otp_uri totp =
        read_uri(TOTP "garde:alice?" SECRET "&issuer=garde&algorithm=SHA512&digits=8&period=60");
    ck_assert_int_eq(totp.kind, FACTOR_TOTP);
    ck_assert_int_eq(totp.algorithm, ALGORITHM_SHA512);
    ck_assert_uint_eq(totp.digits, 8);
    ck_assert_uint_eq(totp.period_s, 60);
    ck_assert_uint_eq(totp.counter, 0);
    ck_assert_str_eq(totp.issuer, "garde");
    ck_assert_str_eq(totp.account, "alice");
    assert_secret_is(totp.key, "12345678901234567890");

    otp_uri_owner struct otp_uri hotp = read_uri(HOTP "bob?counter=9223372036854775807&" SECRET);
    ck_assert_int_eq(hotp.kind, FACTOR_HOTP);
    ck_assert_int_eq(hotp.algorithm, ALGORITHM_SHA1);
    ck_assert_uint_eq(hotp.digits, 6);
    ck_assert_uint_eq(hotp.period_s, 0);
    ck_assert(hotp.counter == INT64_MAX);
    ck_assert_str_eq(hotp.issuer, "");
    ck_assert_str_eq(hotp.account, "bob");
}
END_TEST

START_TEST(uri_reads_issuer_and_account_from_wherever_they_are)
{
    static const struct {
        const char *text, *issuer, *account;
    } rows[] = {
        {TOTP "alice?" SECRET, "", "alice"},
        {TOTP "alice?" SECRET "&issuer=", "", "alice"},
        {TOTP "alice?" SECRET "&issuer=garde", "garde", "alice"},
        {TOTP "garde:alice?" SECRET, "garde", "alice"},
        {TOTP "garde%3Aalice?" SECRET "&issuer=garde", "garde", "alice"},
        {TOTP "garde%3a%20%20alice?" SECRET, "garde", "alice"},
        {TOTP "garde:%20alice?" SECRET, "garde", "alice"},
        {TOTP "H%C3%B4pital%20Saint-Andr%c3%a9:fran%C3%A7ois?" SECRET "&issuer=H%C3%B4pital%20Saint-Andr%C3%A9",
         "H\xc3\xb4pital Saint-Andr\xc3\xa9", "fran\xc3\xa7ois"},
        {TOTP "H\xc3\xb4pital:ren\xc3\xa9"
              "e?" SECRET,
         "H\xc3\xb4pital",
         "ren\xc3\xa9"
         "e"},
        {TOTP "a%2Fb/c:d+e%2Bf?" SECRET "&issuer=a/b%2fc", "a/b/c", "d+e+f"},
        {TOTP "garde:alice%40chu.fr?" SECRET, "garde", "alice@chu.fr"},
        {TOTP "%F0%9F%8F%A5:%E2%82%AC?" SECRET, "\xf0\x9f\x8f\xa5", "\xe2\x82\xac"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        otp_uri_owner struct otp_uri uri = read_uri(rows[i].text);
        ck_assert_str_eq(uri.issuer, rows[i].issuer);
        ck_assert_str_eq(uri.account, rows[i].account);
    }
}
END_TEST

START_TEST(uri_passes_over_what_it_does_not_know_or_need)
{
    static const char *const good[] = {
        "OTPAUTH://TOTP/a?" SECRET,
        TOTP "a?" SECRET "&image=https%3A%2F%2Fexample.org%2Flogo.png&lock=",
        TOTP "a?x=%zz&x=2&" SECRET "&SECRET=AAAA&secrets=1&secre=2",
        TOTP "a?" SECRET "&algorithm=sha1&digits=06&period=030",
        TOTP "a?" SECRET "&counter=7",
        TOTP "a?secret=gezd%20gnbv-gy3tqojqgezdgnbvgy3tqojq",
        TOTP "a?" SECRET "&image=a=b?c=d",
        TOTP "a?secret=" KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT "GEZDGNBV", /* 125 bytes */
        TOTP "a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY======",                                  /* 16 bytes */
        TOTP "a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY%3D%3D%3D%3D%3D%3D",
        TOTP "a?" SECRET "&period=1",
        TOTP "a?" SECRET "&period=120",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        otp_uri_owner struct otp_uri uri = read_uri(good[i]);
        ck_assert_int_eq(uri.kind, FACTOR_TOTP);
        ck_assert_uint_eq(uri.counter, 0);
        ck_assert_ptr_nonnull(uri.key);
    }
    otp_uri_owner struct otp_uri hotp = read_uri(HOTP "a?" SECRET "&counter=0&period=30");
    ck_assert_uint_eq(hotp.period_s, 0);
}
END_TEST

START_TEST(uri_refuses_what_is_no_otpauth_uri)
{
    static const char *const bad[] = {"",
                                      "otpauth",
                                      "otpauth://",
                                      "otpauth://totp",
                                      "otpauth://totp?" SECRET,
                                      "otpauth:/totp/a?" SECRET,
                                      "otpauth://totpx/a?" SECRET,
                                      "otpauth://yaotp/a?" SECRET,
                                      "otpauth-migration://offline?data=AAAA",
                                      "https://totp/a?" SECRET,
                                      " " TOTP "a?" SECRET,
                                      TOTP "a?" SECRET "\n",
                                      TOTP "a b?" SECRET,
                                      TOTP "a\x01?" SECRET,
                                      TOTP "a\x7f?" SECRET,
                                      TOTP "a?" SECRET "#fragment",
                                      TOTP "a#?" SECRET,
                                      TOTP "a",
                                      TOTP "a&" SECRET};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
    static const char zero[] = TOTP "a?" SECRET "\0&digits=8";
    refuses_bytes(zero, sizeof zero - 1);
    static const char zero_end[] = TOTP "a?" SECRET;
    refuses_bytes(zero_end, sizeof zero_end);
}
END_TEST

START_TEST(uri_refuses_parameters_that_are_missing_repeated_or_malformed)
{
    static const char *const bad[] = {TOTP "a?",
                                      TOTP "a?digits=6",
                                      TOTP "a?secret",
                                      TOTP "a?" SECRET "&",
                                      TOTP "a?&" SECRET,
                                      TOTP "a?" SECRET "&&x=1",
                                      TOTP "a?" SECRET "&x",
                                      TOTP "a?%73ecret=" KEY_TEXT,
                                      TOTP "a?Secret=" KEY_TEXT,
                                      TOTP "a?" SECRET "&" SECRET,
                                      TOTP "a?" SECRET "&secret=",
                                      TOTP "a?" SECRET "&issuer=b&issuer=b",
                                      TOTP "a?" SECRET "&algorithm=SHA1&algorithm=SHA1",
                                      TOTP "a?" SECRET "&digits=6&digits=6",
                                      TOTP "a?" SECRET "&period=30&period=30",
                                      HOTP "a?" SECRET "&counter=1&counter=1",
                                      TOTP "a?" SECRET "&algorithm=",
                                      TOTP "a?" SECRET "&algorithm=MD5",
                                      TOTP "a?" SECRET "&algorithm=SHA-1",
                                      TOTP "a?" SECRET "&algorithm=SHA2567",
                                      TOTP "a?" SECRET "&algorithm=SHA512SHA512SHA512",
                                      TOTP "a?" SECRET "&digits=",
                                      TOTP "a?" SECRET "&digits=5",
                                      TOTP "a?" SECRET "&digits=9",
                                      TOTP "a?" SECRET "&digits=6x",
                                      TOTP "a?" SECRET "&digits=+6",
                                      TOTP "a?" SECRET "&digits=-6",
                                      TOTP "a?" SECRET "&digits=%206",
                                      TOTP "a?" SECRET "&digits=4294967302",
                                      TOTP "a?" SECRET "&digits=18446744073709551622",
                                      TOTP "a?" SECRET "&period=0",
                                      TOTP "a?" SECRET "&period=121",
                                      TOTP "a?" SECRET "&period=",
                                      TOTP "a?" SECRET "&period=30s",
                                      TOTP "a?" SECRET "&period=00000000000000000000000000000000000000000030",
                                      TOTP "a?" SECRET "&counter=x",
                                      HOTP "a?" SECRET,
                                      HOTP "a?" SECRET "&counter=",
                                      HOTP "a?" SECRET "&counter=-1",
                                      HOTP "a?" SECRET "&counter=9223372036854775808",
                                      HOTP "a?" SECRET "&counter=18446744073709551616",
                                      HOTP "a?" SECRET "&counter=1&period=0"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
}
END_TEST

START_TEST(uri_refuses_keys_that_are_weak_long_or_no_base32)
{
    static const char *const bad[] = {TOTP "a?secret=",
                                      TOTP "a?secret=GEZDGNBVGY3TQOJQGEZDGNBV", /* 15 bytes */
                                      TOTP "a?secret=" KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT
                                           "GEZDGNBVGEZDGNB", /* 129 bytes and more */
                                      TOTP "a?secret=" KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT KEY_TEXT,
                                      TOTP "a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1",
                                      TOTP "a?secret=" KEY_TEXT "A",
                                      TOTP "a?secret=%00" KEY_TEXT,
                                      TOTP "a?secret=" KEY_TEXT "%00",
                                      TOTP "a?secret=" KEY_TEXT "%",
                                      TOTP "a?secret=" KEY_TEXT "%3",
                                      TOTP "a?secret=" KEY_TEXT "%0A",
                                      TOTP "a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY=====",
                                      TOTP "a?secret=GEZD+GNBV+GY3T+QOJQ+GEZD+GNBV+GY3T+QOJQ"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
}
END_TEST

START_TEST(uri_refuses_names_that_are_hostile_or_contradict_each_other)
{
    static const char *const bad[] = {TOTP "?" SECRET,
                                      TOTP "%20alice?" SECRET,
                                      TOTP "garde:?" SECRET,
                                      TOTP "garde:%20?" SECRET,
                                      TOTP ":alice?" SECRET,
                                      TOTP "garde:a:b?" SECRET,
                                      TOTP "garde:a%3Ab?" SECRET,
                                      TOTP "%3Aalice?" SECRET "&issuer=garde",
                                      TOTP "garde:alice?" SECRET "&issuer=bank",
                                      TOTP "garde:alice?" SECRET "&issuer=",
                                      TOTP "garde:alice?" SECRET "&issuer=Garde",
                                      TOTP "alice?" SECRET "&issuer=a:b",
                                      TOTP "alice?" SECRET "&issuer=a%3Ab",
                                      TOTP "%?" SECRET,
                                      TOTP "a%4?" SECRET,
                                      TOTP "a%4g?" SECRET,
                                      TOTP "a%%41?" SECRET,
                                      TOTP "a%-1?" SECRET,
                                      TOTP "a%00?" SECRET,
                                      TOTP "a%0Ab?" SECRET,
                                      TOTP "a%1B[31m?" SECRET,
                                      TOTP "a%7F?" SECRET,
                                      TOTP "a%C2%85?" SECRET,
                                      TOTP "a?" SECRET "&issuer=b%0D",
                                      TOTP "a?" SECRET "&issuer=b%00",
                                      TOTP "a?" SECRET "&issuer=%C2%80",
                                      TOTP "%FF?" SECRET,
                                      TOTP "\xff?" SECRET,
                                      TOTP "%C3?" SECRET,
                                      TOTP "%C3(?" SECRET,
                                      TOTP "%A9?" SECRET,
                                      TOTP "%C0%AF?" SECRET,
                                      TOTP "%E0%80%AF?" SECRET,
                                      TOTP "%ED%A0%80?" SECRET,
                                      TOTP "%F4%90%80%80?" SECRET,
                                      TOTP "%F8%88%80%80%80?" SECRET,
                                      TOTP "%F0%9F%8F?" SECRET,
                                      TOTP A_64 ":a?" SECRET,
                                      TOTP "a?" SECRET "&issuer=" A_64,
                                      TOTP A_64 A_64 A_64 A_64 "?" SECRET,
                                      TOTP "b:" A_64 A_64 A_64 A_64 "?" SECRET,
                                      TOTP A_64 A_64 A_64 A_64 A_64 A_64 "?" SECRET};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
}
END_TEST

START_TEST(uri_cut_short_anywhere_is_refused_or_a_shorter_uri)
{
    static const char whole[] = HOTP "H%C3%B4pital:a?issuer=H%C3%B4pital&digits=8&algorithm=SHA256&counter=12&" SECRET;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        secret_owner struct secret *text = secret_copy(whole, len);
        struct otp_uri uri = {0};
        if (len < sizeof whole - 1 - (32 - 26)) {
            ck_assert_int_eq(otp_uri_decode(text, &uri), STATUS_INVALID);
            continue;
        }
        if (otp_uri_decode(text, &uri) == STATUS_OK)
            ck_assert_uint_ge(secret_len(uri.key), FACTOR_SECRET_MIN);
        otp_uri_wipe(&uri);
    }
}
END_TEST

START_TEST(uri_decode_from_takes_shorter_keys_than_uri_decode_and_no_others)
{
    secret_owner struct secret *ten = text_secret(TOTP "a?secret=GEZDGNBVGY3TQOJQ");
    secret_owner struct secret *nine = text_secret(TOTP "a?secret=GEZDGNBVGY3TQOI");
    secret_owner struct secret *odd = text_secret(TOTP "a?secret=GEZDGNBVGY3TQOJQ&digits=9");
    otp_uri_owner struct otp_uri uri = {0};

    ck_assert_int_eq(otp_uri_decode(ten, &uri), STATUS_INVALID);
    ck_assert_int_eq(otp_uri_decode_from(nine, FACTOR_SECRET_WEAK_MIN, &uri), STATUS_INVALID);
    ck_assert_int_eq(otp_uri_decode_from(odd, FACTOR_SECRET_WEAK_MIN, &uri), STATUS_INVALID);
    ck_assert_ptr_null(uri.key);
    ck_assert_int_eq(otp_uri_decode_from(ten, FACTOR_SECRET_WEAK_MIN, &uri), STATUS_OK);
    assert_secret_is(uri.key, "1234567890");
}
END_TEST

SUITE("uri_decode", uri_gives_every_field, uri_reads_issuer_and_account_from_wherever_they_are,
      uri_passes_over_what_it_does_not_know_or_need, uri_refuses_what_is_no_otpauth_uri,
      uri_refuses_parameters_that_are_missing_repeated_or_malformed, uri_refuses_keys_that_are_weak_long_or_no_base32,
      uri_refuses_names_that_are_hostile_or_contradict_each_other, uri_cut_short_anywhere_is_refused_or_a_shorter_uri,
      uri_decode_from_takes_shorter_keys_than_uri_decode_and_no_others)
