/* A file of its own: mktime() reads the environment, and pam_garde.so, which parses numbers too, must not bring it along. */
#include <garde/number.h>

#include <stddef.h>
#include <string.h>
#include <time.h>

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
        if ((i == 4 || i == 7) ? text[i] != '-' : text[i] < '0' || text[i] > '9')
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
