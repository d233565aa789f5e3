#include "table.h"

#include <stdio.h>

#include "text.h"
#include "tool.h"

#define CELL_SIZE TEXT_SHOWN_SIZE(256)

static void cell(const struct table_column *column, const char *text, enum colour colour)
{
    char shown[CELL_SIZE];
    bool is_last = column[1].head == NULL;

    text_show(shown, sizeof shown, text);
    colour_begin(colour);
    /* No blanks at the end of a line. */
    if (is_last && !column->to_the_right && text_columns(shown) <= column->columns)
        fputs(shown, stdout);
    else
        text_cell(stdout, shown, column->columns, column->to_the_right);
    colour_end(colour);
    fputs(is_last ? "\n" : "  ", stdout);
}

void table_head(const struct table_column *table)
{
    for (; table->head != NULL; table++)
        cell(table, _(table->head), COLOUR_NONE);
}

void table_row(const struct table_column *table, const char *const *cells)
{
    table_row_coloured(table, cells, -1, COLOUR_NONE);
}

void table_row_coloured(const struct table_column *table, const char *const *cells, int coloured, enum colour colour)
{
    for (int i = 0; table[i].head != NULL; i++)
        cell(&table[i], cells[i], i == coloured ? colour : COLOUR_NONE);
}
