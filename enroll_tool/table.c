#include "table.h"

#include <stdio.h>

#include "text.h"
#include "tool.h"

#define CELL_SIZE TEXT_SHOWN_SIZE(256)

static void cell(const struct table_column *column, const char *text)
{
    char shown[CELL_SIZE];
    bool is_last = column[1].head == NULL;

    text_show(shown, sizeof shown, text);
    /* No blanks at the end of a line. */
    if (is_last && !column->to_the_right && text_columns(shown) <= column->columns)
        fputs(shown, stdout);
    else
        text_cell(stdout, shown, column->columns, column->to_the_right);
    fputs(is_last ? "\n" : "  ", stdout);
}

void table_head(const struct table_column *table)
{
    for (; table->head != NULL; table++)
        cell(table, _(table->head));
}

void table_row(const struct table_column *table, const char *const *cells)
{
    for (; table->head != NULL; table++)
        cell(table, *cells++);
}
