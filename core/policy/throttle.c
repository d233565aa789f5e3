#include <garde/policy.h>

#define BACK_AFTER_S (86400 / POLICY_OTHER_BACK_A_DAY)

static uint32_t add_capped(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* How long ago; negative for a time that was written before the clock was set back. No value of a row overflows. */
static int64_t age_s(int64_t then_s, int64_t now_s)
{
    int64_t age = 0;
    if (__builtin_sub_overflow(now_s, then_s, &age))
        return now_s > then_s ? INT64_MAX : INT64_MIN;
    return age;
}

static bool is_recent(int64_t then_s, int64_t now_s)
{
    return then_s != 0 && age_s(then_s, now_s) <= POLICY_USUAL_FOR_S;
}

/* A success in the future was a success all the same: the user's own desk stays usual when a clock is put right. */
bool policy_is_usual(const struct origin *origin, int64_t now_s)
{
    return is_recent(origin->last_success_s, now_s);
}

uint32_t policy_usual_failures(const struct origin *origins, size_t count, int64_t now_s)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if (policy_is_usual(&origins[i], now_s))
            sum = add_capped(sum, origins[i].failures);
    return sum;
}

int64_t policy_wait_s(const struct policy_limits *limits, uint32_t failures)
{
    if (failures >= POLICY_LOCK_AT)
        return limits->lock_for_s;
    return failures < 3 ? 0 : INT64_C(1) << (failures - 3);
}

/* The budget comes first: waiting does not mend it, so it is what an admin has to read. */
bool policy_admits(const struct policy_limits *limits, const struct account *account, const struct origin *here,
                   uint32_t usual_failures, int64_t now_s, enum reason *out_reason)
{
    bool is_spent = policy_is_usual(here, now_s) ? usual_failures >= POLICY_USUAL_BUDGET
                                                 : account->other_failures >= POLICY_OTHER_BUDGET;
    if (is_spent) {
        *out_reason = REASON_BUDGET;
        return false;
    }

    int64_t age = age_s(here->last_failure_s, now_s);
    if (age >= 0 && age < policy_wait_s(limits, here->failures)) {
        *out_reason = here->failures >= POLICY_LOCK_AT ? REASON_LOCKED : REASON_DELAYED;
        return false;
    }
    return true;
}

void policy_count_failure(struct account *account, struct origin *here, int64_t now_s)
{
    if (!policy_is_usual(here, now_s))
        account->other_failures = add_capped(account->other_failures, 1);
    here->failures = add_capped(here->failures, 1);
    here->last_failure_s = now_s;
}

static void give_back(struct account *account, int64_t now_s)
{
    if (account->other_failures == 0)
        return;
    int64_t hours = age_s(account->other_refilled_s, now_s) / BACK_AFTER_S;
    if (account->other_refilled_s > now_s) {
        /* The clock was set back: nothing now, but do not wait until it has caught up. */
        account->other_refilled_s = now_s;
    } else if (hours > 0) {
        uint32_t back = hours < POLICY_OTHER_BACK_A_DAY ? (uint32_t)hours : POLICY_OTHER_BACK_A_DAY;
        account->other_failures -= back < account->other_failures ? back : account->other_failures;
        account->other_refilled_s = now_s;
    }
}

void policy_count_success(struct account *account, struct origin *here, int64_t now_s)
{
    give_back(account, now_s);
    here->failures = 0;
    here->last_success_s = now_s;
}

void policy_unlock_account(struct account *account, int64_t now_s)
{
    account->other_failures = 0;
    account->other_refilled_s = now_s;
}

void policy_unlock_origin(struct origin *origin)
{
    origin->failures = 0;
}

bool policy_forgets(const struct origin *origin, int64_t now_s)
{
    return !is_recent(origin->last_success_s, now_s) && !is_recent(origin->last_failure_s, now_s);
}
