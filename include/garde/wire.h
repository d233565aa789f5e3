/* The wire protocol between module or tool and verifier. Tools layer.
 *
 * SOCK_SEQPACKET over AF_UNIX; one message a packet of at most WIRE_PACKET_MAX bytes; no descriptor is ever passed.
 *
 *   packet   version (1 byte, WIRE_VERSION), type (1 byte), then the fields of the type in the order of the struct
 *   u8 u32 u64 i64   big-endian
 *   enum, flag       u8: an enum's number; the uint32_t that are commented "1: ..." (tampered, usual), 0 or 1
 *   text     u16 length, then that many bytes: no zero byte, shorter than the array it goes into
 *   bytes    u16 length, then the bytes (a struct secret)
 *
 * Nothing may be left over. Decoding checks lengths and ranges of enums; it does not judge meaning. A packet is itself a
 * struct secret, since it may carry a code.
 *
 *   caller                    verifier                        socket
 *   WIRE_ASK           ->     WIRE_PROMPT | WIRE_SKIP | WIRE_REFUSE     verify, trusted
 *   WIRE_LOOK          ->     WIRE_PROMPT | WIRE_SKIP | WIRE_REFUSE, each the last     verify, trusted
 *   WIRE_ANSWER        ->     WIRE_VERDICT (accepted: the last; refused: another ANSWER may follow)
 *   WIRE_ENROL         ->     WIRE_RESULT                               admin
 *   WIRE_CONFIRM       ->     WIRE_RESULT
 *   WIRE_CHANGE        ->     WIRE_RESULT
 *   WIRE_TRY           ->     WIRE_RESULT
 *   WIRE_LIST          ->     WIRE_FACTOR * n, WIRE_RESULT
 *   WIRE_SHOW          ->     WIRE_FACTOR * n, WIRE_ORIGIN * n, WIRE_RESULT
 *   WIRE_AUDIT         ->     WIRE_ENTRY * n, WIRE_RESULT
 *   WIRE_AUDIT_VERIFY  ->     WIRE_RESULT
 *   WIRE_STATUS        ->     WIRE_FUTURE_MARK * n, WIRE_BAD_ROW * n, WIRE_STATE, WIRE_RESULT
 *   WIRE_RESYNC        ->     WIRE_RESULT
 *   WIRE_RECOVERY      ->     WIRE_RESULT
 *   WIRE_TEMPCODE      ->     WIRE_RESULT
 *   WIRE_EXPORT        ->     WIRE_SECRET * n, WIRE_RESULT
 */
#ifndef GARDE_WIRE_H
#define GARDE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <garde/account.h>
#include <garde/entry.h>
#include <garde/factor.h>
#include <garde/secret.h>
#include <garde/status.h>

#define WIRE_VERSION    1
#define WIRE_PACKET_MAX 2048
#define WIRE_CODE_MAX   512 /* bytes of a typed answer that are carried */
#define TTY_SIZE        64
#define RHOST_SIZE      256
#define WHAT_SIZE       64
#define VERSION_SIZE    32

#define WIRE_VERIFY_SOCKET  "verify.sock"
#define WIRE_TRUSTED_SOCKET "trusted.sock"
#define WIRE_ADMIN_SOCKET   "admin.sock"
#define WIRE_DEFAULT_FOLDER "/run/garde"

enum wire_type {
    WIRE_ASK = 1,
    WIRE_PROMPT = 2,
    WIRE_SKIP = 3,
    WIRE_REFUSE = 4,
    WIRE_ANSWER = 5,
    WIRE_VERDICT = 6,
    WIRE_LOOK = 7,

    WIRE_ENROL = 16,
    WIRE_CONFIRM = 17,
    WIRE_CHANGE = 18,
    WIRE_TRY = 19,
    WIRE_LIST = 20,
    WIRE_SHOW = 21,
    WIRE_AUDIT = 22,
    WIRE_AUDIT_VERIFY = 23,
    WIRE_STATUS = 24,
    WIRE_RESYNC = 25,
    WIRE_RECOVERY = 26,
    WIRE_TEMPCODE = 27,
    WIRE_EXPORT = 28,

