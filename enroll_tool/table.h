/* Tables with fixed columns: rows are written as they come, and fit TEXT_COLUMNS. */
#ifndef GARDE_TOOL_TABLE_H
#define GARDE_TOOL_TABLE_H

#include <stdbool.h>

#include "colour.h"

struct table_column {
    const char *head; /* marked for translation; NULL ends the table */
    int columns;
    bool to_the_right;
};

/* The line with the heads. */
void table_head(const struct table_column *table);
/* One row: as many cells as the table has columns. What comes from outside is shown safely. */
void table_row(const struct table_column *table, const char *const *cells);
/* The same with one of the cells in a colour. */
void table_row_coloured(const struct table_column *table, const char *const *cells, int coloured, enum colour colour);

#endif
