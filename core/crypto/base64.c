#include "context.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* The library passes over much that is none (RFC 4648 3.3), so it is looked at before. */
static bool is_sound(const uint8_t *text, size_t len, size_t *out_padding)
{
    size_t padding = 0;
    if (len % 4 != 0)
        return false;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i + padding < len; i++)
        if (!is_base64(text[i]))
            return false;
    *out_padding = padding;
    return true;
}

enum status crypto_base64_decode(const struct secret *text, struct secret **out_bytes)
{
    secret_owner struct secret *packed = secret_new(secret_len(text));
    if (packed == NULL)
        return STATUS_NO_MEMORY;

    size_t len = 0, padding = 0;
    for (size_t i = 0; i < secret_len(text); i++) {
        uint8_t c = secret_read(text)[i];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            secret_fill(packed)[len++] = c;
    }
    secret_shorten(packed, len);
    if (!is_sound(secret_read(packed), len, &padding))
        return STATUS_INVALID;

    secret_owner struct secret *bytes = secret_new(len / 4 * 3);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    int done = EVP_DecodeBlock(secret_fill(bytes), secret_read(packed), (int)len);
    crypto_wipe_stack();
    if (len > 0 && done != (int)(len / 4 * 3))
        return STATUS_INVALID;
    secret_shorten(bytes, len / 4 * 3 - padding);
    *out_bytes = bytes;
    bytes = NULL;
    return STATUS_OK;
}

enum status crypto_base64_encode(const struct secret *bytes, struct secret **out_text)
{
    size_t len = (secret_len(bytes) + 2) / 3 * 4;
    struct secret *text = secret_new(len); /* there is a zero byte behind it, which the library writes */
    if (text == NULL)
        return STATUS_NO_MEMORY;
    (void)EVP_EncodeBlock(secret_fill(text), secret_read(bytes), (int)secret_len(bytes));
    crypto_wipe_stack();
    *out_text = text;
    return STATUS_OK;
}
