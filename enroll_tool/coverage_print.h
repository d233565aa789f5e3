/* What `garde coverage` prints for people and for spreadsheets. JSON: output_json.h.
 *
 * MUST 1  No cell of the CSV is a formula to a spreadsheet, and none breaks out of its quotes: a name is whatever a directory says.
 */
#ifndef GARDE_TOOL_COVERAGE_PRINT_H
#define GARDE_TOOL_COVERAGE_PRINT_H

#include "coverage.h"

struct coverage_report {
    struct coverage_summary sum;
    int64_t since_ms;
    const char *unlisted; /* services that name nobody, NULL: everybody is known */
};

/* Rows of the table; `row` counts from 0. Then what they come to. */
void coverage_print_row(const struct coverage_person *person, unsigned long row);
void coverage_print_sum(const struct coverage_report *report, bool behind_rows);

/* RFC 4180: a header line, cells in quotes where they need them, CR LF. A cell that begins as a formula does (= + - @, tab) gets an
 * apostrophe in front; control characters and bytes that are not UTF-8 become \xNN. */
void coverage_print_csv_head(void);
void coverage_print_csv_row(const struct coverage_person *person);

#endif
