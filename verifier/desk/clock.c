/* Looks at codes that were refused as wrong: what that is good for is written in clock_watch.h.
 *
 * The refused person learns nothing of it: verdict, reason and entry are made before, and the refusal leaves on its grid. What goes
 * wrong in here is nobody's concern.
 */
#include "inside.h"

int64_t desk_uptime_s(void)
{
    return wire_deadline_ms(0) / 1000;
}

/* One is enough, and its cost is the same for everybody: the one that was used last. */
static const struct factor *device_of(const struct factor *factors, size_t usable)
{
    const struct factor *found = NULL;
    for (size_t i = 0; i < usable; i++)
        if (factors[i].kind == FACTOR_TOTP && (found == NULL || factors[i].last_used_s > found->last_used_s))
            found = &factors[i];
    return found;
}

/* The unspent match that is nearest to the middle. Constant time in the code as otp_match is: each range is compared to its end. */
static bool find_offset(struct crypto *crypto, const struct factor *factor, const struct secret *secret,
                        const struct secret *code, uint64_t middle, int64_t *out_steps)
{
    struct policy_range ranges[CLOCK_RANGES];
    size_t count = clock_watch_ranges(middle, factor->period_s, ranges);
    int64_t nearest = INT64_MAX;

    for (size_t i = 0; i < count; i++) {
        uint64_t matches = 0;
        if (otp_match(crypto, secret, factor->algorithm, factor->digits, ranges[i].first, ranges[i].count, code,
                      &matches) != STATUS_OK)
            return false;
        for (unsigned bit = 0; bit < ranges[i].count; bit++) {
            int64_t away = (int64_t)(ranges[i].first + bit) - (int64_t)middle;
            if ((matches >> bit & 1) == 0 || ranges[i].first + bit < factor->mark)
                continue;
            if (nearest == INT64_MAX || (away < 0 ? -away : away) < (nearest < 0 ? -nearest : nearest))
                nearest = away;
        }
    }
    *out_steps = nearest;
    return nearest != INT64_MAX;
}

void desk_clock_look(struct change *change, const struct factor *factors, size_t usable, const struct secret *code)
{
    struct clock_watch *watch = &change->desk->clock;
    const struct factor *factor = device_of(factors, usable);
    secret_owner struct secret *secret = NULL;
    int64_t steps = 0, at_s = desk_uptime_s();

    if (factor == NULL || secret_len(code) != factor->digits || !clock_watch_may_look(watch, at_s))
        return;
    struct policy_range window = policy_range(&change->desk->rules.limits, factor, change->now_s);
    if (window.count == 0 || vault_unseal(change->keys, factor, &secret) != STATUS_OK)
        return;
    if (find_offset(change->desk->crypto, factor, secret, code, window.first + window.count / 2, &steps))
        clock_watch_hit(watch, factor->user, steps * (int64_t)factor->period_s, factor->period_s, at_s);
}

void desk_clock_right(struct change *change, const struct factor *factor)
{
    if (factor->kind == FACTOR_TOTP)
        clock_watch_right(&change->desk->clock, factor->user);
}

void desk_clock_tell(struct desk *desk)
{
    struct notice notice;
    if (clock_watch_judge(&desk->clock, desk_uptime_s(), &notice) && desk->notice != NULL)
        desk->notice(&notice, desk->context);
}
