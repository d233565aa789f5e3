#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sheet.h"
#include "sheet_texts.h"

#define MADE_S  1795800000 /* 27 November 2026, 17:20 UTC */
#define UNTIL_S (MADE_S + 14 * 86400)

static const enum language languages[] = {LANGUAGE_EN, LANGUAGE_FR};

static void in_paris(void)
{
    ck_assert_int_eq(setenv("TZ", "Europe/Paris", 1), 0);
    tzset();
}

static struct otp_uri uri_of(const char *account, const char *issuer)
{
    struct otp_uri uri = {.kind = FACTOR_TOTP, .algorithm = ALGORITHM_SHA1, .digits = 6, .period_s = 30};
    uri.key = secret_copy("12345678901234567890", 20);
    (void)snprintf(uri.account, sizeof uri.account, "%s", account);
    (void)snprintf(uri.issuer, sizeof uri.issuer, "%s", issuer);
    return uri;
}

static struct sheet sheet_of(enum language language, const struct otp_uri *uri, const struct qr *qr)
{
    return (struct sheet){.language = language,
                          .uri = uri,
                          .qr = qr,
                          .label = "phone",
                          .help_desk = "04 77 12 34 56",
                          .made_s = MADE_S,
                          .until_s = UNTIL_S};
}

/* The caller frees it. */
static char *written(const struct sheet *sheet)
{
    int fd = memfd_create("sheet", MFD_CLOEXEC);
    struct sink sink;
    sink_open(&sink, fd);
    ck_assert_int_eq(sheet_write(sheet, &sink), STATUS_OK);
    ck_assert_int_eq(sink_close(&sink), STATUS_OK);
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)len + 1);
    ck_assert(text != NULL && pread(fd, text, (size_t)len, 0) == len);
    ck_assert_int_eq(close(fd), 0);
    return text;
}

static struct qr *symbol_of(const struct otp_uri *uri)
{
    secret_owner struct secret *text = NULL;
    struct qr *qr = NULL;
    ck_assert_int_eq(otp_uri_encode(uri, &text), STATUS_OK);
    ck_assert_int_eq(qr_new(text, &qr), STATUS_OK);
    return qr;
}

static size_t count(const char *text, char c)
{
    size_t found = 0;
    for (; *text != '\0'; text++)
        found += *text == c ? 1 : 0;
    return found;
}

/* The {names} of a text, in the order of the alphabet, and its strong parts. */
static void values_of(const char *text, char out[256])
{
    static const char *const names[] = {"{digits}", "{help}", "{seconds}", "{until}", "{user}"};
    size_t known = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *at = strstr(text, names[i]);
        if (at != NULL) {
            known++;
            (void)strncat(out, names[i], 255 - strlen(out)); /* bounded by the few names there are */
        }
    }
    ck_assert_msg(count(text, '{') == known && count(text, '}') == known, "unknown or repeated {name}: %s", text);
    ck_assert_msg(count(text, '*') % 2 == 0, "a strong part that does not end: %s", text);
}

START_TEST(sheet_texts_are_whole_in_both_languages_and_say_the_same_values)
{
    for (int i = 0; i < SHEET_TEXTS; i++) {
        const char *en = sheet_text(LANGUAGE_EN, (enum sheet_text)i);
        const char *fr = sheet_text(LANGUAGE_FR, (enum sheet_text)i);
        char en_values[256], fr_values[256];
        ck_assert_msg(en != NULL && en[0] != '\0', "%d", i);
        ck_assert_msg(fr != NULL && fr[0] != '\0', "%d", i);
        values_of(en, en_values);
        values_of(fr, fr_values);
        ck_assert_str_eq(en_values, fr_values);
        ck_assert_msg(count(en, '*') == count(fr, '*'), "%s", fr);
        /* "Type" and "six" are both. */
        ck_assert_msg(strcmp(en, fr) != 0 || i == SHEET_KEY_TYPE || i == SHEET_SIX, "not translated: %s", en);
    }
}
END_TEST

