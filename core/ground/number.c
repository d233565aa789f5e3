#include <garde/number.h>

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads the digits at the start of text: where they end, or NULL if there are none or they do not fit. */
static const char *read_digits(const char *text, uint64_t *out_value)
{
    uint64_t value = 0;
    const char *at = text;

    for (; is_digit(*at); at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return NULL;
        value = value * 10 + digit;
    }
    if (at == text)
        return NULL;
    *out_value = value;
    return at;
}

enum status number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out_value)
{
    uint64_t value = 0;
    const char *end = read_digits(text, &value);

    if (end == NULL || *end != '\0' || value < min || value > max)
        return STATUS_INVALID;
    *out_value = value;
    return STATUS_OK;
}

enum status number_parse_duration(const char *text, int64_t min_s, int64_t max_s, int64_t *out_s)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};

    uint64_t value = 0;
    const char *end = read_digits(text, &value);
    if (end == NULL || value > INT64_MAX / 86400)
        return STATUS_INVALID;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].name) != 0)
            continue;
        int64_t seconds = (int64_t)(value * units[i].seconds);
        if (seconds < min_s || seconds > max_s)
            return STATUS_INVALID;
        *out_s = seconds;
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

static int field(const char *text, size_t len)
{
    int value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

enum status number_parse_date(const char *text, int64_t *out_s)
{
    if (strlen(text) != 10)
        return STATUS_INVALID;
    for (size_t i = 0; i < 10; i++)
        if ((i == 4 || i == 7) ? text[i] != '-' : !is_digit(text[i]))
            return STATUS_INVALID;

    struct tm want = {.tm_year = field(text, 4) - 1900,
                      .tm_mon = field(text + 5, 2) - 1,
                      .tm_mday = field(text + 8, 2),
                      .tm_isdst = -1};
    if (want.tm_year < 70 || want.tm_mon < 0 || want.tm_mon > 11 || want.tm_mday < 1)
        return STATUS_INVALID;

    struct tm got = want;
    time_t seconds = mktime(&got);
    /* mktime turns 30 February into 1 or 2 March: then that day is not in the calendar. */
    if (got.tm_year != want.tm_year || got.tm_mon != want.tm_mon || got.tm_mday != want.tm_mday)
        return STATUS_INVALID;
    *out_s = (int64_t)seconds;
    return STATUS_OK;
}
