#include <stdio.h>
#include <string.h>

#include "admin_client.h"
#include "command.h"
#include "factor_table.h"
#include "output_json.h"
#include "result.h"
#include "standing.h"
#include "words.h"

enum {
    OPTION_STATE,
    OPTION_TYPE,
    OPTION_JSON,
};

struct listing {
    bool as_json;
    bool by_standing;
    enum standing standing; /* of --state */
    enum factor_kind kind;  /* of --type; 0: any */
    struct output_json json;
    int64_t now_s;
    unsigned long rows;
    unsigned long tampered;
};

static bool is_wanted(const struct listing *listing, const struct wire_factor *factor)
{
    if (listing->by_standing && standing_of(factor, listing->now_s) != listing->standing)
        return false;
    return listing->kind == 0 || factor->kind == listing->kind;
}

static bool on_row(const struct wire_message *row, void *context)
{
    struct listing *listing = context;

    if (row->type != WIRE_FACTOR)
        return true;
    listing->tampered += row->factor.tampered != 0 ? 1 : 0;
    if (!is_wanted(listing, &row->factor))
        return true;
    if (listing->as_json)
        output_json_factor(&listing->json, &row->factor);
    else
        factor_table_row(&row->factor, listing->rows, listing->now_s);
    listing->rows++;
    return ferror(stdout) == 0 && !listing->json.failed; /* a reader that went away wants no more */
}

static enum tool_exit end(const struct tool *tool, struct listing *listing)
{
    if (listing->as_json)
        output_json_end_array(&listing->json);
    else if (listing->rows == 0 && (listing->by_standing || listing->kind != 0))
        tool_say(tool, _("There is no such factor.\n"));
    else if (listing->rows == 0)
        tool_say(tool, _("Nobody is enrolled. Begin with: garde enroll USER\n"));
    return result_tell_tampered(listing->tampered);
}

static bool take_kind(struct listing *listing, const char *value)
{
    for (enum factor_kind kind = FACTOR_TOTP; kind <= FACTOR_TEMPORARY; kind++)
        if (strcmp(words_kind_name(kind), value) == 0)
            listing->kind = kind;
    return listing->kind != 0;
}

static enum tool_exit read_options(struct options *options, struct listing *listing)
{
    const char *value = NULL;
    bool is_good = true;

    while (is_good) {
        int which = options_next(options, &value);
        if (which == OPTIONS_END)
            return TOOL_DONE;
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        if (which == OPTIONS_WORD) {
            tool_complain(_("to see one user's factors: garde show USER"));
            return options_hint(options->command);
        }
        if (which == OPTION_JSON)
            listing->as_json = true;
        else if (which == OPTION_TYPE)
            is_good = take_kind(listing, value);
        else
            is_good = listing->by_standing = standing_parse(value, &listing->standing) == STATUS_OK;
        if (!is_good)
            (void)options_refuse(options, which, value);
    }
    return TOOL_USAGE;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct listing listing = {.now_s = tool_now_s()};
    const struct wire_message request = {.type = WIRE_LIST};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = read_options(options, &listing);
    if (done != TOOL_DONE)
        return done;
    done = admin_client_stream(tool, &request, on_row, &listing, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, "");
    return done == TOOL_DONE ? end(tool, &listing) : done;
}

static const struct option_row rows[] = {
    [OPTION_STATE] = {"state", STANDING_NAMES, N_("only factors that stand so, as the table says it")},
    [OPTION_TYPE] = {"type", "totp|hotp|recovery|temporary",
                     N_("only factors of this type; temporary: help-desk codes")},
    [OPTION_JSON] = {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

const struct command cmd_list = {
    .name = "list",
    .arguments = N_("[--state STATE] [--type TYPE] [--json]"),
    .summary = N_("list all factors"),
    .details = N_("One line a factor. With --json: an array of objects, one a factor, written as they come."),
    .example = "garde list --state pending --json | jq -r '.[].user'",
    .options = rows,
    .run = run,
};
