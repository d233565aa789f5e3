#define SD_JOURNAL_SUPPRESS_LOCATION
#include "journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include <garde/audit.h>
#include <garde/speech.h>

#include "journal_line.h"
#include "journal_notice.h"
#include "journal_queue.h"
#include "problem_text.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define FIELDS_MAX     18
#define FIELD_SIZE     (ORIGIN_SIZE + USER_SIZE)

enum sink {
    SINK_STDERR = 0,
    SINK_JOURNAL,
    SINK_SYSLOG,
};

static _Atomic int journal_sink = SINK_STDERR;

/* Stable: people search for them. */
static const char *const message_ids[] = {
    [EVENT_STORE_MADE] = "408e654ff590437ebcfbf82fc7c8d7f8",
    [EVENT_LOGIN] = "cd507d321f3d4185a8ab954ade3c31b3",
    [EVENT_SKIP] = "f427f72b4e4c47a2b66c7823bcf4d187",
    [EVENT_DENIED] = "a9f4b8e02e604fea98feda33e0544068",
    [EVENT_UNKNOWN] = "46fe17bc27794bec8e32c09738e096f7",
    [EVENT_ENROLLED] = "afa1cebe3bf1466398b8fe8416b9d117",
    [EVENT_CONFIRMED] = "c04e0b3817e141718afa24bee6596617",
    [EVENT_CONFIRM_FAILED] = "3a7f2fa71f2c4d6d929eb7a44be1cbcb",
    [EVENT_SUSPENDED] = "02684f6068c546eab71088980e66fd93",
    [EVENT_RESUMED] = "68f2e1d5d3764f42b3a6c0431422dae3",
    [EVENT_REVOKED] = "2400ff1aa00d4c69b756105028d1fd72",
    [EVENT_UNLOCKED] = "20cd1c19378944c59b58b95bcdc0162e",
    [EVENT_VERIFIED] = "2a336116bb784534aa45c0aaf53bd9a5",
    [EVENT_ROWS_BROKEN] = "0a0b151c6a1b48f4b968223ab1cfad61",
    [EVENT_ROWS_ACCEPTED] = "99ab826b07fd4f758272be1d8e15fa5e",
    [EVENT_RESYNCED] = "6dfa5c01e6c349d7b82d8b08ad817e9f",
    [EVENT_RESYNC_FAILED] = "9b66c8fd3f9c4fd5b13714dd1db7ed71",
    [EVENT_RECOVERY_MADE] = "c6adbce5cf8b41ffb7cdfbbd8078dc85",
    [EVENT_TEMPCODE_MADE] = "40280dd846d24befbf66a5947b0c0d63",
    [EVENT_EXPORTED] = "6cddf88bd2fb40fda323b2d2407c1cc1",
    [EVENT_CLEARED] = "537cb6570e52479f9943ff21f2c8bdf1",
};

void journal_open(enum settings_log where)
{
    if (where == SETTINGS_LOG_STDERR) {
        journal_sink = SINK_STDERR;
        return;
    }
    static bool opened = false;
    if (!opened) /* once: it would wait for a line that is being written */
        openlog("garded", LOG_PID, LOG_AUTHPRIV);
    opened = true;
    journal_sink = access(JOURNAL_SOCKET, F_OK) == 0 ? SINK_JOURNAL : SINK_SYSLOG;
}

static void write_line(int priority, const char *line)
{
    if (journal_sink == SINK_SYSLOG) {
        syslog(LOG_AUTHPRIV | priority, "%s", line);
        return;
    }
    char text[JOURNAL_LINE_SIZE + PROBLEM_TEXT_SIZE + 16];
    int len = snprintf(text, sizeof text, "garded: %s\n", line);
    ssize_t written = write(STDERR_FILENO, text, len < 0 ? 0 : (size_t)len); /* one write, so that lines stay whole */
    (void)written;                                                           /* nobody is left to be told */
}

static void say_now(int priority, const char *line)
{
    if (journal_sink != SINK_JOURNAL ||
        sd_journal_send("MESSAGE=%s", line, "PRIORITY=%i", priority, "SYSLOG_FACILITY=%i", LOG_AUTHPRIV >> 3,
                        "SYSLOG_IDENTIFIER=garded", NULL) < 0)
        write_line(priority, line);
}

