#include "sheet.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "html.h"
#include "sheet_pictures.h"
#include "sheet_style.h"
#include "sheet_texts.h"

#define GROUP 4

struct page {
    const struct sheet *sheet;
    struct sink *sink;
};

static void put(const struct page *page, const char *markup)
{
    sink_text(page->sink, markup);
}

static const char *digits_in_words(const struct sheet *sheet)
{
    enum sheet_text word = sheet->uri->digits == 8 ? SHEET_EIGHT : sheet->uri->digits == 7 ? SHEET_SEVEN : SHEET_SIX;
    return sheet_text(sheet->language, word);
}

/* What stands for a {name} of the texts. */
static void put_value(const struct page *page, const char *name, size_t len)
{
    const struct sheet *sheet = page->sheet;
    char moment[SHEET_MOMENT_SIZE];

    if (strncmp(name, "digits", len) == 0)
        html_text(page->sink, digits_in_words(sheet));
    else if (strncmp(name, "seconds", len) == 0)
        sink_number(page->sink, sheet->uri->period_s);
    else if (strncmp(name, "until", len) == 0)
        html_text(page->sink, sheet_minute(sheet->language, sheet->until_s, moment));
    else if (strncmp(name, "user", len) == 0)
        html_text(page->sink, sheet->uri->account);
    else
        html_text(page->sink, sheet_text(sheet->language, SHEET_HELP_WORDS));
}

/* A text of the table: escaped, its {names} filled in, its *strong* parts marked. */
static void say(const struct page *page, enum sheet_text which)
{
    const char *at = sheet_text(page->sheet->language, which);
    bool strong = false;

    while (*at != '\0') {
        char part[512];
        size_t len = strcspn(at, "{*");
        (void)snprintf(part, sizeof part, "%.*s", (int)len, at);
        html_text(page->sink, part);
        at += len;
        if (*at == '{') {
            len = strcspn(at, "}");
            put_value(page, at + 1, len - 1);
            at += len + 1;
        } else if (*at == '*') {
            strong = !strong;
            put(page, strong ? "<strong>" : "</strong>");
            at++;
        }
    }
}

static void element(const struct page *page, const char *open, enum sheet_text which, const char *close)
{
    put(page, open);
    say(page, which);
    put(page, close);
}

/* A text from outside, kept apart from the reading direction of what is around it. */
static void put_foreign(const struct page *page, const char *text)
{
    put(page, "<bdi>");
    html_text(page->sink, text);
    put(page, "</bdi>");
}

static void fact(const struct page *page, enum sheet_text name, const char *value)
{
    element(page, "<div><dt>", name, "</dt><dd>");
    put_foreign(page, value);
    put(page, "</dd></div>\n");
}

/* Names that take lines of their own, so that the rest has to be smaller to stay on one page: the class of the style for it. */
static const char *size_class(const struct sheet *sheet)
{
    size_t facts = strlen(sheet->uri->account) + strlen(sheet->label);

    if (facts > 100 || secret_len(sheet->uri->key) > 40)
        return " longest";
    bool is_long = facts > 48 || strlen(sheet->uri->issuer) > 40 || strlen(sheet->help_desk) > 32 ||
                   (sheet->not_before_s != 0 && sheet->not_after_s != 0);
    return is_long ? " long" : "";
}

