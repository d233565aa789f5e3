/* The only table from outcomes to PAM_* codes.
 *
 * 1. PAM_SUCCESS MUST come from OUTCOME_ACCEPTED and from nothing else, and never of a line with `split`.
 * 2. PAM_IGNORE MUST come from OUTCOME_SKIPPED, or of a line with `split` from OUTCOME_SET_ASIDE (auth) and OUTCOME_NONE_LEFT (account), and from nothing
 *    else: PAM takes it as "as if this line were not there".
 * 3. What is not in the table, and what was never decided, MUST be a failure.
 * 4. A refusal MUST have one code, whatever its reason: which reason it was is in the verifier's audit (Q10).
 * 5. Of a line with `verify` every failure MUST have the code of a wrong password: only who has the right one gets there.
 */
#include "result.h"

#include <stdbool.h>
#include <syslog.h>

#include <security/pam_modules.h>

/* What only the other lines can come to. */
static bool is_impossible(enum mode mode, enum outcome outcome)
{
    bool decides = outcome == OUTCOME_ACCEPTED || outcome == OUTCOME_SKIPPED;
    return mode == MODE_SPLIT ? decides : outcome == OUTCOME_SET_ASIDE || outcome == OUTCOME_NONE_LEFT;
}

static struct result of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_ACCEPTED:
        return (struct result){PAM_SUCCESS, LOG_DEBUG, "accepted"};
    case OUTCOME_SKIPPED:
        return (struct result){PAM_IGNORE, LOG_NOTICE, "no code needed: a rule lets this user through"};
    case OUTCOME_SET_ASIDE:
        return (struct result){PAM_IGNORE, LOG_DEBUG, "what was typed is taken apart"};
    case OUTCOME_REFUSED:
        return (struct result){PAM_AUTH_ERR, LOG_NOTICE, "refused"};
    case OUTCOME_NO_CODE:
        return (struct result){PAM_AUTH_ERR, LOG_NOTICE, "refused: no code was given, no attempt is spent"};
    case OUTCOME_NOTHING_ASIDE:
        return (struct result){PAM_AUTH_ERR, LOG_ERR,
                               "refused: no code was set aside: is there no line with split before this one?"};
    case OUTCOME_OTHER_USER:
        return (struct result){PAM_AUTH_ERR, LOG_NOTICE, "refused: the code was typed for another user name"};
    case OUTCOME_NEVER_CHECKED:
        return (struct result){PAM_PERM_DENIED, LOG_ERR,
                               "refused: a code was set aside and never checked: is there no line with verify behind "
                               "the one with split?"};
    case OUTCOME_NONE_LEFT:
        return (struct result){PAM_IGNORE, LOG_DEBUG, "no code is left unchecked"};
    case OUTCOME_ODD_NAME:
        return (struct result){PAM_AUTH_ERR, LOG_NOTICE,
                               "refused: the user or service name is too long or has control bytes"};
    case OUTCOME_NO_USER:
        return (struct result){PAM_USER_UNKNOWN, LOG_NOTICE, "refused: no user name"};
    case OUTCOME_UNAVAILABLE:
        return (struct result){PAM_AUTHINFO_UNAVAIL, LOG_ERR, "refused: no verdict from the verifier"};
    case OUTCOME_CONV_FAILED:
        return (struct result){PAM_CONV_ERR, LOG_NOTICE, "refused: the caller's conversation failed"};
    case OUTCOME_CONV_AGAIN:
        return (struct result){PAM_INCOMPLETE, LOG_DEBUG, "the caller has no answer yet"};
    case OUTCOME_BAD_OPTIONS:
        return (struct result){PAM_SERVICE_ERR, LOG_ERR, "refused: the options of this line are wrong"};
    case OUTCOME_NO_MEMORY:
        return (struct result){PAM_BUF_ERR, LOG_ERR, "refused: no memory"};
    case OUTCOME_UNDECIDED:
        break;
    }
    return (struct result){PAM_SYSTEM_ERR, LOG_ERR, "refused: nothing was decided"};
}

struct result result_of(enum mode mode, enum outcome outcome)
{
    struct result result = of(is_impossible(mode, outcome) ? OUTCOME_UNDECIDED : outcome);
    if (mode == MODE_VERIFY && result.pam != PAM_SUCCESS && result.pam != PAM_IGNORE)
        result.pam = PAM_AUTH_ERR;
    return result;
}
