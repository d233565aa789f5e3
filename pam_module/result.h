/* What became of a login, and what PAM and the log hear of it.
 *
 * Every step of the module returns an outcome. OUTCOME_UNDECIDED lets the next step run; whatever else comes is final.
 */
#ifndef GARDE_PAM_RESULT_H
#define GARDE_PAM_RESULT_H

#include "options.h"

enum outcome {
    OUTCOME_UNDECIDED = 0, /* nothing is decided: at the end of the module this is a failure */
    OUTCOME_ACCEPTED,      /* the verifier took the code */
    OUTCOME_SKIPPED,       /* the verifier found a rule that lets this user through */
    OUTCOME_SET_ASIDE,     /* the code is set aside for the line behind the password: nothing is decided by this line */
    OUTCOME_REFUSED,       /* wrong code, code too long to be one, or this caller may not speak for this user */
    OUTCOME_NO_CODE,       /* nothing was typed: no attempt was spent */
    OUTCOME_NOTHING_ASIDE, /* no line before has set a code aside */
    OUTCOME_OTHER_USER,    /* a code was set aside, for another user */
    OUTCOME_NEVER_CHECKED, /* a code was set aside and is still there when the account is asked about */
    OUTCOME_NONE_LEFT,     /* there is none at that time: whether the account is good is for others to say */
    OUTCOME_ODD_NAME,      /* user or service name too long, or with control bytes: nobody's name */
    OUTCOME_NO_USER,       /* no user name at all */
    OUTCOME_UNAVAILABLE,   /* the verifier cannot be reached, is late, busy, or said something odd */
    OUTCOME_CONV_FAILED,   /* the caller's conversation function failed or broke its contract */
    OUTCOME_CONV_AGAIN,    /* an event-driven caller has no answer yet: it calls again, and the module starts anew */
    OUTCOME_BAD_OPTIONS,
    OUTCOME_NO_MEMORY,
};

struct result {
    int pam;          /* PAM_* */
    int priority;     /* LOG_* */
    const char *line; /* for the log; never what was typed */
};

/* What a line of that mode makes of it: with MODE_VERIFY every failure has one code. */
struct result result_of(enum mode mode, enum outcome outcome);

#endif
