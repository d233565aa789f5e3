#include "code_office.h"
#include "suite.h"

START_TEST(a_recovery_code_lets_in_once_however_it_is_typed)
{
    open_with_alice();
    struct wire_result result = give_ten("alice", TEN);
    ck_assert_int_eq(result.code, WIRE_OK);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_RECOVERY_MADE);
    ck_assert_int_eq(entry->factor_id, result.number);
    ck_assert_str_eq(entry->user, "alice");
    ck_assert_str_eq(entry->actor, "uid=0 login=1000 sudo=ann");
    ck_assert_str_eq(entry->note, "");

    ck_assert_int_eq(type_code("alice", "fghjk-mnpqr-stvwx"), ACCEPTED);
    entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_LOGIN);
    ck_assert_int_eq(entry->factor_id, result.number);
    ck_assert_str_eq(entry->note, "recovery left=9");
    ck_assert_int_eq(type_code("alice", SECOND), REASON_REPLAYED);
    ck_assert_int_eq(office_last(&office)->factor_id, result.number);
    ck_assert_str_eq(office_last(&office)->note, "");
    office_restart(&office);
    ck_assert_int_eq(type_code("alice", "FGHJKMNPQRSTVWX"), REASON_REPLAYED);
    ck_assert_int_eq(type_code("alice", "Oi234 56789 ABCDE "), ACCEPTED);
    ck_assert_str_eq(office_last(&office)->note, "recovery left=8");
    close_sound();
}
END_TEST

START_TEST(the_log_warns_when_two_recovery_codes_or_fewer_are_left)
{
    open_with_alice();
    int64_t id = give_ten("alice", TEN).number;
    ck_assert_uint_eq(row_of("alice", id).left, 10);
    for (size_t used = 1; used <= RECOVERY_CODES; used++) {
        char code[RECOVERY_CODE_LEN + 1] = "";
        memcpy(code, &TEN[(used - 1) * RECOVERY_CODE_LEN], RECOVERY_CODE_LEN);
        office.notice_count = 0;
        ck_assert_int_eq(type_code("alice", code), ACCEPTED);
        ck_assert_uint_eq(row_of("alice", id).left, RECOVERY_CODES - used);
        ck_assert_uint_eq(office.notice_count, used >= 8 ? 1 : 0);
        if (used < 8)
            continue;
        ck_assert_int_eq(office.notices[0].kind, NOTICE_RECOVERY_LOW);
        ck_assert_str_eq(office.notices[0].user, "alice");
        ck_assert_int_eq(office.notices[0].number, (int64_t)(RECOVERY_CODES - used));
    }
    ck_assert_int_eq(type_code("alice", FIRST), REASON_WRONG_CODE);
    ck_assert_int_eq(change(WIRE_SUSPEND, "alice", 1), WIRE_OK);
    ck_assert_int_eq(type_code("alice", FIRST), REASON_SUSPENDED);
    ck_assert_uint_eq(office.notice_count, 1);
    close_sound();
}
END_TEST

START_TEST(a_help_desk_code_lets_in_as_often_as_needed_until_its_time_is_over)
{
    open_with_alice();
    struct wire_result result = give_help("alice", HELP, 8 * HOUR, 0);
    ck_assert_int_eq(result.code, WIRE_OK);
    ck_assert_int_eq(result.until_s, office.now_s + 8 * HOUR);
    const struct entry *entry = office_last(&office);
    ck_assert_int_eq(entry->event, EVENT_TEMPCODE_MADE);
    ck_assert_int_eq(entry->reason, REASON_ADMIN);
    ck_assert_str_eq(entry->note, WHY);
    ck_assert_int_eq(entry->factor_id, result.number);
    ck_assert_str_eq(row_of("alice", result.number).label, WHY);
    ck_assert_int_eq(row_of("alice", result.number).not_after_s, result.until_s);

    for (int use = 1; use <= 40; use++) {
        char note[NOTE_SIZE];
        office.now_s += 60;
        ck_assert_int_eq(type_code("alice", use % 2 == 0 ? HELP : "0042 0815"), ACCEPTED);
        (void)snprintf(note, sizeof note, "help desk use=%d", use);
        ck_assert_str_eq(office_last(&office)->note, note);
        ck_assert_int_eq(office_last(&office)->factor_id, result.number);
    }
    ck_assert_uint_eq(row_of("alice", result.number).left, 0);
    ck_assert_uint_eq(row_of("alice", result.number).uses, 0);
    office.now_s = result.until_s - 1;
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    office.now_s++;
    ck_assert_int_eq(type_code("alice", HELP), REASON_WRONG_CODE);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 1), WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), REASON_EXPIRED);
    close_sound();
}
END_TEST

