#include "office.h"
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;

static void open_both(void)
{
    office_open(&office);
    office_give(&office, alice);
    office_give(&office, bob);
    office.now_s += 60;
}

/* The system takes not one byte more into any file. Check keeps its own notes in a file: no assertion in between. */
static void fill_disk(void)
{
    struct rlimit limit;
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 0;
    (void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void empty_disk(void)
{
    struct rlimit limit;
    (void)getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void count_call(struct job *first, void *context)
{
    (void)first;
    ++*(unsigned *)context;
}

START_TEST(desk_accepts_nothing_when_the_commit_fails)
{
    open_both();
    unsigned handed_back = 0;
    size_t told = office.told_count;
    struct job *job = office_attempt("alice", DESK, office_code(&office, alice, 0));
    job->next = office_try("bob", office_code(&office, bob, 0));

    fill_disk();
    enum status status = desk_run(office.desk, job, office.now_s * 1000, count_call, &handed_back);
    enum verdict verdict = job->verdict;
    enum wire_result_code code = job->next->reply.result.code;
    empty_disk();
    ck_assert_int_eq(status, STATUS_FAILED);
    ck_assert_int_eq(verdict, VERDICT_REFUSED);
    ck_assert_int_eq(job->reason, REASON_UNAVAILABLE);
    ck_assert_int_eq(job->next->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(code, WIRE_UNAVAILABLE);
    ck_assert_uint_eq(handed_back, 0);
    ck_assert_uint_eq(office.told_count, told);

    /* There is room again, but this store is not trusted any more; a new start is. */
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    office_restart(&office);
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(job->next->reply.result.code, WIRE_OK);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(desk_accepts_one_of_two_equal_codes_in_a_batch)
{
    open_both();
    struct job *jobs[8] = {NULL};
    size_t accepted = 0, replayed = 0;
    for (size_t i = 8; i-- > 0;) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:192.0.2.%zu", i);
        jobs[i] = office_attempt("alice", origin, office_code(&office, alice, 0));
        jobs[i]->next = i < 7 ? jobs[i + 1] : NULL;
    }
    office_run(&office, jobs[0]);
    for (size_t i = 0; i < 8; i++) {
        accepted += jobs[i]->verdict == VERDICT_ACCEPTED ? 1 : 0;
        replayed += jobs[i]->reason == REASON_REPLAYED ? 1 : 0;
    }
    ck_assert_uint_eq(accepted, 1);
    ck_assert_uint_eq(replayed, 7);
    ck_assert_int_eq(jobs[0]->verdict, VERDICT_ACCEPTED);
    office_free(jobs[0]);
    office_close(&office);
}
END_TEST

/* An attempt without origin cannot be written: the store refuses the row. */
START_TEST(desk_lets_no_job_spoil_another)
{
    open_both();
    struct job *good = office_attempt("alice", DESK, office_code(&office, alice, 0));
    struct job *poison = office_attempt("bob", "", office_code(&office, bob, 0));
    struct job *unknown = office_attempt("nobody", DESK, secret_copy("123456", 6));
    struct job *also_good = office_attempt("bob", DESK, office_code(&office, bob, 1));
    good->next = unknown;
    unknown->next = poison;
    poison->next = also_good;
    size_t told = office.told_count;

    office_run(&office, good);
    ck_assert_int_eq(good->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(poison->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(poison->reason, REASON_UNAVAILABLE);
    ck_assert_int_eq(unknown->reason, REASON_UNENROLLED);
    ck_assert_int_eq(also_good->verdict, VERDICT_ACCEPTED);
    ck_assert_uint_eq(office.told_count, told + 2);
    office_free(good);

    /* whole or absent: what the poisoned job wrote before it failed is gone, and the other was counted once */
    struct job *counts = job_new(JOB_COUNTS);
    counts->last = true;
    office_run(&office, counts);
    office_free(counts);
    ck_assert_int_eq(office_last(&office)->event, EVENT_UNKNOWN);
    ck_assert_uint_eq(office_last(&office)->count, 1);
    ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_OK);
    office_close(&office);
}
END_TEST

START_TEST(desk_drops_what_a_failed_job_had_spent)
{
    open_both();
    struct job *poison = office_attempt("bob", "", office_code(&office, bob, 0));
    office_run(&office, poison);
    ck_assert_int_eq(poison->verdict, VERDICT_REFUSED);
    office_free(poison);
    ck_assert_int_eq(office_log_in(&office, "bob", DESK, office_code(&office, bob, 0)), ACCEPTED);
    office_close(&office);
}
END_TEST

START_TEST(desk_hands_back_before_it_tells_and_tells_in_order)
{
    open_both();
    size_t told = office.told_count;
    office.handed_back = 0;
    struct job *first = office_attempt("alice", DESK, office_code(&office, alice, 0));
    first->next = office_attempt("bob", DESK, office_code(&office, bob, 0));
    office_run(&office, first);
    ck_assert_uint_eq(office.handed_back, 2);
    ck_assert_uint_eq(office.told_at_hand_back, told);
    ck_assert_uint_eq(office.told_count, told + 2);
    ck_assert_str_eq(office.told[told].user, "alice");
    ck_assert_str_eq(office.told[told + 1].user, "bob");
    ck_assert(office.told[told + 1].seq == office.told[told].seq + 1);
    office_free(first);
    office_close(&office);
}
END_TEST

START_TEST(desk_refuses_an_attempt_without_a_code_and_goes_on)
{
    open_both();
    struct job *job = office_attempt("alice", DESK, NULL);
    job->next = office_attempt("bob", DESK, office_code(&office, bob, 0));
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    ck_assert_int_eq(job->next->verdict, VERDICT_ACCEPTED);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(desk_never_leaves_an_old_acceptance_in_a_job)
{
    open_both();
    struct job *job = office_attempt("alice", DESK, office_code(&office, alice, 0));
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_ACCEPTED);
    office_run(&office, job);
    ck_assert_int_eq(job->verdict, VERDICT_REFUSED);
    office_free(job);
    office_close(&office);
}
END_TEST

START_TEST(desk_adopts_new_rules_between_batches)
{
    open_both();
    office.rules.limits.window_steps = 0;
    desk_adopt(office.desk, &office.rules);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 1)), REASON_WRONG_CODE);
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    for (bool more = true; more;) /* comes to an end */
        ck_assert_int_eq(desk_tend(office.desk, true, &more), STATUS_OK);
    office_close(&office);
}
END_TEST

START_TEST(desk_makes_the_first_entry_once)
{
    office_open(&office);
    ck_assert_int_eq(office_last(&office)->event, EVENT_STORE_MADE);
    ck_assert_uint_eq(office_last(&office)->seq, 1);
    ck_assert_int_eq(desk_first_entry(office.desk, 1, "uid=0"), STATUS_EXISTS);
    ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_OK);
    office_close(&office);
}
END_TEST

SUITE("desk", desk_accepts_nothing_when_the_commit_fails, desk_accepts_one_of_two_equal_codes_in_a_batch,
      desk_lets_no_job_spoil_another, desk_drops_what_a_failed_job_had_spent,
      desk_hands_back_before_it_tells_and_tells_in_order, desk_refuses_an_attempt_without_a_code_and_goes_on,
      desk_never_leaves_an_old_acceptance_in_a_job, desk_adopts_new_rules_between_batches,
      desk_makes_the_first_entry_once)
