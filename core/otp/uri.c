#include "uri.h"

#include <string.h>

#include "codes.h"

/* The code point that starts at text and its length in bytes; 0 if it is not UTF-8 in shortest form. The zero byte behind
 * the text continues nothing, so the end needs no watching. */
static size_t read_utf8(const uint8_t *text, uint32_t *out_point)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

    for (size_t extra = 0; extra < sizeof forms / sizeof forms[0]; extra++) {
        if ((text[0] & forms[extra].mask) != forms[extra].lead)
            continue;
        uint32_t point = (uint32_t)(text[0] & (uint8_t)~forms[extra].mask);
        for (size_t i = 1; i <= extra; i++) {
            if ((text[i] & 0xc0) != 0x80)
                return 0;
            point = point << 6 | (text[i] & 0x3fU);
        }
        if (point < forms[extra].least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return 0;
        *out_point = point;
        return extra + 1;
    }
    return 0;
}

bool uri_text_is_sound(const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    if (len == size)
        return false;

    for (size_t at = 0; at < len;) {
        uint32_t point = 0;
        size_t step = read_utf8((const uint8_t *)text + at, &point);
        if (step == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0) || point == ':')
            return false;
        at += step;
    }
    return true;
}

static bool moving_factor_is_sound(const struct otp_uri *uri)
{
    switch (uri->kind) {
    case FACTOR_TOTP:
        return uri->period_s >= 1 && uri->period_s <= FACTOR_PERIOD_MAX_S && uri->counter == 0;
    case FACTOR_HOTP:
        return uri->period_s == 0 && uri->counter <= INT64_MAX;
    case FACTOR_RECOVERY:
    case FACTOR_TEMPORARY:
        break;
    }
    return false;
}

/* No space in front: a reader drops what stands between the label's colon and the account. */
static bool account_is_sound(const char account[USER_SIZE])
{
    return account[0] != '\0' && account[0] != ' ' && uri_text_is_sound(account, USER_SIZE);
}

bool uri_is_sound(const struct otp_uri *uri, size_t key_min)
{
    return moving_factor_is_sound(uri) && otp_secret_len(uri->algorithm) != 0 && otp_digits_fit(uri->digits) &&
           uri->key != NULL && secret_len(uri->key) >= key_min && secret_len(uri->key) <= FACTOR_SECRET_MAX &&
           uri_text_is_sound(uri->issuer, sizeof uri->issuer) && account_is_sound(uri->account);
}

void otp_uri_wipe(struct otp_uri *uri)
{
    secret_free(uri->key);
    secret_wipe(uri, sizeof *uri);
}
