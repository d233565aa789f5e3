/* MUST 1  No branch and no address depends on what was typed, but for its length and its shape.
 * MUST 2  What comes out as a code has the characters of one, and nothing else.
 */
#include <garde/otp.h>

#include <string.h>

/* A dropped character has one to three bytes. A first byte is never also a later one (UTF-8), so none of them overlap. */
#define MARGIN 2

struct tidying {
    uint8_t typed[MARGIN + OTP_TYPED_MAX + MARGIN]; /* zeroes around it */
    uint8_t kept[RECOVERY_CODE_LEN];                /* the first of those that are kept */
    uint32_t count;                                 /* of all that are kept */
};

/* 1 or 0, without a branch; all values are small. */
static uint32_t is_between(uint32_t value, uint32_t low, uint32_t high)
{
    return ((value - low) >> 31 ^ 1U) & ((high - value) >> 31 ^ 1U);
}

static uint32_t is(uint32_t value, uint32_t other)
{
    return is_between(value, other, other);
}

static uint32_t choose(uint32_t which, uint32_t one, uint32_t zero)
{
    return (one & (0U - which)) | (zero & ~(0U - which));
}

/* How many bytes long is the space or dash that begins here? 0: none does. */
static uint32_t blank_len(const uint8_t *at)
{
    uint32_t one = is(at[0], ' ') | is(at[0], '\t') | is(at[0], '-');
    uint32_t two = is(at[0], 0xc2) & is(at[1], 0xa0);
    uint32_t general =
        is(at[1], 0x80) & (is_between(at[2], 0x80, 0x8a) | is_between(at[2], 0x90, 0x95) | is(at[2], 0xaf));
    uint32_t minus = is(at[1], 0x88) & is(at[2], 0x92);
    return one + 2 * two + 3 * (is(at[0], 0xe2) & (general | minus));
}

/* Is this byte, at `at`, within a space or dash? */
static uint32_t is_blank(const uint8_t *at)
{
    return is_between(blank_len(at), 1, 3) | is_between(blank_len(at - 1), 2, 3) | is(blank_len(at - 2), 3);
}

/* Each byte is offered to every place, so that no address tells how many were kept before it. */
static void gather(struct tidying *tidying, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const uint8_t *at = tidying->typed + MARGIN + i;
        uint32_t keep = is_blank(at) ^ 1U;
        for (uint32_t place = 0; place < RECOVERY_CODE_LEN; place++)
            tidying->kept[place] |= (uint8_t)choose(keep & is(tidying->count, place), *at, 0);
        tidying->count += keep;
    }
}

static uint32_t are_digits(const uint8_t *text, size_t len)
{
    uint32_t good = 1;
    for (size_t i = 0; i < len; i++)
        good &= is_between(text[i], '0', '9');
    return good;
}

/* Crockford's Base32: read as it is meant. */
static uint32_t take_crockford(uint8_t text[RECOVERY_CODE_LEN])
{
    uint32_t good = 1;
    for (size_t i = 0; i < RECOVERY_CODE_LEN; i++) {
        uint32_t c = text[i];
        c = choose(is_between(c, 'a', 'z'), c - ('a' - 'A'), c);
        c = choose(is(c, 'O'), '0', c);
        c = choose(is(c, 'I') | is(c, 'L'), '1', c);
        good &= is_between(c, '0', '9') | (is_between(c, 'A', 'Z') & (is(c, 'U') ^ 1U));
        text[i] = (uint8_t)c;
    }
    return good;
}

static enum otp_shape shape_of(struct tidying *tidying)
{
    uint32_t count = tidying->count;
    if (count >= OTP_DIGITS_MIN && count <= OTP_DIGITS_MAX && are_digits(tidying->kept, count) != 0)
        return OTP_SHAPE_DIGITS;
    if (count == RECOVERY_CODE_LEN && take_crockford(tidying->kept) != 0)
        return OTP_SHAPE_RECOVERY;
    return OTP_SHAPE_OTHER;
}

enum status otp_tidy(const struct secret *typed, struct secret **out_code, enum otp_shape *out_shape)
{
    struct tidying tidying = {.count = 0};
    enum otp_shape shape = OTP_SHAPE_OTHER;
    size_t len = secret_len(typed);

    if (len <= OTP_TYPED_MAX) {
        memcpy(tidying.typed + MARGIN, secret_read(typed), len);
        gather(&tidying, len);
        shape = shape_of(&tidying);
    }
    struct secret *code =
        shape == OTP_SHAPE_OTHER ? secret_copy(secret_read(typed), len) : secret_copy(tidying.kept, tidying.count);
    secret_wipe(&tidying, sizeof tidying);
    if (code == NULL)
        return STATUS_NO_MEMORY;
    *out_code = code;
    *out_shape = shape;
    return STATUS_OK;
}
