#include "moment.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <garde/number.h>

#include "tool.h"

#define DURATION_MAX_S (100 * 366 * (int64_t)86400)
#define DATE_LEN       10 /* "2026-11-24" */
#define YEAR_MAX       (9999 - 1900)

static const char *show(int64_t s, bool exact, char out[MOMENT_SIZE])
{
    time_t moment = (time_t)s;
    struct tm fields;

    const char *mark = s == 0 ? "-" : localtime_r(&moment, &fields) == NULL || fields.tm_year > YEAR_MAX ? "?" : NULL;
    if (mark != NULL) {
        (void)snprintf(out, MOMENT_SIZE, "%s", mark);
        return out;
    }
    (void)strftime(out, MOMENT_SIZE, "%Y-%m-%d %H:%M:%S", &fields);
    if (!exact)
        out[strlen(out) - 3] = '\0';
    return out;
}

const char *moment_show(int64_t s, char out[MOMENT_SIZE])
{
    return show(s, false, out);
}

const char *moment_show_exact(int64_t s, char out[MOMENT_SIZE])
{
    return show(s, true, out);
}

const char *moment_show_end(int64_t s, char out[MOMENT_SIZE])
{
    time_t moment = (time_t)s;
    struct tm fields;
    bool is_midnight =
        s > 0 && localtime_r(&moment, &fields) != NULL && fields.tm_hour + fields.tm_min + fields.tm_sec == 0;

    (void)show(is_midnight ? s - 1 : s, false, out);
    if (is_midnight && strlen(out) > DATE_LEN)
        out[DATE_LEN] = '\0';
    return out;
}

const char *moment_span(int64_t s, char out[MOMENT_SIZE])
{
    uint64_t span = s < 0 ? 0 - (uint64_t)s : (uint64_t)s;
    if (span >= 86400)
        (void)snprintf(out, MOMENT_SIZE, _("%" PRIu64 " d %02u h"), span / 86400, (unsigned)(span / 3600 % 24));
    else if (span >= 3600)
        (void)snprintf(out, MOMENT_SIZE, "%" PRIu64 " h %02u min", span / 3600, (unsigned)(span / 60 % 60));
    else
        (void)snprintf(out, MOMENT_SIZE, "%u min %02u s", (unsigned)(span / 60), (unsigned)(span % 60));
    return out;
}

const char *moment_utc(int64_t s, char out[MOMENT_SIZE])
{
    time_t moment = (time_t)s;
    struct tm fields;

    if (gmtime_r(&moment, &fields) == NULL || fields.tm_year > YEAR_MAX || fields.tm_year < 70)
        return NULL;
    return strftime(out, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &fields) > 0 ? out : NULL;
}

const char *moment_utc_ms(int64_t ms, char out[MOMENT_SIZE])
{
    if (ms < 0 || moment_utc(ms / 1000, out) == NULL)
        return NULL;
    (void)snprintf(out + strlen(out) - 1, 8, ".%03dZ", (int)(ms % 1000));
    return out;
}

int64_t moment_day_ms(int64_t now_s)
{
    time_t moment = (time_t)now_s;
    struct tm fields;

    if (localtime_r(&moment, &fields) == NULL)
        return now_s * 1000;
    fields.tm_hour = fields.tm_min = fields.tm_sec = 0;
    fields.tm_isdst = -1;
    moment = mktime(&fields);
    /* Where the clock is put forward at midnight there is none, and a later hour may be given. */
    return (moment == -1 || moment > now_s ? now_s : (int64_t)moment) * 1000;
}

/* Exactly two digits, at most max. */
static bool read_pair(const char *text, int max, int *out_value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *out_value = (text[0] - '0') * 10 + (text[1] - '0');
    return *out_value <= max;
}

/* "Z" or "+hh:mm": seconds to take off. */
static bool read_offset(const char *text, int64_t *out_s)
{
    int hours = 0, minutes = 0;

    if (strcmp(text, "Z") == 0) {
        *out_s = 0;
        return true;
    }
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return false;
    if (!read_pair(text + 1, 23, &hours) || !read_pair(text + 4, 59, &minutes))
        return false;
    *out_s = (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* "hh:mm:ss", an optional fraction (passed over: a millisecond decides nothing here), an offset. */
static bool read_time(const char *text, struct tm *fields, int64_t *out_offset_s)
{
    if (strlen(text) < 9 || text[2] != ':' || text[5] != ':')
        return false;
    if (!read_pair(text, 23, &fields->tm_hour) || !read_pair(text + 3, 59, &fields->tm_min) ||
        !read_pair(text + 6, 60, &fields->tm_sec))
        return false;
    text += 8;
    if (*text == '.') {
        size_t digits = strspn(text + 1, "0123456789");
        if (digits == 0)
            return false;
        text += 1 + digits;
    }
    return read_offset(text, out_offset_s);
}

static enum status parse_date_time(const char *text, int64_t *out_s)
{
    char date[11];
    int64_t day = 0, offset_s = 0;

    if (strlen(text) < 20 || text[10] != 'T')
        return STATUS_INVALID;
    memcpy(date, text, 10);
    date[10] = '\0';
    if (number_parse_date(date, &day) != STATUS_OK) /* the calendar's word on the day */
        return STATUS_INVALID;

    int century = 0, year = 0;
    struct tm fields = {0};
    if (!read_pair(date, 99, &century) || !read_pair(date + 2, 99, &year) || !read_pair(date + 5, 12, &fields.tm_mon) ||
        !read_pair(date + 8, 31, &fields.tm_mday) || !read_time(text + 11, &fields, &offset_s))
        return STATUS_INVALID;
    fields.tm_year = century * 100 + year - 1900;
    fields.tm_mon--;
    *out_s = (int64_t)timegm(&fields) - offset_s;
    return STATUS_OK;
}

enum status moment_parse_since(const char *text, int64_t now_s, int64_t *out_ms)
{
    int64_t s = 0;

    if (number_parse_duration(text, 1, DURATION_MAX_S, &s) == STATUS_OK)
        s = now_s - s;
    else if (number_parse_date(text, &s) != STATUS_OK && parse_date_time(text, &s) != STATUS_OK)
        return STATUS_INVALID;
    *out_ms = s > 0 ? s * 1000 : 0;
    return STATUS_OK;
}

enum status moment_parse_day_end(const char *text, int64_t *out_s)
{
    int64_t begin_s = 0;
    struct tm fields;

    if (number_parse_date(text, &begin_s) != STATUS_OK)
        return STATUS_INVALID;
    time_t begin = (time_t)begin_s;
    if (localtime_r(&begin, &fields) == NULL)
        return STATUS_INVALID;
    /* Not 24 hours later: days on which clocks are set are longer or shorter. */
    fields.tm_mday++;
    fields.tm_hour = fields.tm_min = fields.tm_sec = 0;
    fields.tm_isdst = -1;
    time_t end = mktime(&fields);
    if (end <= begin)
        return STATUS_INVALID;
    *out_s = (int64_t)end;
    return STATUS_OK;
}
