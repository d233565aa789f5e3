#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "command.h"
#include "coverage.h"
#include "coverage_people.h"
#include "coverage_print.h"
#include "output_json.h"
#include "result.h"
#include "since.h"

#define SINCE_DEFAULT_S (30 * 86400)

enum {
    OPTION_SINCE,
    OPTION_JSON,
    OPTION_CSV,
    OPTION_GROUP,
    OPTION_USERS,
};

static const struct option_row rows[] = {
    [OPTION_SINCE] = {"since", N_("T"), N_("logins without a code not older than T, as for audit (30d)")},
    [OPTION_JSON] = {"json", NULL, N_("as JSON, for programs")},
    [OPTION_CSV] = {"csv", NULL, N_("as CSV, for a spreadsheet")},
    [OPTION_GROUP] = {"group", N_("GROUP"), N_("only members of this group")},
    [OPTION_USERS] = {"users", N_("FILE"), N_("only these people, a name a line; - for standard input")},
    {NULL, NULL, NULL},
};

struct gathering {
    struct tool *tool;
    struct coverage *coverage;
    struct coverage_people people;
    int64_t now_s;
    int64_t since_ms;
    enum tool_exit done;           /* of what was done while rows came in */
    struct coverage_person *shown; /* whose rows come in */
    bool as_json;
    bool as_csv;
    struct output_json json;
    unsigned long rows;
};

/* NULL: none of those that were asked for, or no memory (`done`). */
static struct coverage_person *person_of(struct gathering *gathering, const char *user)
{
    if (gathering->people.file != NULL || user[0] == '\0')
        return coverage_find(gathering->coverage, user);
    struct coverage_person *person = coverage_add(gathering->coverage, user);
    if (person == NULL)
        gathering->done = TOOL_REFUSED;
    return person;
}

static bool on_row(const struct wire_message *row, void *context)
{
    struct gathering *gathering = context;
    struct coverage_person *person = NULL;

    if (row->type == WIRE_FACTOR) {
        person = person_of(gathering, row->factor.user);
        if (person != NULL)
            coverage_take_factor(person, &row->factor, gathering->now_s);
    } else if (row->type == WIRE_ENTRY && row->entry.event == EVENT_SKIP) {
        person = person_of(gathering, row->entry.user);
        if (person != NULL)
            coverage_take_skip(person, &row->entry);
    }
    return gathering->done == TOOL_DONE;
}

static bool on_own_factor(const struct wire_message *row, void *context)
{
    struct gathering *gathering = context;
    if (row->type == WIRE_FACTOR)
        coverage_take_factor(gathering->shown, &row->factor, gathering->now_s);
    return true;
}

static enum tool_exit stream(struct gathering *gathering, const struct wire_message *request)
{
    struct wire_result result = {.code = WIRE_OK};
    enum tool_exit done = admin_client_stream(gathering->tool, request, on_row, gathering, &result);
    if (gathering->done != TOOL_DONE)
        return gathering->done;
    return done == TOOL_DONE ? result_tell(&result, "") : done;
}

/* Not in the list of live factors: never enrolled, or is there an account with nothing left? */
static void ask_about(struct coverage_person *person, void *context)
{
    struct gathering *gathering = context;
    struct wire_message request = {.type = WIRE_SHOW};
    struct wire_result result = {.code = WIRE_OK};

    if (gathering->done != TOOL_DONE || person->listed || person->outside || (!person->shell && person->skips == 0))
        return;
    memcpy(request.show.user, person->user, sizeof request.show.user);
    gathering->shown = person;
    gathering->done = admin_client_stream(gathering->tool, &request, on_own_factor, gathering, &result);
    if (gathering->done != TOOL_DONE || result.code == WIRE_NO_USER)
        return;
    if (result.code == WIRE_TAMPERED)
        person->state = COVERAGE_TAMPERED;
    else if (result.code == WIRE_OK && person->state == COVERAGE_UNENROLLED)
        person->state = COVERAGE_REVOKED;
    else
        gathering->done = result_tell(&result, person->user);
}

static enum tool_exit gather(struct gathering *gathering)
{
    const struct wire_message list = {.type = WIRE_LIST};
    const struct wire_message audit = {.type = WIRE_AUDIT, .audit = {.since_ms = gathering->since_ms}};

