/* MUST 1  No moving factor below the mark is part of a match, and the new mark is above both.
 * MUST 2  What is stored is bounded: no offset beyond POLICY_OFFSET_MAX_S, no counter beyond POLICY_RESYNC_COUNTERS ahead.
 */
#include <garde/policy.h>

#define SPENT_SHOWN 2 /* counters before the mark: a pair that was spent is told from a wrong one */

int64_t policy_offset_max_steps(uint32_t period_s)
{
    return period_s == 0 ? 0 : POLICY_OFFSET_MAX_S / (int64_t)period_s;
}

static int64_t step_of(const struct factor *factor, int64_t now_s)
{
    return now_s > 0 ? now_s / (int64_t)factor->period_s : 0;
}

/* The second code is of a step at most that far from now, the first is one before it. */
static struct policy_range totp_range(const struct factor *factor, int64_t now_s)
{
    if (factor->period_s == 0)
        return (struct policy_range){0, 0};
    int64_t most = policy_offset_max_steps(factor->period_s), step = step_of(factor, now_s);
    int64_t last = INT64_MAX - 2;
    if (step < last - most)
        last = step + most;
    int64_t first = step > most ? step - most - 1 : 0;
    if (first > last)
        first = last;
    return (struct policy_range){(uint64_t)first, (unsigned)(last - first + 1)};
}

/* No counter from which a mark could not lie two ahead. */
static struct policy_range hotp_range(const struct factor *factor)
{
    uint64_t spent = factor->mark < SPENT_SHOWN ? factor->mark : SPENT_SHOWN;
    uint64_t ahead = UINT64_MAX - factor->mark;
    if (ahead > POLICY_RESYNC_COUNTERS)
        ahead = POLICY_RESYNC_COUNTERS;
    return (struct policy_range){factor->mark - spent, (unsigned)(spent + ahead)};
}

struct policy_range policy_resync_range(const struct factor *factor, int64_t now_s)
{
    if (!policy_has_device(factor))
        return (struct policy_range){0, 0};
    return factor->kind == FACTOR_HOTP ? hotp_range(factor) : totp_range(factor, now_s);
}

static bool is_set(const struct policy_matches *matches, unsigned at)
{
    return (matches->words[at / 64] >> at % 64 & 1) != 0;
}

static struct policy_resync found_at(const struct factor *factor, uint64_t first, int64_t now_s)
{
    struct policy_resync found = {.mark = first + 2};
    if (factor->kind == FACTOR_HOTP)
        found.passed = first - factor->mark;
    else
        found.offset_steps = (int32_t)((int64_t)(first + 1) - step_of(factor, now_s));
    return found;
}

enum verdict policy_judge_resync(const struct factor *factor, struct policy_range range,
                                 const struct policy_matches *first, const struct policy_matches *second, int64_t now_s,
                                 struct policy_resync *out_resync, enum reason *out_reason)
{
    enum reason reason = REASON_WRONG_CODE;

    for (unsigned i = 0; i + 1 < range.count && i + 1 < POLICY_RESYNC_SPAN; i++) {
        uint64_t moving = range.first + i;
        if (!is_set(first, i) || !is_set(second, i + 1))
            continue;
        if (moving >= factor->mark) {
            *out_resync = found_at(factor, moving, now_s);
            return VERDICT_ACCEPTED;
        }
        reason = REASON_REPLAYED;
    }
    *out_reason = reason;
    return VERDICT_REFUSED;
}
