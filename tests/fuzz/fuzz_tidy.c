/* What a person typed, beside a second reader that walks along it as one would: the same shape and the same code.
 *
 * Input: what was typed.
 * Target: core/otp/tidy.c
 */
#include "fuzz.h"

#include <garde/otp.h>

/* How many bytes of a space or dash begin here. */
static size_t blank_at(const uint8_t *data, size_t left)
{
    static const char *const blanks[] = {" ",
                                         "-",
                                         "\t",
                                         "\xc2\xa0",
                                         "\xe2\x80\x80",
                                         "\xe2\x80\x81",
                                         "\xe2\x80\x82",
                                         "\xe2\x80\x83",
                                         "\xe2\x80\x84",
                                         "\xe2\x80\x85",
                                         "\xe2\x80\x86",
                                         "\xe2\x80\x87",
                                         "\xe2\x80\x88",
                                         "\xe2\x80\x89",
                                         "\xe2\x80\x8a",
                                         "\xe2\x80\xaf",
                                         "\xe2\x80\x90",
                                         "\xe2\x80\x91",
                                         "\xe2\x80\x92",
                                         "\xe2\x80\x93",
                                         "\xe2\x80\x94",
                                         "\xe2\x80\x95",
                                         "\xe2\x88\x92"};
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
        size_t len = strlen(blanks[i]);
        if (len <= left && memcmp(data, blanks[i], len) == 0)
            return len;
    }
    return 0;
}

/* A character of a recovery code as it is meant, or 0. */
static char meant(uint8_t c)
{
    static const char read[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyzOoIiLl";
    static const char as[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZABCDEFGHJKMNPQRSTVWXYZ001111";
    const char *at = c == 0 ? NULL : strchr(read, c);
    return at == NULL ? '\0' : as[at - read];
}

struct plain {
    enum otp_shape shape;
    size_t len;
    char text[OTP_TYPED_MAX];
};

static void read_plainly(const uint8_t *data, size_t size, struct plain *out)
{
    bool digits = true, letters = true;
    *out = (struct plain){.shape = OTP_SHAPE_OTHER};
    if (size > OTP_TYPED_MAX)
        return;
    for (size_t i = 0; i < size;) {
        size_t blank = blank_at(data + i, size - i);
        if (blank == 0) {
            out->text[out->len++] = (char)data[i];
            digits = digits && data[i] >= '0' && data[i] <= '9';
            letters = letters && meant(data[i]) != '\0';
        }
        i += blank == 0 ? 1 : blank;
    }
    if (digits && out->len >= OTP_DIGITS_MIN && out->len <= OTP_DIGITS_MAX)
        out->shape = OTP_SHAPE_DIGITS;
    else if (letters && out->len == RECOVERY_CODE_LEN)
        out->shape = OTP_SHAPE_RECOVERY;
    for (size_t i = 0; out->shape == OTP_SHAPE_RECOVERY && i < out->len; i++)
        out->text[i] = meant((uint8_t)out->text[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct plain plain;
    enum otp_shape shape = OTP_SHAPE_OTHER, again_shape = OTP_SHAPE_OTHER;
    size = size > SECRET_MAX ? SECRET_MAX : size;
    secret_owner struct secret *typed = secret_copy(data, size);
    secret_owner struct secret *code = NULL;
    secret_owner struct secret *again = NULL;
    CLAIM(typed != NULL);

    read_plainly(data, size, &plain);
    CLAIM(otp_tidy(typed, &code, &shape) == STATUS_OK);
    CLAIM(shape == plain.shape);
    if (shape == OTP_SHAPE_OTHER) {
        CLAIM(secret_len(code) == size && (size == 0 || memcmp(secret_read(code), data, size) == 0));
    } else {
        CLAIM(secret_len(code) == plain.len && memcmp(secret_read(code), plain.text, plain.len) == 0);
    }
    CLAIM(otp_tidy(code, &again, &again_shape) == STATUS_OK);
    CLAIM(again_shape == shape && secret_len(again) == secret_len(code));
    CLAIM(memcmp(secret_read(again), secret_read(code), secret_len(code)) == 0);
    return 0;
}
