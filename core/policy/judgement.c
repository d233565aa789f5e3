/* MUST 1  A moving factor below the mark is never accepted.
 * MUST 2  The mark that comes with an acceptance is above the accepted one: nothing wraps round.
 */
#include <garde/policy.h>

/* A pending one can be confirmed only before it expires: afterwards there is nothing that it could open. */
static bool has_expired(const struct factor *factor, int64_t now_s)
{
    return factor->not_after_s != 0 && now_s >= factor->not_after_s;
}

bool policy_is_usable(const struct factor *factor, int64_t now_s, enum reason *out_reason)
{
    enum reason reason = REASON_REVOKED; /* also of a state that is none */

    switch (factor->state) {
    case FACTOR_SUSPENDED:
        reason = REASON_SUSPENDED;
        break;
    case FACTOR_REVOKED:
        break;
    case FACTOR_PENDING:
        reason = REASON_PENDING;
        if (factor->handed_out == 0 || !policy_is_confirmable(factor, now_s))
            break;
        __attribute__((fallthrough));
    case FACTOR_ACTIVE:
        if (factor->not_before_s != 0 && now_s < factor->not_before_s)
            reason = REASON_NOT_YET;
        else if (has_expired(factor, now_s))
            reason = REASON_EXPIRED;
        else if (policy_is_of_codes(factor) && policy_codes_left(factor) == 0)
            reason = REASON_USED_UP;
        else
            return true;
    }
    *out_reason = reason;
    return false;
}

bool policy_is_confirmable(const struct factor *factor, int64_t now_s)
{
    int64_t from_s = 0; /* as long before the enrolment as pending_until_s is after it */

    if (factor->state != FACTOR_PENDING || now_s >= factor->pending_until_s || has_expired(factor, now_s))
        return false;
    return __builtin_sub_overflow(factor->created_s, factor->pending_until_s, &from_s) ||
           __builtin_add_overflow(factor->created_s, from_s, &from_s) || now_s >= from_s;
}

bool policy_has_device(const struct factor *factor)
{
    return factor->kind == FACTOR_TOTP || factor->kind == FACTOR_HOTP;
}

bool policy_is_of_codes(const struct factor *factor)
{
    return factor->kind == FACTOR_RECOVERY || factor->kind == FACTOR_TEMPORARY;
}

bool policy_is_active_device(const struct factor *factor, int64_t now_s)
{
    return policy_has_device(factor) && factor->state == FACTOR_ACTIVE && !has_expired(factor, now_s);
}

static struct policy_range totp_range(const struct policy_limits *limits, const struct factor *factor, int64_t now_s)
{
    if (factor->period_s == 0)
        return (struct policy_range){0, 0};

    int64_t window = limits->window_steps < POLICY_WINDOW_MAX ? limits->window_steps : POLICY_WINDOW_MAX;
    int64_t step = now_s > 0 ? now_s / factor->period_s : 0;
    int64_t margin = INT64_MAX - POLICY_WINDOW_MAX;
    int64_t middle = 0;
    if (__builtin_add_overflow(step, (int64_t)factor->offset_steps, &middle) || middle > margin)
        middle = margin;

    int64_t first = middle > window ? middle - window : 0;
    int64_t last = middle + window > 0 ? middle + window : 0;
    return (struct policy_range){(uint64_t)first, (unsigned)(last - first + 1)};
}

/* RFC 4226 7.4: "the next s" counters, the first of which is the mark. UINT64_MAX is never among them: no mark would lie
 * above it. */
static struct policy_range hotp_range(const struct factor *factor)
{
    uint64_t spent = factor->mark > 0 ? 1 : 0;
    uint64_t ahead = UINT64_MAX - factor->mark;
    if (ahead > POLICY_LOOK_AHEAD)
        ahead = POLICY_LOOK_AHEAD;
    return (struct policy_range){factor->mark - spent, (unsigned)(spent + ahead)};
}

struct policy_range policy_range(const struct policy_limits *limits, const struct factor *factor, int64_t now_s)
{
    if (policy_is_of_codes(factor))
        return (struct policy_range){0, 0};
    return factor->kind == FACTOR_HOTP ? hotp_range(factor) : totp_range(limits, factor, now_s);
}

bool policy_mark_is_ahead(const struct policy_limits *limits, const struct factor *factor, int64_t now_s,
                          int64_t *out_usable_from_s)
{
    if (factor->kind != FACTOR_TOTP)
        return false;
    struct policy_range range = policy_range(limits, factor, now_s);
    if (range.count == 0)
        return false;
    uint64_t most = range.first + range.count; /* what accepting the last step of the window leaves */
    if (factor->mark <= most)
        return false;

    /* It comes into the window when the window's last step has come to it. */
    uint64_t steps = factor->mark - (most - 1);
    int64_t start_s = now_s > 0 ? now_s - now_s % factor->period_s : 0;
    int64_t ahead_s = 0;
    if (steps > INT64_MAX || __builtin_mul_overflow((int64_t)steps, (int64_t)factor->period_s, &ahead_s) ||
        __builtin_add_overflow(start_s, ahead_s, out_usable_from_s))
        *out_usable_from_s = INT64_MAX;
    return true;
}

enum verdict policy_judge(const struct factor *factor, struct policy_range range, uint64_t matches, uint64_t *out_mark,
                          enum reason *out_reason)
{
    enum reason reason = REASON_WRONG_CODE;

    for (unsigned i = 0; i < range.count && i < 64 && i < UINT64_MAX - range.first; i++) {
        uint64_t moving = range.first + i;
        if ((matches >> i & 1) == 0)
            continue;
        if (moving >= factor->mark) {
            *out_mark = moving + 1;
            return VERDICT_ACCEPTED;
        }
        reason = REASON_REPLAYED;
    }
    *out_reason = reason;
    return VERDICT_REFUSED;
}

bool policy_skips(const struct unenrolled_rule *rule, int64_t now_s)
{
    switch (rule->answer) {
    case UNENROLLED_REFUSE:
        return false;
    case UNENROLLED_ALLOW:
        return true;
    case UNENROLLED_ALLOW_UNTIL:
        return now_s < rule->until_s;
    }
    return false;
}
