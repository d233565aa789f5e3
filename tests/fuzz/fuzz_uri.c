/* What an otpauth URI decodes to keeps every promise of otp.h, and is the same again when it is encoded and decoded.
 *
 * Input: the URI.
 * Target: core/otp/uri.c core/otp/uri_decode.c core/otp/uri_encode.c
 */
#include "fuzz.h"

#include <strings.h>

#include <garde/otp.h>

#define UNTOUCHED 0xa5

static bool is_untouched(const struct otp_uri *uri)
{
    const uint8_t *bytes = (const uint8_t *)uri;
    for (size_t i = 0; i < sizeof *uri; i++)
        if (bytes[i] != UNTOUCHED)
            return false;
    return true;
}

/* C0 and DEL, and C1 as UTF-8 has it. */
static bool has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++)
        if (*at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0))
            return true;
    return false;
}

static void keeps_its_promises(const struct otp_uri *uri, size_t key_min)
{
    CLAIM(uri->kind == FACTOR_TOTP || uri->kind == FACTOR_HOTP);
    CLAIM(uri->algorithm >= ALGORITHM_SHA1 && uri->algorithm <= ALGORITHM_SHA512);
    CLAIM(uri->digits >= 6 && uri->digits <= 8);
    if (uri->kind == FACTOR_TOTP)
        CLAIM(uri->period_s >= 1 && uri->period_s <= FACTOR_PERIOD_MAX_S && uri->counter == 0);
    else
        CLAIM(uri->period_s == 0 && uri->counter <= INT64_MAX);
    CLAIM(uri->key != NULL && secret_len(uri->key) >= key_min && secret_len(uri->key) <= FACTOR_SECRET_MAX);
    CLAIM(memchr(uri->issuer, 0, sizeof uri->issuer) != NULL && memchr(uri->account, 0, sizeof uri->account) != NULL);
    CLAIM(uri->account[0] != '\0' && uri->account[0] != ' ');
    CLAIM(strchr(uri->account, ':') == NULL && strchr(uri->issuer, ':') == NULL);
    CLAIM(!has_control(uri->account) && !has_control(uri->issuer));
}

static void are_equal(const struct otp_uri *a, const struct otp_uri *b)
{
    CLAIM(a->kind == b->kind && a->algorithm == b->algorithm && a->digits == b->digits);
    CLAIM(a->period_s == b->period_s && a->counter == b->counter);
    CLAIM(strcmp(a->issuer, b->issuer) == 0 && strcmp(a->account, b->account) == 0);
    CLAIM(secret_len(a->key) == secret_len(b->key));
    CLAIM(memcmp(secret_read(a->key), secret_read(b->key), secret_len(a->key)) == 0);
}

static bool has_stray_byte(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] <= ' ' || data[i] == 0x7f || data[i] == '#')
            return true;
    return false;
}

/* A bound that is lower lets in nothing else than shorter keys. */
static void differs_in_its_key_alone(const struct secret *text, enum status status)
{
    otp_uri_owner struct otp_uri uri = {0};
    enum status weak = otp_uri_decode_from(text, 1, &uri);

    CLAIM(weak == STATUS_OK || (weak == STATUS_INVALID && status == STATUS_INVALID));
    if (weak != STATUS_OK)
        return;
    keeps_its_promises(&uri, 1);
    CLAIM((status == STATUS_OK) == (secret_len(uri.key) >= FACTOR_SECRET_MIN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    secret_owner struct secret *text = secret_copy(data, size > SECRET_MAX ? SECRET_MAX : size);
    secret_owner struct secret *written = NULL;
    otp_uri_owner struct otp_uri again = {0};
    struct otp_uri uri;
    CLAIM(text != NULL);

    memset(&uri, UNTOUCHED, sizeof uri);
    enum status status = otp_uri_decode(text, &uri);
    differs_in_its_key_alone(text, status);
    if (status != STATUS_OK) {
        CLAIM(status == STATUS_INVALID);
        CLAIM(is_untouched(&uri));
        return 0;
    }
    CLAIM(!has_stray_byte(secret_read(text), secret_len(text)));
    CLAIM(strncasecmp((const char *)secret_read(text), "otpauth://", 10) == 0);
    keeps_its_promises(&uri, FACTOR_SECRET_MIN);
    CLAIM(otp_uri_encode(&uri, &written) == STATUS_OK);
    CLAIM(otp_uri_decode(written, &again) == STATUS_OK);
    are_equal(&uri, &again);
    otp_uri_wipe(&uri);
    return 0;
}
