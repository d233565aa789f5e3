/* The shared noun of the audit: one entry per decision and per change (Q12). Ground layer; plain data. */
#ifndef GARDE_ENTRY_H
#define GARDE_ENTRY_H

#include <stdint.h>

#include <garde/account.h>
#include <garde/factor.h>
#include <garde/status.h>

#define ACTOR_SIZE 160 /* with the final zero */
#define NOTE_SIZE  160 /* with the final zero; UTF-8 without control characters */

/* What happened. The numbers are stored: never reuse one. */
enum event {
    EVENT_STORE_MADE = 1, /* always the first entry */
    EVENT_LOGIN = 2,      /* a code was offered: verdict and reason say the rest */
    EVENT_SKIP = 3,       /* let through without a code by the rule of the service */
    EVENT_DENIED = 4,     /* turned away before a code was asked for: reason says why */
    EVENT_UNKNOWN = 5,    /* attempts for names without account: `count` of them from one origin in one minute */
    EVENT_ENROLLED = 6,
    EVENT_CONFIRMED = 7,
    EVENT_CONFIRM_FAILED = 8,
    EVENT_SUSPENDED = 9,
    EVENT_RESUMED = 10,
    EVENT_REVOKED = 11,
    EVENT_UNLOCKED = 12,
    EVENT_VERIFIED = 13,    /* an admin's `garde verify`: verdict and reason as for a login */
    EVENT_ROWS_BROKEN = 14, /* the scan after a start: rows were changed, taken away or put back behind garded's back */
    EVENT_ROWS_ACCEPTED = 15, /* `garded accept`: an admin took the rows as they are */
    EVENT_RESYNCED = 16,      /* two codes in a row have set the counter or the offset right (Q5) */
    EVENT_RESYNC_FAILED = 17,
    EVENT_RECOVERY_MADE = 18, /* a new set of recovery codes */
    EVENT_TEMPCODE_MADE = 19, /* a help-desk code; note: why */
    EVENT_EXPORTED = 20,      /* secrets left the verifier; note: how many */
    EVENT_CLEARED = 21,       /* rows that do not hold were taken away; the user is refused until enrolled anew */
};

/* Why. Goes into the audit and the log and to the admin, never to the person at the login (invariant 8). */
enum reason {
    REASON_NONE = 0,
    REASON_WRONG_CODE = 1,
    REASON_REPLAYED = 2,   /* right, but spent before: what real-time phishing looks like (Q11) */
    REASON_DELAYED = 3,    /* inside the delay after a failure; unspent */
    REASON_LOCKED = 4,     /* too many failures from this origin; unspent */
    REASON_BUDGET = 5,     /* too many failures over all usual, or all other, origins; unspent */
    REASON_UNENROLLED = 6, /* no account of that name */
    REASON_PENDING = 7,    /* factors, but none confirmed */
    REASON_SUSPENDED = 8,
    REASON_NOT_YET = 9,  /* not-before lies ahead */
    REASON_EXPIRED = 10, /* not-after is past */
    REASON_REVOKED = 11, /* all factors revoked */
    REASON_TAMPERED = 12,
    REASON_OTHER_UID = 13,   /* an unprivileged peer asked for an account that is not its own */
    REASON_LOOKUP = 14,      /* the name service hung, failed or does not know the name */
    REASON_BUSY = 15,        /* a limit was reached */
    REASON_UNAVAILABLE = 16, /* could not be recorded */
    REASON_ADMIN = 17,       /* an admin asked for it */
    REASON_RULE = 18,        /* the service's rule for un-enrolled users */
    REASON_NO_SPACE = 19,    /* could not be recorded: the disk is full, and so is the reserve */
    REASON_REPLACED = 20,    /* the factor that takes its place was confirmed */
    REASON_USED_UP =
        21, /* a help-desk code that was used as often as it may be, or a set of recovery codes without one left */
};

struct entry {
    uint64_t seq;    /* 1, 2, 3 ... without a gap */
    int64_t time_ms; /* since 1970 UTC */
    enum event event;
    enum verdict verdict;
    enum reason reason;
    char user[USER_SIZE]; /* canonical; "" for unknown names, which are never stored */
    uint32_t uid;         /* NO_UID if none */
    int64_t factor_id;    /* 0 if none */
    char service[SERVICE_SIZE];
    char origin[ORIGIN_SIZE];
    char
        actor[ACTOR_SIZE]; /* changes: "uid=0 login=1000 sudo=alice"; logins: "uid=0 tty=tty1" of the calling process */
    char note[NOTE_SIZE];  /* an admin's words, or "word=number" of the verifier; "" for most */
    uint32_t count;        /* 1, or more for EVENT_UNKNOWN and for a counted EVENT_DENIED */
    uint32_t key_id;
    uint8_t tag[TAG_SIZE]; /* chained: over the tag before and everything above */
};

/* The end of the chain; shows a tail that was cut off. */
struct entry_head {
    uint64_t count;
    uint8_t last_tag[TAG_SIZE];
    uint32_t key_id;
    uint8_t tag[TAG_SIZE]; /* over everything above */
};

#endif
