#include "journal_notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>

#include "journal_line.h"

static const struct journal_notice_kind kinds[] = {
    [NOTICE_SCAN_PASSED] = {"59385010827e4e4fb36c75a623173859", LOG_INFO, "scan-passed",
                            "the rows are those that the head over them knows of", "rows", NULL},
    [NOTICE_ROW_TAMPERED] =
        {"cefd9f040e624024912130e5eadf147a", LOG_CRIT, "row-tampered",
         "the scan found a row that was changed without the key; its user is refused. `garde status` "
         "lists them all; restore the store from a backup that `garded check` finds good",
         NULL, NULL},
    [NOTICE_SCAN_FAILED] =
        {"e894ae30a4dc4a1a9598c8cfe64810fd", LOG_CRIT, "scan-failed",
         "the rows do not add up: some were changed, taken away or put back without the key. No rule "
         "lets anybody in without a code until this is cleared up: stop garded, keep a copy of the "
         "store, run `garded check`",
         "rows", "expected"},
    [NOTICE_ROOM_LOW] = {"1f56b14ac5f84f7780484ac48a64d001", LOG_WARNING, "room-low",
                         "the disk of the store is full. Logins go on in the room that was kept free, which will not "
                         "last: free some room on the disk",
                         "disk_bytes", "reserve_bytes"},
    [NOTICE_ROOM_NONE] =
        {"ecd8b36e049643ae9dc16cccbae4637b", LOG_CRIT, "room-none",
         "the disk of the store is full and nothing can be recorded any more, so every code is refused. "
         "Free some room on the disk; garded then goes on by itself",
         NULL, NULL},
    [NOTICE_ROOM_BACK] = {"89b84115cfe34a0486d3149bf39e8e2d", LOG_NOTICE, "room-back",
                          "there is room on the disk of the store again", "disk_bytes", "reserve_bytes"},
    [NOTICE_CLOCK_OFF] =
        {"fc5fff7756c0484e9413916f843465e7", LOG_CRIT, "clock-off",
         "this machine's clock seems to be off: several users typed codes that are right, but for "
         "another time, and were refused. Set the clock right (NTP). offset_s is by how much the devices "
         "are ahead",
         "offset_s", "users"},
    [NOTICE_CLOCK_BACK] = {"225ec4be644b45b7826421863f881bf8", LOG_NOTICE, "clock-back",
                           "nothing speaks against this machine's clock any more", NULL, NULL},
    [NOTICE_RECOVERY_LOW] =
        {"7ccbdef8b17b4924a812536f56aab7fb", LOG_WARNING, "recovery-low",
         "this user has hardly any recovery codes left. New ones are made with `garde recovery USER`", "left", NULL},
};

const struct journal_notice_kind *journal_notice_kind(enum notice_kind kind)
{
    static const struct journal_notice_kind unknown = {"", LOG_NOTICE, "?", "?", NULL, NULL};
    size_t number = (size_t)kind;
    return number < sizeof kinds / sizeof kinds[0] && kinds[number].id != NULL ? &kinds[number] : &unknown;
}

struct line {
    char *text;
    size_t size;
    size_t used;
};

static void add(struct line *line, const char *before, const char *text)
{
    int len = snprintf(line->text + line->used, line->size - line->used, "%s%s", before, text);
    if (len > 0)
        line->used += (size_t)len < line->size - line->used ? (size_t)len : line->size - line->used - 1;
}

static void add_fact(struct line *line, const char *key, const char *value)
{
    char quoted[JOURNAL_VALUE_SIZE(USER_SIZE)];
    if (value[0] == '\0')
        return;
    journal_value(value, quoted, sizeof quoted);
    add(line, " ", key);
    add(line, "=", quoted);
}

static void add_number(struct line *line, const char *key, int64_t value)
{
    char digits[24];
    if (key == NULL)
        return;
    (void)snprintf(digits, sizeof digits, "%" PRId64, value);
    add(line, " ", key);
    add(line, "=", digits);
}

void journal_notice_line(const struct notice *notice, char *out_line, size_t size)
{
    const struct journal_notice_kind *kind = journal_notice_kind(notice->kind);
    struct line line = {.text = out_line, .size = size};

    add(&line, kind->name, ": ");
    add(&line, kind->text, "");
    add_fact(&line, "user", notice->user);
    add_fact(&line, "row", notice->what);
    add_number(&line, kind->number, notice->number);
    add_number(&line, kind->other, notice->other);
}