START_TEST(sheet_texts_in_french_are_set_as_french_is)
{
    for (int i = 0; i < SHEET_TEXTS; i++) {
        const char *text = sheet_text(LANGUAGE_FR, (enum sheet_text)i);
        ck_assert_msg(strchr(text, '\'') == NULL && strchr(text, '"') == NULL, "typewriter's marks: %s", text);
        for (const char *at = strpbrk(text, "?!;:"); at != NULL; at = strpbrk(at + 1, "?!;:")) {
            const char *space = *at == ':' ? "\u00a0" : "\u202f";
            size_t len = strlen(space);
            ck_assert_msg(at - text >= (ptrdiff_t)len && strncmp(at - len, space, len) == 0, "%s", text);
        }
    }
}
END_TEST

START_TEST(sheet_dates_are_those_of_the_language_in_local_time)
{
    char out[SHEET_MOMENT_SIZE];
    in_paris();
    ck_assert_str_eq(sheet_day(LANGUAGE_FR, UNTIL_S, out), "11\u00a0décembre\u00a02026");
    ck_assert_str_eq(sheet_minute(LANGUAGE_FR, UNTIL_S, out), "11\u00a0décembre\u00a02026 à\u00a018\u00a0h\u00a020");
    ck_assert_str_eq(sheet_minute(LANGUAGE_EN, UNTIL_S, out), "11\u00a0December\u00a02026,\u00a018:20");
    ck_assert_str_eq(sheet_day(LANGUAGE_FR, 1798758000, out), "1er\u00a0janvier\u00a02027");
    ck_assert_str_eq(sheet_day(LANGUAGE_EN, 1798758000, out), "1\u00a0January\u00a02027");
    ck_assert_str_eq(sheet_day(LANGUAGE_EN, INT64_MAX, out), "?");
}
END_TEST

START_TEST(sheet_keeps_its_markup_whatever_names_and_labels_hold)
{
    static const char hostile[] = "</title></style>\"><script>alert('&')</script>\u202e\x01\xff{user}*";
    otp_uri_owner struct otp_uri plain = uri_of("alice", "Clinic");
    qr_owner struct qr *qr = symbol_of(&plain);
    otp_uri_owner struct otp_uri bad = uri_of(hostile, hostile);
    struct sheet good_sheet = sheet_of(LANGUAGE_FR, &plain, qr), bad_sheet = sheet_of(LANGUAGE_FR, &bad, qr);
    bad_sheet.label = bad_sheet.help_desk = hostile;

    char *good_text = written(&good_sheet), *bad_text = written(&bad_sheet);
    static const char markup[] = "<>\"{}";
    for (size_t i = 0; markup[i] != '\0'; i++) {
        size_t own = markup[i] == '{' || markup[i] == '}' ? 5 : 0; /* they mean nothing there */
        ck_assert_uint_eq(count(bad_text, markup[i]), count(good_text, markup[i]) + own);
    }
    ck_assert_ptr_null(strstr(bad_text, "<script"));
    ck_assert_ptr_null(strpbrk(bad_text, "\x01\xff"));
    ck_assert_ptr_null(strstr(bad_text, "\u202e"));
    ck_assert_ptr_nonnull(strstr(bad_text, "&lt;script&gt;alert(&#39;&amp;&#39;)"));
    free(good_text);
    free(bad_text);
}
END_TEST

START_TEST(sheet_is_whole_by_itself)
{
    static const char *const outside[] = {"://",     " src=", "href", "url(",   "@import",
                                          "<script", "<link", "<img", "<iframe"};
    otp_uri_owner struct otp_uri uri = uri_of("alice", "Clinic");
    qr_owner struct qr *qr = symbol_of(&uri);
    for (size_t i = 0; i < 2; i++) {
        struct sheet sheet = sheet_of(languages[i], &uri, qr);
        char *text = written(&sheet);
        for (size_t j = 0; j < sizeof outside / sizeof outside[0]; j++)
            ck_assert_msg(strstr(text, outside[j]) == NULL, "%s", outside[j]);
        ck_assert_ptr_nonnull(strstr(text, i == 0 ? "<html lang=\"en\">" : "<html lang=\"fr\">"));
        ck_assert_ptr_nonnull(strstr(text, "default-src 'none'; style-src 'unsafe-inline'"));
        free(text);
    }
}
END_TEST

