/* The shared noun: a factor, as the store keeps it. Ground layer; plain data.
 *
 * Words as in the standards: a secret makes codes from a moving factor, which is the counter of HOTP (RFC 4226)
 * or the time step of TOTP (RFC 6238).
 */
#ifndef GARDE_FACTOR_H
#define GARDE_FACTOR_H

#include <stddef.h>
#include <stdint.h>

#define USER_SIZE   256 /* with the final zero; names of directory services are long */
#define LABEL_SIZE  64  /* with the final zero; UTF-8 without control characters */
#define ISSUER_SIZE 64  /* with the final zero; UTF-8 without control characters and ':' */

#define NO_UID       UINT32_MAX /* no account */
#define OVERFLOW_UID 65534U     /* "nobody": every uid the kernel cannot name here; always refused */

#define TAG_SIZE         32 /* HMAC-SHA-256 */
#define FINGERPRINT_SIZE 32 /* HMAC-SHA-256 */
#define STORE_ID_SIZE    16

#define FACTOR_SECRET_MIN      16 /* bytes; RFC 4226 R6 (Q1) */
#define FACTOR_SECRET_WEAK_MIN 10 /* bytes; taken over from elsewhere where an admin accepts it, and shown as weak */
#define FACTOR_SECRET_MAX      128
#define FACTOR_SEALING         (12 + 16) /* bytes that sealing adds: nonce, GCM tag */
#define FACTOR_PERIOD_MAX_S    120       /* NIST SP 800-63B 5.1.4.2 (Q2) */
#define FACTORS_PER_USER       16        /* live ones */

#define RECOVERY_CODES      10
#define RECOVERY_CODE_LEN   15 /* characters of 5 bits: 75 bits (Q14) */
#define TEMPORARY_CODE_LEN  8  /* decimal digits */
#define TEMPORARY_USES_MAX  1000
#define TEMPORARY_FOR_MIN_S 60
#define TEMPORARY_FOR_MAX_S (7 * 86400)
#define CODE_HASH_SIZE      32                                /* HMAC-SHA-256 */
#define FACTOR_SEALED_MAX   (RECOVERY_CODES * CODE_HASH_SIZE) /* the longest sealed secret is shorter */

/* The first two have a secret and a device. The others help out: they come on top of those, need no confirmation, and a user who has
 * nothing else is not "confirmed". */
enum factor_kind {
    FACTOR_TOTP = 1,
    FACTOR_HOTP = 2,
    FACTOR_RECOVERY = 3,  /* a set of recovery codes, each good once (Q14) */
    FACTOR_TEMPORARY = 4, /* a help-desk code, good for some hours (Q18) */
};

enum factor_algorithm {
    ALGORITHM_SHA1 = 1,
    ALGORITHM_SHA256 = 2,
    ALGORITHM_SHA512 = 3,
};

/* The life of a factor. Only an active one can be used; only revoked is final. */
enum factor_state {
    FACTOR_PENDING = 1,   /* enrolled, no right code seen yet (Q15) */
    FACTOR_ACTIVE = 2,    /* confirmed */
    FACTOR_SUSPENDED = 3, /* set aside by an admin, reversible (Q13) */
    FACTOR_REVOKED = 4,   /* a tombstone: fingerprint and mark stay, the sealed secret is gone */
};

/* All times are seconds since 1970 UTC; 0 means "never" or "no limit". */
struct factor {
    int64_t id;           /* unique in the store for ever, 1 and up */
    char user[USER_SIZE]; /* canonical name, from the enrolment */
    uint32_t uid;
    char label[LABEL_SIZE];
    enum factor_kind kind;
    enum factor_algorithm algorithm;
    uint32_t digits;   /* 6, 7, 8; of recovery and help-desk codes the characters of one code */
    uint32_t period_s; /* TOTP: 1..FACTOR_PERIOD_MAX_S; others: 0 */
    enum factor_state state;
    int64_t created_s;
    int64_t pending_until_s; /* a pending factor cannot be confirmed from this second on */
    int64_t confirmed_s;     /* of recovery and help-desk codes: 0, so that a revoked one leaves no tombstone */
    int64_t not_before_s;    /* usable from this second on */
    int64_t not_after_s;     /* usable until before this second; 0: for ever */
    int64_t last_used_s;
    /* What is spent; it only grows (Q3). TOTP, HOTP: the lowest moving factor that may still be accepted. Recovery codes: bit i: the i-th is
     * spent. Help-desk code: how often it was used. */
    uint64_t mark;
    int32_t offset_steps; /* TOTP: device clock minus verifier clock, set by an admin's resync or import only (Q5) */
    uint32_t uses;        /* help-desk code: it may be used so often; 0: as often as needed */
    int64_t replaces;     /* pending: the confirmation revokes this other factor of the user; 0: none (Q18) */
    uint32_t handed_out; /* 1: given away on a sheet or taken over: the first right code at a login confirms it (Q15) */
    uint8_t fingerprint[FINGERPRINT_SIZE]; /* keyed; equal for equal secrets in one store */
    uint32_t key_id;                       /* key of the ring that sealed and tagged this row */
    uint32_t sealed_len;                   /* 0 in a tombstone */
    uint8_t sealed[FACTOR_SEALED_MAX];     /* the sealed secret, or the keyed hashes of codes, CODE_HASH_SIZE each */
    uint8_t tag[TAG_SIZE];                 /* over everything above */
};

#endif
