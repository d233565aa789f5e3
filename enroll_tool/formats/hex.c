#include "hex.h"

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum status hex_decode(const char *text, size_t len, struct secret **out_bytes)
{
    secret_owner struct secret *bytes = secret_new(len / 2);

    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    if (len % 2 != 0)
        return STATUS_INVALID;
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return STATUS_INVALID;
        secret_fill(bytes)[i / 2] = (uint8_t)(high << 4 | low);
    }
    *out_bytes = bytes;
    bytes = NULL;
    return STATUS_OK;
}
