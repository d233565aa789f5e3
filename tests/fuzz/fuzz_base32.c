/* Base32 beside a second reader that gathers bits one by one: both take the same texts, for the same bytes.
 *
 * Input: a text, which is also taken as bytes to encode.
 * Target: core/otp/base32.c
 */
#include "fuzz.h"

#include <garde/otp.h>

static int value_of(uint8_t c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", small[] = "abcdefghijklmnopqrstuvwxyz";
    const char *at = c == 0 ? NULL : strchr(alphabet, c);
    if (at != NULL)
        return (int)(at - alphabet);
    at = c == 0 ? NULL : strchr(small, c);
    return at != NULL ? (int)(at - small) : -1;
}

struct plain {
    bool good;
    size_t chars, bytes_len;
    char text[SECRET_MAX + 1]; /* as an encoder would have written it */
    uint8_t bytes[SECRET_MAX];
};

static void read_bits(struct plain *plain)
{
    size_t bits = 0;
    for (size_t i = 0; i < plain->chars; i++) {
        for (int bit = 4; bit >= 0; bit--, bits++) {
            unsigned is_set = (unsigned)value_of((uint8_t)plain->text[i]) >> bit & 1U;
            if (bits / 8 < plain->bytes_len)
                plain->bytes[bits / 8] |= (uint8_t)(is_set << (7 - bits % 8));
            else if (is_set != 0)
                plain->good = false; /* behind the last byte */
        }
    }
}

static void read_plainly(const uint8_t *data, size_t size, struct plain *out)
{
    size_t end = size, padding = 0;
    *out = (struct plain){.good = true};

    for (; end > 0 && data[end - 1] == '='; end--)
        padding++;
    for (size_t i = 0; i < end; i++) {
        bool blank = data[i] == ' ' || data[i] == '-';
        if (blank && i != 0 && i != end - 1)
            continue;
        if (value_of(data[i]) < 0)
            out->good = false;
        else
            out->text[out->chars++] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value_of(data[i])];
    }
    /* RFC 4648 6: the only lengths, and the padding that goes with each */
    static const int padding_of[8] = {0, -1, 6, -1, 4, 3, -1, 1};
    int wanted = padding_of[out->chars % 8];
    out->good = out->good && wanted >= 0 && (padding == 0 || padding == (size_t)wanted);
    out->bytes_len = out->chars * 5 / 8;
    read_bits(out);
}

static void goes_over_and_back(const struct secret *bytes)
{
    secret_owner struct secret *text = NULL;
    secret_owner struct secret *back = NULL;
    CLAIM(otp_base32_encode(bytes, &text) == STATUS_OK);
    CLAIM(secret_len(text) == (secret_len(bytes) * 8 + 4) / 5);
    CLAIM(otp_base32_decode(text, &back) == STATUS_OK);
    CLAIM(secret_len(back) == secret_len(bytes));
    CLAIM(memcmp(secret_read(back), secret_read(bytes), secret_len(bytes)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct plain plain;
    size = size > SECRET_MAX ? SECRET_MAX : size;
    secret_owner struct secret *text = secret_copy(data, size);
    secret_owner struct secret *bytes = NULL;
    secret_owner struct secret *again = NULL;
    CLAIM(text != NULL);

    read_plainly(data, size, &plain);
    enum status status = otp_base32_decode(text, &bytes);
    CLAIM(status == (plain.good ? STATUS_OK : STATUS_INVALID));
    CLAIM((bytes != NULL) == plain.good);
    if (plain.good) {
        CLAIM(secret_len(bytes) == plain.bytes_len);
        CLAIM(memcmp(secret_read(bytes), plain.bytes, plain.bytes_len) == 0);
        CLAIM(otp_base32_encode(bytes, &again) == STATUS_OK);
        CLAIM(secret_len(again) == plain.chars && memcmp(secret_read(again), plain.text, plain.chars) == 0);
    }
    if (size <= SECRET_MAX / 8 * 5)
        goes_over_and_back(text);
    return 0;
}
