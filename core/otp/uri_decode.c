/* The text comes from outside: a file, another system's export, a QR code.
 *
 * MUST 1  Nothing is read behind the text's length, and nothing written behind the array it goes into.
 * MUST 2  The key is never in bare bytes: it goes from secret to secret.
 * MUST 3  A parameter that garde knows counts once; two of a name are refused, as two readers might take different ones.
 */
#include <string.h>
#include <strings.h>

#include <garde/number.h>

#include "uri.h"

struct span {
    const uint8_t *at;
    size_t len;
};

enum parameter {
    PARAMETER_SECRET,
    PARAMETER_ISSUER,
    PARAMETER_ALGORITHM,
    PARAMETER_DIGITS,
    PARAMETER_PERIOD,
    PARAMETER_COUNTER,
    PARAMETERS,
};

struct parameters {
    struct span values[PARAMETERS];
    bool given[PARAMETERS];
};

static bool span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

/* Cuts off the span up to the first `mark`, which is dropped. False: there is none, and *out_head is all of it. */
static bool cut(struct span *rest, uint8_t mark, struct span *out_head)
{
    const uint8_t *found = rest->len > 0 ? memchr(rest->at, mark, rest->len) : NULL;
    *out_head = *rest;
    if (found == NULL) {
        rest->len = 0;
        return false;
    }
    out_head->len = (size_t)(found - rest->at);
    rest->at = found + 1;
    rest->len -= out_head->len + 1;
    return true;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Takes percent-encoding away; *out_len is the length without the zero byte that is put behind. */
static enum status decode_percent(struct span span, uint8_t *out, size_t size, size_t *out_len)
{
    size_t used = 0;
    for (size_t i = 0; i < span.len; i++) {
        int byte = span.at[i];
        if (byte == '%') {
            if (span.len - i < 3 || hex_value(span.at[i + 1]) < 0 || hex_value(span.at[i + 2]) < 0)
                return STATUS_INVALID;
            byte = hex_value(span.at[i + 1]) << 4 | hex_value(span.at[i + 2]);
            i += 2;
        }
        if (used + 1 >= size || byte == 0)
            return STATUS_INVALID;
        out[used++] = (uint8_t)byte;
    }
    out[used] = 0;
    *out_len = used;
    return STATUS_OK;
}

static enum status decode_text(struct span span, char *out, size_t size)
{
    size_t len = 0;
    return decode_percent(span, (uint8_t *)out, size, &len);
}

static enum status decode_number(struct span span, uint64_t min, uint64_t max, uint64_t *out_value)
{
    char text[32];
    if (decode_text(span, text, sizeof text) != STATUS_OK)
        return STATUS_INVALID;
    return number_parse(text, min, max, out_value);
}

static enum status decode_key(struct span span, struct secret **out_key)
{
    secret_owner struct secret *text = secret_new(span.len + 1);
    if (text == NULL)
        return STATUS_NO_MEMORY;

    size_t len = 0;
    if (decode_percent(span, secret_fill(text), secret_len(text), &len) != STATUS_OK)
        return STATUS_INVALID;
    secret_shorten(text, len);
    return otp_base32_decode(text, out_key);
}

static enum status decode_algorithm(struct span span, enum factor_algorithm *out_algorithm)
{
    static const struct {
        const char *name;
        enum factor_algorithm algorithm;
    } known[] = {{"SHA1", ALGORITHM_SHA1}, {"SHA256", ALGORITHM_SHA256}, {"SHA512", ALGORITHM_SHA512}};

    char text[16];
    if (decode_text(span, text, sizeof text) != STATUS_OK)
        return STATUS_INVALID;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcasecmp(text, known[i].name) == 0) {
            *out_algorithm = known[i].algorithm;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID;
}

static enum status split_parameters(struct span query, struct parameters *out)
{
    static const char *const names[PARAMETERS] = {
        [PARAMETER_SECRET] = "secret", [PARAMETER_ISSUER] = "issuer", [PARAMETER_ALGORITHM] = "algorithm",
        [PARAMETER_DIGITS] = "digits", [PARAMETER_PERIOD] = "period", [PARAMETER_COUNTER] = "counter"};

    bool more = true;
    while (more) {
        struct span value, name;
        more = cut(&query, '&', &value);
        if (!cut(&value, '=', &name))
            return STATUS_INVALID;
        for (size_t i = 0; i < PARAMETERS; i++) {
            if (!span_is(name, names[i]))
                continue;
            if (out->given[i])
                return STATUS_INVALID;
            out->given[i] = true;
            out->values[i] = value;
        }
    }
    return STATUS_OK;
}

static enum status keep(const char *text, char *out, size_t size)
{
    size_t len = strlen(text);
    if (len >= size)
        return STATUS_INVALID;
    memcpy(out, text, len + 1);
    return STATUS_OK;
}

/* "Issuer:account", "Issuer%3A%20account" or "account". The colon may be encoded, so it is looked for after decoding. */
static enum status decode_label(struct span label, struct otp_uri *uri, bool *out_has_issuer)
{
    char text[ISSUER_SIZE + USER_SIZE + 16];
    if (decode_text(label, text, sizeof text) != STATUS_OK)
        return STATUS_INVALID;

    char *colon = strchr(text, ':');
    *out_has_issuer = colon != NULL;
    if (colon == NULL)
        return keep(text, uri->account, sizeof uri->account);

    *colon = '\0';
    if (text[0] == '\0' || keep(text, uri->issuer, sizeof uri->issuer) != STATUS_OK)
        return STATUS_INVALID;
    return keep(colon + 1 + strspn(colon + 1, " "), uri->account, sizeof uri->account);
}

static enum status decode_issuer(struct span value, struct otp_uri *uri, bool label_has_issuer)
{
    char issuer[ISSUER_SIZE];
    if (decode_text(value, issuer, sizeof issuer) != STATUS_OK)
        return STATUS_INVALID;
    if (label_has_issuer && strcmp(issuer, uri->issuer) != 0)
        return STATUS_INVALID;
    return keep(issuer, uri->issuer, sizeof uri->issuer);
}

/* A parameter that says nothing for this kind (a period in a HOTP URI) must still be well-formed, and is then dropped. */
static enum status decode_numbers(const struct parameters *parameters, struct otp_uri *uri)
{
    uint64_t digits = 6, period_s = 30, counter = 0;
    const struct {
        enum parameter parameter;
        uint64_t min, max, *value;
    } numbers[] = {{PARAMETER_DIGITS, OTP_DIGITS_MIN, OTP_DIGITS_MAX, &digits},
                   {PARAMETER_PERIOD, 1, FACTOR_PERIOD_MAX_S, &period_s},
                   {PARAMETER_COUNTER, 0, INT64_MAX, &counter}};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct span text = parameters->values[numbers[i].parameter];
        if (parameters->given[numbers[i].parameter] &&
            decode_number(text, numbers[i].min, numbers[i].max, numbers[i].value) != STATUS_OK)
            return STATUS_INVALID;
    }
    if (uri->kind == FACTOR_HOTP && !parameters->given[PARAMETER_COUNTER])
        return STATUS_INVALID;

    uri->digits = (uint32_t)digits;
    uri->period_s = uri->kind == FACTOR_TOTP ? (uint32_t)period_s : 0;
    uri->counter = uri->kind == FACTOR_HOTP ? counter : 0;
    return STATUS_OK;
}

