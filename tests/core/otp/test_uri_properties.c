#include "suite.h"
#include "toolbox.h"

#include <stdio.h>
#include <stdlib.h>

/* Writes a random code point that a name may hold, in UTF-8. Returns its length. */
static size_t put_point(uint64_t *state, char *out)
{
    static const uint32_t limits[] = {0x80, 0x800, 0x10000, 0x110000};
    for (;;) {
        uint32_t point = (uint32_t)next_below(state, limits[next_below(state, 4)]);
        if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == ':' || (point >= 0xd800 && point <= 0xdfff))
            continue;
        unsigned char bytes[4];
        size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        for (size_t i = len - 1; i > 0; i--, point >>= 6)
            bytes[i] = (unsigned char)(0x80 | (point & 0x3f));
        bytes[0] = (unsigned char)(len == 1 ? point : point | (0xf00U >> len & 0xffU));
        memcpy(out, bytes, len);
        return len;
    }
}

static void put_name(uint64_t *state, char *out, size_t size, size_t least)
{
    size_t len = 0, want = least + next_below(state, size - least);
    while (len < want && len + 4 < size)
        len += put_point(state, out + len);
    out[len] = '\0';
    if (out[0] == ' ')
        out[0] = 'x';
}

static struct otp_uri random_uri(uint64_t *state)
{
    struct otp_uri uri = {.kind = (enum factor_kind)(1 + next_below(state, 2)),
                          .algorithm = (enum factor_algorithm)(1 + next_below(state, 3)),
                          .digits = (uint32_t)(6 + next_below(state, 3))};
    if (uri.kind == FACTOR_TOTP)
        uri.period_s = (uint32_t)(1 + next_below(state, FACTOR_PERIOD_MAX_S));
    else
        uri.counter = next_number(state) >> (1 + next_below(state, 62));
    put_name(state, uri.issuer, sizeof uri.issuer, 0);
    put_name(state, uri.account, sizeof uri.account, 1);
    uri.key = secret_new(FACTOR_SECRET_MIN + next_below(state, FACTOR_SECRET_MAX - FACTOR_SECRET_MIN + 1));
    for (size_t i = 0; i < secret_len(uri.key); i++)
        secret_fill(uri.key)[i] = (uint8_t)next_number(state);
    return uri;
}

static void assert_same(const struct otp_uri *a, const struct otp_uri *b)
{
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_int_eq(a->algorithm, b->algorithm);
    ck_assert_uint_eq(a->digits, b->digits);
    ck_assert_uint_eq(a->period_s, b->period_s);
    ck_assert_uint_eq(a->counter, b->counter);
    ck_assert_str_eq(a->issuer, b->issuer);
    ck_assert_str_eq(a->account, b->account);
    ck_assert_uint_eq(secret_len(a->key), secret_len(b->key));
    ck_assert_mem_eq(secret_read(a->key), secret_read(b->key), secret_len(a->key));
}

START_TEST(uri_written_and_read_is_the_same_uri)
{
    uint64_t state = 3986;
    for (int round = 0; round < 200; round++) {
        otp_uri_owner struct otp_uri uri = random_uri(&state);
        otp_uri_owner struct otp_uri again = {0};
        secret_owner struct secret *text = NULL;
        ck_assert_int_eq(otp_uri_encode(&uri, &text), STATUS_OK);
        for (size_t i = 0; i < secret_len(text); i++)
            ck_assert(secret_read(text)[i] > ' ' && secret_read(text)[i] < 0x7f);
        ck_assert_int_eq(otp_uri_decode(text, &again), STATUS_OK);
        assert_same(&uri, &again);
    }
}
END_TEST

/* One to four bytes of the text replaced, taken out or doubled. */
static struct secret *spoil(uint64_t *state, const struct secret *text)
{
    static const char bytes[] = "%:?&=#/+ A2a0\x7f\xc3\xff";
    uint8_t raw[SECRET_MAX];
    size_t len = secret_len(text);
    memcpy(raw, secret_read(text), len);
    for (size_t left = 1 + next_below(state, 4); left > 0; left--) {
        size_t at = next_below(state, len);
        switch (next_below(state, 3)) {
        case 0:
            raw[at] = (uint8_t)bytes[next_below(state, sizeof bytes)];
            break;
        case 1:
            memmove(raw + at, raw + at + 1, --len - at);
            break;
        default:
            memmove(raw + at + 1, raw + at, len++ - at);
            break;
        }
    }
    return secret_copy(raw, len);
}

START_TEST(uri_spoilt_is_refused_or_means_what_it_then_says)
{
    uint64_t state = 666;
    int taken = 0, refused = 0;
    for (int round = 0; round < 500; round++) {
        otp_uri_owner struct otp_uri uri = random_uri(&state);
        secret_owner struct secret *text = NULL;
        ck_assert_int_eq(otp_uri_encode(&uri, &text), STATUS_OK);
        secret_owner struct secret *spoilt = spoil(&state, text);
        otp_uri_owner struct otp_uri read = {0};
        if (otp_uri_decode(spoilt, &read) != STATUS_OK) {
            refused++;
            continue;
        }
        taken++;
        otp_uri_owner struct otp_uri again = {0};
        secret_owner struct secret *canonical = NULL;
        ck_assert_int_eq(otp_uri_encode(&read, &canonical), STATUS_OK);
        ck_assert_int_eq(otp_uri_decode(canonical, &again), STATUS_OK);
        assert_same(&read, &again);
    }
    ck_assert_int_gt(taken, 10);
    ck_assert_int_gt(refused, 50);
}
END_TEST

/* Locked memory of this process in KiB: each secret is a mapping of its own, which leak checkers do not see. */
static long locked_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "re");
    ck_assert_ptr_nonnull(status);
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmLck:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    (void)fclose(status);
    return kib;
}

START_TEST(uri_refused_leaves_no_secret_behind)
{
    static const char *const bad[] = {
        "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=5",
        "otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=c",
        "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ",
        "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBV",
        "otpauth://totp/%FF?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    };
    long before = locked_kib();
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            secret_owner struct secret *text = text_secret(bad[i]);
            struct otp_uri uri = {0};
            ck_assert_int_eq(otp_uri_decode(text, &uri), STATUS_INVALID);
        }
    }
    ck_assert_int_eq(locked_kib(), before);
}
END_TEST

SUITE("uri_properties", uri_written_and_read_is_the_same_uri, uri_spoilt_is_refused_or_means_what_it_then_says,
      uri_refused_leaves_no_secret_behind)
