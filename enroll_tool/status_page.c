#include "status_page.h"

#include <inttypes.h>
#include <stdio.h>

#include "colour.h"
#include "moment.h"
#include "table.h"
#include "text.h"
#include "tool.h"

#define NAME_COLUMNS 14
#define LINE_SIZE    1024
/* A change takes a few pages of 4 KiB: with less than this the next one is refused, if the last one was not. */
#define RESERVE_USED_UP UINT64_C(65536)
#define BYTES_SIZE      48

unsigned status_attention(const struct wire_state *state, bool unreadable)
{
    unsigned attention = 0;
    if (state->scan == WIRE_SCAN_BROKEN || state->bad_rows > 0 || unreadable)
        attention |= ATTENTION_TAMPERED;
    if (state->clock_users > 0)
        attention |= ATTENTION_CLOCK;
    if (state->future_marks > 0)
        attention |= ATTENTION_MARKS;
    if (state->room_low != 0)
        attention |= state->reserve_bytes < RESERVE_USED_UP ? ATTENTION_NO_ROOM : ATTENTION_ROOM;
    return attention;
}

const char *status_attention_name(unsigned index)
{
    static const char *const names[ATTENTIONS] = {"tampered", "clock-off", "future-marks", "room-low", "room-none"};
    return index < ATTENTIONS ? names[index] : "?";
}

/* ---- tables ---- */

void status_page_mark(const struct wire_future_mark *mark, unsigned long row)
{
    /* 28 + 7 + 18 + 21, and two blanks between: 80. */
    static const struct table_column columns[] = {
        {N_("USER"), 28, false},          {N_("FACTOR"), 7, true}, {N_("LABEL"), 18, false},
        {N_("REFUSED UNTIL"), 21, false}, {NULL, 0, false},
    };
    char id[24], from[MOMENT_SIZE];
    (void)snprintf(id, sizeof id, "%" PRId64, mark->factor_id);

    const char *const cells[] = {
        mark->user,
        id,
        mark->label,
        mark->usable_from_s == INT64_MAX ? _("for ever") : moment_show_exact(mark->usable_from_s, from),
    };
    if (row == 0)
        table_head(columns);
    table_row(columns, cells);
}

void status_page_bad_row(const struct wire_bad_row *bad_row, unsigned long row)
{
    /* 40 + 38, and two blanks between: 80. */
    static const struct table_column columns[] = {
        {N_("USER"), 40, false},
        {N_("CHANGED WITHOUT THE KEY"), 38, false},
        {NULL, 0, false},
    };
    const char *const cells[] = {bad_row->user, bad_row->what};
    if (row == 0)
        table_head(columns);
    table_row(columns, cells);
}

/* ---- numbers for people ---- */

static const char *bytes_text(uint64_t bytes, char out[BYTES_SIZE])
{
    if (bytes >= UINT64_C(1) << 30)
        (void)snprintf(out, BYTES_SIZE, _("%.1f GiB"), (double)bytes / (double)(1 << 30));
    else if (bytes >= UINT64_C(1) << 20)
        (void)snprintf(out, BYTES_SIZE, _("%.1f MiB"), (double)bytes / (double)(1 << 20));
    else
        (void)snprintf(out, BYTES_SIZE, _("%.1f KiB"), (double)bytes / (double)(1 << 10));
    return out;
}

/* ---- the lines ---- */

static void line(const char *name, const char *text)
{
    text_cell(stdout, name, NAME_COLUMNS, false);
    text_wrap(stdout, text, NAME_COLUMNS, NAME_COLUMNS);
}

static void count_line(const char *name, uint64_t count)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, count);
    line(name, text);
}

static void users_line(const struct wire_state *state)
{
    char text[LINE_SIZE];
    (void)snprintf(text, sizeof text, _("%" PRIu64 " enrolled, of them %" PRIu64 " pending and %" PRIu64 " locked"),
                   state->users, state->users_pending, state->users_locked);
    line(_("Users"), text);
}

static void today_line(const struct wire_state *state)
{
    char text[LINE_SIZE];
    (void)snprintf(text, sizeof text, _("%" PRIu64 " logins, and %" PRIu64 " refused"), state->logins_today,
                   state->refusals_today);
    line(_("Today"), text);
}

static void rows_line(const struct wire_state *state)
{
    char text[LINE_SIZE];
    if (state->scan == WIRE_SCAN_RUNNING)
        (void)snprintf(text, sizeof text, _("%" PRIu64 " of %" PRIu64 " looked through since the start"),
                       state->rows_scanned, state->rows_expected);
    else if (state->scan == WIRE_SCAN_PASSED && state->bad_rows == 0)
        (void)snprintf(text, sizeof text, _("all %" PRIu64 " held after the start, and none was missing"),
                       state->rows_scanned);
    else
        (void)snprintf(text, sizeof text, _("NOT WHOLE: %" PRIu64 " found, %" PRIu64 " expected, %" PRIu64 " changed"),
                       state->rows_scanned, state->rows_expected, state->bad_rows);
    line(_("Rows"), text);
}