static enum status decode_query(struct span query, struct otp_uri *uri, bool label_has_issuer)
{
    struct parameters parameters = {0};
    if (split_parameters(query, &parameters) != STATUS_OK || !parameters.given[PARAMETER_SECRET])
        return STATUS_INVALID;

    uri->algorithm = ALGORITHM_SHA1;
    enum status status = decode_numbers(&parameters, uri);
    if (status == STATUS_OK && parameters.given[PARAMETER_ALGORITHM])
        status = decode_algorithm(parameters.values[PARAMETER_ALGORITHM], &uri->algorithm);
    if (status == STATUS_OK && parameters.given[PARAMETER_ISSUER])
        status = decode_issuer(parameters.values[PARAMETER_ISSUER], uri, label_has_issuer);
    if (status == STATUS_OK)
        status = decode_key(parameters.values[PARAMETER_SECRET], &uri->key);
    return status;
}

/* RFC 3986: white space, control characters and a fragment have no place here. */
static bool has_stray_bytes(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] == 0x7f || text.at[i] == '#')
            return true;
    return false;
}

static enum status decode_kind(struct span *rest, enum factor_kind *out_kind)
{
    static const struct {
        const char *start;
        enum factor_kind kind;
    } starts[] = {{URI_SCHEME "totp/", FACTOR_TOTP}, {URI_SCHEME "hotp/", FACTOR_HOTP}};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        size_t len = strlen(starts[i].start);
        if (rest->len < len || strncasecmp((const char *)rest->at, starts[i].start, len) != 0)
            continue;
        rest->at += len;
        rest->len -= len;
        *out_kind = starts[i].kind;
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

enum status otp_uri_decode_from(const struct secret *text, size_t key_min, struct otp_uri *out_uri)
{
    otp_uri_owner struct otp_uri uri = {0};
    struct span rest = {secret_read(text), secret_len(text)}, label;
    bool label_has_issuer = false;

    if (has_stray_bytes(rest) || decode_kind(&rest, &uri.kind) != STATUS_OK || !cut(&rest, '?', &label) ||
        decode_label(label, &uri, &label_has_issuer) != STATUS_OK)
        return STATUS_INVALID;
    enum status status = decode_query(rest, &uri, label_has_issuer);
    if (status != STATUS_OK)
        return status;
    if (!uri_is_sound(&uri, key_min))
        return STATUS_INVALID;

    *out_uri = uri;
    uri.key = NULL;
    return STATUS_OK;
}

enum status otp_uri_decode(const struct secret *text, struct otp_uri *out_uri)
{
    return otp_uri_decode_from(text, FACTOR_SECRET_MIN, out_uri);
}
