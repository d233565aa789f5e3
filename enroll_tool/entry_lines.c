#include "entry_lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "moment.h"
#include "text.h"
#include "tool.h"
#include "words.h"

#define NUMBER_COLUMNS 7
#define TIME_COLUMNS   19
#define USER_COLUMNS   12
#define DETAIL_INDENT  (NUMBER_COLUMNS + 2 + TIME_COLUMNS + 2)
#define WHAT_INDENT    (DETAIL_INDENT + USER_COLUMNS + 2)

/* "login: refused, wrong code", "suspended", "unknown user". */
static void put_what(const struct wire_entry *entry)
{
    char text[256];
    const char *what = words_event(entry->event);
    bool is_attempt = entry->event == EVENT_LOGIN || entry->event == EVENT_VERIFIED;

    if (is_attempt && entry->verdict == VERDICT_ACCEPTED)
        (void)snprintf(text, sizeof text, _("%s: accepted"), what);
    else if (is_attempt)
        (void)snprintf(text, sizeof text, _("%s: refused, %s"), what, words_reason(entry->reason));
    else if (entry->reason != REASON_NONE && entry->reason != REASON_ADMIN)
        (void)snprintf(text, sizeof text, _("%s: %s"), what, words_reason(entry->reason));
    else
        (void)snprintf(text, sizeof text, "%s", what);
    text_wrap(stdout, text, WHAT_INDENT, WHAT_INDENT);
}

/* Each item whole, on a new line where it does not fit; an admin's words may take more than one. */
static void put_item(int *column, const char *item)
{
    char shown[TEXT_SHOWN_SIZE(ACTOR_SIZE)];
    int width = text_columns(text_show(shown, sizeof shown, item));

    if (width == 0)
        return;
    if (*column > 0 && *column + 2 + width > TEXT_COLUMNS) {
        puts("");
        *column = 0;
    }
    *column += *column == 0 ? printf("%*s", DETAIL_INDENT, "") : printf("  ");
    if (*column + width > TEXT_COLUMNS) {
        text_wrap(stdout, shown, *column, DETAIL_INDENT);
        *column = 0;
        return;
    }
    fputs(shown, stdout);
    *column += width;
}

static void put_details(const struct wire_entry *entry)
{
    char text[64];
    int column = 0;

    if (entry->count > 1) {
        (void)snprintf(text, sizeof text, ngettext("%lu time", "%lu times", entry->count), (unsigned long)entry->count);
        put_item(&column, text);
    }
    if (entry->factor_id != 0) {
        (void)snprintf(text, sizeof text, _("factor %" PRId64), entry->factor_id);
        put_item(&column, text);
    }
    put_item(&column, entry->service);
    put_item(&column, entry->origin);
    put_item(&column, entry->actor);
    put_item(&column, entry->note);
    if (column > 0)
        puts("");
}

void entry_lines_write(const struct wire_entry *entry)
{
    char number[24], when[MOMENT_SIZE], user[TEXT_SHOWN_SIZE(USER_SIZE)];

    (void)snprintf(number, sizeof number, "%" PRIu64, entry->seq);
    text_cell(stdout, number, NUMBER_COLUMNS, true);
    fputs("  ", stdout);
    text_cell(stdout, moment_show_exact(entry->time_ms / 1000, when), TIME_COLUMNS, false);
    fputs("  ", stdout);
    text_show(user, sizeof user, entry->user[0] != '\0' ? entry->user : "-");
    text_cell(stdout, user, USER_COLUMNS, false);
    fputs("  ", stdout);
    put_what(entry);
    put_details(entry);
}
