/* The rules: who may try now, which codes count, what an attempt costs. Component; pure: no clock, no I/O.
 *
 * Sources: RFC 4226 7.2-7.4, RFC 6238 5.2 and 6, NIST SP 800-63B 5.2.2 (Q3-Q8, Q13, Q15).
 *
 * Throttle. An origin is usual while the user's last success from it is at most 30 days old. A failure counts for its
 * origin; from an origin that is not usual it also spends one of the account's 60 for strangers. The sum over
 * the usual origins may reach 40. With n consecutive failures an origin waits
 *
 *     n    1  2  3  4  5  6   7   8   9    10 and more
 *     s    0  0  1  2  4  8  16  32  64    lock_for_s
 *
 * (2^(n-3) from the third on) after the last of them; an attempt inside the wait is refused unspent and counts for nothing.
 * A last failure that lies in the future (the clock was set back) is no wait. A success clears its own origin, and gives the
 * strangers' budget back one for each whole hour since it last came back, at most 24 at once.
 */
#ifndef GARDE_POLICY_H
#define GARDE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/account.h>
#include <garde/entry.h>
#include <garde/factor.h>

#define POLICY_LOOK_AHEAD       10   /* HOTP, RFC 4226 7.4 (Q5) */
#define POLICY_WINDOW_MAX       2    /* TOTP steps either side, hard maximum (Q4) */
#define POLICY_RESYNC_COUNTERS  1000 /* HOTP: a resync looks so far ahead (Q5) */
#define POLICY_OFFSET_MAX_S     3600 /* TOTP: a device may be so far off, either way (Q5) */
#define POLICY_LOCK_AT          10   /* consecutive failures of one origin (Q7) */
#define POLICY_USUAL_BUDGET     40   /* over all usual origins of a user */
#define POLICY_OTHER_BUDGET     60   /* over all others */
#define POLICY_OTHER_BACK_A_DAY 24   /* of the latter, after a success */
#define POLICY_USUAL_FOR_S      (30 * 86400)
#define POLICY_ORIGINS_MAX      64 /* rows kept per user; see policy_forgets */

struct policy_limits {
    uint32_t window_steps; /* 0..POLICY_WINDOW_MAX, default 1 */
    int64_t lock_for_s;    /* an origin that is locked tries again after this */
};

/* May an attempt be made from `here` now? `usual_failures` is policy_usual_failures() of all of the user's origins.
 * false: *out_reason is REASON_DELAYED, REASON_LOCKED or REASON_BUDGET, and the secret stays sealed. */
bool policy_admits(const struct policy_limits *limits, const struct account *account, const struct origin *here,
                   uint32_t usual_failures, int64_t now_s, enum reason *out_reason);
bool policy_is_usual(const struct origin *origin, int64_t now_s);
uint32_t policy_usual_failures(const struct origin *origins, size_t count, int64_t now_s);
/* The wait in seconds that follows the nth consecutive failure. */
int64_t policy_wait_s(const struct policy_limits *limits, uint32_t failures);

/* What an attempt costs. They change account and origin in place; the caller stores them. */
void policy_count_failure(struct account *account, struct origin *here, int64_t now_s);
void policy_count_success(struct account *account, struct origin *here, int64_t now_s);
/* An admin's unlock: all of the account's counters and this origin's back to zero; a success is not invented. */
void policy_unlock_account(struct account *account, int64_t now_s);
void policy_unlock_origin(struct origin *origin);
/* true: the row carries nothing that a later decision needs (no success within 30 days, no failure within 30 days). */
bool policy_forgets(const struct origin *origin, int64_t now_s);

/* May this factor be used at now_s? Of the pending ones only one that was handed out, for as long as it can be confirmed: the code that it
 * is used with confirms it (Q15). false: *out_reason is PENDING, SUSPENDED, NOT_YET, EXPIRED, REVOKED, or USED_UP: a set without a code
 * left, a help-desk code that was used as often as it may be. */
bool policy_is_usable(const struct factor *factor, int64_t now_s, enum reason *out_reason);
/* May this pending factor be confirmed at now_s? false for any other state, after pending_until_s and not_after_s, and where the
 * enrolment lies further ahead than a factor stays pending: it was made while the clock was ahead. */
