#include "code_office.h"
#include "suite.h"

START_TEST(a_new_set_ends_the_old_one_in_the_same_change)
{
    open_with_alice();
    int64_t old = give_ten("alice", TEN).number;
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    size_t told = office.told_count;
    int64_t fresh = give_ten("alice", OTHER_TEN).number;
    ck_assert_int_gt(fresh, old);
    ck_assert_uint_eq(office.told_count, told + 2);
    ck_assert_int_eq(office.told[told].event, EVENT_REVOKED);
    ck_assert_int_eq(office.told[told].reason, REASON_REPLACED);
    ck_assert_int_eq(office.told[told].factor_id, old);
    ck_assert_int_eq(row_of("alice", old).id, 0);
    ck_assert_uint_eq(row_of("alice", fresh).left, 10);

    ck_assert_int_eq(type_code("alice", SECOND), REASON_WRONG_CODE);
    ck_assert_int_eq(type_code("alice", FIRST), REASON_WRONG_CODE);
    ck_assert_int_eq(type_code("alice", "zzzzzzzzzzzzzz3"), ACCEPTED);

    /* The same codes once more are a new set: nothing of theirs is spent. */
    ck_assert_int_eq(give_ten("alice", OTHER_TEN).code, WIRE_OK);
    ck_assert_int_eq(type_code("alice", "zzzzzzzzzzzzzz3"), ACCEPTED);
    close_sound();
}
END_TEST

