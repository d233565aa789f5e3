#include "coverage_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "moment.h"
#include "table.h"
#include "text.h"
#include "tool.h"

/* 24 + 13 + 12 + 16 + 7, and two blanks between: 80. */
static const struct table_column columns[] = {
    {N_("USER"), 24, false},      {N_("STATE"), 13, false},  {N_("WITHOUT CODE"), 12, true},
    {N_("LAST TIME"), 16, false}, {N_("SERVICE"), 7, false}, {NULL, 0, false},
};

void coverage_print_row(const struct coverage_person *person, unsigned long row)
{
    char skips[24], last[MOMENT_SIZE];
    (void)snprintf(skips, sizeof skips, "%" PRIu64, person->skips);

    const char *const cells[] = {
        person->user,
        coverage_state_word(person->state),
        person->skips > 0 ? skips : "-",
        moment_show(person->last_skip_ms / 1000, last),
        person->skips > 0 ? person->last_service : "-",
    };
    if (row == 0)
        table_head(columns);
    table_row(columns, cells);
}

static void print_wrapped(const char *text)
{
    text_wrap(stdout, text, 0, 0);
}

void coverage_print_sum(const struct coverage_report *report, bool behind_rows)
{
    const struct coverage_summary *sum = &report->sum;
    char since[MOMENT_SIZE], text[512];

    if (behind_rows)
        puts("");
    (void)snprintf(text, sizeof text,
                   ngettext("%lu person has a login shell, %lu without a confirmed factor.",
                            "%lu people have a login shell, %lu without a confirmed factor.", sum->shells),
                   sum->shells, sum->uncovered);
    print_wrapped(text);
    moment_show(report->since_ms / 1000, since);
    (void)snprintf(text, sizeof text, _("Logins without a code since %s: %lu (people: %lu)."), since,
                   (unsigned long)sum->skips, sum->skippers);
    print_wrapped(text);
    if (report->unlisted == NULL)
        return;
    (void)snprintf(
        text, sizeof text,
        _("Not everybody is known: the name service asks %s too, which listed nobody. Who is only there is "
          "missing here, unless enrolled or let in. Name them with --users FILE, or their group with --group."),
        report->unlisted);
    print_wrapped(text);
}

/* ---- CSV ---- */

/* Also the semicolon, at which a spreadsheet of another country ends a cell, and begins one that could be a formula. */
static bool is_escaped(const char *at)
{
    unsigned char byte = (unsigned char)*at;
    return byte == ';' || byte < 0x20 || byte == 0x7f ||
           (byte == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xa0);
}

static void cell(const char *text, const char *behind)
{
    char valid[TEXT_SHOWN_SIZE(USER_SIZE)];
    text_utf8(valid, sizeof valid, text);
    bool is_formula = valid[0] != '\0' && strchr("=+-@", valid[0]) != NULL;
    bool is_quoted = strpbrk(valid, "\",") != NULL;

    fputs(is_quoted ? "\"" : "", stdout);
    fputs(is_formula ? "'" : "", stdout);
    for (const char *at = valid; *at != '\0'; at++) {
        if (is_escaped(at))
            printf("\\x%02x", (unsigned char)*at);
        else if (*at == '"')
            fputs("\"\"", stdout);
        else
            fputc(*at, stdout);
    }
    fputs(is_quoted ? "\"" : "", stdout);
    fputs(behind, stdout);
}

void coverage_print_csv_head(void)
{
    fputs("user,uid,login_shell,state,without_code,last_without_code,last_service\r\n", stdout);
}

void coverage_print_csv_row(const struct coverage_person *person)
{
    char last[MOMENT_SIZE] = "";
    const char *when = person->skips > 0 ? moment_utc_ms(person->last_skip_ms, last) : NULL;

    cell(person->user, ",");
    if (person->uid != NO_UID)
        printf("%" PRIu32, person->uid);
    printf(",%s,%s,%" PRIu64 ",%s,", person->shell ? "yes" : "no", coverage_state_name(person->state), person->skips,
           when != NULL ? when : "");
    cell(person->last_service, "\r\n");
}
