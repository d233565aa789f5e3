#include <stdio.h>

#include "admin_client.h"
#include "command.h"
#include "moment.h"
#include "output_json.h"
#include "result.h"
#include "status_page.h"

struct report {
    bool as_json;
    bool begun; /* the JSON: nothing is printed without an answer */
    struct output_json json;
    unsigned long marks;
    unsigned long bad_rows;
    bool has_state;
    struct wire_state state;
};

static void begin(struct report *report)
{
    if (!report->begun)
        output_json_begin_status(&report->json);
    report->begun = true;
}

static void take_mark(struct report *report, const struct wire_future_mark *mark)
{
    if (report->as_json)
        output_json_mark(&report->json, mark);
    else
        status_page_mark(mark, report->marks);
    report->marks++;
}

static void take_bad_row(struct report *report, const struct wire_bad_row *bad_row)
{
    if (report->as_json) {
        if (report->bad_rows == 0)
            output_json_begin_bad_rows(&report->json);
        output_json_bad_row(&report->json, bad_row);
    } else {
        if (report->bad_rows == 0 && report->marks > 0)
            puts("");
        status_page_bad_row(bad_row, report->bad_rows);
    }
    report->bad_rows++;
}

static bool on_row(const struct wire_message *row, void *context)
{
    struct report *report = context;

    if (report->as_json)
        begin(report);
    if (row->type == WIRE_FUTURE_MARK) {
        take_mark(report, &row->future_mark);
    } else if (row->type == WIRE_BAD_ROW) {
        take_bad_row(report, &row->bad_row);
    } else if (row->type == WIRE_STATE) {
        report->state = row->state;
        report->has_state = true;
    }
    return ferror(stdout) == 0 && !report->json.failed;
}

/* Told after the result: a part that could not be counted is said there. */
static enum tool_exit end(struct report *report, bool unreadable)
{
    unsigned attention = status_attention(&report->state, unreadable);

    if (report->as_json) {
        if (report->bad_rows == 0)
            output_json_begin_bad_rows(&report->json);
        output_json_end_status(&report->json, &report->state, attention);
    } else {
        status_page_state(&report->state, attention, report->marks + report->bad_rows > 0);
    }
    if ((attention & ATTENTION_TAMPERED) != 0)
        return TOOL_TAMPERED;
    if ((attention & ATTENTION_NO_ROOM) != 0)
        return TOOL_UNREACHABLE;
    return attention != 0 ? TOOL_ATTENTION : TOOL_DONE;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct report report = {.marks = 0};
    const struct wire_message request = {.type = WIRE_STATUS, .status = {.today_ms = moment_day_ms(tool_now_s())}};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = options_words(options, 0, 0, NULL);
    if (done != TOOL_DONE)
        return done;
    report.as_json = options->seen != 0;
    done = admin_client_stream(tool, &request, on_row, &report, &result);
    if (done != TOOL_DONE)
        return done;
    bool is_told = result.code == WIRE_OK || result.code == WIRE_TAMPERED;
    if (is_told && !report.has_state)
        result = (struct wire_result){.reason = REASON_NONE}; /* no answer that this version knows */
    return is_told && report.has_state ? end(&report, result.code == WIRE_TAMPERED) : result_tell(&result, "");
}

static const struct option_row rows[] = {
    {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

const struct command cmd_status = {
    .name = "status",
    .arguments = N_("[--json]"),
    .summary = N_("tell how the verifier is, and what needs an admin"),
    .details =
        N_("Changed rows and factors that accept no code for now are listed; what needs an admin comes last. The "
           "exit code is 0 when all is well, 3 without an answer or when nothing can be recorded, 4 when the store was "
           "changed without the key, "
           "5 when the clock, a factor or the disk needs an admin."),
    .example = "garde status --json | jq -r '.state.attention[]'",
    .options = rows,
    .run = run,
};