START_TEST(codes_are_given_only_to_who_has_an_account_that_holds)
{
    open_with_alice();
    ck_assert_int_eq(give_ten("zoe", TEN).code, WIRE_NO_USER);
    ck_assert_int_eq(give_help("zoe", HELP, HOUR, 0).code, WIRE_NO_USER);
    ck_assert_int_eq(give_help("", HELP, HOUR, 0).code, WIRE_NO_USER);
    size_t told = office.told_count;
    office_give(&office, bob);
    office_sql(&office, "UPDATE factor SET label = 'x' WHERE user = 'bob'");
    ck_assert_int_eq(give_ten("bob", TEN).code, WIRE_TAMPERED);
    ck_assert_int_eq(give_help("bob", HELP, HOUR, 0).code, WIRE_TAMPERED);
    ck_assert_int_eq(office_last(&office)->event, EVENT_DENIED);
    ck_assert_uint_eq(office.told_count, told + 4);
    ck_assert_int_eq(give_ten("alice", TEN).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(a_set_is_ten_tidy_codes_that_differ)
{
    static const char *const bad[] = {
        "",
        FIRST,
        &TEN[1],             /* a character too few */
        TEN "0",             /* one too many */
        TEN FIRST,           /* eleven */
        OTHER_TEN OTHER_TEN, /* twenty */
        FIRST FIRST FIRST FIRST FIRST FIRST FIRST FIRST FIRST FIRST,
    };
    open_with_alice();
    size_t told = office.told_count;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(give_ten("alice", bad[i]).code, WIRE_BAD_REQUEST);
    for (size_t i = 0; i < sizeof TEN - 1; i += 7) {
        static const char odd[] = "aOIlU-. \x80";
        char codes[] = TEN;
        codes[i] = odd[i / 7 % (sizeof odd - 1)];
        ck_assert_int_eq(give_ten("alice", codes).code, WIRE_BAD_REQUEST);
    }
    char codes[] = TEN;
    memcpy(codes + sizeof TEN - 1 - RECOVERY_CODE_LEN, codes, RECOVERY_CODE_LEN); /* the last is the first */
    ck_assert_int_eq(give_ten("alice", codes).code, WIRE_BAD_REQUEST);
    struct job *job = office_admin(WIRE_RECOVERY);
    strcpy(job->request.recovery.user, "alice");
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_BAD_REQUEST);
    ck_assert_uint_eq(office.told_count, told);
    close_sound();
}
END_TEST

START_TEST(a_new_help_desk_code_ends_the_one_before)
{
    open_with_alice();
    int64_t old = give_help("alice", HELP, HOUR, 0).number;
    ck_assert_int_eq(give_help("alice", "12345678", HOUR, 0).code, WIRE_OK);
    ck_assert_int_eq(row_of("alice", old).id, 0);
    ck_assert_uint_eq(office_count_told(&office, EVENT_REVOKED, REASON_REPLACED), 1);
    ck_assert_int_eq(type_code("alice", HELP), REASON_WRONG_CODE);
    ck_assert_int_eq(type_code("alice", "12345678"), ACCEPTED);

    /* It ends no set of recovery codes, and the other way round. */
    ck_assert_int_eq(give_ten("alice", TEN).code, WIRE_OK);
    ck_assert_int_eq(type_code("alice", "12345678"), ACCEPTED);
    ck_assert_int_eq(give_help("alice", HELP, HOUR, 0).code, WIRE_OK);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    /* Two users may have the same digits. */
    office_give(&office, bob);
    ck_assert_int_eq(give_help("bob", HELP, HOUR, 0).code, WIRE_OK);
    ck_assert_int_eq(type_code("bob", HELP), ACCEPTED);
    close_sound();
}
END_TEST

START_TEST(a_help_desk_code_has_bounds_and_a_reason)
{
    static const struct {
        const char *code;
        int64_t for_s;
        uint32_t uses;
        const char *why;
        enum wire_result_code answer;
    } asked[] = {
        {HELP, 60, 0, WHY, WIRE_OK},
        {HELP, 59, 0, WHY, WIRE_BAD_REQUEST},
        {HELP, 0, 0, WHY, WIRE_BAD_REQUEST},
        {HELP, INT64_MIN, 0, WHY, WIRE_BAD_REQUEST},
        {HELP, 7 * 24 * HOUR, 1000, WHY, WIRE_OK},
        {HELP, 7 * 24 * HOUR + 1, 0, WHY, WIRE_BAD_REQUEST},
        {HELP, INT64_MAX, 0, WHY, WIRE_BAD_REQUEST},
        {HELP, HOUR, 1001, WHY, WIRE_BAD_REQUEST},
        {HELP, HOUR, UINT32_MAX, WHY, WIRE_BAD_REQUEST},
        {HELP, HOUR, 0, "", WIRE_BAD_REQUEST},
        {HELP, HOUR, 0, "two\nlines", WIRE_BAD_REQUEST},
        {"0042081", HOUR, 0, WHY, WIRE_BAD_REQUEST},
        {"004208150", HOUR, 0, WHY, WIRE_BAD_REQUEST},
        {"0042 0815", HOUR, 0, WHY, WIRE_BAD_REQUEST},
        {"0042081x", HOUR, 0, WHY, WIRE_BAD_REQUEST},
        {"", HOUR, 0, WHY, WIRE_BAD_REQUEST},
    };
    open_with_alice();
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ck_assert_int_eq(
            office_ask(&office, office_tempcode("alice", asked[i].code, asked[i].for_s, asked[i].uses, asked[i].why))
                .code,
            asked[i].answer);
    close_sound();
}
END_TEST

START_TEST(a_long_reason_is_kept_whole_and_its_label_ends_with_a_whole_character)
{
    char why[NOTE_SIZE] = "";
    open_with_alice();
    for (size_t lead = 0; lead < 4; lead++) {
        memset(why, 'x', lead);
        why[lead] = '\0';
        while (strlen(why) < 100)
            strcat(why, "\xf0\x9f\x93\xb1"); /* four bytes */
        int64_t id = office_ask(&office, office_tempcode("alice", HELP, HOUR, 0, why)).number;
        ck_assert_str_eq(office_last(&office)->note, why);
        struct wire_factor row = row_of("alice", id);
        ck_assert_uint_eq(strlen(row.label), lead + (LABEL_SIZE - 1 - lead) / 4 * 4);
        ck_assert_mem_eq(row.label, why, strlen(row.label));
    }
    close_sound();
}
END_TEST

START_TEST(codes_are_suspended_resumed_and_revoked_without_a_trace_like_others)
{
    open_with_alice();
    int64_t set = give_ten("alice", TEN).number, help = give_help("alice", HELP, HOUR, 0).number;
    ck_assert_int_eq(change(WIRE_SUSPEND, "alice", set), WIRE_OK);
    ck_assert_int_eq(change(WIRE_SUSPEND, "alice", help), WIRE_OK);
    ck_assert_int_eq(type_code("alice", FIRST), REASON_WRONG_CODE);
    ck_assert_int_eq(type_code("alice", HELP), REASON_WRONG_CODE);
    ck_assert_int_eq(change(WIRE_RESUME, "alice", 0), WIRE_OK);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", set), WIRE_OK);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", help), WIRE_OK);
    ck_assert_int_eq(type_code("alice", SECOND), REASON_WRONG_CODE);
    ck_assert_int_eq(type_code("alice", HELP), REASON_WRONG_CODE);
    ck_assert_int_eq(row_of("alice", set).id, 0);
    ck_assert_int_eq(row_of("alice", help).id, 0);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    close_sound();
}
END_TEST

