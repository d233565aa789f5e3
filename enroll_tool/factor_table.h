/* The table of factors, for `garde list` and `garde show`. */
#ifndef GARDE_TOOL_FACTOR_TABLE_H
#define GARDE_TOOL_FACTOR_TABLE_H

#include <stdint.h>

#include <garde/wire.h>

/* The heads go before the first row. now_s: a pending factor whose time is over is shown as lapsed. */
void factor_table_row(const struct wire_factor *factor, unsigned long row, int64_t now_s);
/* What a row has no room for, in lines below it. */
void factor_table_details(const struct wire_factor *factor);

#endif
