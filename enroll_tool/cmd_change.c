/* suspend, resume, revoke, unlock, clear: five ends of one request. */
#include <inttypes.h>
#include <stdio.h>

#include "actor.h"
#include "admin_client.h"
#include "command.h"
#include "factor_pick.h"
#include "names.h"
#include "question.h"
#include "result.h"
#include "standing.h"
#include "text.h"

#define QUESTION_SIZE 4096

enum {
    OPTION_YES,
    OPTION_LAST,
};

/* Says what was changed: `count` factors of the user; cleared: rows. */
static void tell(const struct tool *tool, enum wire_change_kind change, int64_t count, const char *user)
{
    unsigned long n = (unsigned long)count;

    switch (change) {
    case WIRE_SUSPEND:
        tool_say(tool,
                 ngettext("%lu factor of %s is suspended. garde resume %s takes it back.\n",
                          "%lu factors of %s are suspended. garde resume %s takes them back.\n", n),
                 n, user, user);
        break;
    case WIRE_RESUME:
        tool_say(tool, ngettext("%lu factor of %s can be used again.\n", "%lu factors of %s can be used again.\n", n),
                 n, user);
        break;
    case WIRE_REVOKE:
        tool_say(tool,
                 ngettext("%lu factor of %s is revoked for good.\n", "%lu factors of %s are revoked for good.\n", n), n,
                 user);
        break;
    case WIRE_UNLOCK:
        tool_say(tool, _("%s is unlocked: failures are forgotten, from every place.\n"), user);
        break;
    case WIRE_CLEAR:
    default:
        tool_say(tool, ngettext("%lu row of %s is gone.\n", "%lu rows of %s are gone.\n", n), n, user);
        tool_say(tool, _("%s is refused everywhere until enrolled anew: garde enroll %s\n"), user, user);
        break;
    }
}

/* Has it done, and says so. */
static enum tool_exit send(struct tool *tool, const struct wire_change *change)
{
    struct wire_message request = {.type = WIRE_CHANGE, .change = *change};
    struct wire_result result = {.code = WIRE_OK};
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];

    enum tool_exit done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, change->user);
    if (done == TOOL_DONE)
        tell(tool, change->change, result.number, text_show(shown, sizeof shown, change->user));
    return done;
}

/* The words of the command line. */
static enum tool_exit read_words(struct options *options, int max, struct wire_change *change, const char **out_factor)
{
    const char *words[2] = {NULL, NULL};

    enum tool_exit done = options_words(options, 1, max, words);
    if (done == TOOL_DONE)
        done = names_take(words[0], change->user);
    *out_factor = words[1];
    return done;
}

static enum tool_exit change(struct tool *tool, struct options *options, enum wire_change_kind kind)
{
    struct wire_change change = {.actor = actor_find(), .change = kind};
    const char *factor = NULL;

    enum tool_exit done = read_words(options, kind == WIRE_UNLOCK ? 1 : 2, &change, &factor);
    if (done == TOOL_DONE)
        done = factor_pick_number(tool, change.user, factor, &change.factor_id);
    return done == TOOL_DONE ? send(tool, &change) : done;
}

static enum tool_exit run_suspend(struct tool *tool, struct options *options)
{
    return change(tool, options, WIRE_SUSPEND);
}

static enum tool_exit run_resume(struct tool *tool, struct options *options)
{
    return change(tool, options, WIRE_RESUME);
}

/* Names what ends, so that a wrong number is seen. */
static enum tool_exit ask_revoke(const struct factor_set *set, const struct wire_factor *one, const char *user)
{
    char question[QUESTION_SIZE], names[QUESTION_SIZE / 2], name[FACTOR_NAME_SIZE], shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    text_show(shown, sizeof shown, user);

    if (one != NULL)
        (void)snprintf(question, sizeof question, _("Revoke factor %s of %s? This cannot be undone. Type yes or no: "),
                       factor_pick_name(one, name), shown);
    else
        (void)snprintf(question, sizeof question,
                       _("Revoke all factors of %s, which are %s? This cannot be undone. Type yes or no: "), shown,
                       factor_pick_names(set, names, sizeof names));
    return question_ask(question, false);
}