bool policy_is_confirmable(const struct factor *factor, int64_t now_s);
/* Has it a secret and a device: is it TOTP or HOTP? And is it one that the user can count on: active, and not expired? */
bool policy_has_device(const struct factor *factor);
bool policy_is_active_device(const struct factor *factor, int64_t now_s);

/* The moving factors to compare with: `count` from `first` on, as otp_match takes them. TOTP: the window round
 * now + offset. HOTP: the counter before the mark (so that a replay is told from a wrong code) and the look-ahead, which is the
 * next POLICY_LOOK_AHEAD counters from the mark on. UINT64_MAX is never among them. A TOTP factor without a period, and kinds that
 * have no moving factor: count 0. */
struct policy_range {
    uint64_t first;
    unsigned count;
};
struct policy_range policy_range(const struct policy_limits *limits, const struct factor *factor, int64_t now_s);

/* Does the mark of a TOTP factor lie in the future: above what any code that is accepted at now_s leaves? *out_usable_from_s: when its first
 * code can be accepted, INT64_MAX: never. */
bool policy_mark_is_ahead(const struct policy_limits *limits, const struct factor *factor, int64_t now_s,
                          int64_t *out_usable_from_s);

/* The judgement over otp_match's answer. ACCEPTED: the lowest match at or above the mark, and *out_mark is that match + 1.
 * REFUSED: *out_reason is REASON_REPLAYED if only spent moving factors match, else REASON_WRONG_CODE. */
enum verdict policy_judge(const struct factor *factor, struct policy_range range, uint64_t matches, uint64_t *out_mark,
                          enum reason *out_reason);

/* The same over vault_match_code's answer. Recovery codes: ACCEPTED is the lowest match that is not spent, and *out_mark has its bit;
 * REPLAYED if only spent ones match. Help-desk code: ACCEPTED as long as it may be used, and *out_mark is one use more; else USED_UP. */
enum verdict policy_judge_codes(const struct factor *factor, uint64_t matches, uint64_t *out_mark,
                                enum reason *out_reason);
/* Is it a set of recovery codes, or a help-desk code? */
bool policy_is_of_codes(const struct factor *factor);
/* How many recovery codes, or uses of a help-desk code, are left; UINT32_MAX: no limit. Other kinds: 0. */
uint32_t policy_codes_left(const struct factor *factor);
/* A device that has gone off is brought back with two codes that follow each other (RFC 4226 7.4 and E.4, RFC 6238 6; Q5). They are looked for
 * among these moving factors, all of which are compared, as many at a time as otp_match takes. TOTP: the second code is of a step at most
 * POLICY_OFFSET_MAX_S from now, either way. HOTP: the next POLICY_RESYNC_COUNTERS counters from the mark on, and two before it, so that spent
 * codes are told from wrong ones. Count 0: not a factor with a device, or TOTP without a period. */
#define POLICY_RESYNC_SPAN (2 * POLICY_OFFSET_MAX_S + 2) /* the most that there are: a period of 1 s */
struct policy_range policy_resync_range(const struct factor *factor, int64_t now_s);

/* Bit i % 64 of word i / 64: the code matches range.first + i. */
struct policy_matches {
    uint64_t words[(POLICY_RESYNC_SPAN + 63) / 64];
};
struct policy_resync {
    uint64_t mark;        /* n + 2: both codes are spent */
    int32_t offset_steps; /* TOTP: step of the second code minus step of now */
    uint64_t passed;      /* HOTP: so many counters between the mark and n were passed over */
};
/* ACCEPTED: the first code matches n, the second n + 1, with the lowest n at or above the mark; only then *out_resync is set. REFUSED:
 * *out_reason is REASON_REPLAYED if they follow each other below the mark, else REASON_WRONG_CODE. */
enum verdict policy_judge_resync(const struct factor *factor, struct policy_range range,
                                 const struct policy_matches *first, const struct policy_matches *second, int64_t now_s,
                                 struct policy_resync *out_resync, enum reason *out_reason);
/* The largest offset_steps, either way, that a TOTP factor may have. */
int64_t policy_offset_max_steps(uint32_t period_s);

/* Does the rule let an un-enrolled user through without a code at now_s? */
bool policy_skips(const struct unenrolled_rule *rule, int64_t now_s);

#endif