    WIRE_RESULT = 32,
    WIRE_FACTOR = 33,
    WIRE_ORIGIN = 34,
    WIRE_ENTRY = 35,
    WIRE_FUTURE_MARK = 36,
    WIRE_BAD_ROW = 37,
    WIRE_STATE = 38,
    WIRE_SECRET = 39,
};

/* PAM items as the caller gives them; "" for none. Hearsay unless the peer is uid 0 on the trusted socket. */
struct wire_ask {
    char user[USER_SIZE]; /* "": how does this site ask? Then it is PROMPT at once, whatever the rules */
    char service[SERVICE_SIZE];
    char rhost[RHOST_SIZE];
    char tty[TTY_SIZE];
    char ruser[USER_SIZE];
};

/* What would ASK be answered? Nobody is let through by that: a skip is not recorded, and no ANSWER is taken. */
struct wire_look {
    struct wire_ask ask;
};

struct wire_prompt {
    enum language language;
    uint32_t digits;       /* one setting of the site, the same for every user */
    uint32_t may_be_empty; /* 1: an empty answer is let through by the rule for pending users */
};

/* Why the module may answer PAM_IGNORE. */
enum wire_skip_why {
    WIRE_SKIP_UNENROLLED = 1, /* an explicit rule, for a user who was never enrolled: answers ASK */
    WIRE_SKIP_PENDING =
        2, /* an explicit rule, for a user with no confirmed factor: answers an empty ANSWER that PROMPT allowed */
};
struct wire_skip {
    enum wire_skip_why why;
};

/* Coarse on purpose: these do not depend on whether the user is known. */
enum wire_refuse_why {
    WIRE_REFUSE_DENIED = 1, /* this peer may not speak for this user */
    WIRE_REFUSE_BUSY = 2,   /* a limit of the verifier */
    WIRE_REFUSE_LOOKUP = 3, /* a name look-up that a rule needed failed */
};
struct wire_refuse {
    enum wire_refuse_why why;
};

struct wire_answer {
    struct secret *code; /* as typed, at most WIRE_CODE_MAX */
    /* 1: the refusal need not wait for the verifier's grid, which behind a right password would tell that it was right. Not
     * heeded at the public door. */
    uint32_t at_once;
};

struct wire_verdict {
    enum verdict verdict;
};

/* Who sits at the tool: told by the tool (root), written into the audit. */
struct wire_actor {
    uint32_t login_uid; /* /proc/self/loginuid, NO_UID if none */
    char sudo_user[64]; /* SUDO_USER, "" if none */
};

struct wire_enrol {
    struct wire_actor actor;
    char user[USER_SIZE]; /* canonical, from the name service */
    uint32_t uid;
    char label[LABEL_SIZE];
    enum factor_kind kind;
    enum factor_algorithm algorithm;
    uint32_t digits;
    uint32_t period_s;
    uint64_t counter;      /* the first counter (TOTP: step) that counts */
    int64_t pending_for_s; /* how long it may be confirmed; 0: the site's setting */
    int64_t not_before_s;
    int64_t not_after_s;
    int64_t replaces;     /* a live factor of this user that ends when this one is confirmed; 0: none */
    int64_t offset_steps; /* TOTP, of a device that was resynchronised elsewhere */
    uint32_t handed_out;  /* 1: its first right code at a login confirms it */
    uint32_t anew;        /* 1: pending factors of the user that were handed out go in the same change */
    uint32_t accept_weak; /* 1: FACTOR_SECRET_WEAK_MIN bytes are enough */
    struct secret *secret;
};

struct wire_confirm {
    struct wire_actor actor;
    char user[USER_SIZE];
    int64_t factor_id; /* 0: the user's newest pending one, before those that were handed out */
    struct secret *code;
};

