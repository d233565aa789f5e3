#include "suite.h"

#include <garde/policy.h>

#define NOW INT64_C(1800000000)
#define ALL ((UINT64_C(1) << RECOVERY_CODES) - 1)

static struct factor a_set(uint64_t mark)
{
    return (struct factor){.kind = FACTOR_RECOVERY,
                           .state = FACTOR_ACTIVE,
                           .digits = RECOVERY_CODE_LEN,
                           .sealed_len = RECOVERY_CODES * CODE_HASH_SIZE,
                           .mark = mark};
}

static struct factor a_help_desk_code(uint32_t uses, uint64_t mark)
{
    return (struct factor){.kind = FACTOR_TEMPORARY,
                           .state = FACTOR_ACTIVE,
                           .digits = TEMPORARY_CODE_LEN,
                           .sealed_len = CODE_HASH_SIZE,
                           .uses = uses,
                           .mark = mark};
}

static void accepts(struct factor factor, uint64_t matches, uint64_t mark)
{
    enum reason reason = REASON_NONE;
    uint64_t got = UINT64_MAX;
    ck_assert_int_eq(policy_judge_codes(&factor, matches, &got, &reason), VERDICT_ACCEPTED);
    ck_assert_uint_eq(got, mark);
}

static void refuses(struct factor factor, uint64_t matches, enum reason why)
{
    enum reason reason = REASON_NONE;
    uint64_t got = 77;
    ck_assert_int_eq(policy_judge_codes(&factor, matches, &got, &reason), VERDICT_REFUSED);
    ck_assert_int_eq(reason, why);
    ck_assert_uint_eq(got, 77);
}

static void is_unusable(struct factor factor, enum reason why)
{
    enum reason reason = REASON_NONE;
    ck_assert(!policy_is_usable(&factor, NOW, &reason));
    ck_assert_int_eq(reason, why);
}

START_TEST(each_recovery_code_is_accepted_once_and_then_replayed)
{
    uint64_t mark = 0;
    for (unsigned i = 0; i < RECOVERY_CODES; i++) {
        accepts(a_set(mark), UINT64_C(1) << i, mark | UINT64_C(1) << i);
        mark |= UINT64_C(1) << i;
        refuses(a_set(mark), UINT64_C(1) << i, REASON_REPLAYED);
    }
    ck_assert_uint_eq(mark, ALL);
    refuses(a_set(0), 0, REASON_WRONG_CODE);
    refuses(a_set(ALL), 0, REASON_WRONG_CODE);
}
END_TEST

START_TEST(of_several_matches_one_unspent_code_is_spent)
{
    accepts(a_set(1), 0x7, 0x3);
    accepts(a_set(0), 0x208, 0x8);
}
END_TEST

START_TEST(a_match_behind_the_last_code_of_a_set_is_never_accepted)
{
    struct factor two = a_set(0);
    two.sealed_len = 2 * CODE_HASH_SIZE;
    accepts(two, 0x2, 0x2);
    refuses(two, 0x4, REASON_REPLAYED);
    refuses(a_set(0), UINT64_C(1) << RECOVERY_CODES, REASON_REPLAYED);
    two.sealed_len = 0;
    refuses(two, 0x1, REASON_REPLAYED);
}
END_TEST

START_TEST(a_help_desk_code_is_accepted_as_often_as_it_may_be_used)
{
    accepts(a_help_desk_code(2, 0), 1, 1);
    accepts(a_help_desk_code(2, 1), 1, 2);
    refuses(a_help_desk_code(2, 2), 1, REASON_USED_UP);
    refuses(a_help_desk_code(2, 3), 1, REASON_USED_UP);
    refuses(a_help_desk_code(2, 2), 0, REASON_WRONG_CODE);
    refuses(a_help_desk_code(2, 0), 2, REASON_WRONG_CODE);
    accepts(a_help_desk_code(0, 40), 1, 41);
    accepts(a_help_desk_code(0, UINT32_MAX), 1, UINT64_C(1) << 32);
    refuses(a_help_desk_code(0, INT64_MAX), 1, REASON_USED_UP);
}
END_TEST

