#include "factor_table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "moment.h"
#include "standing.h"
#include "table.h"
#include "text.h"
#include "tool.h"
#include "words.h"

#define INDENT      31 /* USER, FACTOR, and two blanks behind each */
#define DETAIL_SIZE 1024

enum {
    CELL_STATE = 3,
    LABEL_COLUMNS = 12,
};

/* 20 + 7 + 11 + 10 + 12 + 10, and two blanks between: 80. */
static const struct table_column columns[] = {
    {N_("USER"), 20, false},  {N_("FACTOR"), 7, true},      {N_("TYPE"), 11, false}, {N_("STATE"), 10, false},
    {N_("LABEL"), 12, false}, {N_("LAST USED"), 10, false}, {NULL, 0, false},
};

/* A day is enough in a list. */
static const char *day(int64_t s, char out[MOMENT_SIZE])
{
    (void)moment_show(s, out);
    char *blank = strchr(out, ' ');
    if (blank != NULL)
        *blank = '\0';
    return out;
}

void factor_table_row(const struct wire_factor *factor, unsigned long row, int64_t now_s)
{
    char id[24], used[MOMENT_SIZE], kind[64];
    enum standing standing = standing_of(factor, now_s);
    (void)snprintf(id, sizeof id, "%" PRId64, factor->id);
    (void)snprintf(kind, sizeof kind, factor->weak != 0 ? _("%s weak") : "%s", words_kind(factor->kind));

    const char *const cells[] = {
        factor->user, id, kind, standing_text(standing), factor->label, day(factor->last_used_s, used),
    };
    if (row == 0)
        table_head(columns);
    table_row_coloured(columns, cells, CELL_STATE, standing_colour(standing));
}

/* ---- what does not fit the table: below it, from the column of the type on ---- */

__attribute__((format(printf, 1, 2))) static void detail(const char *format, ...)
{
    char text[DETAIL_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%*s", INDENT, "");
    text_wrap(stdout, text, INDENT, INDENT);
}

static void label_detail(const struct wire_factor *factor)
{
    char shown[TEXT_SHOWN_SIZE(LABEL_SIZE)];
    if (text_columns(text_show(shown, sizeof shown, factor->label)) > LABEL_COLUMNS)
        detail("%s", shown);
}

static void codes_detail(const struct wire_factor *factor)
{
    const char *algorithm = words_algorithm(factor->algorithm);

    if (factor->kind == FACTOR_TOTP)
        detail(_("%s, %u digits, every %u s"), algorithm, factor->digits, factor->period_s);
    else if (factor->kind == FACTOR_HOTP)
        detail(_("%s, %u digits"), algorithm, factor->digits);
    else if (factor->kind == FACTOR_RECOVERY)
        detail(_("%u of %u codes left, each good once"), factor->left, (unsigned)RECOVERY_CODES);
    else if (factor->uses == 0)
        detail("%s", _("good as often as needed"));
    else
        detail(_("%u of %u uses left"), factor->left, factor->uses);
    if (factor->weak != 0)
        detail("%s", _("weak: its secret has less than 128 bits"));
}

static void life_detail(const struct wire_factor *factor)
{
    char when[MOMENT_SIZE], used[MOMENT_SIZE];

    if (factor->state == FACTOR_PENDING)
        detail(_("pending until %s"), moment_show(factor->pending_until_s, when));
    else
        detail(_("enrolled %s"), moment_show(factor->created_s, when));
    if (factor->state == FACTOR_PENDING && factor->handed_out != 0)
        detail("%s", _("handed out: its first right code at a login confirms it"));
    if (factor->state == FACTOR_PENDING && factor->replaces != 0)
        detail(_("when it is confirmed, factor %" PRId64 " ends"), factor->replaces);
    if (factor->not_before_s != 0)
        detail(_("valid from %s"), moment_show(factor->not_before_s, when));
    if (factor->not_after_s != 0)
        detail(_("valid until %s"), moment_show_end(factor->not_after_s, when));
    if (factor->last_used_s != 0)
        detail(_("last used %s"), moment_show_exact(factor->last_used_s, used));
}

static void clock_detail(const struct wire_factor *factor)
{
    int64_t offset_s = standing_clock_s(factor);
    char span[MOMENT_SIZE];

    if (offset_s > 0)
        detail(_("its clock was %s fast, which is allowed for"), moment_span(offset_s, span));
    else if (offset_s < 0)
        detail(_("its clock was %s slow, which is allowed for"), moment_span(offset_s, span));
}

void factor_table_details(const struct wire_factor *factor)
{
    label_detail(factor);
    codes_detail(factor);
    life_detail(factor);
    clock_detail(factor);
}