START_TEST(sheet_says_who_until_when_whom_to_call_and_the_key_in_groups)
{
    otp_uri_owner struct otp_uri uri = uri_of("alice", "Clinic");
    qr_owner struct qr *qr = symbol_of(&uri);
    struct sheet sheet = sheet_of(LANGUAGE_EN, &uri, qr);
    in_paris();
    char *text = written(&sheet);
    static const char *const said[] = {"<bdi>alice</bdi>",
                                       "<bdi>Clinic</bdi>",
                                       "<bdi>phone</bdi>",
                                       "<bdi>04 77 12 34 56</bdi>",
                                       "11\u00a0December\u00a02026,\u00a018:20",
                                       "27\u00a0November\u00a02026",
                                       "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ<",
                                       "six digits",
                                       "every 30 seconds"};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        ck_assert_msg(strstr(text, said[i]) != NULL, "%s", said[i]);
    ck_assert_ptr_null(strstr(text, "Algorithm"));
    ck_assert_ptr_null(strstr(text, "Works"));
    free(text);

    sheet.label = sheet.help_desk = "";
    sheet.not_before_s = MADE_S;
    sheet.not_after_s = 1798758000; /* the first second of 2027 in Paris: the day before is the last */
    text = written(&sheet);
    ck_assert_ptr_null(strstr(text, "Device"));
    ck_assert_ptr_null(strstr(text, "class=\"help\""));
    ck_assert_ptr_nonnull(strstr(text, "Works from</dt><dd><bdi>27\u00a0November\u00a02026"));
    ck_assert_ptr_nonnull(strstr(text, "Works until</dt><dd><bdi>31\u00a0December\u00a02026"));
    free(text);
}
END_TEST

START_TEST(sheet_says_what_has_to_be_chosen_for_an_unusual_key)
{
    otp_uri_owner struct otp_uri uri = uri_of("alice", "Clinic");
    uri.kind = FACTOR_HOTP;
    uri.period_s = 0;
    uri.counter = 12;
    uri.digits = 8;
    uri.algorithm = ALGORITHM_SHA256;
    qr_owner struct qr *qr = symbol_of(&uri);
    struct sheet sheet = sheet_of(LANGUAGE_EN, &uri, qr);
    char *text = written(&sheet);
    static const char *const said[] = {"eight digits",  "by counter",           "<bdi>SHA-256</bdi>", "<bdi>8</bdi>",
                                       "<bdi>12</bdi>", "a new code each time", ">12345678<"};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        ck_assert_msg(strstr(text, said[i]) != NULL, "%s", said[i]);
    ck_assert_ptr_null(strstr(text, "seconds"));
    free(text);
}
END_TEST

START_TEST(sheet_of_a_token_has_neither_key_nor_qr_code)
{
    otp_uri_owner struct otp_uri uri = uri_of("alice", "Clinic");
    for (size_t i = 0; i < 2; i++) {
        struct sheet sheet = sheet_of(languages[i], &uri, NULL);
        char *text = written(&sheet);
        ck_assert_ptr_null(strstr(text, "GEZD"));
        ck_assert_ptr_null(strstr(text, "id=\"qr\""));
        ck_assert_ptr_nonnull(strstr(text, i == 0 ? "Take your token" : "Prenez votre jeton"));
        free(text);
    }
}
END_TEST

SUITE("sheet", sheet_texts_are_whole_in_both_languages_and_say_the_same_values,
      sheet_texts_in_french_are_set_as_french_is, sheet_dates_are_those_of_the_language_in_local_time,
      sheet_keeps_its_markup_whatever_names_and_labels_hold, sheet_is_whole_by_itself,
      sheet_says_who_until_when_whom_to_call_and_the_key_in_groups, sheet_says_what_has_to_be_chosen_for_an_unusual_key,
      sheet_of_a_token_has_neither_key_nor_qr_code)
