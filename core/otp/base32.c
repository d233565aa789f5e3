#include <garde/otp.h>

#define CHARS_PER_GROUP 8
#define BITS_PER_CHAR   5

static uint8_t to_char(unsigned value)
{
    return (uint8_t)(value < 26 ? 'A' + value : '2' + (value - 26));
}

/* The value of a character, or -1. Letters are ASCII whatever the locale says. */
static int to_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    return -1;
}

enum status otp_base32_encode(const struct secret *bytes, struct secret **out_text)
{
    size_t len = secret_len(bytes);
    struct secret *text = secret_new((len * 8 + BITS_PER_CHAR - 1) / BITS_PER_CHAR);
    if (text == NULL)
        return STATUS_NO_MEMORY;

    uint8_t *out = secret_fill(text);
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < len; i++) {
        bits = (bits & 0xffU) << 8 | secret_read(bytes)[i];
        for (have += 8; have >= BITS_PER_CHAR; have -= BITS_PER_CHAR)
            *out++ = to_char(bits >> (have - BITS_PER_CHAR) & 0x1fU);
    }
    if (have > 0)
        *out = to_char(bits << (BITS_PER_CHAR - have) & 0x1fU);
    *out_text = text;
    return STATUS_OK;
}

/* How much of the text is left without its padding, which is whole or absent: RFC 4648 6. */
static enum status strip_padding(const uint8_t *text, size_t len, size_t *out_len, size_t *out_padding)
{
    size_t end = len;
    while (end > 0 && text[end - 1] == '=')
        end--;
    if (len - end >= CHARS_PER_GROUP)
        return STATUS_INVALID;
    *out_len = end;
    *out_padding = len - end;
    return STATUS_OK;
}

/* What is left over of the last group: 2, 4, 5 or 7 characters make 1, 2, 3 or 4 bytes and some bits, which are zero. */
static bool ends_well(size_t chars, size_t padding, unsigned bits, unsigned have)
{
    size_t last = chars % CHARS_PER_GROUP;
    if (last == 1 || last == 3 || last == 6)
        return false;
    if (padding > 0 && last + padding != CHARS_PER_GROUP)
        return false;
    return (bits & ((1U << have) - 1)) == 0;
}

enum status otp_base32_decode(const struct secret *text, struct secret **out_bytes)
{
    size_t len = 0, padding = 0;
    if (strip_padding(secret_read(text), secret_len(text), &len, &padding) != STATUS_OK)
        return STATUS_INVALID;

    secret_owner struct secret *bytes = secret_new(len * BITS_PER_CHAR / 8);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;

    size_t chars = 0, used = 0;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = secret_read(text)[i];
        if ((c == ' ' || c == '-') && i > 0 && i + 1 < len)
            continue;
        int value = to_value(c);
        if (value < 0)
            return STATUS_INVALID;
        chars++;
        bits = (bits & 0xffU) << BITS_PER_CHAR | (unsigned)value;
        have += BITS_PER_CHAR;
        if (have < 8)
            continue;
        have -= 8;
        secret_fill(bytes)[used++] = (uint8_t)(bits >> have);
    }
    if (!ends_well(chars, padding, bits, have))
        return STATUS_INVALID;

    secret_shorten(bytes, used);
    *out_bytes = bytes;
    bytes = NULL;
    return STATUS_OK;
}
