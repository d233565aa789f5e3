#include "result.h"

#include <inttypes.h>

#include "text.h"
#include "words.h"

static enum tool_exit tell_wrong_code(enum reason reason, const char *user)
{
    if (reason == REASON_NONE || reason == REASON_WRONG_CODE)
        tool_complain(_("%s: wrong code"), user);
    else
        tool_complain(_("%s: refused: %s"), user, words_reason(reason));
    if (reason == REASON_DELAYED || reason == REASON_LOCKED || reason == REASON_BUDGET)
        tool_complain(_("garde show %s tells until when; garde unlock %s clears it."), user, user);
    return reason == REASON_TAMPERED ? TOOL_TAMPERED : reason == REASON_UNAVAILABLE ? TOOL_UNREACHABLE : TOOL_REFUSED;
}

/* Refusals that need no more than a line with the user's name; NULL: another one. */
static const char *refusal(enum wire_result_code code)
{
    switch ((int)code) {
    case WIRE_NO_USER:
        return _("%1$s has no factors here. Enrol with: garde enroll %1$s");
    case WIRE_NO_FACTOR:
        return _("%1$s has no factor to which this applies. Look with: garde show %1$s");
    case WIRE_SECRET_IN_USE:
        return _("%s was not enrolled: a factor in use has this very secret. Each needs one of its own.");
    case WIRE_SECRET_CHANGED:
        return _("%s was not enrolled: this secret was revoked once, with another type or period. Make a new one.");
    case WIRE_TOO_MANY:
        return _("%s has as many factors as one user can have. Revoke one first.");
    case WIRE_OTHER_UID:
        return _("%s was enrolled with another uid, or this uid under another name. Revoke those factors first.");
    case WIRE_LAST_FACTOR:
        return _("%s would be left without an active factor; nothing was revoked. If that is wanted: --last");
    case WIRE_SOUND:
        return _("%s has nothing to clear: the records of this user hold.");
    case WIRE_BAD_REQUEST:
        return _("%s: the verifier does not take one of these values.");
    default:
        return NULL;
    }
}

static enum tool_exit tell_chain(const struct wire_result *result)
{
    if (result->code == WIRE_BROKEN_ENTRY)
        tool_complain(_("the audit is broken: entry %" PRId64 " is the first that does not hold."), result->number);
    else
        tool_complain(_("the audit was cut: entries after %" PRId64 " are missing."), result->number);
    tool_complain(_("Someone changed the store without the key. Keep a copy of it before anything else."));
    return TOOL_TAMPERED;
}

enum tool_exit result_tell(const struct wire_result *result, const char *user)
{
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    text_show(shown, sizeof shown, user);

    const char *text = refusal(result->code);
    if (text != NULL) {
        /* The text names the user, once or twice; msgfmt -c sees to it that its translations do. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        tool_complain(text, shown);
#pragma GCC diagnostic pop
        return TOOL_REFUSED;
    }
    switch ((int)result->code) {
    case WIRE_OK:
        return TOOL_DONE;
    case WIRE_WRONG_CODE:
        return tell_wrong_code(result->reason, shown);
    case WIRE_TAMPERED:
        tool_complain(_("%s: the record in the store was tampered with; nothing was done."), shown);
        return TOOL_TAMPERED;
    case WIRE_BROKEN_ENTRY:
    case WIRE_CUT_TAIL:
        return tell_chain(result);
    case WIRE_UNAVAILABLE:
        tool_complain(_("the verifier could not record this, so nothing was done. Look at: journalctl -u garded"));
        return TOOL_UNREACHABLE;
    default:
        tool_complain(_("the verifier gave an answer that this version does not know."));
        return TOOL_UNREACHABLE;
    }
}

enum tool_exit result_tell_tampered(unsigned long rows)
{
    if (rows == 0)
        return TOOL_DONE;
    tool_complain(ngettext("%lu record was tampered with.", "%lu records were tampered with.", rows), rows);
    return TOOL_TAMPERED;
}
