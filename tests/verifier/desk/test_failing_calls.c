/* Whatever call fails beneath the desk, and once or for some time: what is asked for is done whole or not at all, nothing is
 * accepted that was not recorded, nothing twice, and the desk is well again afterwards. */
#include "suite.h"
#include "turns.h"

START_TEST(a_right_code_is_spent_if_it_was_accepted_and_otherwise_not)
{
    open_with_alice();
    EACH_TURN(turn)
    {
        struct job *job = office_attempt("alice", origin, office_code(&office, alice, counter));
        run(&turn, job);
        bool accepted = job->verdict == VERDICT_ACCEPTED;
        office_free(job);
        HOLDS(accepted || !turn.over, turn);
        HOLDS((office_log_in(&office, "alice", origin, office_code(&office, alice, counter)) == ACCEPTED) == !accepted,
              turn);
        counter++;
        HOLDS(office_log_in(&office, "alice", origin, office_code(&office, alice, counter)) == ACCEPTED, turn);
        counter++;
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_wrong_or_spent_code_is_accepted_whatever_fails_by_nobody)
{
    open_with_alice();
    EACH_TURN(turn)
    {
        struct job *jobs = office_attempt("alice", origin, office_wrong_code(&office, alice));
        jobs->next = office_attempt("alice", "ip:192.0.2.8", office_code(&office, alice, counter - 1));
        jobs->next->next = office_attempt("nobody", origin, office_wrong_code(&office, alice));
        run(&turn, jobs);
        for (struct job *job = jobs; job != NULL; job = job->next)
            HOLDS(job->verdict == VERDICT_REFUSED, turn);
        office_free(jobs);
        HOLDS(office_ask(&office, office_change(WIRE_UNLOCK, "alice", 0)).code == WIRE_OK, turn);
        HOLDS(office_log_in(&office, "alice", origin, office_code(&office, alice, counter)) == ACCEPTED, turn);
        counter++;
        office.told_count = office.notice_count = 0;
    }
    office_close(&office);
}
END_TEST

static struct job *look(const char *user, enum resolved resolved, const char *canonical, uint32_t uid)
{
    struct job *job = office_attempt(user, origin, NULL);
    job->kind = JOB_LOOK;
    job->rule = (struct unenrolled_rule){.answer = UNENROLLED_ALLOW};
    job->resolved = resolved;
    (void)snprintf(job->canonical, sizeof job->canonical, "%s", canonical);
    job->resolved_uid = uid;
    return job;
}

START_TEST(an_enrolled_user_is_never_taken_for_another_whatever_fails)
{
    open_with_alice();
    EACH_TURN(turn)
    {
        struct job *jobs = look("alice", RESOLVED_NOT_ASKED, "", 0);
        jobs->next = look("Alice", RESOLVED_FOUND, "alice", 1000);
        jobs->next->next = look("alias", RESOLVED_FOUND, "alias", 1000);
        run(&turn, jobs);
        for (struct job *job = jobs; job != NULL; job = job->next)
            HOLDS(job->look == LOOK_ENROLLED || job->look == LOOK_REFUSE, turn);
        office_free(jobs);
    }
    office_close(&office);
}
END_TEST

START_TEST(who_is_let_through_by_rule_is_recorded_whatever_fails)
{
    office_open(&office);
    office_tend(&office);
    EACH_TURN(turn)
    {
        office.told_count = 0;
        struct job *job = look("zoe", RESOLVED_FOUND, "zoe", 1005);
        run(&turn, job);
        HOLDS(job->look == LOOK_SKIP || job->look == LOOK_REFUSE, turn);
        HOLDS(office_count_told(&office, EVENT_SKIP, REASON_RULE) == (job->look == LOOK_SKIP), turn);
        HOLDS(job->look == LOOK_SKIP || !turn.over, turn);
        office_free(job);
    }
    office_close(&office);
}
END_TEST

static struct office_token newcomer(int number, char name[16])
{
    (void)snprintf(name, 16, "user%d", number);
    return (struct office_token){.user = name,
                                 .uid = 2000 + (uint32_t)number,
                                 .kind = FACTOR_HOTP,
                                 .counter = (uint64_t)(number / 200 * 10), /* the secret comes back: above its mark */
                                 .seed = (uint8_t)(number % 200)};
}

static bool confirms(struct office_token token)
{
    struct secret *code = office_code(&office, token, (int64_t)token.counter);
    return office_ask(&office, office_confirmation(token.user, code)).code == WIRE_OK;
}

static bool logs_in(struct office_token token)
{
    return office_log_in(&office, token.user, origin, office_code(&office, token, (int64_t)token.counter + 1)) ==
           ACCEPTED;
}

static bool is_changed(enum wire_change_kind kind, const char *user)
{
    return office_ask(&office, office_change(kind, user, 0)).code == WIRE_OK;
}

static void forget(const char *user)
{
    ck_assert(is_changed(WIRE_REVOKE, user));
}

START_TEST(an_enrolment_is_whole_or_absent_whatever_fails)
{
    char name[16];
    int number = 0;
    office_open(&office);
    EACH_TURN(turn)
    {
        struct office_token token = newcomer(number++, name);
        enum wire_result_code code = ask(&turn, office_enrolment(token));
        HOLDS(code == WIRE_OK || !turn.over, turn);
        if (code != WIRE_OK) {
            HOLDS(code == WIRE_UNAVAILABLE, turn);
            HOLDS(office_ask(&office, office_enrolment(token)).code == WIRE_OK, turn);
        }
        HOLDS(confirms(token), turn);
        HOLDS(logs_in(token), turn);
        forget(name);
        office.told_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_confirmation_is_whole_or_absent_whatever_fails)
{
    char name[16];
    int number = 0;
    office_open(&office);
    EACH_TURN(turn)
    {
        struct office_token token = newcomer(number++, name);
        ck_assert_int_eq(office_ask(&office, office_enrolment(token)).code, WIRE_OK);
        enum wire_result_code code =
            ask(&turn, office_confirmation(name, office_code(&office, token, (int64_t)token.counter)));
        HOLDS(code == WIRE_OK || !turn.over, turn);
        if (code != WIRE_OK) {
            HOLDS(!logs_in(token), turn);
            HOLDS(is_changed(WIRE_UNLOCK, name), turn);
            HOLDS(confirms(token), turn);
        }
        HOLDS(logs_in(token), turn);
        forget(name);
        office.told_count = 0;
    }
    office_close(&office);
}
END_TEST

START_TEST(a_factor_is_suspended_resumed_and_revoked_whole_or_not_whatever_fails)
{
    static const enum wire_change_kind kinds[] = {WIRE_SUSPEND, WIRE_RESUME, WIRE_UNLOCK, WIRE_REVOKE};
    open_with_alice();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        EACH_TURN(turn)
        {
            if (kinds[i] == WIRE_RESUME)
                ck_assert(is_changed(WIRE_SUSPEND, "alice"));
            enum wire_result_code code = ask(&turn, office_change(kinds[i], "alice", 0));
            HOLDS(code == WIRE_OK || !turn.over, turn);
            bool usable = kinds[i] == WIRE_UNLOCK || (kinds[i] == WIRE_RESUME) == (code == WIRE_OK);
            HOLDS((office_log_in(&office, "alice", origin, office_code(&office, alice, counter)) == ACCEPTED) == usable,
                  turn);
            counter += usable;
            if (kinds[i] == WIRE_REVOKE && code == WIRE_OK) {
                struct office_token again = alice; /* its tombstone keeps the mark */
                again.counter = (uint64_t)counter;
                office_give(&office, again);
                counter++;
            } else if (!usable) {
                ck_assert(is_changed(WIRE_RESUME, "alice"));
            }
            office.told_count = 0;
        }
    office_close(&office);
}
END_TEST

START_TEST(an_answer_to_the_admin_is_whole_or_says_that_it_is_not_whatever_fails)
{
    static const enum wire_type asked[] = {WIRE_LIST, WIRE_SHOW, WIRE_AUDIT, WIRE_AUDIT_VERIFY};
    open_with_alice();
    ck_assert_int_eq(office_log_in(&office, "alice", origin, office_wrong_code(&office, alice)), REASON_WRONG_CODE);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        size_t rows = 0;
        struct turn none = {.nth = 0};
        for (int round = 0; round < 2; round++) {
            EACH_TURN(turn)
            {
                struct job *job = office_admin(asked[i]);
                if (asked[i] == WIRE_SHOW)
                    (void)snprintf(job->request.show.user, sizeof job->request.show.user, "alice");
                run(round == 0 ? &none : &turn, job);
                if (round == 0)
                    rows = job->row_count;
                bool good = job->reply.result.code == WIRE_OK;
                HOLDS(!good || job->row_count == rows, turn);
                HOLDS(good || !turn.over, turn);
                office_free(job);
                if (round == 0)
                    break;
            }
        }
        ck_assert((rows > 0) == (asked[i] != WIRE_AUDIT_VERIFY));
    }
    office_close(&office);
}
END_TEST

START_TEST(no_secret_leaves_before_the_audit_says_so_whatever_fails)
{
    open_with_alice();
    for (int page = 0; page < 2; page++) {
        EACH_TURN(turn)
        {
            office.told_count = 0;
            struct job *job = office_admin(WIRE_EXPORT);
            if (page == 1)
                office_run(&office, job);
            run(&turn, job);
            if (page == 0 && !job->finished)
                office_run(&office, job);
            bool good = job->finished && job->reply.result.code == WIRE_OK;
            HOLDS(good == (job->row_count == 1), turn);
            HOLDS(!good || office_count_told(&office, EVENT_EXPORTED, REASON_ADMIN) == 1, turn);
            HOLDS(good || !turn.over, turn);
            office_free(job);
        }
    }
    office_close(&office);
}
END_TEST

START_TEST(who_was_turned_away_is_counted_once_or_not_at_all_whatever_fails)
{
    office_open(&office);
    EACH_TURN(turn)
    {
        office.told_count = 0;
        struct job *job = office_attempt("", origin, NULL);
        job->kind = JOB_NOTE;
        job->reason = REASON_BUSY;
        struct job *write = job_new(JOB_COUNTS);
        write->last = true;
        run(&turn, job);
        run(&turn, write);
        office_free(job);
        office_run(&office, write);
        office_free(write);
        uint32_t counted = 0;
        for (size_t i = 0; i < office.told_count; i++)
            counted += office.told[i].count;
        HOLDS(counted <= 1, turn);
        HOLDS(counted == 1 || !turn.over, turn);
    }
    office_close(&office);
}
END_TEST

static enum status examine(void)
{
    struct problem problem;
    return desk_examine(office.desk, office.store, &problem);
}

static enum status fits(void)
{
    return desk_fits(office.desk);
}

static enum status tend(void)
{
    bool more = false;
    return desk_tend(office.desk, true, &more);
}

/* What the store says when it is asked while calls fail. */
static void asks_whatever_fails(enum status (*question)(void), enum status answer, enum status never)
{
    ck_assert_int_eq(question(), answer);
    EACH_TURN(turn)
    {
        begin(&turn);
        enum status status = question();
        end(&turn);
        HOLDS(status != never, turn);
        HOLDS(status == answer || !turn.over, turn);
        HOLDS(question() == answer, turn);
    }
}

START_TEST(a_sound_store_is_not_called_tampered_and_a_tampered_one_not_sound_whatever_fails)
{
    open_with_alice();
    asks_whatever_fails(examine, STATUS_OK, STATUS_TAMPERED);
    asks_whatever_fails(fits, STATUS_OK, STATUS_TAMPERED);
    office_sql(&office, "UPDATE factor SET last_used_s = last_used_s + 1");
    asks_whatever_fails(examine, STATUS_TAMPERED, STATUS_OK);
    office_sql(&office, "UPDATE head SET count = count + 1; DELETE FROM entry WHERE seq = 1");
    asks_whatever_fails(fits, STATUS_TAMPERED, STATUS_OK);
    office_close(&office);
}
END_TEST

START_TEST(the_rest_is_done_between_the_batches_later_whatever_fails)
{
    open_with_alice();
    EACH_TURN(turn)
    {
        begin(&turn);
        enum status status = tend();
        end(&turn);
        HOLDS(status == STATUS_OK || !turn.over, turn);
        if (status == STATUS_FAILED)
            office_restart(&office);
        HOLDS(tend() == STATUS_OK, turn);
        HOLDS(office_log_in(&office, "alice", origin, office_code(&office, alice, counter)) == ACCEPTED, turn);
        counter++;
        office.told_count = 0;
    }
    office_close(&office);
}
END_TEST

SUITE("verifier/desk/failing_calls", a_right_code_is_spent_if_it_was_accepted_and_otherwise_not,
      a_wrong_or_spent_code_is_accepted_whatever_fails_by_nobody,
      an_enrolled_user_is_never_taken_for_another_whatever_fails, who_is_let_through_by_rule_is_recorded_whatever_fails,
      an_enrolment_is_whole_or_absent_whatever_fails, a_confirmation_is_whole_or_absent_whatever_fails,
      a_factor_is_suspended_resumed_and_revoked_whole_or_not_whatever_fails,
      an_answer_to_the_admin_is_whole_or_says_that_it_is_not_whatever_fails,
      no_secret_leaves_before_the_audit_says_so_whatever_fails,
      who_was_turned_away_is_counted_once_or_not_at_all_whatever_fails,
      a_sound_store_is_not_called_tampered_and_a_tampered_one_not_sound_whatever_fails,
      the_rest_is_done_between_the_batches_later_whatever_fails)
