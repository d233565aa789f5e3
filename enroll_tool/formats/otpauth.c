/* otpauth:// URIs, one a line. */
#include <string.h>

#include <garde/otp.h>

#include "../text.h"
#include "lines.h"

static void trim(struct secret *line)
{
    size_t len = secret_len(line);
    while (len > 0 && (secret_read(line)[len - 1] == ' ' || secret_read(line)[len - 1] == '\t'))
        len--;
    secret_shorten(line, len);
}

static enum incoming_fault take_uri(struct incoming *entry, struct secret *line)
{
    otp_uri_owner struct otp_uri uri = {.key = NULL};

    trim(line);
    if (otp_uri_decode_from(line, 1, &uri) != STATUS_OK)
        return INCOMING_NOT_OF_FORMAT;
    entry->kind = uri.kind;
    entry->algorithm = uri.algorithm;
    entry->digits = uri.digits;
    entry->period_s = uri.period_s;
    entry->counter = uri.counter;
    (void)text_copy(entry->user, sizeof entry->user, uri.account);
    (void)text_copy(entry->issuer, sizeof entry->issuer, uri.issuer);
    entry->secret = uri.key;
    uri.key = NULL;
    return INCOMING_GOOD;
}

static bool read_line(const struct lines *lines, struct incoming *entry, struct secret *line)
{
    entry->fault = take_uri(entry, line);
    return lines->take(entry, lines->context);
}

enum tool_exit format_otpauth(const struct format_request *request, incoming_take *take, void *context)
{
    const struct lines lines = {request, take, context, NULL};
    return lines_each(&lines, read_line);
}