enum wire_change_kind {
    WIRE_SUSPEND = 1,
    WIRE_RESUME = 2,
    WIRE_REVOKE = 3,
    WIRE_UNLOCK = 4, /* the whole account; factor_id is 0 */
    WIRE_CLEAR = 5,  /* a user whose rows do not hold: all of them go, and an empty account stays; factor_id is 0 */
};
struct wire_change {
    struct wire_actor actor;
    enum wire_change_kind change;
    char user[USER_SIZE];
    int64_t factor_id; /* 0: all of the user's to which the change applies */
    uint32_t last;     /* 1: revoke also the last active factor with a device */
};

/* `garde verify`: checked and spent as at a login, under service "garde" and origin "admin:UID of the peer". */
struct wire_try {
    struct wire_actor actor;
    char user[USER_SIZE];
    struct secret *code;
};

/* Two codes that follow each other, of a device that has gone off. */
struct wire_resync {
    struct wire_actor actor;
    char user[USER_SIZE];
    int64_t factor_id; /* 0: the only active one with a device */
    struct secret *first;
    struct secret *second;
};

/* A new set; the old one ends with it. */
struct wire_recovery {
    struct wire_actor actor;
    char user[USER_SIZE];
    struct secret *codes; /* RECOVERY_CODES of RECOVERY_CODE_LEN characters, one behind the other, tidied (otp.h) */
};

/* A help-desk code; one that is there ends with it. */
struct wire_tempcode {
    struct wire_actor actor;
    char user[USER_SIZE];
    struct secret *code; /* TEMPORARY_CODE_LEN digits */
    int64_t for_s;       /* 60..TEMPORARY_FOR_MAX_S */
    uint32_t uses;       /* 1..TEMPORARY_USES_MAX; 0: as often as needed */
    char why[NOTE_SIZE]; /* not empty */
};

struct wire_export {
    struct wire_actor actor;
    char user[USER_SIZE]; /* "": all */
};

struct wire_show {
    char user[USER_SIZE];
};

struct wire_status {
    int64_t today_ms; /* when the day began where the admin sits */
};

struct wire_audit {
    char user[USER_SIZE]; /* "": all */
    int64_t since_ms;     /* 0: from the start */
};

enum wire_result_code {
    WIRE_OK = 1,
    WIRE_NO_USER = 2,        /* no account of that name in the store */
    WIRE_NO_FACTOR = 3,      /* no factor of that id, or none to which the request applies */
    WIRE_WRONG_CODE = 4,     /* reason says more */
    WIRE_SECRET_IN_USE = 5,  /* a live factor has this secret */
    WIRE_SECRET_CHANGED = 6, /* the secret was revoked once with another kind or period, and cannot come back so */
    WIRE_TOO_MANY = 7,       /* FACTORS_PER_USER */
    WIRE_OTHER_UID = 8,      /* the account is there with another uid, or the uid under another name */
    WIRE_BAD_REQUEST = 9,    /* a value out of its range */
    WIRE_TAMPERED = 10,
    WIRE_BROKEN_ENTRY = 11, /* audit verify: `number` is the first entry that does not hold */
    WIRE_CUT_TAIL = 12,     /* audit verify: entries after `number` are missing */
    WIRE_UNAVAILABLE = 13,  /* could not be recorded */
    WIRE_LAST_FACTOR = 14,  /* revoke: it is the user's last active one with a device, and `last` was not said */
    WIRE_SOUND = 15,        /* clear: the user's rows hold */
};
struct wire_result {
    enum wire_result_code code;
    enum reason reason;
    /* enrol, confirm, resync: factor id (resync with NO_FACTOR: so many it could have been); secret in use: the id where it is this very
     * user's, else 0; change: how many factors, or rows (clear); export: how many secrets; audit verify: entries checked, or see above */
    int64_t number;
    int64_t until_s;      /* enrol: pending until; help-desk code: good until */
    int64_t offset_steps; /* resync: the device is so far ahead; HOTP: so many counters were passed over */
};