static void room_line(const struct wire_state *state)
{
    char text[LINE_SIZE], disk[BYTES_SIZE], reserve[BYTES_SIZE];
    (void)bytes_text(state->disk_bytes, disk);
    (void)bytes_text(state->reserve_bytes, reserve);

    if (state->room_low != 0)
        (void)snprintf(text, sizeof text, _("FULL: %s free, %s kept for logins"), disk, reserve);
    else if (state->disk_bytes == 0 && state->reserve_bytes == 0)
        (void)snprintf(text, sizeof text, "%s", _("not looked at yet"));
    else
        (void)snprintf(text, sizeof text, _("%s free, %s kept for logins on a full disk"), disk, reserve);
    line(_("Disk"), text);
}

static void clock_line(const struct wire_state *state)
{
    char text[LINE_SIZE], now[MOMENT_SIZE], span[MOMENT_SIZE];
    (void)moment_show_exact(state->now_s, now);
    (void)moment_span(state->clock_offset_s, span);

    if (state->clock_users == 0)
        (void)snprintf(text, sizeof text, _("%s, and no code speaks against it"), now);
    else if (state->clock_offset_s >= 0)
        (void)snprintf(text, sizeof text, _("%s, WHICH SEEMS TO BE %s SLOW"), now, span);
    else
        (void)snprintf(text, sizeof text, _("%s, WHICH SEEMS TO BE %s FAST"), now, span);
    line(_("Clock"), text);
}

static void lines(const struct wire_state *state)
{
    char text[LINE_SIZE], started[MOMENT_SIZE], span[MOMENT_SIZE], version[TEXT_SHOWN_SIZE(VERSION_SIZE)];

    (void)snprintf(text, sizeof text, _("garded %s, since %s: %s"), text_show(version, sizeof version, state->version),
                   moment_show(state->started_s, started), moment_span(state->now_s - state->started_s, span));
    line(_("Verifier"), text);
    users_line(state);
    today_line(state);
    count_line(_("Factors"), state->factors);
    count_line(_("Entries"), state->entries);
    rows_line(state);
    room_line(state);
    clock_line(state);
}

/* ---- what needs an admin ---- */

static void more_of_it(const char *text)
{
    fputs("  ", stdout);
    text_wrap(stdout, text, 2, 2);
}

static void warning(enum colour colour, const char *text)
{
    colour_begin(colour);
    fputs("!", stdout);
    colour_end(colour);
    fputs(" ", stdout);
    text_wrap(stdout, text, 2, 2);
}

/* After `garded accept` the scan passes over rows that do not hold, and the rules are in force. */
static void warn_of_tampering(const struct wire_state *state)
{
    if (state->scan == WIRE_SCAN_PASSED && state->bad_rows > 0)
        warning(COLOUR_BAD,
                _("Rows of the store do not hold: someone changed them without the key, and their users are refused. "
                  "Restore the store from a backup that garded check finds good."));
    else
        warning(COLOUR_BAD,
                _("Someone changed the store without the key. Users with changed rows are refused, and no rule lets "
                  "anybody in without a code. Stop garded, keep a copy of the store before anything else, and run: "
                  "garded check"));
}

static void warn_of_clock(const struct wire_state *state)
{
    char text[LINE_SIZE];
    (void)snprintf(text, sizeof text,
                   _("The clock of this machine seems to be off: codes of %" PRIu32
                     " users were right, but for another "
                     "time, and were refused. Set the clock right (NTP)."),
                   state->clock_users);
    warning(COLOUR_WARNING, text);
}

static void warn_of_marks(const struct wire_state *state)
{
    unsigned long marks = (unsigned long)state->future_marks;
    char text[LINE_SIZE];
    (void)snprintf(
        text, sizeof text,
        ngettext("%lu factor, listed above, accepts no code until then: a code of a later time was accepted. So "
                 "the clock was ahead, or it is behind now. First see that it is right.",
                 "%lu factors, listed above, accept no code until then: a code of a later time was accepted. So "
                 "the clock was ahead, or it is behind now. First see that it is right.",
                 marks),
        marks);
    warning(COLOUR_WARNING, text);
    more_of_it(
        _("If it is, bring each of these users in again: garde enroll USER, and once that is confirmed: garde revoke "
          "USER FACTOR"));
}

static void warnings(const struct wire_state *state, unsigned attention)
{
    if ((attention & ATTENTION_TAMPERED) != 0)
        warn_of_tampering(state);
    if ((attention & ATTENTION_CLOCK) != 0)
        warn_of_clock(state);
    if ((attention & ATTENTION_MARKS) != 0)
        warn_of_marks(state);
    if ((attention & ATTENTION_ROOM) != 0)
        warning(COLOUR_WARNING,
                _("The disk of the store is full. Logins go on in the room that was kept free, which will not last: "
                  "free some room on the disk."));
    if ((attention & ATTENTION_NO_ROOM) != 0)
        warning(COLOUR_BAD,
                _("The disk of the store is full, and so is the room that was kept free: nothing can be recorded, and "
                  "codes are refused. Free some room on the disk, at once; garded then goes on by itself."));
}

static void all_is_well(void)
{
    colour_begin(COLOUR_GOOD);
    fputs(_("All is well."), stdout);
    colour_end(COLOUR_GOOD);
    puts("");
}

void status_page_state(const struct wire_state *state, unsigned attention, bool after_table)
{
    if (after_table)
        puts("");
    lines(state);
    puts("");
    if (attention != 0)
        warnings(state, attention);
    else if (state->scan == WIRE_SCAN_RUNNING)
        puts(_("Nothing needs an admin so far."));
    else
        all_is_well();
}
