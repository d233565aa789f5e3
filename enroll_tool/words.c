#include "words.h"

#include <stddef.h>

#include "tool.h"

struct word {
    const char *name;
    const char *text; /* marked for translation */
};

static const struct word kinds[] = {
    [FACTOR_TOTP] = {"totp", "TOTP"},
    [FACTOR_HOTP] = {"hotp", "HOTP"},
    [FACTOR_RECOVERY] = {"recovery", N_("recovery")},
    [FACTOR_TEMPORARY] = {"temporary", N_("help desk")},
};

static const struct word states[] = {
    [FACTOR_PENDING] = {"pending", N_("pending")},
    [FACTOR_ACTIVE] = {"active", N_("active")},
    [FACTOR_SUSPENDED] = {"suspended", N_("suspended")},
    [FACTOR_REVOKED] = {"revoked", N_("revoked")},
};

static const struct word events[] = {
    [EVENT_STORE_MADE] = {"store-made", N_("store made")},
    [EVENT_LOGIN] = {"login", N_("login")},
    [EVENT_SKIP] = {"skip", N_("let in without a code")},
    [EVENT_DENIED] = {"denied", N_("turned away")},
    [EVENT_UNKNOWN] = {"unknown", N_("unknown user")},
    [EVENT_ENROLLED] = {"enrolled", N_("enrolled")},
    [EVENT_CONFIRMED] = {"confirmed", N_("confirmed")},
    [EVENT_CONFIRM_FAILED] = {"confirm-failed", N_("confirmation failed")},
    [EVENT_SUSPENDED] = {"suspended", N_("suspended")},
    [EVENT_RESUMED] = {"resumed", N_("resumed")},
    [EVENT_REVOKED] = {"revoked", N_("revoked")},
    [EVENT_UNLOCKED] = {"unlocked", N_("unlocked")},
    [EVENT_VERIFIED] = {"verified", N_("checked at the desk")},
    [EVENT_ROWS_BROKEN] = {"rows-broken", N_("rows do not add up")},
    [EVENT_ROWS_ACCEPTED] = {"rows-accepted", N_("rows taken as they are")},
    [EVENT_RESYNCED] = {"resynced", N_("resynchronised")},
    [EVENT_RESYNC_FAILED] = {"resync-failed", N_("resynchronisation failed")},
    [EVENT_RECOVERY_MADE] = {"recovery-made", N_("recovery codes made")},
    [EVENT_TEMPCODE_MADE] = {"tempcode-made", N_("help-desk code made")},
    [EVENT_EXPORTED] = {"exported", N_("secrets exported")},
    [EVENT_CLEARED] = {"cleared", N_("broken rows cleared")},
};

static const struct word reasons[] = {
    [REASON_NONE] = {"none", N_("no reason given")},
    [REASON_WRONG_CODE] = {"wrong-code", N_("wrong code")},
    [REASON_REPLAYED] = {"replayed", N_("code already used")},
    [REASON_DELAYED] = {"delayed", N_("too soon after a failure")},
    [REASON_LOCKED] = {"locked", N_("too many failures from this place")},
    [REASON_BUDGET] = {"budget", N_("too many failures for this user")},
    [REASON_UNENROLLED] = {"unenrolled", N_("not enrolled")},
    [REASON_PENDING] = {"pending", N_("no factor confirmed yet")},
    [REASON_SUSPENDED] = {"suspended", N_("factor suspended")},
    [REASON_NOT_YET] = {"not-yet", N_("factor not valid yet")},
    [REASON_EXPIRED] = {"expired", N_("factor expired")},
    [REASON_REVOKED] = {"revoked", N_("factors revoked")},
    [REASON_TAMPERED] = {"tampered", N_("the record was tampered with")},
    [REASON_OTHER_UID] = {"other-uid", N_("asked for another user's account")},
    [REASON_LOOKUP] = {"lookup", N_("name service failed")},
    [REASON_BUSY] = {"busy", N_("too many requests")},
    [REASON_UNAVAILABLE] = {"unavailable", N_("could not be recorded")},
    [REASON_ADMIN] = {"admin", N_("on an admin's request")},
    [REASON_RULE] = {"rule", N_("by the rule of the service")},
    [REASON_NO_SPACE] = {"no-space", N_("the disk is full")},
    [REASON_REPLACED] = {"replaced", N_("another factor took its place")},
    [REASON_USED_UP] = {"used-up", N_("code used up")},
};

#define WORD(table, number) word(table, sizeof(table) / sizeof((table)[0]), (unsigned)(number))
static struct word word(const struct word *table, size_t count, unsigned number)
{
    if (number < count && table[number].name != NULL)
        return table[number];
    return (struct word){"?", N_("?")};
}

const char *words_kind_name(enum factor_kind kind)
{
    return WORD(kinds, kind).name;
}

const char *words_kind(enum factor_kind kind)
{
    return _(WORD(kinds, kind).text);
}

const char *words_algorithm_name(enum factor_algorithm algorithm)
{
    static const char *const names[] = {"?", "sha1", "sha256", "sha512"};
    return (unsigned)algorithm < 4 ? names[algorithm] : "?";
}

const char *words_algorithm(enum factor_algorithm algorithm)
{
    static const char *const names[] = {"?", "SHA-1", "SHA-256", "SHA-512"};
    return (unsigned)algorithm < 4 ? names[algorithm] : "?";
}

const char *words_state_name(enum factor_state state)
{
    return WORD(states, state).name;
}

const char *words_state(enum factor_state state)
{
    return _(WORD(states, state).text);
}

const char *words_event_name(enum event event)
{
    return WORD(events, event).name;
}

const char *words_event(enum event event)
{
    return _(WORD(events, event).text);
}

const char *words_reason_name(enum reason reason)
{
    return WORD(reasons, reason).name;
}

const char *words_reason(enum reason reason)
{
    return _(WORD(reasons, reason).text);
}