/* A row of list and show: what may be shown of a factor. Its secret is in one message only, WIRE_SECRET. */
struct wire_factor {
    int64_t id;
    char user[USER_SIZE];
    uint32_t uid;
    char label[LABEL_SIZE];
    enum factor_kind kind;
    enum factor_algorithm algorithm;
    uint32_t digits;
    uint32_t period_s;
    enum factor_state state;
    int64_t created_s;
    int64_t pending_until_s;
    int64_t confirmed_s;
    int64_t not_before_s;
    int64_t not_after_s;
    int64_t last_used_s;
    int64_t offset_steps;
    int64_t replaces;
    uint32_t handed_out;
    uint32_t weak;     /* 1: a secret under FACTOR_SECRET_MIN bytes */
    uint32_t uses;     /* help-desk code: so often in all; 0: no limit */
    uint32_t left;     /* recovery codes, and uses of a help-desk code with a limit: so many are left */
    uint32_t tampered; /* 1: its tag does not hold */
};

struct wire_origin {
    char name[ORIGIN_SIZE];
    uint32_t usual; /* 1: within 30 days of a success */
    uint32_t failures;
    int64_t last_failure_s;
    int64_t last_success_s;
    int64_t refused_until_s; /* delay or lock ends; 0: none. INT64_MAX: until an unlock (a budget is used up) */
};

struct wire_entry {
    uint64_t seq;
    int64_t time_ms;
    enum event event;
    enum verdict verdict;
    enum reason reason;
    char user[USER_SIZE];
    uint32_t uid;
    int64_t factor_id;
    char service[SERVICE_SIZE];
    char origin[ORIGIN_SIZE];
    char actor[ACTOR_SIZE];
    char note[NOTE_SIZE];
    uint32_t count;
};

/* A TOTP factor whose mark lies in the future: a code was accepted while the verifier's clock was ahead. The mark is never
 * lowered; until the clock has come there the factor accepts nothing. */
struct wire_future_mark {
    char user[USER_SIZE];
    int64_t factor_id;
    char label[LABEL_SIZE];
    int64_t usable_from_s; /* when the first code above the mark can be accepted */
};

/* A row that the scan found not to hold. */
struct wire_bad_row {
    char user[USER_SIZE];
    char what[WHAT_SIZE]; /* "factor 12" ... */
};

enum wire_scan {
    WIRE_SCAN_RUNNING = 1,
    WIRE_SCAN_PASSED = 2,
    WIRE_SCAN_BROKEN = 3, /* rows were changed, taken away or put back */
};

/* How the verifier is. */
struct wire_state {
    char version[VERSION_SIZE];
    int64_t started_s; /* by the clock as it is now */
    int64_t now_s;
    uint64_t users;        /* with a factor that is not revoked */
    uint64_t factors;      /* that are not revoked */
    uint64_t future_marks; /* of them */
    uint64_t entries;      /* of the audit */
    enum wire_scan scan;
    uint64_t rows_scanned;
    uint64_t rows_expected; /* as the head over all rows has it */
    uint64_t bad_rows;      /* found by the scan; at most 100 of them are sent */
    uint64_t disk_bytes;    /* free where the store is; all three of the room 0: not looked at yet */
    uint64_t reserve_bytes; /* kept free in the store for a full disk */
    uint32_t room_low;      /* 1: the reserve is in use, or cannot be made again */
    int64_t clock_offset_s; /* devices are so far ahead of the verifier's clock */
    uint32_t clock_users;   /* of how many users; 0: no doubt about the clock */
    uint64_t users_pending; /* with a pending factor and none that was ever confirmed */
    uint64_t users_locked;  /* an origin of theirs is locked now, or a budget used up */
    uint64_t logins_today;  /* codes accepted since today_ms */
    uint64_t refusals_today;
};

/* A factor with its secret, for an export: the only message that carries a secret out, through the admin's door alone, after the audit
 * has said so. */
