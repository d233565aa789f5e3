/* A verifier whose clock is off, seen from the desk. */
#include "suite.h"

#include "office.h"

#define DESK "ip:192.0.2.7"

static struct office office;
static const struct office_token people[] = {{.user = "anne", .uid = 1001, .seed = 1},
                                             {.user = "bob", .uid = 1002, .seed = 2},
                                             {.user = "carl", .uid = 1003, .seed = 3},
                                             {.user = "dora", .uid = 1004, .seed = 4, .period_s = 60, .digits = 8},
                                             {.user = "emil", .uid = 1005, .seed = 5, .kind = FACTOR_HOTP}};
#define TOTP_PEOPLE 4

/* All are enrolled, and known from DESK; dora has a token beside her phone, and used it last. */
static void open_all(void)
{
    office_open(&office);
    for (size_t i = 0; i < TOTP_PEOPLE + 1; i++)
        (void)office_give(&office, people[i]);
    office.now_s += 120;
    for (size_t i = 0; i < TOTP_PEOPLE + 1; i++)
        ck_assert_int_eq(office_log_in(&office, people[i].user, DESK,
                                       office_code(&office, people[i], people[i].kind == FACTOR_HOTP ? 1 : 0)),
                         ACCEPTED);
    office.now_s += 120;
    const struct office_token token = {.user = "dora", .uid = 1004, .seed = 6, .kind = FACTOR_HOTP};
    (void)office_give(&office, token);
    ck_assert_int_eq(office_log_in(&office, "dora", DESK, office_code(&office, token, 1)), ACCEPTED);
}

/* With a device that is right while the verifier's clock is behind by so much. */
static enum reason try_from(const struct office_token *person, int64_t device_ahead_s, const char *origin)
{
    int64_t period_s = person->period_s == 0 ? 30 : person->period_s;
    return office_log_in(&office, person->user, origin, office_code(&office, *person, device_ahead_s / period_s));
}

START_TEST(codes_that_agree_on_another_time_are_noticed_and_still_refused)
{
    static const int64_t offsets_s[] = {3600, -3600, 14 * 3600, -14 * 3600, 1200, -120, 600};
    for (size_t i = 0; i < sizeof offsets_s / sizeof offsets_s[0]; i++) {
        open_all();
        office.now_s += 15 * 3600; /* marks are far below all of it */
        for (size_t j = 0; j < TOTP_PEOPLE; j++) {
            ck_assert_uint_eq(office.notice_count, j < 3 ? 0 : 1);
            ck_assert_int_eq(try_from(&people[TOTP_PEOPLE - 1 - j], offsets_s[i], DESK), REASON_WRONG_CODE);
        }
        ck_assert_int_eq(office.notices[0].kind, NOTICE_CLOCK_OFF);
        ck_assert_int_eq(office.notices[0].number, offsets_s[i]);
        ck_assert_int_eq(office.notices[0].other, 3);
        ck_assert_uint_eq(office.notice_count, 1);
        office_close(&office);
    }
}
END_TEST

START_TEST(what_was_looked_at_is_neither_spent_nor_let_in_and_counts_as_any_wrong_code)
{
    open_all();
    struct secret *early = office_code(&office, people[0], 10);
    struct secret *again = office_code(&office, people[0], 10);
    ck_assert_int_eq(office_log_in(&office, "anne", DESK, early), REASON_WRONG_CODE);
    ck_assert_int_eq(office_last(&office)->reason, REASON_WRONG_CODE);
    ck_assert_int_eq(office_last(&office)->factor_id, 0);
    office.now_s += 300; /* now it is right */
    ck_assert_int_eq(office_log_in(&office, "anne", DESK, again), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(a_place_where_the_user_never_was_says_nothing_about_the_clock)
{
    open_all();
    for (size_t i = 0; i < TOTP_PEOPLE; i++)
        ck_assert_int_eq(try_from(&people[i], 3600, "ip:198.51.100.1"), REASON_WRONG_CODE);
    ck_assert_uint_eq(office.notice_count, 0);
    office_close(&office);
}
END_TEST

START_TEST(spent_codes_and_wrong_ones_say_nothing_about_the_clock)
{
    open_all();
    for (size_t i = 0; i < TOTP_PEOPLE; i++) {
        ck_assert_int_eq(try_from(&people[i], -120, DESK), REASON_WRONG_CODE); /* the one that let in */
        ck_assert_int_eq(office_log_in(&office, people[i].user, DESK, secret_copy("12345", 5)), REASON_WRONG_CODE);
    }
    ck_assert_uint_eq(office.notice_count, 0);
    office_close(&office);
}
END_TEST

START_TEST(a_factor_that_cannot_be_used_or_counts_says_nothing_about_the_clock)
{
    open_all();
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(office_ask(&office, office_change(WIRE_SUSPEND, people[i].user, 0)).code, WIRE_OK);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(try_from(&people[i], 3600, DESK), REASON_SUSPENDED);
    ck_assert_int_eq(office_log_in(&office, "emil", DESK, office_code(&office, people[4], 50)), REASON_WRONG_CODE);
    ck_assert_uint_eq(office.notice_count, 0);
    office_close(&office);
}
END_TEST

START_TEST(the_clock_is_well_again_when_three_users_were_let_in)
{
    open_all();
    for (size_t i = 0; i < 3; i++)
        (void)try_from(&people[i], 3600, DESK);
    ck_assert_uint_eq(office.notice_count, 1);
    office.now_s += 3600;
    ck_assert_int_eq(office_log_in(&office, "emil", DESK, office_code(&office, people[4], 2)), ACCEPTED); /* HOTP */
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(office.notice_count, 1);
        ck_assert_int_eq(try_from(&people[i + 1], 0, DESK), ACCEPTED);
    }
    ck_assert_uint_eq(office.notice_count, 2);
    ck_assert_int_eq(office.notices[1].kind, NOTICE_CLOCK_BACK);
    office_close(&office);
}
END_TEST

SUITE("clock", codes_that_agree_on_another_time_are_noticed_and_still_refused,
      what_was_looked_at_is_neither_spent_nor_let_in_and_counts_as_any_wrong_code,
      a_place_where_the_user_never_was_says_nothing_about_the_clock,
      spent_codes_and_wrong_ones_say_nothing_about_the_clock,
      a_factor_that_cannot_be_used_or_counts_says_nothing_about_the_clock,
      the_clock_is_well_again_when_three_users_were_let_in)
