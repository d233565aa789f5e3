/* What `garde enroll --from` tells while it goes through its list: a bar on a terminal, lines of progress elsewhere, nothing with --quiet; with --json
 * a row for each line of the list on standard output. What goes wrong with a line is told by whoever finds it, with the line's place in front.
 */
#ifndef GARDE_TOOL_BULK_REPORT_H
#define GARDE_TOOL_BULK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output_json.h"
#include "tool.h"

enum bulk_outcome {
    BULK_ENROLLED,    /* a sheet and a factor */
    BULK_PASSED_OVER, /* has a confirmed factor */
    BULK_FAILED,      /* told */
    BULK_LEFT,        /* not reached before the run ended */
};
#define BULK_OUTCOMES 4

struct bulk_report {
    const struct tool *tool;
    bool as_json;
    struct output_json json;
    size_t total; /* lines to go through */
    size_t counts[BULK_OUTCOMES];
    size_t replaced;      /* of those enrolled: whose earlier sheet, or factor that was taken over, has ended with it */
    enum tool_exit worst; /* of the lines that failed */
};

void bulk_report_begin(struct bulk_report *report, const struct tool *tool, bool as_json);
/* How many lines there are; from here on progress is shown. */
void bulk_report_total(struct bulk_report *report, size_t total);

/* A line that failed, for the reason that was complained of last. user: NULL for a line that names none. */
void bulk_report_failed(struct bulk_report *report, unsigned long line, const char *user, enum tool_exit why);
/* file: the sheet, NULL without one; factor_id 0: none. */
void bulk_report_row(struct bulk_report *report, unsigned long line, const char *user, enum bulk_outcome outcome,
                     const char *file, const struct wire_result *result);
/* Takes the bar away and says how it went. */
void bulk_report_end(struct bulk_report *report, const char *folder);

/* From bulk_report_watch on, SIGINT and SIGTERM end the run after the user at hand; a second one ends it at once, as the first does before anything was made. */
void bulk_report_watch(void);
bool bulk_report_interrupted(void);

#endif
