#include <inttypes.h>
#include <stdio.h>

#include "admin_client.h"
#include "command.h"
#include "factor_table.h"
#include "moment.h"
#include "names.h"
#include "output_json.h"
#include "result.h"
#include "table.h"

struct showing {
    bool as_json;
    struct output_json json;
    int64_t now_s;
    char user[USER_SIZE];
    unsigned long factors;
    unsigned long origins;
    unsigned long tampered;
};

/* 29 + 6 + 6 + 16 + 15, and two blanks between: 80. */
static const struct table_column columns[] = {
    {N_("PLACE"), 29, false},      {N_("KNOWN"), 6, false},          {N_("FAILED"), 6, true},
    {N_("LAST LOGIN"), 16, false}, {N_("REFUSED UNTIL"), 15, false}, {NULL, 0, false},
};

static const char *until_word(int64_t until_s, char out[MOMENT_SIZE])
{
    if (until_s == INT64_MAX)
        return _("unlock");
    if (until_s == 0)
        return "-";
    /* Delays and locks end within a day: the year is left out, the seconds matter. */
    const char *text = moment_show_exact(until_s, out);
    return text[0] == '?' ? text : text + 5;
}

static void origin_row(const struct wire_origin *origin, bool is_first)
{
    char failures[16], success[MOMENT_SIZE], until[MOMENT_SIZE];
    (void)snprintf(failures, sizeof failures, "%" PRIu32, origin->failures);

    const char *const cells[] = {
        origin->name,
        origin->usual != 0 ? _("yes") : _("no"),
        failures,
        moment_show(origin->last_success_s, success),
        until_word(origin->refused_until_s, until),
    };
    if (is_first) {
        puts("");
        table_head(columns);
    }
    table_row(columns, cells);
}

static void take_factor(struct showing *showing, const struct wire_factor *factor)
{
    showing->tampered += factor->tampered != 0 ? 1 : 0;
    if (showing->as_json) {
        if (showing->factors == 0)
            output_json_begin_user(&showing->json, showing->user);
        output_json_user_factor(&showing->json, factor);
    } else {
        factor_table_row(factor, showing->factors, showing->now_s);
        factor_table_details(factor);
    }
    showing->factors++;
}

static void begin_origins(struct showing *showing)
{
    if (showing->factors == 0)
        output_json_begin_user(&showing->json, showing->user);
    output_json_begin_origins(&showing->json);
}

static void take_origin(struct showing *showing, const struct wire_origin *origin)
{
    if (showing->as_json) {
        if (showing->origins == 0)
            begin_origins(showing);
        output_json_origin(&showing->json, origin);
    } else {
        origin_row(origin, showing->origins == 0);
    }
    showing->origins++;
}

static bool on_row(const struct wire_message *row, void *context)
{
    struct showing *showing = context;

    if (row->type == WIRE_FACTOR)
        take_factor(showing, &row->factor);
    else if (row->type == WIRE_ORIGIN)
        take_origin(showing, &row->origin);
    return ferror(stdout) == 0 && !showing->json.failed;
}

static enum tool_exit end(struct showing *showing)
{
    if (showing->as_json) {
        if (showing->origins == 0)
            begin_origins(showing);
        output_json_end_user();
    }
    return result_tell_tampered(showing->tampered);
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct showing showing = {.now_s = tool_now_s()};
    struct wire_message request = {.type = WIRE_SHOW};
    struct wire_result result = {.code = WIRE_OK};
    const char *typed = NULL;

    enum tool_exit done = options_words(options, 1, 1, &typed);
    if (done == TOOL_DONE)
        done = names_take(typed, request.show.user);
    if (done != TOOL_DONE)
        return done;
    showing.as_json = options->seen != 0;
    (void)snprintf(showing.user, sizeof showing.user, "%s", request.show.user);

    done = admin_client_stream(tool, &request, on_row, &showing, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, request.show.user);
    return done == TOOL_DONE ? end(&showing) : done;
}

static const struct option_row rows[] = {
    {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

const struct command cmd_show = {
    .name = "show",
    .arguments = N_("USER [--json]"),
    .summary = N_("show a user's factors and places"),
    .details = N_(
        "Places are where attempts came from: known ones had a login within 30 days. A place that fails too often is "
        "refused for a while; garde unlock ends that. No secret is ever shown."),
    .example = "garde show alice",
    .options = rows,
    .run = run,
};
