#include <garde/audit.h>

const char *audit_event_name(enum event event)
{
    switch (event) {
    case EVENT_STORE_MADE:
        return "store-made";
    case EVENT_LOGIN:
        return "login";
    case EVENT_SKIP:
        return "skip";
    case EVENT_DENIED:
        return "denied";
    case EVENT_UNKNOWN:
        return "unknown";
    case EVENT_ENROLLED:
        return "enrolled";
    case EVENT_CONFIRMED:
        return "confirmed";
    case EVENT_CONFIRM_FAILED:
        return "confirm-failed";
    case EVENT_SUSPENDED:
        return "suspended";
    case EVENT_RESUMED:
        return "resumed";
    case EVENT_REVOKED:
        return "revoked";
    case EVENT_UNLOCKED:
        return "unlocked";
    case EVENT_VERIFIED:
        return "verified";
    case EVENT_ROWS_BROKEN:
        return "rows-broken";
    case EVENT_ROWS_ACCEPTED:
        return "rows-accepted";
    case EVENT_RESYNCED:
        return "resynced";
    case EVENT_RESYNC_FAILED:
        return "resync-failed";
    case EVENT_RECOVERY_MADE:
        return "recovery-made";
    case EVENT_TEMPCODE_MADE:
        return "tempcode-made";
    case EVENT_EXPORTED:
        return "exported";
    case EVENT_CLEARED:
        return "cleared";
    }
    return "?";
}

const char *audit_reason_name(enum reason reason)
{
    switch (reason) {
    case REASON_NONE:
        return "none";
    case REASON_WRONG_CODE:
        return "wrong-code";
    case REASON_REPLAYED:
        return "replayed";
    case REASON_DELAYED:
        return "delayed";
    case REASON_LOCKED:
        return "locked";
    case REASON_BUDGET:
        return "budget";
    case REASON_UNENROLLED:
        return "unenrolled";
    case REASON_PENDING:
        return "pending";
    case REASON_SUSPENDED:
        return "suspended";
    case REASON_NOT_YET:
        return "not-yet";
    case REASON_EXPIRED:
        return "expired";
    case REASON_REVOKED:
        return "revoked";
    case REASON_TAMPERED:
        return "tampered";
    case REASON_OTHER_UID:
        return "other-uid";
    case REASON_LOOKUP:
        return "lookup";
    case REASON_BUSY:
        return "busy";
    case REASON_UNAVAILABLE:
        return "unavailable";
    case REASON_ADMIN:
        return "admin";
    case REASON_RULE:
        return "rule";
    case REASON_NO_SPACE:
        return "no-space";
    case REASON_REPLACED:
        return "replaced";
    case REASON_USED_UP:
        return "used-up";
    }
    return "?";
}