START_TEST(a_device_is_never_judged_by_codes)
{
    refuses((struct factor){.kind = FACTOR_TOTP, .sealed_len = 64}, 1, REASON_WRONG_CODE);
    refuses((struct factor){.kind = FACTOR_HOTP, .sealed_len = 64}, 1, REASON_WRONG_CODE);
    struct factor device = {.kind = FACTOR_TOTP, .sealed_len = 64};
    ck_assert_uint_eq(policy_codes_left(&device), 0);
}
END_TEST

START_TEST(what_is_left_is_counted_from_the_mark)
{
    struct factor factor = a_set(0);
    ck_assert_uint_eq(policy_codes_left(&factor), RECOVERY_CODES);
    factor = a_set(0x205);
    ck_assert_uint_eq(policy_codes_left(&factor), RECOVERY_CODES - 3);
    factor = a_set(UINT64_MAX);
    ck_assert_uint_eq(policy_codes_left(&factor), 0);
    factor.sealed_len = 0; /* a tombstone */
    factor.mark = 0;
    ck_assert_uint_eq(policy_codes_left(&factor), 0);
    factor = a_help_desk_code(5, 2);
    ck_assert_uint_eq(policy_codes_left(&factor), 3);
    factor = a_help_desk_code(5, UINT64_MAX);
    ck_assert_uint_eq(policy_codes_left(&factor), 0);
    factor = a_help_desk_code(0, 1000);
    ck_assert_uint_eq(policy_codes_left(&factor), UINT32_MAX);
}
END_TEST

START_TEST(codes_that_are_used_up_suspended_or_past_their_time_are_unusable)
{
    struct factor factor = a_set(ALL - 1);
    enum reason reason = REASON_NONE;
    ck_assert(policy_is_usable(&factor, NOW, &reason));
    is_unusable(a_set(ALL), REASON_USED_UP);
    factor = a_help_desk_code(2, 1);
    ck_assert(policy_is_usable(&factor, NOW, &reason));
    is_unusable(a_help_desk_code(2, 2), REASON_USED_UP);

    factor.state = FACTOR_SUSPENDED;
    is_unusable(factor, REASON_SUSPENDED);
    factor = a_help_desk_code(2, 2);
    factor.not_after_s = NOW;
    is_unusable(factor, REASON_EXPIRED);
    factor.mark = 0;
    is_unusable(factor, REASON_EXPIRED);
    factor.not_after_s = NOW + 1;
    ck_assert(policy_is_usable(&factor, NOW, &reason));
}
END_TEST

START_TEST(codes_have_no_moving_factors_to_compare_with)
{
    const struct policy_limits limits = {.window_steps = 1, .lock_for_s = 900};
    struct factor factor = a_set(0);
    factor.period_s = 30; /* which only a stranger's hand writes */
    int64_t from_s = 0;
    ck_assert_uint_eq(policy_range(&limits, &factor, NOW).count, 0);
    factor.kind = FACTOR_TEMPORARY;
    ck_assert_uint_eq(policy_range(&limits, &factor, NOW).count, 0);
    factor.mark = UINT64_MAX;
    ck_assert(!policy_mark_is_ahead(&limits, &factor, NOW, &from_s));
}
END_TEST

SUITE("policy codes", each_recovery_code_is_accepted_once_and_then_replayed,
      of_several_matches_one_unspent_code_is_spent, a_match_behind_the_last_code_of_a_set_is_never_accepted,
      a_help_desk_code_is_accepted_as_often_as_it_may_be_used, a_device_is_never_judged_by_codes,
      what_is_left_is_counted_from_the_mark, codes_that_are_used_up_suspended_or_past_their_time_are_unusable,
      codes_have_no_moving_factors_to_compare_with)
