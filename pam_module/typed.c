/* MUST  Both parts live in structs secret only: nothing here keeps a character that was typed. */
#include "typed.h"

#include <stdbool.h>
#include <stddef.h>

#include <garde/factor.h>

#define GROUP 5 /* of a recovery code, as it is printed */

struct cut {
    size_t password_len;
    size_t code_at;
};

/* What stands behind a place in the text. */
struct tail {
    uint32_t count;  /* of its characters but for spaces and dashes */
    uint32_t digits; /* so many of them, from the last one on, are digits */
    uint32_t blanks; /* bit n: a space or dash stands right before the last n characters */
    bool is_base32;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '-';
}

/* As otp_tidy reads it: I, L and O are meant as digits, U never stands in one. */
static bool is_base32(uint8_t c)
{
    uint8_t capital = c >= 'a' && c <= 'z' ? (uint8_t)(c - ('a' - 'A')) : c;
    return is_digit(c) || (capital >= 'A' && capital <= 'Z' && capital != 'U');
}

/* The tail begins one character earlier. */
static void grow(struct tail *tail, uint8_t c)
{
    if (is_blank(c)) {
        tail->blanks |= 1U << tail->count;
        return;
    }
    if (is_digit(c) && tail->digits == tail->count)
        tail->digits++;
    tail->is_base32 = tail->is_base32 && is_base32(c);
    tail->count++;
}

static bool is_in_groups(const struct tail *tail)
{
    uint32_t edges = 1U | 1U << RECOVERY_CODE_LEN;
    return (tail->blanks & ~edges) == (1U << GROUP | 1U << 2 * GROUP);
}

static bool is_code(const struct tail *tail, uint32_t digits)
{
    if (tail->count == digits || tail->count == TEMPORARY_CODE_LEN)
        return tail->digits == tail->count;
    return tail->count == RECOVERY_CODE_LEN && tail->is_base32 && (tail->digits < digits || is_in_groups(tail));
}

static bool cut_set_off(const uint8_t *text, size_t len, uint32_t digits, struct cut *out_cut)
{
    struct tail tail = {.is_base32 = true};

    for (size_t at = len; at > 0; at--) {
        uint8_t c = text[at - 1];
        if ((c == ' ' || c == ',') && is_code(&tail, digits)) {
            *out_cut = (struct cut){.password_len = at - 1, .code_at = at};
            return true;
        }
        bool is_too_long = tail.count == RECOVERY_CODE_LEN && !is_blank(c);
        if (is_too_long || c == ',')
            return false;
        grow(&tail, c);
    }
    return false;
}

static bool cut_digits(const uint8_t *text, size_t len, uint32_t digits, struct cut *out_cut)
{
    uint32_t count = 0;
    bool had_blank = false;

    for (size_t at = len; at > 0; at--) {
        uint8_t c = text[at - 1];
        bool is_among = is_blank(c) && count > 0 && !had_blank;
        if (!is_digit(c) && !is_among)
            return false;
        had_blank = had_blank || is_among;
        count += is_digit(c) ? 1 : 0;
        if (count == digits) {
            *out_cut = (struct cut){.password_len = at - 1, .code_at = at - 1};
            return true;
        }
    }
    return false;
}

static struct cut find_cut(const uint8_t *text, size_t len, uint32_t digits)
{
    struct cut cut = {.password_len = len, .code_at = len};

    if (len > 0 && text[len - 1] == ',')
        cut.password_len = len - 1;
    else if (!cut_set_off(text, len, digits, &cut))
        (void)cut_digits(text, len, digits, &cut);
    return cut;
}

/* NULL: no memory. */
static struct secret *without_blanks(const uint8_t *text, size_t len)
{
    struct secret *code = secret_new(len);
    size_t kept = 0;

    for (size_t i = 0; code != NULL && i < len; i++)
        if (!is_blank(text[i]))
            secret_fill(code)[kept++] = text[i];
    if (code != NULL)
        secret_shorten(code, kept);
    return code;
}

enum status typed_split(const struct secret *text, uint32_t digits, struct secret **out_password,
                        struct secret **out_code)
{
    const uint8_t *bytes = secret_read(text);
    size_t len = secret_len(text);
    if (len > TYPED_MAX || digits < TYPED_DIGITS_MIN || digits > TYPED_DIGITS_MAX)
        return STATUS_INVALID;

    struct cut cut = find_cut(bytes, len, digits);
    secret_owner struct secret *password = secret_copy(bytes, cut.password_len);
    struct secret *code = without_blanks(bytes + cut.code_at, len - cut.code_at);
    if (password == NULL || code == NULL) {
        secret_free(code);
        return STATUS_NO_MEMORY;
    }
    *out_password = password;
    password = NULL;
    *out_code = code;
    return STATUS_OK;
}
