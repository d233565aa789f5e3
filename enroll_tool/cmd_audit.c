#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "command.h"
#include "entry_lines.h"
#include "names.h"
#include "output_json.h"
#include "result.h"
#include "since.h"
#include "words.h"

enum {
    OPTION_USER,
    OPTION_SINCE,
    OPTION_EVENT,
    OPTION_JSON,
    OPTION_VERIFY,
};

static const struct option_row rows[] = {
    [OPTION_USER] = {"user", N_("USER"), N_("only this user's entries")},
    [OPTION_SINCE] = {"since", N_("T"), N_("not older than T: 24h, 7d, 2026-11-24, or 2026-11-24T09:30:00+01:00")},
    [OPTION_EVENT] = {"event", N_("EVENT"), N_("only such entries: login, tempcode-made ...; garde(8) has them all")},
    [OPTION_JSON] = {"json", NULL, N_("as JSON, for programs")},
    [OPTION_VERIFY] = {"verify", NULL, N_("check that no entry was changed, left out or cut off")},
    {NULL, NULL, NULL},
};

struct reading {
    bool as_json;
    bool verify;
    struct output_json json;
    unsigned long rows;
    struct wire_audit filter;
    enum event event; /* of --event; 0: any */
};

static bool on_row(const struct wire_message *row, void *context)
{
    struct reading *reading = context;

    if (row->type != WIRE_ENTRY || (reading->event != 0 && row->entry.event != reading->event))
        return true;
    if (reading->as_json)
        output_json_entry(&reading->json, &row->entry);
    else
        entry_lines_write(&row->entry);
    reading->rows++;
    return ferror(stdout) == 0 && !reading->json.failed;
}

static enum tool_exit read_entries(struct tool *tool, struct reading *reading)
{
    const struct wire_message request = {.type = WIRE_AUDIT, .audit = reading->filter};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = admin_client_stream(tool, &request, on_row, reading, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, reading->filter.user);
    if (done != TOOL_DONE)
        return done;
    if (reading->as_json)
        output_json_end_array(&reading->json);
    else if (reading->rows == 0)
        tool_say(tool, _("No entries.\n"));
    return TOOL_DONE;
}

static enum tool_exit verify_chain(struct tool *tool, struct reading *reading)
{
    const struct wire_message request = {.type = WIRE_AUDIT_VERIFY};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = admin_client_ask(tool, &request, &result);
    if (done != TOOL_DONE)
        return done;
    bool is_judged = result.code == WIRE_OK || result.code == WIRE_BROKEN_ENTRY || result.code == WIRE_CUT_TAIL;
    if (reading->as_json && is_judged)
        output_json_checked(&reading->json, &result);
    else if (result.code == WIRE_OK)
        tool_say(tool,
                 ngettext("The audit is whole: %lu entry checked.\n", "The audit is whole: %lu entries checked.\n",
                          (unsigned long)result.number),
                 (unsigned long)result.number);
    return result_tell(&result, "");
}

static bool take_event(struct reading *reading, const char *value)
{
    for (enum event event = EVENT_STORE_MADE; event <= EVENT_CLEARED; event++)
        if (strcmp(words_event_name(event), value) == 0)
            reading->event = event;
    return reading->event != 0;
}

static enum tool_exit take(struct options *options, int which, const char *value, struct reading *reading)
{
    switch (which) {
    case OPTION_USER:
        return names_take(value, reading->filter.user);
    case OPTION_SINCE:
        return since_take(options, value, &reading->filter.since_ms);
    case OPTION_EVENT:
        return take_event(reading, value) ? TOOL_DONE : options_refuse(options, which, value);
    case OPTION_JSON:
        reading->as_json = true;
        return TOOL_DONE;
    case OPTION_VERIFY:
        reading->verify = true;
        return TOOL_DONE;
    default:
        tool_complain(_("to see one user's entries: garde audit --user USER"));
        return options_hint(options->command);
    }
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct reading reading = {.as_json = false};
    const char *value = NULL;

    for (;;) {
        int which = options_next(options, &value);
        if (which == OPTIONS_END)
            break;
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        enum tool_exit done = take(options, which, value, &reading);
        if (done != TOOL_DONE)
            return done;
    }
    if (reading.verify && (options->seen & (1U << OPTION_USER | 1U << OPTION_SINCE | 1U << OPTION_EVENT)) != 0) {
        tool_complain(_("--verify checks the whole audit: it goes with none of --user, --since and --event"));
        return options_hint(options->command);
    }
    return reading.verify ? verify_chain(tool, &reading) : read_entries(tool, &reading);
}

const struct command cmd_audit = {
    .name = "audit",
    .arguments = N_("[--user USER] [--since T] [--event EVENT] [--json] | --verify [--json]"),
    .summary = N_("read what was decided and changed, or check that it is whole"),
    .details =
        N_("Each decision and each change is one entry, oldest first. Entries hang together by keyed tags: --verify "
           "names the first one that does not hold, and a tail that was cut off."),
    .example = "garde audit --user alice --since 24h",
    .options = rows,
    .run = run,
};
