#include "token_key.h"

#include <stdbool.h>

#include <garde/otp.h>

#include "formats/hex.h"

static bool is_between(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '-' || c == ':';
}

static enum status decode_hex(const struct secret *text, struct secret **out_key)
{
    const uint8_t *in = secret_read(text);
    size_t len = secret_len(text), used = 0;
    secret_owner struct secret *key = secret_new(len / 2);

    if (key == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < len;) {
        if (is_between(in[i])) {
            i++;
            continue;
        }
        /* Behind the last byte of a secret there is a zero. */
        int high = hex_value((char)in[i]), low = hex_value((char)in[i + 1]);
        if (high < 0 || low < 0)
            return STATUS_INVALID;
        secret_fill(key)[used++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    if (used == 0)
        return STATUS_INVALID;
    secret_shorten(key, used);
    *out_key = key;
    key = NULL;
    return STATUS_OK;
}

enum status token_key_decode(enum token_key_form form, const struct secret *text, struct secret **out_key)
{
    return form == TOKEN_KEY_HEX ? decode_hex(text, out_key) : otp_base32_decode(text, out_key);
}
