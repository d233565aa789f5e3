#include "values.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include <garde/number.h>
#include <garde/settings.h>

static bool copy_text(const char *text, struct value_limits limits, char *out)
{
    size_t len = strlen(text);
    if (len >= (size_t)limits.max)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

bool value_path(const char *text, struct value_limits limits, void *out_member)
{
    return text[0] == '/' && copy_text(text, limits, out_member);
}

bool value_name(const char *text, struct value_limits limits, void *out_member)
{
    return text[0] != '\0' && text[0] != '-' && strpbrk(text, " \t/:[]") == NULL && copy_text(text, limits, out_member);
}

/* Directory services have blanks in groups' names; the lists of /etc/group have ':' and ','. */
bool value_group(const char *text, struct value_limits limits, void *out_member)
{
    size_t len = strlen(text);
    bool is_framed = len > 0 && text[0] != ' ' && text[0] != '-' && text[len - 1] != ' ';
    return is_framed && strpbrk(text, "\t:,[]") == NULL && copy_text(text, limits, out_member);
}

/* One character of UTF-8 (RFC 3629): what follows it, or NULL if it is none, or a control character. */
static const unsigned char *skip_character(const unsigned char *at)
{
    static const uint32_t lowest[] = {0, 0x80, 0x800, 0x10000};
    unsigned more = 0;
    uint32_t character = *at;

    if (*at >= 0xf0 && *at < 0xf8)
        more = 3;
    else if (*at >= 0xe0 && *at < 0xf0)
        more = 2;
    else if (*at >= 0xc0 && *at < 0xe0)
        more = 1;
    else if (*at >= 0x80)
        return NULL;
    if (more > 0)
        character &= 0x3fU >> more;
    for (unsigned i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80) /* also at the final zero */
            return NULL;
        character = character << 6 | (at[i] & 0x3f);
    }

    bool is_control = character < 0x20 || (character >= 0x7f && character < 0xa0);
    bool is_surrogate = character >= 0xd800 && character < 0xe000;
    if (character < lowest[more] || character > 0x10ffff || is_control || is_surrogate)
        return NULL;
    return at + more + 1;
}

bool value_text(const char *text, struct value_limits limits, void *out_member)
{
    const unsigned char *at = (const unsigned char *)text;
    while (at != NULL && *at != '\0')
        at = skip_character(at);
    return at != NULL && copy_text(text, limits, out_member);
}

bool value_title(const char *text, struct value_limits limits, void *out_member)
{
    return strchr(text, ':') == NULL && value_text(text, limits, out_member);
}

bool value_number(const char *text, struct value_limits limits, void *out_member)
{
    uint64_t value = 0;
    if (number_parse(text, (uint64_t)limits.min, (uint64_t)limits.max, &value) != STATUS_OK)
        return false;
    *(uint32_t *)out_member = (uint32_t)value;
    return true;
}

bool value_duration(const char *text, struct value_limits limits, void *out_member)
{
    return number_parse_duration(text, limits.min, limits.max, out_member) == STATUS_OK;
}

bool value_language(const char *text, struct value_limits limits, void *out_member)
{
    (void)limits;
    enum language *out = out_member;
    if (strcmp(text, "en") == 0)
        *out = LANGUAGE_EN;
    else if (strcmp(text, "fr") == 0)
        *out = LANGUAGE_FR;
    else
        return false;
    return true;
}

bool value_log(const char *text, struct value_limits limits, void *out_member)
{
    (void)limits;
    enum settings_log *out = out_member;
    if (strcmp(text, "system") == 0)
        *out = SETTINGS_LOG_SYSTEM;
    else if (strcmp(text, "stderr") == 0)
        *out = SETTINGS_LOG_STDERR;
    else
        return false;
    return true;
}

/* A day has 23 or 25 hours when the clocks change, so it is the calendar that is asked. */
static bool end_of_day(const char *text, int64_t *out_s)
{
    int64_t start_s = 0;
    if (number_parse_date(text, &start_s) != STATUS_OK)
        return false;

    time_t start = (time_t)start_s;
    struct tm day;
    if (localtime_r(&start, &day) == NULL)
        return false;
    struct tm next = {.tm_year = day.tm_year, .tm_mon = day.tm_mon, .tm_mday = day.tm_mday + 1, .tm_isdst = -1};
    *out_s = (int64_t)mktime(&next);
    return *out_s > start_s;
}

bool value_rule(const char *text, struct value_limits limits, void *out_member)
{
    (void)limits;
    static const char until[] = "allow-until";
    const size_t len = sizeof until - 1;
    struct unenrolled_rule rule = {.answer = UNENROLLED_REFUSE};

    if (strcmp(text, "allow") == 0) {
        rule.answer = UNENROLLED_ALLOW;
    } else if (strncmp(text, until, len) == 0) {
        size_t blanks = strspn(text + len, " \t");
        rule.answer = UNENROLLED_ALLOW_UNTIL;
        if (blanks == 0 || !end_of_day(text + len + blanks, &rule.until_s))
            return false;
    } else if (strcmp(text, "refuse") != 0) {
        return false;
    }
    *(struct unenrolled_rule *)out_member = rule;
    return true;
}

bool value_said(const char *text, struct value_limits limits, void *out_member)
{
    struct settings_said said = {.given = true};
    if (!value_rule(text, limits, &said.rule))
        return false;
    *(struct settings_said *)out_member = said;
    return true;
}
