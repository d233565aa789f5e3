/* garde recovery: ten codes for when the phone is not at hand.
 *
 * MUST 1  The codes are in struct secrets and on standard output, nowhere else. A set that could not be shown is revoked again, and an
 *         interruption waits until it is.
 * MUST 2  A set that is in use is replaced only by who has said so.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "actor.h"
#include "admin_client.h"
#include "codes.h"
#include "command.h"
#include "moment.h"
#include "names.h"
#include "output_json.h"
#include "question.h"
#include "result.h"
#include "text.h"

#define GROUP 5
#define LINES (RECOVERY_CODES / 2) /* two columns */

enum {
    OPTION_YES,
    OPTION_JSON,
};

struct recovery {
    char user[USER_SIZE];
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    bool yes, as_json;
    bool has_set;
    uint32_t left; /* of the set that is there */
};

static bool on_row(const struct wire_message *row, void *context)
{
    struct recovery *recovery = context;
    if (row->type == WIRE_FACTOR && row->factor.kind == FACTOR_RECOVERY && row->factor.state != FACTOR_REVOKED) {
        recovery->has_set = true;
        recovery->left = row->factor.left;
    }
    return true;
}

static enum tool_exit look(struct tool *tool, struct recovery *recovery)
{
    struct wire_message request = {.type = WIRE_SHOW};
    struct wire_result result = {.code = WIRE_OK};
    (void)snprintf(request.show.user, sizeof request.show.user, "%s", recovery->user);

    enum tool_exit done = admin_client_stream(tool, &request, on_row, recovery, &result);
    return done == TOOL_DONE ? result_tell(&result, recovery->user) : done;
}

static enum tool_exit ask_to_replace(const struct recovery *recovery)
{
    char question[sizeof recovery->shown + 256];

    if (!recovery->has_set || recovery->left == 0)
        return TOOL_DONE;
    (void)snprintf(question, sizeof question,
                   ngettext("%s has %" PRIu32 " recovery code left, which new ones end. Make them? Type yes or no: ",
                            "%s has %" PRIu32 " recovery codes left, which new ones end. Make them? Type yes or no: ",
                            recovery->left),
                   recovery->shown, recovery->left);
    return question_ask(question, recovery->yes);
}

/* 1 and 6 side by side, and so on. */
static void put_table(const struct secret *codes, struct sink *sink)
{
    for (unsigned line = 0; line < LINES; line++) {
        for (unsigned column = 0; column < 2; column++) {
            unsigned number = line + column * LINES;
            sink_text(sink, number + 1 < 10 ? "      " : "     ");
            sink_number(sink, number + 1);
            sink_text(sink, "  ");
            codes_put(sink, codes, (size_t)number * RECOVERY_CODE_LEN, RECOVERY_CODE_LEN, GROUP, "-");
        }
        sink_text(sink, "\n");
    }
    sink_text(sink, "\n");
}

static void put_json(const struct secret *codes, struct sink *sink)
{
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        sink_text(sink, i == 0 ? "\"" : ",\"");
        codes_put(sink, codes, i * RECOVERY_CODE_LEN, RECOVERY_CODE_LEN, GROUP, "-");
        sink_text(sink, "\"");
    }
    sink_text(sink, "]}\n");
}

static void put_advice(void)
{
    text_wrap(
        stdout,
        _("Each code is good for one login: type it where the code of the phone is asked for; in the field of the "
          "password, with a space between. Upper or lower case, with or without dashes, O for 0, I or L for 1: all are "
          "understood."),
        0, 0);
    puts("");
    text_wrap(
        stdout,
        _("Keep this list on paper, as you keep a key: not beside the computer, not as a photo in the phone. Cross "
          "out each code once it is used. Nobody ever asks for one by phone, mail or message: who does is a "
          "fraud. If the list is lost, or two codes are left, ask the help desk for new ones; they end these."),
        0, 0);
}

static enum status show(const struct recovery *recovery, const struct secret *codes, const struct wire_result *result)
{
    struct output_json json = {.rows = 0};
    struct sink sink;
    char made[MOMENT_SIZE];

    if (recovery->as_json)
        output_json_begin_codes(&json, recovery->user, result->number);
    else
        printf(_("Recovery codes of %s (factor %" PRId64 "), made %s\n\n"), recovery->shown, result->number,
               moment_show(tool_now_s(), made));
    (void)fflush(stdout);
    sink_open(&sink, STDOUT_FILENO);
    if (recovery->as_json)
        put_json(codes, &sink);
    else
        put_table(codes, &sink);
    enum status status = sink_close(&sink);
    return json.failed || ferror(stdout) != 0 ? STATUS_FAILED : status;
}

static enum tool_exit make(struct tool *tool, const struct recovery *recovery)
{
    secret_owner struct secret *codes = NULL;
    struct wire_message request = {.type = WIRE_RECOVERY, .recovery = {.actor = actor_find()}};
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = codes_make_set(&codes);
    if (done != TOOL_DONE)
        return done;
    codes_hold_owner struct codes_hold hold = codes_hold();
    request.recovery.codes = codes;
    (void)snprintf(request.recovery.user, sizeof request.recovery.user, "%s", recovery->user);
    done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, recovery->user);
    if (done != TOOL_DONE)
        return done;
    if (show(recovery, codes, &result) != STATUS_OK) {
        codes_take_back(tool, recovery->user, result.number);
        return TOOL_REFUSED;
    }
    if (!recovery->as_json)
        put_advice();
    return TOOL_DONE;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct recovery recovery = {.user = ""};
    const char *typed = NULL;

    enum tool_exit done = options_words(options, 1, 1, &typed);
    if (done == TOOL_DONE)
        done = names_take(typed, recovery.user);
    if (done != TOOL_DONE)
        return done;
    recovery.yes = (options->seen & 1U << OPTION_YES) != 0;
    recovery.as_json = (options->seen & 1U << OPTION_JSON) != 0;
    text_show(recovery.shown, sizeof recovery.shown, recovery.user);
    done = look(tool, &recovery);
    if (done == TOOL_DONE)
        done = ask_to_replace(&recovery);
    return done == TOOL_DONE ? make(tool, &recovery) : done;
}

static const struct option_row rows[] = {
    [OPTION_YES] = {"yes", NULL, N_("replace a set that is there without asking")},
    [OPTION_JSON] = {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

const struct command cmd_recovery = {
    .name = "recovery",
    .arguments = N_("USER [--yes] [--json]"),
    .summary = N_("make recovery codes, for when the phone is not at hand"),
    .details = N_("Makes ten codes and shows them, this once. Each is good for one login in place of the phone's code. "
                  "A set that "
                  "the user has already ends with it, after a question. The user must have been enrolled."),
    .example = "garde recovery alice | lp",
    .options = rows,
    .run = run,
};