START_TEST(sixteen_factors_leave_no_room_for_codes_but_for_those_that_they_replace)
{
    open_with_alice();
    int64_t last = 0;
    for (uint8_t i = 2; i <= FACTORS_PER_USER; i++)
        last = office_give(&office, (struct office_token){.user = "alice", .uid = 1000, .seed = i});
    ck_assert_int_eq(give_ten("alice", TEN).code, WIRE_TOO_MANY);
    ck_assert_int_eq(give_help("alice", HELP, HOUR, 0).code, WIRE_TOO_MANY);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", last), WIRE_OK);
    ck_assert_int_eq(give_ten("alice", TEN).code, WIRE_OK);
    ck_assert_int_eq(give_help("alice", HELP, HOUR, 0).code, WIRE_TOO_MANY);
    ck_assert_int_eq(give_ten("alice", OTHER_TEN).code, WIRE_OK);
    struct job *job = office_enrolment((struct office_token){.user = "alice", .uid = 1000, .seed = 99});
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_TOO_MANY);
    close_sound();
}
END_TEST

START_TEST(who_was_never_confirmed_is_not_by_a_code_and_leaves_nothing)
{
    office_open(&office);
    int64_t phone = office_ask(&office, office_enrolment(alice)).number;
    int64_t help = give_help("alice", HELP, HOUR, 0).number;
    ck_assert_int_eq(give_ten("alice", TEN).code, WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    ck_assert_int_eq(row_of("alice", help).confirmed_s, 0);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", phone), WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0), WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), REASON_UNENROLLED);
    ck_assert_int_eq(give_help("alice", HELP, HOUR, 0).code, WIRE_NO_USER);
    close_sound();
}
END_TEST

START_TEST(who_has_lost_every_device_gets_a_help_desk_code)
{
    open_with_alice();
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0), WIRE_OK);
    ck_assert_int_eq(type_code("alice", "123456"), REASON_REVOKED);
    ck_assert_int_eq(give_help("alice", HELP, HOUR, 0).code, WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    ck_assert_int_eq(change(WIRE_REVOKE, "alice", 0), WIRE_OK);
    ck_assert_int_eq(type_code("alice", HELP), REASON_REVOKED);
    close_sound();
}
END_TEST

START_TEST(no_code_is_found_in_what_is_on_disk)
{
    open_with_alice();
    give_ten("alice", TEN);
    give_help("alice", HELP, HOUR, 0);
    ck_assert_int_eq(type_code("alice", FIRST), ACCEPTED);
    ck_assert_int_eq(type_code("alice", HELP), ACCEPTED);
    static const char *const files[] = {"", "-wal"};
    size_t seen = 0;
    for (size_t i = 0; i < 2; i++) {
        char name[128];
        static char bytes[64 << 20];
        (void)snprintf(name, sizeof name, "%s%s", office.store, files[i]);
        FILE *file = fopen(name, "rb");
        ck_assert_ptr_nonnull(file);
        size_t len = fread(bytes, 1, sizeof bytes, file);
        ck_assert_int_eq(fclose(file), 0);
        ck_assert_ptr_null(memmem(bytes, len, FIRST, 10));
        ck_assert_ptr_null(memmem(bytes, len, SECOND, 10));
        ck_assert_ptr_null(memmem(bytes, len, HELP, 8));
        seen += memmem(bytes, len, WHY, strlen(WHY)) != NULL ? 1 : 0; /* what is there is found */
    }
    ck_assert_uint_gt(seen, 0);
    close_sound();
}
END_TEST

SUITE("verifier/desk/codes", a_new_set_ends_the_old_one_in_the_same_change,
      codes_are_given_only_to_who_has_an_account_that_holds, a_set_is_ten_tidy_codes_that_differ,
      a_new_help_desk_code_ends_the_one_before, a_help_desk_code_has_bounds_and_a_reason,
      a_long_reason_is_kept_whole_and_its_label_ends_with_a_whole_character,
      codes_are_suspended_resumed_and_revoked_without_a_trace_like_others,
      sixteen_factors_leave_no_room_for_codes_but_for_those_that_they_replace,
      who_was_never_confirmed_is_not_by_a_code_and_leaves_nothing, who_has_lost_every_device_gets_a_help_desk_code,
      no_code_is_found_in_what_is_on_disk)
