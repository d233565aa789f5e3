/* garde tempcode: a code that the help desk reads out, good for some hours.
 *
 * MUST 1  The code is in struct secrets and on standard output, nowhere else. One that could not be shown is revoked again, and an
 *         interruption waits until it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <garde/number.h>

#include "actor.h"
#include "admin_client.h"
#include "codes.h"
#include "command.h"
#include "factor_pick.h"
#include "moment.h"
#include "names.h"
#include "output_json.h"
#include "result.h"
#include "text.h"

#define GROUP      4
#define NAMES_SIZE 2048

enum {
    OPTION_FOR,
    OPTION_USES,
    OPTION_REASON,
    OPTION_JSON,
};

static const struct option_row rows[] = {
    [OPTION_FOR] = {"for", N_("TIME"), N_("how long it is good, such as 30min, 8h, 2d; at most 7d")},
    [OPTION_USES] = {"uses", "N", N_("how often, 1 to 1000 (default: as often as needed)")},
    [OPTION_REASON] = {"reason", N_("TEXT"), N_("why; it is kept in the audit")},
    [OPTION_JSON] = {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

static enum tool_exit wrong(const struct options *options, const char *text)
{
    tool_complain("%s", text);
    return options_hint(options->command);
}

static enum tool_exit take(const struct options *options, int which, const char *value, struct wire_tempcode *ask)
{
    uint64_t uses = 0;

    switch (which) {
    case OPTION_FOR:
        if (number_parse_duration(value, TEMPORARY_FOR_MIN_S, TEMPORARY_FOR_MAX_S, &ask->for_s) == STATUS_OK)
            return TOOL_DONE;
        return wrong(options, _("--for wants a time such as 30min, 8h or 2d: 1min to 7d"));
    case OPTION_USES:
        if (number_parse(value, 1, TEMPORARY_USES_MAX, &uses) != STATUS_OK)
            return wrong(options, _("--uses wants a number from 1 to 1000; without it, as often as needed"));
        ask->uses = (uint32_t)uses;
        return TOOL_DONE;
    case OPTION_REASON:
        if (value[0] != '\0' && text_is_clean(value) && text_copy(ask->why, sizeof ask->why, value))
            return TOOL_DONE;
        return wrong(options, _("--reason wants a text: one line, at most 159 bytes"));
    case OPTION_JSON:
        return TOOL_DONE;
    default:
        if (ask->user[0] != '\0')
            return wrong(options, _("one user at a time"));
        return names_take(value, ask->user);
    }
}

static enum tool_exit read_all(struct options *options, struct wire_tempcode *ask)
{
    const char *value = NULL;
    int which = 0;

    while ((which = options_next(options, &value)) != OPTIONS_END) {
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        enum tool_exit done = take(options, which, value, ask);
        if (done != TOOL_DONE)
            return done;
    }
    if (ask->user[0] == '\0')
        return wrong(options, _("the user is missing"));
    if (ask->for_s == 0)
        return wrong(options, _("--for is missing: how long the code is good, such as --for 8h"));
    if (ask->why[0] == '\0')
        return wrong(options, _("--reason is missing: why this user needs a code. It is kept in the audit."));
    return TOOL_DONE;
}

static void put_head(const struct wire_tempcode *ask, const struct wire_result *result)
{
    char user[TEXT_SHOWN_SIZE(USER_SIZE)], until[MOMENT_SIZE];

    text_show(user, sizeof user, ask->user);
    moment_show(result->until_s, until);
    if (ask->uses == 0)
        printf(_("Help-desk code of %s (factor %" PRId64 ")\ngood until %s, as often as needed\n\n"), user,
               result->number, until);
    else
        printf(ngettext("Help-desk code of %s (factor %" PRId64 ")\ngood until %s, for %" PRIu32 " login\n\n",
                        "Help-desk code of %s (factor %" PRId64 ")\ngood until %s, for %" PRIu32 " logins\n\n",
                        ask->uses),
               user, result->number, until, ask->uses);
}

static void put_advice(const struct wire_tempcode *ask, const struct wire_result *result)
{
    char user[TEXT_SHOWN_SIZE(USER_SIZE)];

    text_wrap(
        stdout,
        _("Before you read it out: who is calling? A voice and a name are no proof. Ring back on the number that "
          "your own directory has for this person, never on the one that the caller gives. Never send the code by "
          "mail or message."),
        0, 0);
    puts("");
    text_wrap(
        stdout,
        _("Tell the caller: \"Type these eight digits where the code of your phone is asked for; in the field of the "
          "password, with a space between. Give them to nobody. We never ask you for them.\""),
        0, 0);
    puts("");
    printf(_("It ends before its time with: garde revoke %s %" PRId64 "\n"), text_show(user, sizeof user, ask->user),
           result->number);
}

static enum status show(const struct wire_tempcode *ask, const struct wire_result *result, bool as_json)
{
    struct output_json json = {.rows = 0};
    struct sink sink;

    if (as_json)
        output_json_begin_help_code(&json, ask->user, result, ask->uses);
    else
        put_head(ask, result);
    (void)fflush(stdout);
    sink_open(&sink, STDOUT_FILENO);
    sink_text(&sink, as_json ? "\"" : "    ");
    codes_put(&sink, ask->code, 0, TEMPORARY_CODE_LEN, as_json ? TEMPORARY_CODE_LEN : GROUP, " ");
    sink_text(&sink, as_json ? "\"}\n" : "\n\n");
    enum status status = sink_close(&sink);
    return json.failed || ferror(stdout) != 0 ? STATUS_FAILED : status;
}

/* Somebody said stop, and this code is a way around that. */
static enum tool_exit warn_of_suspended(struct tool *tool, const char *user)
{
    struct factor_set set, suspended = {.count = 0};
    char names[NAMES_SIZE], shown[TEXT_SHOWN_SIZE(USER_SIZE)];