/* Recovery and help-desk codes are no reason to keep a device, and are still good without one. */
static void warn_of_codes(const struct factor_set *set, const char *user)
{
    struct factor_set codes = {.count = 0};
    char names[QUESTION_SIZE / 2], shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    int64_t now_s = tool_now_s();

    for (size_t i = 0; i < set->count; i++) {
        const struct wire_factor *factor = &set->factors[i];
        bool is_device = factor->kind == FACTOR_TOTP || factor->kind == FACTOR_HOTP;
        if (!is_device && standing_of(factor, now_s) == STANDING_ACTIVE)
            codes.factors[codes.count++] = *factor;
    }
    if (codes.count > 0)
        tool_complain(_("%s can still log in with codes that need no device: %s. To end them too: garde revoke %s"),
                      text_show(shown, sizeof shown, user), factor_pick_names(&codes, names, sizeof names), shown);
}

static enum tool_exit run_revoke(struct tool *tool, struct options *options)
{
    struct wire_change change = {.actor = actor_find(), .change = WIRE_REVOKE};
    struct factor_set set = {.count = 0};
    struct wire_factor one = {.id = 0};
    const char *factor = NULL;

    enum tool_exit done = read_words(options, 2, &change, &factor);
    bool is_answered = (options->seen & 1U << OPTION_YES) != 0;
    if (done == TOOL_DONE && (factor != NULL || !is_answered))
        done = factor_pick_all(tool, change.user, factor, &set);
    if (done == TOOL_DONE && factor != NULL)
        done = factor_pick(&set, change.user, factor, &one);
    if (done == TOOL_DONE && !is_answered && set.count > 0)
        done = ask_revoke(&set, factor != NULL ? &one : set.count == 1 ? &set.factors[0] : NULL, change.user);
    if (done != TOOL_DONE)
        return done;

    change.factor_id = one.id;
    change.last = (options->seen & 1U << OPTION_LAST) != 0 ? 1 : 0;
    done = send(tool, &change);
    if (done == TOOL_DONE && factor != NULL && change.last != 0 && one.kind != FACTOR_RECOVERY &&
        one.kind != FACTOR_TEMPORARY)
        warn_of_codes(&set, change.user);
    return done;
}

static enum tool_exit run_clear(struct tool *tool, struct options *options)
{
    struct wire_change change = {.actor = actor_find(), .change = WIRE_CLEAR};
    char question[QUESTION_SIZE], shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    const char *none = NULL;

    enum tool_exit done = read_words(options, 1, &change, &none);
    if (done != TOOL_DONE)
        return done;
    (void)snprintf(question, sizeof question,
                   _("Take away all rows of %s, which were changed without the key? This cannot be undone. Type yes or "
                     "no: "),
                   text_show(shown, sizeof shown, change.user));
    done = question_ask(question, (options->seen & 1U << OPTION_YES) != 0);
    return done == TOOL_DONE ? send(tool, &change) : done;
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

static const struct option_row revoke_rows[] = {
    [OPTION_YES] = {"yes", NULL, N_("answer the question with yes")},
    [OPTION_LAST] = {"last", NULL, N_("also the last active factor with a device")},
    {NULL, NULL, NULL},
};

const struct command cmd_revoke = {
    .name = "revoke",
    .arguments = N_("USER [FACTOR] [--last] [--yes]"),
    .summary = N_("end factors for good, for example a lost phone's"),
    .details =
        N_("The secret is destroyed; this cannot be undone, so it asks first. Without FACTOR: all factors of the user. "
           "The last active factor with a device is kept unless --last is given, since its user then has only recovery "
           "and "
           "help-desk codes, or nothing, until a new enrolment. For a new phone, garde enroll --replaces ends the old "
           "one by itself."),
    .example = "garde revoke alice 'old phone'",
    .options = revoke_rows,
    .run = run_revoke,
};

static const struct option_row clear_rows[] = {
    [OPTION_YES] = {"yes", NULL, N_("answer the question with yes")},
    {NULL, NULL, NULL},
};

const struct command cmd_clear = {
    .name = "clear",
    .arguments = N_("USER [--yes]"),
    .summary = N_("take away the rows of a user that were tampered with"),
    .details = N_(
        "For a user whose rows in the store do not hold, after it was found out who changed them: nothing else can be "
        "done with such a user. All rows of the user go, and what is left says that there was one, so that the user is "
        "refused until enrolled anew, and never let in as one who was never enrolled. Give a new secret: what was "
        "spent "
        "of the old one is no longer known."),
    .example = "garde clear alice",
    .options = clear_rows,
    .run = run_clear,
};

const struct command cmd_unlock = {
    .name = "unlock",
    .arguments = N_("USER"),
    .summary = N_("forget a user's failures: ends delays and locks"),
    .details = N_("Codes that were spent stay spent."),
    .example = "garde unlock alice",
    .run = run_unlock,
};
