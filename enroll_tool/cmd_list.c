#include <stdio.h>

#include "admin_client.h"
#include "command.h"
#include "factor_table.h"
#include "output_json.h"
#include "result.h"

struct listing {
    bool as_json;
    struct output_json json;
    int64_t now_s;
    unsigned long rows;
    unsigned long tampered;
};

static bool on_row(const struct wire_message *row, void *context)
{
    struct listing *listing = context;

    if (row->type != WIRE_FACTOR)
        return true;
    if (listing->as_json)
        output_json_factor(&listing->json, &row->factor);
    else
        factor_table_row(&row->factor, listing->rows, listing->now_s);
    listing->rows++;
    listing->tampered += row->factor.tampered != 0 ? 1 : 0;
    return ferror(stdout) == 0 && !listing->json.failed; /* a reader that went away wants no more */
}

static enum tool_exit end(struct listing *listing)
{
    if (listing->as_json)
        output_json_end_array(&listing->json);
    else if (listing->rows == 0)
        puts(_("Nobody is enrolled. Begin with: garde enroll USER"));
    return result_tell_tampered(listing->tampered);
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct listing listing = {.now_s = tool_now_s()};
    const struct wire_message request = {.type = WIRE_LIST};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = options_words(options, 0, 0, NULL);
    if (done != TOOL_DONE)
        return done;
    listing.as_json = options->seen != 0;
    done = admin_client_stream(tool, &request, on_row, &listing, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, "");
    return done == TOOL_DONE ? end(&listing) : done;
}

static const struct option_row rows[] = {
    {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

const struct command cmd_list = {
    .name = "list",
    .arguments = N_("[--json]"),
    .summary = N_("list all factors"),
    .details = N_("One line a factor. With --json: an array of objects, one a factor, written as they come."),
    .example = "garde list --json | jq -r '.[] | select(.state == \"pending\") | .user'",
    .options = rows,
    .run = run,
};
