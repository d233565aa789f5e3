/* garde resync: two codes in a row set right what has gone off. */
#include <inttypes.h>
#include <stdio.h>

#include <garde/crypto.h>

#include "actor.h"
#include "admin_client.h"
#include "ask.h"
#include "command.h"
#include "factor_pick.h"
#include "moment.h"
#include "names.h"
#include "result.h"
#include "standing.h"
#include "text.h"

#define TRIES 3

static bool is_equal(const struct secret *first, const struct secret *second)
{
    return secret_len(first) == secret_len(second) &&
           crypto_equal(secret_read(first), secret_read(second), secret_len(first));
}

static enum tool_exit ask_one(const char *question, struct secret **out_code)
{
    secret_owner struct secret *code = NULL;
    enum status status = ask_code(question, false, &code);

    if (status == STATUS_OK && secret_len(code) > 0) {
        *out_code = code;
        code = NULL;
        return TOOL_DONE;
    }
    if (status == STATUS_OK || status == STATUS_INVALID)
        tool_complain(_("that is not a code."));
    else
        tool_complain(_("no code was given, so nothing was done."));
    return TOOL_REFUSED;
}

/* The mistake of a person in a hurry is to type the first one again, and it would count as a wrong code. */
static enum tool_exit ask_next(const struct secret *first, struct secret **out_code)
{
    for (int left = TRIES; left > 0; left--) {
        secret_owner struct secret *code = NULL;
        enum tool_exit done = ask_one(_("The next code: "), &code);
        if (done != TOOL_DONE)
            return done;
        if (!is_equal(first, code)) {
            *out_code = code;
            code = NULL;
            return TOOL_DONE;
        }
        tool_complain(_("that is the same code. Wait until the device shows another one."));
    }
    return TOOL_REFUSED;
}

static void explain(const struct tool *tool, const struct wire_factor *factor, const char *user)
{
    char name[FACTOR_NAME_SIZE];
    (void)factor_pick_name(factor, name);

    if (factor->kind == FACTOR_HOTP)
        tool_say(
            tool,
            _("Factor %s of %s: two codes are needed, the second one made right after the first.\nPress the button "
              "for each, and type what it shows.\n"),
            name, user);
    else
        tool_say(tool,
                 _("Factor %s of %s: two codes are needed that follow each other.\nType the one shown now, wait for it "
                   "to change, and type the next one.\n"),
                 name, user);
}

static void tell(const struct tool *tool, const struct wire_factor *factor, const char *user, int64_t offset_steps)
{
    struct wire_factor now = *factor;
    char name[FACTOR_NAME_SIZE], span[MOMENT_SIZE];
    (void)factor_pick_name(factor, name);
    now.offset_steps = offset_steps;
    int64_t off_s = standing_clock_s(&now);
    (void)moment_span(off_s, span);

    if (factor->kind == FACTOR_HOTP)
        tool_say(tool,
                 ngettext("Done. Factor %s of %s was %lu code ahead.\n", "Done. Factor %s of %s was %lu codes ahead.\n",
                          (unsigned long)offset_steps),
                 name, user, (unsigned long)offset_steps);
    else if (off_s == 0)
        tool_say(tool, _("Done. The clock of factor %s of %s is right.\n"), name, user);
    else if (off_s > 0)
        tool_say(tool, _("Done. The clock of factor %s of %s is %s fast.\nThat is allowed for from now on.\n"), name,
                 user, span);
    else
        tool_say(tool, _("Done. The clock of factor %s of %s is %s slow.\nThat is allowed for from now on.\n"), name,
                 user, span);
    if (factor->state == FACTOR_PENDING)
        tool_say(tool,
                 _("It is still pending. The code after these two confirms it:\n  garde confirm %s %" PRId64 "\n"),
                 user, factor->id);
    else
        tool_say(tool, _("Both codes are spent: a login needs the one after them.\n"));
}

static enum tool_exit tell_wrong(const struct wire_result *result, const struct wire_factor *factor, const char *user)
{
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    text_show(shown, sizeof shown, user);

    if (result->code != WIRE_WRONG_CODE || (result->reason != REASON_WRONG_CODE && result->reason != REASON_NONE))
        return result_tell(result, user);
    tool_complain(_("%s: these are not two codes of this factor that follow each other; nothing was changed."), shown);
    if (factor->kind == FACTOR_HOTP)
        tool_complain(_("Is it this token? Take two new codes, one right after the other. If it was pressed more than "
                        "1000 times, enrol it anew: garde enroll %s"),
                      shown);
    else
        tool_complain(_("Is it this device? Take two new codes, one right after the other. If its clock is off by more "
                        "than an hour, set it right, or enrol it anew: garde enroll %s"),
                      shown);
    return TOOL_REFUSED;
}

static enum tool_exit resync(struct tool *tool, const char *user, const struct wire_factor *factor)
{
    secret_owner struct secret *first = NULL;
    secret_owner struct secret *second = NULL;
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];

    explain(tool, factor, text_show(shown, sizeof shown, user));
    enum tool_exit done = ask_one(_("The first code: "), &first);
    if (done == TOOL_DONE)
        done = ask_next(first, &second);
    if (done != TOOL_DONE)
        return done;

    struct wire_message request = {
        .type = WIRE_RESYNC,
        .resync = {.actor = actor_find(), .factor_id = factor->id, .first = first, .second = second}};
    struct wire_result result = {.code = WIRE_OK};
    (void)snprintf(request.resync.user, sizeof request.resync.user, "%s", user);
    done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE && result.code != WIRE_OK)
        return tell_wrong(&result, factor, user);
    if (done == TOOL_DONE)
        tell(tool, factor, shown, result.offset_steps);
    return done;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    const char *words[2] = {NULL, NULL};
    char user[USER_SIZE];
    struct factor_set set;
    struct wire_factor factor = {.id = 0};

    enum tool_exit done = options_words(options, 1, 2, words);
    if (done == TOOL_DONE)
        done = names_take(words[0], user);
    if (done == TOOL_DONE)
        done = factor_pick_all(tool, user, words[1], &set);
    if (done == TOOL_DONE)
        done = words[1] != NULL ? factor_pick(&set, user, words[1], &factor) : factor_pick_device(&set, user, &factor);
    return done == TOOL_DONE ? resync(tool, user, &factor) : done;
}

const struct command cmd_resync = {
    .name = "resync",
    .arguments = N_("USER [FACTOR]"),
    .summary = N_("set right a clock or counter that has gone off, with two codes"),
    .details =
        N_("Asks for two codes that follow each other. A clock may be off by an hour either way, a counter by 1000; "
           "what was found is told, and allowed for from then on. Codes that were spent stay spent. Wrong codes count "
           "as failures, as at a login. Without FACTOR: the user's only active one with a device."),
    .example = "garde resync alice 'token 4711'",
    .run = run,
};