void journal_say(int priority, const char *format, ...)
{
    char line[JOURNAL_LINE_SIZE + PROBLEM_TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (char *at = line; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    if (!journal_queue_line(priority, line))
        say_now(priority, line);
}

void journal_problem(int priority, const char *what, const struct problem *problem)
{
    char text[PROBLEM_TEXT_SIZE];
    problem_text(problem, text, sizeof text);
    journal_say(priority, _("%s: %s"), what, text);
}

struct fields {
    size_t count;
    struct iovec parts[FIELDS_MAX];
    char texts[FIELDS_MAX][FIELD_SIZE];
};

static void add_field(struct fields *fields, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add_field(struct fields *fields, const char *name, const char *format, ...)
{
    char *text = fields->texts[fields->count];
    int head = snprintf(text, FIELD_SIZE, "%s=", name);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text + head, FIELD_SIZE - (size_t)head, format, args);
    va_end(args);
    fields->parts[fields->count++] = (struct iovec){text, strlen(text)};
}

static void add_text(struct fields *fields, const char *name, const char *value)
{
    if (value[0] != '\0')
        add_field(fields, name, "%s", value);
}

static void add_facts(struct fields *fields, const struct entry *entry)
{
    char tag[JOURNAL_TAG_SIZE];
    size_t event = (size_t)entry->event;

    if (event < sizeof message_ids / sizeof message_ids[0] && message_ids[event] != NULL)
        add_text(fields, "MESSAGE_ID", message_ids[event]);
    add_field(fields, "PRIORITY", "%d", journal_priority(entry));
    add_field(fields, "SYSLOG_FACILITY", "%d", LOG_AUTHPRIV >> 3);
    add_text(fields, "SYSLOG_IDENTIFIER", "garded");
    add_text(fields, "GARDE_EVENT", audit_event_name(entry->event));
    add_text(fields, "GARDE_VERDICT", journal_verdict_name(entry->verdict));
    add_text(fields, "GARDE_REASON", entry->reason == REASON_NONE ? "" : audit_reason_name(entry->reason));
    add_text(fields, "GARDE_USER", entry->user);
    if (entry->uid != NO_UID)
        add_field(fields, "GARDE_UID", "%" PRIu32, entry->uid);
    if (entry->factor_id != 0)
        add_field(fields, "GARDE_FACTOR", "%" PRId64, entry->factor_id);
    add_text(fields, "GARDE_SERVICE", entry->service);
    add_text(fields, "GARDE_ORIGIN", entry->origin);
    add_text(fields, "GARDE_ACTOR", entry->actor);
    add_text(fields, "GARDE_NOTE", entry->note);
    add_field(fields, "GARDE_COUNT", "%" PRIu32, entry->count);
    add_field(fields, "GARDE_SEQ", "%" PRIu64, entry->seq);
    journal_tag(entry, TAG_SIZE, tag);
    add_text(fields, "GARDE_TAG", tag);
}

static void entry_now(const struct entry *entry)
{
    char message[sizeof "MESSAGE=" + JOURNAL_LINE_SIZE] = "MESSAGE=";
    char *line = message + strlen(message);
    struct fields fields = {0};

    journal_line(entry, line, JOURNAL_LINE_SIZE);
    if (journal_sink == SINK_JOURNAL) {
        fields.parts[fields.count++] = (struct iovec){message, strlen(message)};
        add_facts(&fields, entry);
        if (sd_journal_sendv(fields.parts, (int)fields.count) == 0)
            return;
    }
    write_line(journal_priority(entry), line);
}

void journal_entry(const struct entry *entry, void *context)
{
    (void)context;
    if (!journal_queue_entry(entry))
        entry_now(entry);
}

/* "disk_bytes" is the field GARDE_DISK_BYTES. */
static void add_number(struct fields *fields, const char *key, int64_t value)
{
    char name[32] = "GARDE_";
    size_t at = strlen(name);

    if (key == NULL)
        return;
    for (; *key != '\0' && at < sizeof name - 1; key++, at++)
        name[at] = (char)(*key >= 'a' && *key <= 'z' ? *key - 'a' + 'A' : *key);
    add_field(fields, name, "%" PRId64, value);
}

static void notice_now(const struct notice *notice)
{
    const struct journal_notice_kind *kind = journal_notice_kind(notice->kind);
    char message[sizeof "MESSAGE=" + JOURNAL_LINE_SIZE] = "MESSAGE=";
    char *line = message + strlen(message);
    struct fields fields = {0};

    journal_notice_line(notice, line, JOURNAL_LINE_SIZE);
    if (journal_sink == SINK_JOURNAL) {
        fields.parts[fields.count++] = (struct iovec){message, strlen(message)};
        add_text(&fields, "MESSAGE_ID", kind->id);
        add_field(&fields, "PRIORITY", "%d", kind->priority);
        add_field(&fields, "SYSLOG_FACILITY", "%d", LOG_AUTHPRIV >> 3);
        add_text(&fields, "SYSLOG_IDENTIFIER", "garded");
        add_text(&fields, "GARDE_NOTICE", kind->name);
        add_text(&fields, "GARDE_USER", notice->user);
        add_text(&fields, "GARDE_ROW", notice->what);
        add_number(&fields, kind->number, notice->number);
        add_number(&fields, kind->other, notice->other);
        if (sd_journal_sendv(fields.parts, (int)fields.count) == 0)
            return;
    }
    write_line(kind->priority, line);
}

void journal_notice(const struct notice *notice, void *context)
{
    (void)context;
    if (!journal_queue_notice(notice))
        notice_now(notice);
}

static void lost_now(unsigned long count)
{
    char line[JOURNAL_LINE_SIZE];
    (void)snprintf(line, sizeof line,
                   "%lu lines are missing here: the log did not take them; `garde audit` has the entries", count);
    say_now(LOG_WARNING, line);
}

enum status journal_start(void)
{
    static const struct journal_writer writer = {
        .line = say_now, .entry = entry_now, .notice = notice_now, .lost = lost_now};
    return journal_queue_start(&writer);
}

void journal_end(void)
{
    journal_queue_end();
}
