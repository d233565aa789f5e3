/* JSON on standard output, row by row: nothing is gathered. The tool's only user of jansson.
 *
 * An array or object that was begun and not ended is left open on purpose: a program that reads it sees that the answer is not whole.
 * Keys and shapes are in garde(8). Times are RFC 3339 in UTC, or null.
 */
#ifndef GARDE_TOOL_OUTPUT_JSON_H
#define GARDE_TOOL_OUTPUT_JSON_H

#include <stdbool.h>

#include <garde/wire.h>

#include "coverage_print.h"

struct incoming;

struct output_json {
    unsigned long rows; /* in the array at hand */
    bool failed;        /* no memory for a row, or standard output failed */
};

/* `list` and `audit`: [ row, row ... ] */
void output_json_factor(struct output_json *json, const struct wire_factor *factor);
void output_json_entry(struct output_json *json, const struct wire_entry *entry);
void output_json_end_array(struct output_json *json);

/* `show`: {"user": ..., "factors": [ ... ], "origins": [ ... ]} */
void output_json_begin_user(struct output_json *json, const char *user);
void output_json_user_factor(struct output_json *json, const struct wire_factor *factor);
void output_json_begin_origins(struct output_json *json);
void output_json_origin(struct output_json *json, const struct wire_origin *origin);
void output_json_end_user(void);

/* `status`: {"future_marks": [ ... ], "bad_rows": [ ... ], "state": { ... }}; attention: bits of enum status_attention. */
void output_json_begin_status(struct output_json *json);
void output_json_mark(struct output_json *json, const struct wire_future_mark *mark);
void output_json_begin_bad_rows(struct output_json *json);
void output_json_bad_row(struct output_json *json, const struct wire_bad_row *bad_row);
void output_json_end_status(struct output_json *json, const struct wire_state *state, unsigned attention);

/* `recovery`, `tempcode`: an object up to where its codes go, which only a sink writes: {... "codes": [ and {... "code": */
void output_json_begin_codes(struct output_json *json, const char *user, int64_t factor_id);
void output_json_begin_help_code(struct output_json *json, const char *user, const struct wire_result *result,
                                 uint32_t uses);

/* `coverage`: {"people": [ ... ], "summary": { ... }} */
void output_json_begin_people(void);
void output_json_person(struct output_json *json, const struct coverage_person *person);
void output_json_end_people(struct output_json *json, const struct coverage_report *report);

/* `import`: [ row, row ... ] */
void output_json_import(struct output_json *json, const struct incoming *entry, const char *outcome, int64_t factor_id,
                        int64_t until_s);

/* `enroll --from`: [ row, row ... ], ended by output_json_end_array. user, file, why: NULL for none; result: of the enrolment, or NULL. */
void output_json_bulk(struct output_json *json, unsigned long line, const char *user, const char *outcome,
                      const char *file, const char *why, const struct wire_result *result);

/* `audit --verify` */
void output_json_checked(struct output_json *json, const struct wire_result *result);

/* `doctor`: {"findings": [ ... ], "worst": ...} */
struct findings;
void output_json_findings(struct output_json *json, const struct findings *findings);

#endif
