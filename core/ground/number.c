#include <garde/number.h>

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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
