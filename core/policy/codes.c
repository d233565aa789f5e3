/* MUST 1  A recovery code whose bit is set is never accepted, and no bit is ever taken back.
 * MUST 2  A help-desk code is accepted no more often than it may be used.
 */
#include <garde/policy.h>

/* Of how many codes the set is; its hashes are what there is of them. */
static uint64_t all_codes(const struct factor *factor)
{
    uint32_t count = factor->sealed_len / CODE_HASH_SIZE;
    return (UINT64_C(1) << (count < RECOVERY_CODES ? count : RECOVERY_CODES)) - 1;
}

uint32_t policy_codes_left(const struct factor *factor)
{
    uint32_t left = 0;

    if (factor->kind == FACTOR_TEMPORARY) {
        if (factor->uses == 0)
            return UINT32_MAX;
        return factor->mark < factor->uses ? factor->uses - (uint32_t)factor->mark : 0;
    }
    if (factor->kind == FACTOR_RECOVERY)
        for (uint64_t unspent = all_codes(factor) & ~factor->mark; unspent != 0; unspent &= unspent - 1)
            left++;
    return left;
}

static enum verdict judge_set(const struct factor *factor, uint64_t matches, uint64_t *out_mark,
                              enum reason *out_reason)
{
    uint64_t good = matches & all_codes(factor) & ~factor->mark;

    if (good == 0) {
        *out_reason = matches == 0 ? REASON_WRONG_CODE : REASON_REPLAYED;
        return VERDICT_REFUSED;
    }
    *out_mark = factor->mark | (good & (0 - good));
    return VERDICT_ACCEPTED;
}

enum verdict policy_judge_codes(const struct factor *factor, uint64_t matches, uint64_t *out_mark,
                                enum reason *out_reason)
{
    if (factor->kind == FACTOR_RECOVERY)
        return judge_set(factor, matches, out_mark, out_reason);
    if (factor->kind != FACTOR_TEMPORARY || (matches & 1) == 0) {
        *out_reason = REASON_WRONG_CODE;
        return VERDICT_REFUSED;
    }
    if (policy_codes_left(factor) == 0 || factor->mark >= INT64_MAX) {
        *out_reason = REASON_USED_UP;
        return VERDICT_REFUSED;
    }
    *out_mark = factor->mark + 1;
    return VERDICT_ACCEPTED;
}
