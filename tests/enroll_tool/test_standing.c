#include "suite.h"

#include <string.h>

#include "standing.h"

#define NOW 1795600000

static struct wire_factor factor(enum factor_kind kind, enum factor_state state)
{
    return (struct wire_factor){.id = 1, .kind = kind, .state = state, .period_s = 30, .pending_until_s = NOW + 1};
}

START_TEST(time_decides_to_the_second)
{
    struct wire_factor phone = factor(FACTOR_TOTP, FACTOR_PENDING);
    ck_assert_int_eq(standing_of(&phone, NOW), STANDING_PENDING);
    ck_assert_int_eq(standing_of(&phone, NOW + 1), STANDING_LAPSED);
    phone.state = FACTOR_ACTIVE;
    phone.not_before_s = NOW;
    phone.not_after_s = NOW + 2;
    ck_assert_int_eq(standing_of(&phone, NOW - 1), STANDING_NOT_YET);
    ck_assert_int_eq(standing_of(&phone, NOW), STANDING_ACTIVE);
    ck_assert_int_eq(standing_of(&phone, NOW + 1), STANDING_ACTIVE);
    ck_assert_int_eq(standing_of(&phone, NOW + 2), STANDING_EXPIRED);
}
END_TEST

START_TEST(only_what_is_counted_is_used_up)
{
    struct wire_factor codes = factor(FACTOR_RECOVERY, FACTOR_ACTIVE);
    ck_assert_int_eq(standing_of(&codes, NOW), STANDING_USED_UP);
    codes.left = 1;
    ck_assert_int_eq(standing_of(&codes, NOW), STANDING_ACTIVE);
    struct wire_factor code = factor(FACTOR_TEMPORARY, FACTOR_ACTIVE);
    ck_assert_int_eq(standing_of(&code, NOW), STANDING_ACTIVE);
    code.uses = 2;
    ck_assert_int_eq(standing_of(&code, NOW), STANDING_USED_UP);
    struct wire_factor phone = factor(FACTOR_TOTP, FACTOR_ACTIVE);
    ck_assert_int_eq(standing_of(&phone, NOW), STANDING_ACTIVE);
}
END_TEST

START_TEST(what_an_admin_or_an_intruder_did_comes_before_the_time)
{
    struct wire_factor phone = factor(FACTOR_TOTP, FACTOR_SUSPENDED);
    phone.not_after_s = 1;
    ck_assert_int_eq(standing_of(&phone, NOW), STANDING_SUSPENDED);
    phone.state = FACTOR_REVOKED;
    ck_assert_int_eq(standing_of(&phone, NOW), STANDING_REVOKED);
    phone.tampered = 1;
    ck_assert_int_eq(standing_of(&phone, NOW), STANDING_TAMPERED);
    ck_assert_int_eq(standing_colour(STANDING_TAMPERED), COLOUR_BAD);
}
END_TEST

START_TEST(names_in_the_help_are_those_that_are_taken)
{
    char names[] = STANDING_NAMES;
    enum standing standing = STANDING_PENDING;
    int count = 0;

    for (char *name = names, *next = names; next != NULL; name = next) {
        next = strchr(name, '|');
        if (next != NULL)
            *next++ = '\0';
        ck_assert_int_eq(standing_parse(name, &standing), STATUS_OK);
        ck_assert_int_eq((int)standing, count++);
    }
    ck_assert_int_eq(count, STANDING_TAMPERED);
    ck_assert_int_eq(standing_parse("", &standing), STATUS_INVALID);
    ck_assert_int_eq(standing_parse("Active", &standing), STATUS_INVALID);
    ck_assert_int_eq(standing_parse("TAMPERED", &standing), STATUS_INVALID);
}
END_TEST

START_TEST(clocks_are_those_of_totp_and_within_reason)
{
    struct wire_factor phone = factor(FACTOR_TOTP, FACTOR_ACTIVE);
    phone.offset_steps = -8;
    ck_assert_int_eq(standing_clock_s(&phone), -240);
    phone.offset_steps = INT64_MIN;
    ck_assert_int_eq(standing_clock_s(&phone), 0);
    phone.offset_steps = 12;
    phone.kind = FACTOR_HOTP;
    ck_assert_int_eq(standing_clock_s(&phone), 0);
}
END_TEST

SUITE("standing", time_decides_to_the_second, only_what_is_counted_is_used_up,
      what_an_admin_or_an_intruder_did_comes_before_the_time, names_in_the_help_are_those_that_are_taken,
      clocks_are_those_of_totp_and_within_reason)
