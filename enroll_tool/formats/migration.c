/* otpauth-migration://offline?data=..., one a line: what a phone app shows as QR codes when its factors move to another phone. The
 * data is a protocol buffer (migration.proto) in Base64, percent-encoded. An export in several parts is several lines.
 *
 * MUST 1  The library's copies of secrets are wiped: it has no memory but wiping.h's.
 */
#include <string.h>
#include <strings.h>

#include <garde/crypto.h>

#include "../text.h"
#include "hex.h"
#include "lines.h"
#include "migration.pb-c.h"
#include "wiping.h"

#define SCHEME      "otpauth-migration://offline?"
#define BATCHES_MAX 64 /* exports in one file */
#define PARTS_MAX   64

struct batch {
    int32_t id;
    int32_t size;
    uint64_t seen; /* bit i: part i is here */
};

struct migration {
    struct batch batches[BATCHES_MAX];
    size_t batch_count;
};

static void *allocate(void *context, size_t size)
{
    (void)context;
    return wiping_malloc(size);
}
static void release(void *context, void *block)
{
    (void)context;
    wiping_free(block);
}
static ProtobufCAllocator memory = {.alloc = allocate, .free = release};

/* Takes percent-encoding away, in place. */
static bool unescape(struct secret *text)
{
    uint8_t *bytes = secret_fill(text);
    size_t used = 0;

    for (size_t i = 0; i < secret_len(text); i++) {
        uint8_t byte = bytes[i];
        if (byte == '%') { /* behind the last byte there is a zero, which is no digit */
            int high = hex_value((char)bytes[i + 1]), low = high < 0 ? -1 : hex_value((char)bytes[i + 2]);
            if (low < 0)
                return false;
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        }
        bytes[used++] = byte;
    }
    secret_shorten(text, used);
    return true;
}

/* The value of the one parameter, data. */
static struct secret *cut_data(const struct secret *line)
{
    const char *text = (const char *)secret_read(line);
    size_t start = strlen(SCHEME "data=");

    if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0 || strncmp(text + strlen(SCHEME), "data=", 5) != 0 ||
        strpbrk(text + start, "&# \t") != NULL)
        return NULL;
    return secret_copy(text + start, secret_len(line) - start);
}

static MigrationExport *unpack(const struct secret *line)
{
    secret_owner struct secret *text = cut_data(line);
    secret_owner struct secret *bytes = NULL;

    if (text == NULL || !unescape(text) || crypto_base64_decode(text, &bytes) != STATUS_OK || secret_len(bytes) == 0)
        return NULL;
    return migration_export__unpack(&memory, secret_len(bytes), secret_read(bytes));
}

static bool copy_text(char *out, size_t size, ProtobufCBinaryData text)
{
    if (text.len >= size || (text.len > 0 && memchr(text.data, 0, text.len) != NULL))
        return false;
    if (text.len > 0)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

/* "Issuer:account", as in an otpauth URI. */
static void cut_issuer(char *name, const char *issuer)
{
    size_t len = strlen(issuer);
    if (len == 0 || strncmp(name, issuer, len) != 0 || name[len] != ':')
        return;
    const char *account = name + len + 1 + strspn(name + len + 1, " ");
    memmove(name, account, strlen(account) + 1);
}

static enum incoming_fault take_factor(struct incoming *entry, const MigrationFactor *factor)
{
    static const enum factor_algorithm algorithms[] = {ALGORITHM_SHA1, ALGORITHM_SHA1, ALGORITHM_SHA256,
                                                       ALGORITHM_SHA512};
    static const uint32_t digits[] = {6, 6, 8};

    if (!copy_text(entry->user, sizeof entry->user, factor->name) ||
        !copy_text(entry->issuer, sizeof entry->issuer, factor->issuer))
        return INCOMING_BAD_TEXT;
    cut_issuer(entry->user, entry->issuer);
    if (factor->type != 1 && factor->type != 2)
        return INCOMING_KIND;
    entry->kind = factor->type == 1 ? FACTOR_HOTP : FACTOR_TOTP;
    entry->period_s = factor->type == 1 ? 0 : 30; /* the format has no other */
    if (factor->algorithm < 0 || factor->algorithm > 3)
        return INCOMING_ALGORITHM;
    entry->algorithm = algorithms[factor->algorithm];
    if (factor->digits < 0 || factor->digits > 2)
        return INCOMING_DIGITS;
    entry->digits = digits[factor->digits];
    if (factor->counter < 0)
        return INCOMING_COUNTER;
    entry->counter = entry->kind == FACTOR_HOTP ? (uint64_t)factor->counter : 0;
    if (factor->secret.len > SECRET_MAX)
        return INCOMING_SECRET_LONG;
    entry->secret = secret_copy(factor->secret.data, factor->secret.len);
    return INCOMING_GOOD;
}

/* false: no part of an export. */
static bool see_part(struct migration *migration, const MigrationExport *export)
{
    size_t i = 0;

    if (export->batch_size <= 1 && export->batch_index == 0)
        return true;
    if (export->batch_size > PARTS_MAX || export->batch_index < 0 || export->batch_index >= export->batch_size)
        return false;
    while (i < migration->batch_count && migration->batches[i].id != export->batch_id)
        i++;
    if (i == BATCHES_MAX)
        return false;
    struct batch *batch = &migration->batches[i];
    if (i == migration->batch_count) {
        *batch = (struct batch){export->batch_id, export->batch_size, 0};
        migration->batch_count++;
    }
    if (batch->size != export->batch_size)
        return false;
    batch->seen |= UINT64_C(1) << export->batch_index;
    return true;
}

static bool read_line(const struct lines *lines, struct incoming *entry, struct secret *line)
{
    MigrationExport *export = unpack(line);
    bool more = true;

    if (export == NULL || !see_part(lines->own, export)) {
        entry->fault = INCOMING_NOT_OF_FORMAT;
        more = lines->take(entry, lines->context);
    }
    for (size_t i = 0; more && entry->fault == INCOMING_GOOD && i < export->n_factors; i++) {
        incoming_owner struct incoming one = {.path = entry->path, .line = entry->line, .item = i + 1};
        one.fault = take_factor(&one, export->factors[i]);
        more = lines->take(&one, lines->context);
    }
    if (export != NULL)
        migration_export__free_unpacked(export, &memory);
    return more;
}

static bool is_whole(const struct batch *batch)
{
    return batch->seen == (batch->size == PARTS_MAX ? UINT64_MAX : (UINT64_C(1) << batch->size) - 1);
}

enum tool_exit format_migration(const struct format_request *request, incoming_take *take, void *context)
{
    struct migration migration = {.batch_count = 0};
    const struct lines lines = {request, take, context, &migration};

    enum tool_exit done = lines_each(&lines, read_line);
    for (size_t i = 0; done == TOOL_DONE && i < migration.batch_count; i++) {
        struct incoming missing = {.path = request->path, .fault = INCOMING_PART_MISSING};
        if (!is_whole(&migration.batches[i]) && !take(&missing, context))
            break;
    }
    return done;
}