static void put_head(const struct page *page)
{
    put(page, "<!DOCTYPE html>\n<html lang=\"");
    say(page, SHEET_LANGUAGE);
    put(page,
        "\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    say(page, SHEET_TITLE);
    put(page, "</title>\n<style>\n");
    put(page, sheet_style);
    put(page, "</style>\n</head>\n<body class=\"");
    put(page, page->sheet->qr != NULL ? "phone" : "token");
    put(page, size_class(page->sheet));
    put(page, "\">\n<header><p class=\"issuer\">");
    put_foreign(page, page->sheet->uri->issuer);
    element(page, "</p><p class=\"personal\">", SHEET_PERSONAL, "</p></header>\n<main>\n");
}

static void put_facts(const struct page *page)
{
    const struct sheet *sheet = page->sheet;
    char moment[SHEET_MOMENT_SIZE];

    put(page, "<dl class=\"facts\">\n");
    fact(page, SHEET_USER, sheet->uri->account);
    if (sheet->label[0] != '\0')
        fact(page, SHEET_DEVICE, sheet->label);
    fact(page, SHEET_BEFORE, sheet_minute(sheet->language, sheet->until_s, moment));
    if (sheet->not_before_s != 0)
        fact(page, SHEET_VALID_FROM, sheet_day(sheet->language, sheet->not_before_s, moment));
    if (sheet->not_after_s != 0)
        fact(page, SHEET_VALID_UNTIL, sheet_day(sheet->language, sheet->not_after_s - 1, moment));
    put(page, "</dl>\n");
}

struct step {
    enum sheet_picture picture;
    enum sheet_text title, heading, text;
};

static void put_step(const struct page *page, unsigned number, const struct step *step)
{
    put(page, "<li>\n<span class=\"number\">");
    sink_number(page->sink, number);
    put(page, "</span>\n<svg role=\"img\" viewBox=\"0 0 160 100\"><title>");
    say(page, step->title);
    put(page, "</title>");
    sheet_picture_write(step->picture, page->sheet->uri->digits, page->sink);
    element(page, "</svg>\n<h3>", step->heading, "</h3>\n");
    element(page, "<p>", step->text, "</p>\n</li>\n");
}

static void put_steps(const struct page *page)
{
    bool counts = page->sheet->uri->kind == FACTOR_HOTP;
    const struct step phone[] = {
        {SHEET_PICTURE_APP, SHEET_APP_PICTURE, SHEET_APP, SHEET_APP_TEXT},
        {SHEET_PICTURE_SCAN, SHEET_SCAN_PICTURE, SHEET_SCAN, SHEET_SCAN_TEXT},
        {SHEET_PICTURE_LOGIN, SHEET_LOGIN_PICTURE, SHEET_LOGIN, counts ? SHEET_LOGIN_TEXT_COUNTER : SHEET_LOGIN_TEXT},
    };
    static const struct step token[] = {
        {SHEET_PICTURE_TOKEN, SHEET_TOKEN_PICTURE, SHEET_TOKEN, SHEET_TOKEN_TEXT},
        {SHEET_PICTURE_PRESS, SHEET_PRESS_PICTURE, SHEET_PRESS, SHEET_PRESS_TEXT},
        {SHEET_PICTURE_TOKEN_LOGIN, SHEET_LOGIN_TOKEN_PICTURE, SHEET_LOGIN, SHEET_LOGIN_TEXT_TOKEN},
    };
    const struct step *steps = page->sheet->qr != NULL ? phone : token;

    element(page, "<section>\n<h2 class=\"hidden\">", SHEET_STEPS, "</h2>\n<ol class=\"steps\">\n");
    for (unsigned i = 0; i < 3; i++)
        put_step(page, i + 1, &steps[i]);
    put(page, "</ol>\n</section>\n");
}

static void put_qr(const struct page *page)
{
    const struct qr *qr = page->sheet->qr;

    put(page, "<svg id=\"qr\" role=\"img\" shape-rendering=\"crispEdges\" viewBox=\"0 0 ");
    sink_number(page->sink, qr_side(qr));
    put(page, " ");
    sink_number(page->sink, qr_side(qr));
    element(page, "\"><title>", SHEET_QR_PICTURE, "</title><path fill=\"#fff\" d=\"M0 0h");
    sink_number(page->sink, qr_side(qr));
    put(page, "v");
    sink_number(page->sink, qr_side(qr));
    put(page, "H0z\"/><path fill=\"#000\" d=\"");
    qr_write_path(qr, page->sink);
    put(page, "\"/></svg>\n");
}

/* In groups, so that an eye finds its place again. */
static void put_key(const struct page *page, const struct secret *text)
{
    for (size_t i = 0; i < secret_len(text); i += GROUP) {
        size_t left = secret_len(text) - i;
        if (i > 0)
            put(page, " ");
        sink_put(page->sink, secret_read(text) + i, left < GROUP ? left : GROUP);
    }
}

static void number_fact(const struct page *page, enum sheet_text name, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    fact(page, name, digits);
}

/* What a person who types the key has to choose. */
static void put_settings(const struct page *page)
{
    static const char *const algorithms[] = {
        [ALGORITHM_SHA1] = "SHA-1", [ALGORITHM_SHA256] = "SHA-256", [ALGORITHM_SHA512] = "SHA-512"};
    const struct otp_uri *uri = page->sheet->uri;
    bool counts = uri->kind == FACTOR_HOTP;

    fact(page, SHEET_KEY_TYPE, sheet_text(page->sheet->language, counts ? SHEET_KEY_BY_COUNTER : SHEET_KEY_BY_TIME));
    if (uri->algorithm != ALGORITHM_SHA1)
        fact(page, SHEET_KEY_ALGORITHM, algorithms[uri->algorithm]);
    if (uri->digits != OTP_DIGITS_MIN)
        number_fact(page, SHEET_KEY_DIGITS, uri->digits);
    if (counts)
        number_fact(page, SHEET_KEY_COUNTER, uri->counter);
    else if (uri->period_s != 30)
        number_fact(page, SHEET_KEY_PERIOD, uri->period_s);
}

static enum status put_scan(const struct page *page)
{
    secret_owner struct secret *text = NULL;
    enum status status = otp_base32_encode(page->sheet->uri->key, &text);
    if (status != STATUS_OK)
        return status;

    put(page, "<section class=\"scan\">\n");
    put_qr(page);
    element(page, "<div class=\"key\">\n<h2 class=\"hidden\">", SHEET_QR, "</h2>\n");
    element(page, "<h3>", SHEET_KEY, "</h3>\n");
    element(page, "<p>", SHEET_KEY_TEXT, "</p>\n<dl>\n");
    element(page, "<dt>", SHEET_KEY_KEY, "</dt><dd class=\"typed\" id=\"key\">");
    put_key(page, text);
    put(page, "</dd>\n</dl>\n<dl class=\"settings\">\n");
    put_settings(page);
    put(page, "</dl>\n</div>\n</section>\n");
    return STATUS_OK;
}

static void put_left(const struct page *page)
{
    bool counts = page->sheet->uri->kind == FACTOR_HOTP, is_phone = page->sheet->qr != NULL;

    put(page, "<div>\n<section>\n");
    element(page, "<h2>", SHEET_TEST, "</h2>\n");
    element(page, "<p>", SHEET_TEST_TEXT, "</p>\n");
    element(page, "<p>", counts || !is_phone ? SHEET_TEST_REFUSED_COUNTER : SHEET_TEST_REFUSED, "</p>\n</section>\n");
    element(page, "<section>\n<h2>", is_phone ? SHEET_LOST : SHEET_LOST_TOKEN, "</h2>\n");
    element(page, "<p>", is_phone ? SHEET_LOST_TEXT : SHEET_LOST_TEXT_TOKEN, "</p>\n</section>\n</div>\n");
}

static void put_never(const struct page *page)
{
    put(page, "<section class=\"never\">\n<h2><svg aria-hidden=\"true\" viewBox=\"0 0 30 28\">"
              "<path class=\"w\" d=\"M15 2 28.500 26H1.500z\"/><path class=\"l\" d=\"M15 10v8m0 4v.100\"/></svg> ");
    say(page, SHEET_NEVER);
    element(page, "</h2>\n<ul>\n<li>", SHEET_NEVER_TELL, "</li>\n");
    element(page, "<li>", SHEET_NEVER_ELSEWHERE, "</li>\n");
    element(page, "<li>", page->sheet->qr != NULL ? SHEET_NEVER_KEEP : SHEET_NEVER_LEND, "</li>\n</ul>\n</section>\n");
}

static void put_foot(const struct page *page)
{
    const struct sheet *sheet = page->sheet;
    char moment[SHEET_MOMENT_SIZE];

    put(page, "</main>\n<footer>\n");
    if (sheet->help_desk[0] != '\0') {
        element(page, "<p class=\"help\">", SHEET_HELP, " <strong>");
        put_foreign(page, sheet->help_desk);
        put(page, "</strong></p>\n");
    }
    element(page, "<p class=\"made\">", SHEET_MADE, " ");
    html_text(page->sink, sheet_day(sheet->language, sheet->made_s, moment));
    put(page, "</p>\n</footer>\n</body>\n</html>\n");
}

enum status sheet_write(const struct sheet *sheet, struct sink *sink)
{
    const struct page page = {sheet, sink};

    put_head(&page);
    element(&page, "<div>\n<h1>", sheet->qr != NULL ? SHEET_HEADING : SHEET_HEADING_TOKEN, "</h1>\n");
    element(&page, "<p class=\"lead\">", sheet->qr != NULL ? SHEET_LEAD : SHEET_LEAD_TOKEN, "</p>\n</div>\n");
    put_facts(&page);
    put_steps(&page);
    enum status status = sheet->qr != NULL ? put_scan(&page) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    put(&page, "<div class=\"below\">\n");
    put_left(&page);
    put_never(&page);
    put(&page, "</div>\n");
    put_foot(&page);
    return STATUS_OK;
}
