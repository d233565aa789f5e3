#include "journal_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <garde/audit.h>

struct line {
    char *text;
    size_t size;
    size_t used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line->text + line->used, line->size - line->used, format, args);
    va_end(args);
    if (len > 0)
        line->used += (size_t)len < line->size - line->used ? (size_t)len : line->size - line->used - 1;
}

static bool is_odd(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x20 || byte >= 0x7f;
}

static bool needs_quotes(const char *value)
{
    if (*value == '\0')
        return true;
    for (; *value != '\0'; value++)
        if (is_odd(*value) || strchr(" \"\\=", *value) != NULL)
            return true;
    return false;
}

static void add_value(struct line *line, const char *value)
{
    if (!needs_quotes(value)) {
        add(line, "%s", value);
        return;
    }
    add(line, "\"");
    for (; *value != '\0'; value++) {
        if (is_odd(*value))
            add(line, "\\x%02x", (unsigned)(unsigned char)*value);
        else
            add(line, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
    }
    add(line, "\"");
}

void journal_value(const char *value, char *out_text, size_t size)
{
    struct line line = {.text = out_text, .size = size};
    add_value(&line, value);
}

static void add_fact(struct line *line, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    add(line, " %s=", key);
    add_value(line, value);
}

const char *journal_verdict_name(enum verdict verdict)
{
    return verdict == VERDICT_ACCEPTED ? "accepted" : "refused";
}

void journal_tag(const struct entry *entry, size_t bytes, char out_tag[JOURNAL_TAG_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t i = 0;
    for (; i < bytes && i < TAG_SIZE; i++) {
        out_tag[2 * i] = digits[entry->tag[i] >> 4];
        out_tag[2 * i + 1] = digits[entry->tag[i] & 15];
    }
    out_tag[2 * i] = '\0';
}

int journal_priority(const struct entry *entry)
{
    if (entry->reason == REASON_TAMPERED)
        return LOG_CRIT;
    if (entry->reason == REASON_REPLAYED || entry->reason == REASON_LOCKED || entry->reason == REASON_BUDGET ||
        entry->reason == REASON_UNAVAILABLE || entry->reason == REASON_OTHER_UID)
        return LOG_WARNING;
    if ((entry->event == EVENT_LOGIN || entry->event == EVENT_VERIFIED) && entry->verdict == VERDICT_ACCEPTED)
        return LOG_INFO;
    return LOG_NOTICE;
}

/* A change has no verdict: it is there or it is not. */
static bool has_verdict(enum event event)
{
    return event == EVENT_LOGIN || event == EVENT_VERIFIED || event == EVENT_DENIED || event == EVENT_UNKNOWN ||
           event == EVENT_CONFIRM_FAILED || event == EVENT_RESYNC_FAILED;
}

void journal_line(const struct entry *entry, char *out_line, size_t size)
{
    struct line line = {.text = out_line, .size = size};
    char tag[JOURNAL_TAG_SIZE];

    add(&line, "%s", audit_event_name(entry->event));
    add_fact(&line, "user", entry->user);
    if (entry->uid != NO_UID)
        add(&line, " uid=%" PRIu32, entry->uid);
    if (has_verdict(entry->event))
        add_fact(&line, "verdict", journal_verdict_name(entry->verdict));
    if (entry->reason != REASON_NONE)
        add_fact(&line, "reason", audit_reason_name(entry->reason));
    if (entry->factor_id != 0)
        add(&line, " factor=%" PRId64, entry->factor_id);
    add_fact(&line, "service", entry->service);
    add_fact(&line, "origin", entry->origin);
    add_fact(&line, "actor", entry->actor);
    add_fact(&line, "note", entry->note);
    if (entry->count > 1)
        add(&line, " count=%" PRIu32, entry->count);
    journal_tag(entry, 8, tag);
    add(&line, " seq=%" PRIu64 " tag=%s", entry->seq, tag);
}
