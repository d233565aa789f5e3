#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "uri.h"

#define URI_MAX 2048
/* Names at three characters a byte (the issuer stands twice), the key at eight for five, and less than 128 for the rest. */
_Static_assert(3 * (2 * ISSUER_SIZE + USER_SIZE) + (FACTOR_SECRET_MAX * 8 + 4) / 5 + 128 <= URI_MAX,
               "the longest URI fits");

struct writer {
    uint8_t *at;
};

static void put(struct writer *writer, const void *bytes, size_t len)
{
    memcpy(writer->at, bytes, len);
    writer->at += len;
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/* RFC 3986 2.1 and 2.3. */
static void put_encoded(struct writer *writer, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *text != '\0'; text++) {
        unsigned byte = (unsigned char)*text;
        if (is_unreserved(*text))
            put(writer, text, 1);
        else
            put(writer, (const char[]){'%', hex[byte >> 4], hex[byte & 15]}, 3);
    }
}

static void put_number(struct writer *writer, const char *name, uint64_t value)
{
    char text[48];
    (void)snprintf(text, sizeof text, "&%s=%" PRIu64, name, value);
    put_text(writer, text);
}

/* Some programs know one of the two places of the issuer, some the other. */
static void put_names(struct writer *writer, const struct otp_uri *uri)
{
    if (uri->issuer[0] != '\0') {
        put_encoded(writer, uri->issuer);
        put_text(writer, ":");
    }
    put_encoded(writer, uri->account);
}

static void put_parameters(struct writer *writer, const struct otp_uri *uri, const struct secret *key)
{
    put_text(writer, "?secret=");
    put(writer, secret_read(key), secret_len(key));
    if (uri->issuer[0] != '\0') {
        put_text(writer, "&issuer=");
        put_encoded(writer, uri->issuer);
    }
    if (uri->algorithm != ALGORITHM_SHA1)
        put_text(writer, uri->algorithm == ALGORITHM_SHA256 ? "&algorithm=SHA256" : "&algorithm=SHA512");
    if (uri->digits != 6)
        put_number(writer, "digits", uri->digits);
    if (uri->kind == FACTOR_HOTP)
        put_number(writer, "counter", uri->counter);
    else if (uri->period_s != 30)
        put_number(writer, "period", uri->period_s);
}

enum status otp_uri_encode(const struct otp_uri *uri, struct secret **out_text)
{
    if (!uri_is_sound(uri, FACTOR_SECRET_MIN))
        return STATUS_INVALID;

    secret_owner struct secret *key = NULL;
    enum status status = otp_base32_encode(uri->key, &key);
    if (status != STATUS_OK)
        return status;
    struct secret *text = secret_new(URI_MAX);
    if (text == NULL)
        return STATUS_NO_MEMORY;

    struct writer writer = {secret_fill(text)};
    put_text(&writer, uri->kind == FACTOR_HOTP ? URI_SCHEME "hotp/" : URI_SCHEME "totp/");
    put_names(&writer, uri);
    put_parameters(&writer, uri, key);
    secret_shorten(text, (size_t)(writer.at - secret_read(text)));
    *out_text = text;
    return STATUS_OK;
}
