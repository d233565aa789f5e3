#include "actor.h"
#include "admin_client.h"
#include "ask.h"
#include "command.h"
#include "names.h"
#include "result.h"
#include "text.h"

#include <stdio.h>

static enum tool_exit check(struct tool *tool, const char *user)
{
    secret_owner struct secret *code = NULL;
    if (ask_code(_("Code: "), false, &code) != STATUS_OK || secret_len(code) == 0) {
        tool_complain(_("that is not a code."));
        return TOOL_REFUSED;
    }

    struct wire_message request = {.type = WIRE_TRY, .try = {.actor = actor_find(), .code = code}};
    struct wire_result result = {.code = WIRE_OK};
    (void)snprintf(request.try.user, sizeof request.try.user, "%s", user);
    enum tool_exit done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, user);
    if (done != TOOL_DONE)
        return done;

    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    tool_say(tool, _("%s: accepted. This code is spent now.\n"), text_show(shown, sizeof shown, user));
    return TOOL_DONE;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    const char *typed = NULL;
    char user[USER_SIZE];

    enum tool_exit done = options_words(options, 1, 1, &typed);
    if (done == TOOL_DONE)
        done = names_take(typed, user);
    if (done == TOOL_DONE)
        done = tool_load(tool); /* before a person types */
    return done == TOOL_DONE ? check(tool, user) : done;
}

const struct command cmd_verify = {
    .name = "verify",
    .arguments = N_("USER"),
    .summary = N_("check a code as a login would, and say why it is refused"),
    .details =
        N_("Asks for a code. A right one is spent, a wrong one counts as a failure, and both are in the audit, as at a "
           "login. Here the reason of a refusal is told; a login never tells it."),
    .example = "garde verify alice",
    .run = run,
};
