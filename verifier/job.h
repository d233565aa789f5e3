/* The border inside the verifier: what the event loop hands to the worker, and gets back.
 *
 * The event loop (listener, session, admin_session, names) owns sockets and time; it never touches store or vault. The worker runs jobs in batches
 * through the desk (desk/desk.h), which owns store and vault and never touches a socket. A job is filled in by the loop,
 * belongs to the worker while it is queued, and comes back with its reply.
 */
#ifndef GARDE_VERIFIER_JOB_H
#define GARDE_VERIFIER_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <garde/account.h>
#include <garde/entry.h>
#include <garde/wire.h>

/* Which door a caller came through, and so what is believed of it. */
enum door {
    DOOR_PUBLIC = 1, /* verify.sock: speaks for the account of its own uid; its PAM items are hearsay */
    DOOR_PEER,       /* verify.sock, named in the configuration: speaks for any user, fixed service, never SKIP */
    DOOR_TRUSTED,    /* trusted.sock: uid 0 (or the uid that started the verifier); its PAM items are believed */
    DOOR_ADMIN,      /* admin.sock: the same uids; may ask for changes */
};

/* Who asks, as the verifier sees it. Built once per request by caller.c. */
struct caller {
    enum door door;
    uint32_t uid;               /* SO_PEERCRED */
    char service[SERVICE_SIZE]; /* trusted: PAM_SERVICE; public: "local"; peer: from its section; admin: "garde" */
    char origin[ORIGIN_SIZE];   /* see caller.h */
    char actor[ACTOR_SIZE];     /* "uid=0 tty=tty1", for admins "uid=0 login=1000 sudo=alice" */
};

enum job_kind {
    /* Is this user enrolled? Only where a rule may let users through without a code.
     * In: user, caller, rule, pending_rule; in the second round (resolved) also canonical and resolved_uid.
     * Out: look. On LOOK_ENROLLED `user` is the account's canonical name (in the second round possibly another one than asked), and
     * may_be_empty says whether an empty answer is let through. LOOK_SKIP (second round only) has been recorded. */
    JOB_LOOK = 1,
    /* A code was offered. In: user, caller, request (WIRE_ANSWER), may_be_empty, pending_rule. Out: verdict, reason; LOOK_SKIP with a verdict that
     * stays refused: nothing was typed, the rule for pending users lets that through, and it has been recorded. */
    JOB_ATTEMPT,
    /* An admin's request. In: caller, request. Out: rows, row_count, reply (valid if finished); `cursor` carries on. */
    JOB_ADMIN,
    /* Turned away before a code was asked for (LOOKUP, BUSY): counted per origin and minute. In: caller, reason. */
    JOB_NOTE,
    /* Writes the counted entries whose minute is over (all of them if `last`). No reply. */
    JOB_COUNTS,
};

enum look {
    LOOK_REFUSE = 0, /* may not speak for this user; audited */
    LOOK_ENROLLED, /* ask for a code (also for everything that must look the same: pending, suspended, tampered ...) */
    LOOK_UNKNOWN,  /* first round: no account of this spelling; resolve the name and ask again */
    LOOK_PENDING, /* first round: nothing but factors that were never confirmed; resolve the name, for its groups, and ask again. Where that
                    * fails it is LOOK_ENROLLED */
    LOOK_SKIP,    /* let through by rule */
    LOOK_LATER, /* cannot be told before the scan of the store is done: the worker asks again, so nobody else sees it */
};

/* What names.c found out about a name. */
enum resolved {
    RESOLVED_NOT_ASKED = 0,
    RESOLVED_FOUND,
    RESOLVED_NO_SUCH_NAME,
};

#define JOB_ROWS_MAX 64

struct job {
    struct job *next;
    enum job_kind kind;
    struct caller caller;
    char user[USER_SIZE];
    /* Of the first round: the loosest that any groups could give; then those of the user's own. */
    struct unenrolled_rule rule; /* for users who were never enrolled */
    struct unenrolled_rule pending_rule;

    enum resolved resolved;
    char canonical[USER_SIZE];
    uint32_t resolved_uid;
    int64_t waits_since_ms; /* JOB_LOOK: since when its caller waits; 0: since the first LOOK_LATER */
    bool only_looks;        /* JOB_LOOK: LOOK_SKIP lets nobody through, and is not recorded */
    bool waited;            /* for as long as is possible: LOOK_LATER is no answer any more */

    struct wire_message request; /* owned: job_free wipes it */

    enum look look;
    bool may_be_empty;
    enum verdict verdict; /* starts as refused and is set to accepted by nothing but a commit that returned */
    enum reason reason;
    bool last;

    /* JOB_ADMIN: a page of the answer. The loop sends rows, then, if `finished`, reply; else it queues the same job
     * again when the rows are sent. */
    struct wire_message *rows; /* JOB_ROWS_MAX of them, allocated by the desk on first use, freed by job_free */
    size_t row_count;
    struct wire_message reply;
    bool finished;
    struct job_cursor {
        char user[USER_SIZE];
        char name[ORIGIN_SIZE];
        int64_t id;
        uint64_t seq;
        uint64_t checked;
        uint8_t tag[TAG_SIZE];
        int stage;
        struct job_tally { /* of the rows up to here */
            uint64_t users, users_pending, users_locked;
            uint64_t factors;
            uint64_t future_marks;
            uint64_t logins, refusals;
            uint32_t usual_failures; /* of the cursor's user, so far */
            bool has_user;           /* the cursor's is among the users, */
            bool is_pending;         /* among those who are pending, */
            bool is_locked;          /* among those who are locked; */
            bool is_confirmed;       /* it has a factor that was confirmed */
            bool tampered;           /* something could not be counted */
        } tally;
    } cursor;

    void *owner; /* the loop's: session or admin_session, NULL once that is gone */
};

struct job *job_new(enum job_kind kind) GARDE_MUST_CHECK;
void job_free(struct job *job);

#endif
