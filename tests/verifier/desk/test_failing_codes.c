/* Whatever call fails beneath the desk: recovery and help-desk codes are made whole or not at all, and spent if they were
 * accepted. */
#include "suite.h"
#include "turns.h"

#define SET (RECOVERY_CODES * RECOVERY_CODE_LEN)

/* Ten codes that no set of another number has. */
static void codes_of(int set, char out_codes[SET + 1])
{
    for (int i = 0; i < RECOVERY_CODES; i++)
        (void)snprintf(out_codes + (size_t)i * RECOVERY_CODE_LEN, RECOVERY_CODE_LEN + 1, "%014d%d", set, i);
}

static void give(struct job *job)
{
    ck_assert_int_eq(office_ask(&office, job).code, WIRE_OK);
}

static bool types(const char *codes, int number)
{
    struct secret *code = secret_copy(codes + (size_t)number * RECOVERY_CODE_LEN, RECOVERY_CODE_LEN);
    return office_log_in(&office, "alice", origin, code) == ACCEPTED;
}

static bool types_help(const char *code)
{
    return office_log_in(&office, "alice", origin, office_typed(code)) == ACCEPTED;
}

START_TEST(a_recovery_code_is_spent_if_it_was_accepted_and_otherwise_not)
{
    char codes[SET + 1];
    int set = 0;
    open_with_alice();
    EACH_TURN(turn)
    {
        codes_of(set++, codes);
        give(office_recovery("alice", codes));
        struct job *job = office_attempt("alice", origin, secret_copy(codes, RECOVERY_CODE_LEN));
        run(&turn, job);
        bool accepted = job->verdict == VERDICT_ACCEPTED;
        office_free(job);
        HOLDS(accepted || !turn.over, turn);
        HOLDS(types(codes, 0) == !accepted, turn);
        HOLDS(types(codes, 1), turn);
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_new_set_takes_the_place_of_the_old_or_leaves_it_whatever_fails)
{
    char old[SET + 1], fresh[SET + 1];
    int set = 0;
    open_with_alice();
    EACH_TURN(turn)
    {
        codes_of(set++, old);
        codes_of(set++, fresh);
        give(office_recovery("alice", old));
        enum wire_result_code code = ask(&turn, office_recovery("alice", fresh));
        HOLDS(code == WIRE_OK || (code == WIRE_UNAVAILABLE && !turn.over), turn);
        HOLDS(types(fresh, 0) == (code == WIRE_OK), turn);
        HOLDS(types(old, 0) == (code != WIRE_OK), turn);
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_help_desk_code_takes_the_place_of_the_old_or_leaves_it_whatever_fails)
{
    open_with_alice();
    EACH_TURN(turn)
    {
        give(office_tempcode("alice", "00000001", 3600, 0, "phone at home"));
        enum wire_result_code code = ask(&turn, office_tempcode("alice", "00000002", 3600, 0, "phone lost"));
        HOLDS(code == WIRE_OK || (code == WIRE_UNAVAILABLE && !turn.over), turn);
        HOLDS(types_help("00000002") == (code == WIRE_OK), turn);
        HOLDS(types_help("00000001") == (code != WIRE_OK), turn);
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_use_of_a_help_desk_code_is_counted_if_it_was_accepted_and_otherwise_not)
{
    open_with_alice();
    EACH_TURN(turn)
    {
        give(office_tempcode("alice", "00000001", 3600, 1, "phone at home"));
        struct job *job = office_attempt("alice", origin, office_typed("0000 0001"));
        run(&turn, job);
        bool accepted = job->verdict == VERDICT_ACCEPTED;
        office_free(job);
        HOLDS(accepted || !turn.over, turn);
        HOLDS(types_help("00000001") == !accepted, turn);
        HOLDS(office_ask(&office, office_change(WIRE_UNLOCK, "alice", 0)).code == WIRE_OK, turn);
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

SUITE("verifier/desk/failing_codes", a_recovery_code_is_spent_if_it_was_accepted_and_otherwise_not,
      a_new_set_takes_the_place_of_the_old_or_leaves_it_whatever_fails,
      a_help_desk_code_takes_the_place_of_the_old_or_leaves_it_whatever_fails,
      a_use_of_a_help_desk_code_is_counted_if_it_was_accepted_and_otherwise_not)
