/* suspend, resume, revoke, unlock: four ends of one request. */
#include <inttypes.h>
#include <stdio.h>

#include <garde/number.h>

#include "actor.h"
#include "admin_client.h"
#include "command.h"
#include "names.h"
#include "result.h"
#include "text.h"

/* Says what was changed: `count` factors of the user. */
static void tell(enum wire_change_kind change, int64_t count, const char *user)
{
    unsigned long n = (unsigned long)count;

    switch (change) {
    case WIRE_SUSPEND:
        printf(ngettext("%lu factor of %s is suspended. garde resume %s takes it back.\n",
                        "%lu factors of %s are suspended. garde resume %s takes them back.\n", n),
               n, user, user);
        break;
    case WIRE_RESUME:
        printf(ngettext("%lu factor of %s can be used again.\n", "%lu factors of %s can be used again.\n", n), n, user);
        break;
    case WIRE_REVOKE:
        printf(ngettext("%lu factor of %s is revoked for good.\n", "%lu factors of %s are revoked for good.\n", n), n,
               user);
        break;
    case WIRE_UNLOCK:
        printf(_("%s is unlocked: failures are forgotten, from every place.\n"), user);
        break;
    case WIRE_CLEAR:
    default:
        break;
    }
}

static enum tool_exit change(struct tool *tool, struct options *options, enum wire_change_kind kind)
{
    const char *words[2] = {NULL, NULL};
    uint64_t factor = 0;
    struct wire_message request = {.type = WIRE_CHANGE, .change = {.actor = actor_find(), .change = kind}};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = options_words(options, 1, kind == WIRE_UNLOCK ? 1 : 2, words);
    if (done != TOOL_DONE)
        return done;
    if (words[1] != NULL && number_parse(words[1], 1, INT64_MAX, &factor) != STATUS_OK) {
        tool_complain(_("FACTOR is a number, as garde show tells it"));
        return options_hint(options->command);
    }
    request.change.factor_id = (int64_t)factor;
    done = names_take(words[0], request.change.user);
    if (done == TOOL_DONE)
        done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, request.change.user);
    if (done != TOOL_DONE)
        return done;

    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    tell(kind, result.number, text_show(shown, sizeof shown, request.change.user));
    return TOOL_DONE;
}

static enum tool_exit run_suspend(struct tool *tool, struct options *options)
{
    return change(tool, options, WIRE_SUSPEND);
}

static enum tool_exit run_resume(struct tool *tool, struct options *options)
{
    return change(tool, options, WIRE_RESUME);
}

static enum tool_exit run_revoke(struct tool *tool, struct options *options)
{
    return change(tool, options, WIRE_REVOKE);
}

static enum tool_exit run_unlock(struct tool *tool, struct options *options)
{
    return change(tool, options, WIRE_UNLOCK);
}

const struct command cmd_suspend = {
    .name = "suspend",
    .arguments = N_("USER [FACTOR]"),
    .summary = N_("set factors aside until they are resumed"),
    .details =
        N_("Takes effect at the next attempt. Without FACTOR: all active factors of the user. A suspended user is "
           "refused, and is not taken for one who was never enrolled."),
    .example = "garde suspend alice 3",
    .run = run_suspend,
};

const struct command cmd_resume = {
    .name = "resume",
    .arguments = N_("USER [FACTOR]"),
    .summary = N_("use suspended factors again"),
    .details = N_("Without FACTOR: all suspended factors of the user."),
    .example = "garde resume alice",
    .run = run_resume,
};

const struct command cmd_revoke = {
    .name = "revoke",
    .arguments = N_("USER [FACTOR]"),
    .summary = N_("end factors for good, for example a lost phone's"),
    .details = N_(
        "The secret is destroyed; this cannot be undone. Without FACTOR: all factors of the user, who is then refused "
        "everywhere until a new enrolment."),
    .example = "garde revoke alice 3",
    .run = run_revoke,
};

const struct command cmd_unlock = {
    .name = "unlock",
    .arguments = N_("USER"),
    .summary = N_("forget a user's failures: ends delays and locks"),
    .details = N_("Codes that were spent stay spent."),
    .example = "garde unlock alice",
    .run = run_unlock,
};