START_TEST(a_help_desk_code_with_a_limit_lets_in_no_more_often)
{
    open_with_alice();
    int64_t id = give_help("alice", HELP, HOUR, 2).number;
    ck_assert_int_eq(change(WIRE_SUSPEND, "alice", 1), WIRE_OK);
    ck_assert_uint_eq(row_of("alice", id).left, 2);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    office_restart(&office);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    ck_assert_uint_eq(row_of("alice", id).left, 0);
    ck_assert_uint_eq(row_of("alice", id).uses, 2);
    ck_assert_int_eq(type_code("alice", HELP), REASON_SUSPENDED);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 1), WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), REASON_USED_UP);
    close_sound();
}
END_TEST

START_TEST(a_code_offered_twice_in_one_batch_is_spent_by_the_first)
{
    open_with_alice();
    give_ten("alice", TEN);
    give_help("alice", HELP, HOUR, 1);
    static const char *const typed[] = {FIRST, HELP};
    for (size_t i = 0; i < 2; i++) {
        struct job *jobs = office_attempt("alice", DESK, office_typed(typed[i]));
        jobs->next = office_attempt("alice", "ip:192.0.2.8", office_typed(typed[i]));
        office_run(&office, jobs);
        ck_assert_int_eq(jobs->verdict, VERDICT_ACCEPTED);
        ck_assert_int_eq(jobs->next->verdict, VERDICT_REFUSED);
        ck_assert_int_eq(jobs->next->reason, i == 0 ? REASON_REPLAYED : REASON_WRONG_CODE);
        office_free(jobs);
    }
    close_sound();
}
END_TEST

