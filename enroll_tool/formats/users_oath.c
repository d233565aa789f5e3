/* users.oath of pam_oath: TYPE USER PIN SECRET [MOVING LAST-CODE LAST-TIME], between blanks.
 *
 * For HOTP, MOVING is the counter of the code that was used last. For TOTP it is by how many steps that code was off, either way,
 * at LAST-TIME, which is in local time.
 */
#include <string.h>
#include <time.h>

#include <garde/number.h>
#include <garde/otp.h>

#include "../text.h"
#include "hex.h"
#include "lines.h"

#define COUNTER_MAX (INT64_MAX / 2)
#define OFF_MAX     1000000

enum field { FIELD_TYPE, FIELD_USER, FIELD_PIN, FIELD_SECRET, FIELD_MOVING, FIELD_CODE, FIELD_TIME, FIELDS };

static const char blanks[] = " \t";

static size_t split(char *text, const char *fields[FIELDS])
{
    size_t count = 0;

    for (text += strspn(text, blanks); *text != '\0'; text += strspn(text, blanks)) {
        if (count == FIELDS)
            return FIELDS + 1;
        fields[count++] = text;
        text += strcspn(text, blanks);
        if (*text != '\0')
            *text++ = '\0';
    }
    return count;
}

/* "HOTP", "HOTP/E", "HOTP/T30" and "HOTP/T60", with "/6", "/7" or "/8" behind it. */
static enum incoming_fault take_type(struct incoming *entry, const char *type)
{
    static const struct {
        const char *name;
        enum factor_kind kind;
        uint32_t period_s;
    } types[] = {{"HOTP/E", FACTOR_HOTP, 0}, {"HOTP/T30", FACTOR_TOTP, 30}, {"HOTP/T60", FACTOR_TOTP, 60}};

    entry->algorithm = ALGORITHM_SHA1;
    entry->digits = 6;
    if (strcmp(type, "HOTP") == 0) {
        entry->kind = FACTOR_HOTP;
        return INCOMING_GOOD;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t len = strlen(types[i].name);
        uint64_t digits = 6;
        if (strncmp(type, types[i].name, len) != 0 || (type[len] != '\0' && type[len] != '/'))
            continue;
        if (type[len] == '/' && (strlen(type) != len + 2 ||
                                 number_parse(type + len + 1, OTP_DIGITS_MIN, OTP_DIGITS_MAX, &digits) != STATUS_OK))
            return INCOMING_DIGITS;
        entry->kind = types[i].kind;
        entry->period_s = types[i].period_s;
        entry->digits = (uint32_t)digits;
        return INCOMING_GOOD;
    }
    return INCOMING_KIND;
}

static enum incoming_fault take_time(const char *text, int64_t *out_s)
{
    struct tm when = {.tm_isdst = -1};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &when);
    time_t s = end == NULL || strcmp(end, "L") != 0 ? (time_t)-1 : mktime(&when);
    if (s < 0)
        return INCOMING_DATES;
    *out_s = s;
    return INCOMING_GOOD;
}

/* What was spent. Where the file leaves it open which way a code was off, the later step counts as spent. */
static enum incoming_fault take_state(struct incoming *entry, size_t count, const char *const *fields)
{
    uint64_t moving = 0;
    int64_t last_s = 0;

    if (count > FIELD_MOVING && number_parse(fields[FIELD_MOVING], 0, COUNTER_MAX, &moving) != STATUS_OK)
        return INCOMING_COUNTER;
    bool was_used = count > FIELD_CODE && strcmp(fields[FIELD_CODE], "-") != 0;
    if (count > FIELD_CODE && strspn(fields[FIELD_CODE], "-0123456789") != strlen(fields[FIELD_CODE]))
        return INCOMING_NOT_OF_FORMAT;
    if (entry->kind == FACTOR_HOTP) {
        entry->counter = moving + (was_used ? 1 : 0);
        return INCOMING_GOOD;
    }
    if (!was_used)
        return INCOMING_GOOD;
    if (count <= FIELD_TIME || moving > OFF_MAX)
        return INCOMING_NOT_OF_FORMAT;
    enum incoming_fault fault = take_time(fields[FIELD_TIME], &last_s);
    entry->counter = otp_step(last_s, entry->period_s) + moving + 1;
    return fault;
}

static enum incoming_fault take_line(struct incoming *entry, struct secret *line)
{
    const char *fields[FIELDS];
    size_t count = split((char *)secret_fill(line), fields);

    if (count <= FIELD_SECRET || count > FIELDS)
        return INCOMING_NOT_OF_FORMAT;
    enum incoming_fault fault = take_type(entry, fields[FIELD_TYPE]);
    if (fault == INCOMING_KIND)
        return INCOMING_KIND; /* no users.oath, it may be: no name is taken from it */
    if (!text_copy(entry->user, sizeof entry->user, fields[FIELD_USER]))
        return INCOMING_BAD_TEXT;
    if (fault != INCOMING_GOOD)
        return fault;
    if (strcmp(fields[FIELD_PIN], "-") != 0 && strcmp(fields[FIELD_PIN], "+") != 0)
        return INCOMING_PIN;
    fault = take_state(entry, count, fields);
    if (fault != INCOMING_GOOD)
        return fault;
    const char *secret = fields[FIELD_SECRET];
    return hex_decode(secret, strlen(secret), &entry->secret) == STATUS_OK ? INCOMING_GOOD : INCOMING_BAD_SECRET;
}

static bool read_line(const struct lines *lines, struct incoming *entry, struct secret *line)
{
    entry->fault = take_line(entry, line);
    return lines->take(entry, lines->context);
}

enum tool_exit format_users_oath(const struct format_request *request, incoming_take *take, void *context)
{
    const struct lines lines = {request, take, context, NULL};
    return lines_each(&lines, read_line);
}
