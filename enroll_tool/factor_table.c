#include "factor_table.h"

#include <inttypes.h>
#include <stdio.h>

#include "moment.h"
#include "table.h"
#include "tool.h"
#include "words.h"

/* 20 + 7 + 4 + 10 + 13 + 16, and two blanks between: 80. */
static const struct table_column columns[] = {
    {N_("USER"), 20, false},  {N_("FACTOR"), 7, true},      {N_("TYPE"), 4, false}, {N_("STATE"), 10, false},
    {N_("LABEL"), 13, false}, {N_("LAST USED"), 16, false}, {NULL, 0, false},
};

static const char *state_word(const struct wire_factor *factor, int64_t now_s)
{
    if (factor->tampered != 0)
        return _("TAMPERED");
    if (factor->state == FACTOR_PENDING && factor->pending_until_s <= now_s)
        return _("lapsed");
    if (factor->state == FACTOR_ACTIVE && factor->not_after_s != 0 && factor->not_after_s <= now_s)
        return _("expired");
    return words_state(factor->state);
}

void factor_table_row(const struct wire_factor *factor, unsigned long row, int64_t now_s)
{
    char id[24], used[MOMENT_SIZE];
    (void)snprintf(id, sizeof id, "%" PRId64, factor->id);

    const char *const cells[] = {
        factor->user,
        id,
        words_kind(factor->kind),
        state_word(factor, now_s),
        factor->label,
        moment_show(factor->last_used_s, used),
    };
    if (row == 0)
        table_head(columns);
    table_row(columns, cells);
}