struct wire_secret {
    int64_t id;
    char user[USER_SIZE];
    uint32_t uid;
    char label[LABEL_SIZE];
    enum factor_kind kind; /* FACTOR_TOTP, FACTOR_HOTP */
    enum factor_algorithm algorithm;
    uint32_t digits;
    uint32_t period_s;
    enum factor_state state;
    uint64_t counter; /* its mark */
    int64_t offset_steps;
    int64_t not_before_s;
    int64_t not_after_s;
    struct secret *secret;
};

struct wire_message {
    enum wire_type type;
    union {
        struct wire_ask ask;
        struct wire_look look;
        struct wire_prompt prompt;
        struct wire_skip skip;
        struct wire_refuse refuse;
        struct wire_answer answer;
        struct wire_verdict verdict;
        struct wire_enrol enrol;
        struct wire_confirm confirm;
        struct wire_change change;
        struct wire_try try;
        struct wire_resync resync;
        struct wire_recovery recovery;
        struct wire_tempcode tempcode;
        struct wire_export export;
        struct wire_show show;
        struct wire_status status;
        struct wire_audit audit;
        struct wire_result result;
        struct wire_factor factor;
        struct wire_origin origin;
        struct wire_entry entry;
        struct wire_future_mark future_mark;
        struct wire_bad_row bad_row;
        struct wire_state state;
        struct wire_secret secret;
    };
};

/* packet: a secret of WIRE_PACKET_MAX bytes, shortened to the message's length. STATUS_INVALID: a value that the protocol
 * cannot carry. The message keeps its secrets. */
enum status wire_encode(const struct wire_message *message, struct secret *packet) GARDE_MUST_CHECK;
/* STATUS_INVALID: not a message of this version. On success the caller owns the secrets inside (wire_wipe). */
enum status wire_decode(const void *packet, size_t len, struct wire_message *out_message) GARDE_MUST_CHECK;
/* Frees the secrets inside and wipes the rest; a zeroed message is fine. */
void wire_wipe(struct wire_message *message);
#define wire_owner __attribute__((cleanup(wire_wipe)))

/* One message on a socket, waiting until deadline_ms of CLOCK_MONOTONIC (0: not at all, for non-blocking servers).
 * Signals do not end the wait, SIGPIPE is not raised. STATUS_TIMEOUT, STATUS_CLOSED, STATUS_INVALID, STATUS_NO_MEMORY,
 * STATUS_FAILED. receive closes descriptors that a hostile peer passes along: it asks for no control data, and the packet is
 * STATUS_INVALID. An empty packet is STATUS_CLOSED, as the end of the connection is. */
enum status wire_send(int fd, const struct wire_message *message, int64_t deadline_ms) GARDE_MUST_CHECK;
enum status wire_receive(int fd, struct wire_message *out_message, int64_t deadline_ms) GARDE_MUST_CHECK;
/* The same by way of a packet of the caller's, a secret of WIRE_PACKET_MAX bytes, which is all zeroes again when they return: a
 * guest in another process takes one for all the messages of a login. STATUS_INVALID: also when it is shorter. */
enum status wire_send_by(int fd, const struct wire_message *message, struct secret *packet,
                         int64_t deadline_ms) GARDE_MUST_CHECK;
enum status wire_receive_by(int fd, struct secret *packet, int64_t deadline_ms,
                            struct wire_message *out_message) GARDE_MUST_CHECK;

/* Connects, close-on-exec, waiting until deadline_ms also while the backlog is full.
 * STATUS_NOT_FOUND: no socket there, or nobody listens; STATUS_DENIED; STATUS_TIMEOUT; STATUS_INVALID: the path is too long
 * or empty. Whether the descriptor blocks is not promised; send and receive above do not mind. */
enum status wire_connect(const char *path, int64_t deadline_ms, int *out_fd) GARDE_MUST_CHECK;

/* CLOCK_MONOTONIC now, in ms, plus in_ms: a deadline. */
int64_t wire_deadline_ms(int64_t in_ms);

#endif