    enum tool_exit done = factor_pick_all(tool, user, NULL, &set);
    if (done != TOOL_DONE)
        return done;
    for (size_t i = 0; i < set.count; i++)
        if (set.factors[i].state == FACTOR_SUSPENDED)
            suspended.factors[suspended.count++] = set.factors[i];
    if (suspended.count > 0)
        tool_complain(_("an admin has suspended factors of %s: %s. Find out why before you read this code out."),
                      text_show(shown, sizeof shown, user), factor_pick_names(&suspended, names, sizeof names));
    return TOOL_DONE;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    secret_owner struct secret *code = NULL;
    struct wire_message request = {.type = WIRE_TEMPCODE, .tempcode = {.actor = actor_find()}};
    struct wire_tempcode *ask = &request.tempcode;
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = read_all(options, ask);
    if (done == TOOL_DONE)
        done = warn_of_suspended(tool, ask->user);
    if (done == TOOL_DONE)
        done = codes_make_temporary(&code);
    if (done != TOOL_DONE)
        return done;
    codes_hold_owner struct codes_hold hold = codes_hold();
    ask->code = code;
    done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, ask->user);
    if (done != TOOL_DONE)
        return done;

    bool as_json = (options->seen & 1U << OPTION_JSON) != 0;
    if (show(ask, &result, as_json) != STATUS_OK) {
        codes_take_back(tool, ask->user, result.number);
        return TOOL_REFUSED;
    }
    if (!as_json)
        put_advice(ask, &result);
    return TOOL_DONE;
}

const struct command cmd_tempcode = {
    .name = "tempcode",
    .arguments = N_("USER --for TIME --reason TEXT [--uses N] [--json]"),
    .summary = N_("make a help-desk code, for somebody without a phone tonight"),
    .details = N_(
        "Makes eight digits that let the user in until their time is over, as often as needed or as --uses says, and "
        "shows "
        "them this once, to be read out. One that the user has already ends with it. Each use is in the audit, and so "
        "are the reason and who made it. Be sure who is calling before you read them out."),
    .example = "garde tempcode alice --for 8h --reason \"phone at home, rang back\"",
    .options = rows,
    .run = run,
};