START_TEST(wrong_codes_of_each_kind_are_throttled_and_a_locked_place_spends_none)
{
    open_with_alice();
    give_ten("alice", TEN);
    give_help("alice", HELP, 24 * HOUR, 1);
    for (int i = 0; i < POLICY_LOCK_AT; i++) {
        ck_assert_int_eq(type_code("alice", i % 2 == 0 ? "0042 0816" : "0123456789ABCDF"), REASON_WRONG_CODE);
        office.now_s += 120;
    }
    ck_assert_int_eq(type_code("alice", HELP), REASON_LOCKED);
    ck_assert_int_eq(type_code("alice", FIRST), REASON_LOCKED);
    ck_assert_int_eq(change(WIRE_UNLOCK, "alice", 0), WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    close_sound();
}
END_TEST

START_TEST(a_spent_bit_cannot_be_taken_back_nor_a_use_without_the_key)
{
    open_with_alice();
    give_ten("alice", TEN);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    office_sql(&office, "UPDATE factor SET mark = 0 WHERE kind = %d", FACTOR_RECOVERY);
    ck_assert_int_eq(type_code("alice", FIRST), REASON_TAMPERED);
    ck_assert_int_eq(type_code("alice", SECOND), REASON_TAMPERED);
    office_sql(&office, "UPDATE factor SET mark = 1 WHERE kind = %d", FACTOR_RECOVERY);
    ck_assert_int_eq(type_code("alice", FIRST), REASON_REPLAYED);

    give_help("alice", HELP, HOUR, 1);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    office_sql(&office, "UPDATE factor SET uses = 0 WHERE kind = %d", FACTOR_TEMPORARY);
    ck_assert_int_eq(type_code("alice", HELP), REASON_TAMPERED);
    office_sql(&office, "UPDATE factor SET uses = 1, not_after_s = not_after_s + 1 WHERE kind = %d", FACTOR_TEMPORARY);
    ck_assert_int_eq(type_code("alice", HELP), REASON_TAMPERED);
    office_close(&office);
}
END_TEST

START_TEST(hashes_copied_to_another_user_let_nobody_in)
{
    open_with_alice();
    office_give(&office, bob);
    give_ten("alice", TEN);
    give_ten("bob", OTHER_TEN);
    office_sql(&office,
               "UPDATE factor SET sealed = (SELECT sealed FROM factor WHERE user = 'alice' AND kind = %d) WHERE "
               "user = 'bob' AND kind = %d",
               FACTOR_RECOVERY, FACTOR_RECOVERY);
    ck_assert_int_eq(type_code("bob", FIRST), REASON_TAMPERED);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(garde_verify_spends_a_recovery_code_and_confirm_takes_none)
{
    open_with_alice();
    give_ten("alice", TEN);
    ck_assert_int_eq(office_ask(&office, office_try("alice", office_typed("fghjk mnpqr stvwx"))).code, WIRE_OK);
    ck_assert_int_eq(office_last(&office)->event, EVENT_VERIFIED);
    ck_assert_str_eq(office_last(&office)->note, "recovery left=9");
    ck_assert_int_eq(type_code("alice", SECOND), REASON_REPLAYED);

    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_typed(FIRST))).code, WIRE_NO_FACTOR);
    struct office_token second = alice;
    second.seed = 0x33;
    ck_assert_int_eq(office_ask(&office, office_enrolment(second)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", office_typed(FIRST))).code, WIRE_WRONG_CODE);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    close_sound();
}
END_TEST

/* As apps show it, and as people copy it. */
static struct secret *grouped(struct office_token token, const char *between)
{
    char text[32] = "";
    secret_owner struct secret *code = office_code(&office, token, 0);
    memcpy(text, secret_read(code), 3);
    strcat(text, between);
    strncat(text, (const char *)secret_read(code) + 3, 3);
    return office_typed(text);
}

START_TEST(a_code_of_an_app_typed_in_groups_is_understood)
{
    static const char *const between[] = {" ", "-", "\xe2\x80\x89", "\xc2\xa0"};
    office_open(&office);
    ck_assert_int_eq(office_ask(&office, office_enrolment(alice)).code, WIRE_OK);
    ck_assert_int_eq(office_ask(&office, office_confirmation("alice", grouped(alice, "\xe2\x80\xaf"))).code, WIRE_OK);
    for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
        office.now_s += 60;
        ck_assert_int_eq(office_log_in(&office, "alice", DESK, grouped(alice, between[i])), ACCEPTED);
        ck_assert_str_eq(office_last(&office)->note, "");
    }
    office.now_s += 60;
    ck_assert_int_eq(office_ask(&office, office_try("alice", grouped(alice, " "))).code, WIRE_OK);
    office.now_s += 60;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, grouped(alice, ".")), REASON_WRONG_CODE);
    close_sound();
}
END_TEST

SUITE("verifier/desk/codes_typed", a_recovery_code_lets_in_once_however_it_is_typed,
      the_log_warns_when_two_recovery_codes_or_fewer_are_left,
      a_help_desk_code_lets_in_as_often_as_needed_until_its_time_is_over,
      a_help_desk_code_with_a_limit_lets_in_no_more_often, a_code_offered_twice_in_one_batch_is_spent_by_the_first,
      wrong_codes_of_each_kind_are_throttled_and_a_locked_place_spends_none,
      a_spent_bit_cannot_be_taken_back_nor_a_use_without_the_key, hashes_copied_to_another_user_let_nobody_in,
      garde_verify_spends_a_recovery_code_and_confirm_takes_none, a_code_of_an_app_typed_in_groups_is_understood)
