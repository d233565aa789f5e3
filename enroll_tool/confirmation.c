#include "confirmation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actor.h"
#include "admin_client.h"
#include "ask.h"
#include "result.h"
#include "text.h"
#include "words.h"

#define TRIES 3

enum outcome {
    OUTCOME_RIGHT,
    OUTCOME_AGAIN,  /* not this one; another may be */
    OUTCOME_FAILED, /* told */
    OUTCOME_NONE,   /* no answer */
};

static enum outcome judge(const struct wire_result *result, const char *user, enum confirmation_device device,
                          int tries_left, enum tool_exit *out_exit)
{
    bool other_may_do =
        result->code == WIRE_WRONG_CODE && (result->reason == REASON_WRONG_CODE || result->reason == REASON_REPLAYED);
    if (!other_may_do) {
        *out_exit = result_tell(result, user);
        return *out_exit == TOOL_DONE ? OUTCOME_RIGHT : OUTCOME_FAILED;
    }
    *out_exit = TOOL_REFUSED;
    if (result->reason == REASON_REPLAYED)
        tool_complain(_("this code was used before. Wait for the next one."));
    else if (tries_left > 0 && device == CONFIRMATION_TOKEN)
        tool_complain(
            _("that is not the code. Take a new one. Is it this token, and are its type, digits and period as "
              "its maker says?"));
    else if (tries_left > 0)
        tool_complain(_("that is not the code. Take the one shown now; the phone must set its clock automatically."));
    else
        tool_complain(_("that is not the code."));
    return OUTCOME_AGAIN;
}

static enum outcome try_once(struct tool *tool, const struct wire_confirm *confirm, enum confirmation_device device,
                             bool after_input, int tries_left, struct wire_result *out_result, enum tool_exit *out_exit)
{
    secret_owner struct secret *code = NULL;
    const char *question =
        device == CONFIRMATION_TOKEN ? _("Code shown by the token: ") : _("Code shown by the phone: ");
    enum status status = ask_code(question, after_input, &code);

    *out_exit = TOOL_REFUSED;
    if (status == STATUS_INVALID || (status == STATUS_OK && secret_len(code) == 0)) {
        tool_complain(_("that is not a code."));
        return OUTCOME_AGAIN;
    }
    if (status != STATUS_OK)
        return OUTCOME_NONE;

    struct wire_message request = {.type = WIRE_CONFIRM, .confirm = *confirm};
    request.confirm.code = code;
    *out_exit = admin_client_ask(tool, &request, out_result);
    if (*out_exit != TOOL_DONE)
        return OUTCOME_FAILED;
    return judge(out_result, confirm->user, device, tries_left, out_exit);
}

enum tool_exit confirmation_ask(struct tool *tool, const char *user, int64_t factor_id, enum confirmation_device device,
                                bool after_input)
{
    struct wire_confirm confirm = {.actor = actor_find(), .factor_id = factor_id};
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    struct wire_result result = {.code = WIRE_OK};
    enum tool_exit done = TOOL_REFUSED;

    (void)snprintf(confirm.user, sizeof confirm.user, "%s", user);
    text_show(shown, sizeof shown, user);
    for (int left = TRIES - 1; left >= 0; left--) {
        enum outcome outcome = try_once(tool, &confirm, device, after_input, left, &result, &done);
        if (outcome == OUTCOME_RIGHT) {
            tool_say(tool, _("Right. Factor %" PRId64 " of %s is active.\nA login asks for its code from now on.\n"),
                     result.number, shown);
            return TOOL_DONE;
        }
        if (outcome == OUTCOME_FAILED)
            return done;
        if (outcome == OUTCOME_NONE)
            break;
    }
    tool_complain(_("not confirmed. Until it expires, the factor can be confirmed with: garde confirm %s"), shown);
    if (device == CONFIRMATION_TOKEN && factor_id != 0)
        tool_complain(_("If the token may have gone off, first: garde resync %s %" PRId64), shown, factor_id);
    return TOOL_REFUSED;
}
