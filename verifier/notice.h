/* What the verifier notices about itself and tells the log, at each change and not at each login; `garde status` shows the state behind it.
 */
#ifndef GARDE_VERIFIER_NOTICE_H
#define GARDE_VERIFIER_NOTICE_H

#include <stdint.h>

#include <garde/factor.h>

/* Each has a stable MESSAGE_ID in journal_notice.c. */
enum notice_kind {
    NOTICE_SCAN_PASSED = 1, /* number: rows */
    NOTICE_ROW_TAMPERED,    /* the scan found a row whose tag does not hold; what: "factor 12" ...; user: whose */
    NOTICE_SCAN_FAILED,     /* rows changed, missing or put back; number: rows counted, other: rows the head knows of */
    NOTICE_ROOM_LOW,        /* number: bytes free on the disk, other: bytes of the reserve */
    NOTICE_ROOM_NONE,       /* a login was refused because nothing can be recorded */
    NOTICE_ROOM_BACK,       /* the same numbers */
    NOTICE_CLOCK_OFF,       /* number: seconds by which devices are ahead of the verifier, other: how many users */
    NOTICE_CLOCK_BACK,
    NOTICE_RECOVERY_LOW, /* user: who has few recovery codes left; number: how many */
};

struct notice {
    enum notice_kind kind;
    char user[USER_SIZE];
    char what[64];
    int64_t number;
    int64_t other;
};

/* Told on the worker's thread, after the commit of what it tells of. */
typedef void notice_tell(const struct notice *notice, void *context);

#endif