    enum tool_exit done = coverage_gather(&gathering->people, gathering->coverage);
    if (done == TOOL_DONE)
        done = stream(gathering, &list);
    if (done == TOOL_DONE)
        done = stream(gathering, &audit);
    if (done != TOOL_DONE)
        return done;
    struct coverage_meeting meeting = {.people = &gathering->people};
    coverage_walk(gathering->coverage, coverage_meet, &meeting); /* now, and not while the verifier waits for us */
    if (meeting.done != TOOL_DONE)
        return meeting.done;
    coverage_share(gathering->coverage);
    coverage_walk(gathering->coverage, ask_about, gathering);
    return gathering->done;
}

static void print_person(struct coverage_person *person, void *context)
{
    struct gathering *gathering = context;

    if (!coverage_is_told(person))
        return;
    if (gathering->as_json)
        output_json_person(&gathering->json, person);
    else if (gathering->as_csv)
        coverage_print_csv_row(person);
    else
        coverage_print_row(person, gathering->rows);
    gathering->rows++;
}

static enum tool_exit print(struct gathering *gathering)
{
    const struct coverage_report report = {.sum = coverage_sum(gathering->coverage),
                                           .since_ms = gathering->since_ms,
                                           .unlisted = gathering->people.unlisted ? gathering->people.services : NULL};

    if (gathering->as_json)
        output_json_begin_people();
    else if (gathering->as_csv)
        coverage_print_csv_head();
    coverage_walk(gathering->coverage, print_person, gathering);
    if (gathering->as_json)
        output_json_end_people(&gathering->json, &report);
    else if (!gathering->as_csv)
        coverage_print_sum(&report, gathering->rows > 0);
    else if (report.unlisted != NULL)
        tool_complain(_("not everybody is known: %s lists nobody. See --users and --group."), report.unlisted);
    if (report.sum.tampered > 0)
        return result_tell_tampered(report.sum.tampered);
    bool is_covered = report.sum.uncovered == 0 && report.sum.skips == 0 && report.unlisted == NULL;
    return is_covered ? TOOL_DONE : TOOL_ATTENTION;
}

static enum tool_exit take(struct options *options, int which, const char *value, struct gathering *gathering)
{
    switch (which) {
    case OPTION_SINCE:
        return since_take(options, value, &gathering->since_ms);
    case OPTION_JSON:
        gathering->as_json = true;
        return TOOL_DONE;
    case OPTION_CSV:
        gathering->as_csv = true;
        return TOOL_DONE;
    case OPTION_GROUP:
        gathering->people.group = value;
        return TOOL_DONE;
    case OPTION_USERS:
        gathering->people.file = value;
        return TOOL_DONE;
    default:
        tool_complain(_("garde coverage takes no user; for some people only: --users FILE, --group GROUP"));
        return options_hint(options->command);
    }
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    coverage_owner struct coverage *coverage = coverage_new();
    struct gathering gathering = {.tool = tool, .coverage = coverage, .now_s = tool_now_s()};
    const char *value = NULL;

    gathering.since_ms = (gathering.now_s - SINCE_DEFAULT_S) * 1000;
    for (;;) {
        int which = options_next(options, &value);
        if (which == OPTIONS_END)
            break;
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        enum tool_exit done = take(options, which, value, &gathering);
        if (done != TOOL_DONE)
            return done;
    }
    if (gathering.as_json && gathering.as_csv) {
        tool_complain(_("--json or --csv, not both"));
        return options_hint(options->command);
    }
    if (coverage == NULL)
        return TOOL_REFUSED;
    enum tool_exit done = gather(&gathering);
    return done == TOOL_DONE ? print(&gathering) : done;
}

const struct command cmd_coverage = {
    .name = "coverage",
    .arguments = N_("[--since T] [--group GROUP] [--users FILE] [--json | --csv]"),
    .summary = N_("list who has no confirmed factor, and who got in without a code"),
    .details = N_("Everybody with a login shell and without a factor that was confirmed and can be used, and why; and "
                  "everybody who was let in without a code by a rule: how often, when last, where. The exit code is 0 "
                  "when there is nobody of either sort, 5 when there is, or when the name service does not list "
                  "everybody, 3 without an answer, 4 when the store was changed without the key."),
    .example = "garde coverage --group cardiology --since 7d --csv > cardiology.csv",
    .options = rows,
    .run = run,
};
