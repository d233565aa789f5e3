#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_desk.h"
#include "worker.h"

static struct desk *desk;
static struct worker *worker;
static struct job *volatile kept; /* what a process that ends at once still knows */

static void open_worker(int64_t idle_after_ms, bool held)
{
    desk = fake_desk_new();
    desk->held = held;
    ck_assert_int_eq(worker_start(desk, &(struct worker_times){.idle_after_ms = idle_after_ms}, &worker), STATUS_OK);
}

static void await(sem_t *event)
{
    while (sem_wait(event) != 0)
        ck_assert_int_eq(errno, EINTR);
}

static struct job *offer(const char *code)
{
    struct job *job = job_new(JOB_ATTEMPT);
    job->request = (struct wire_message){.type = WIRE_ANSWER, .answer = {.code = secret_copy(code, 5)}};
    worker_submit(worker, job);
    return job;
}

static struct job *take_done(void)
{
    struct pollfd done = {.fd = worker_fd(worker), .events = POLLIN};
    ck_assert_int_eq(poll(&done, 1, 20000), 1);
    return worker_take_done(worker);
}

static void free_all(struct job *job)
{
    while (job != NULL) {
        struct job *next = job->next;
        job_free(job);
        job = next;
    }
}

START_TEST(what_gathers_during_a_batch_is_the_next_batch_in_order)
{
    open_worker(100000, true);
    struct job *first = offer("right");
    await(&desk->entered);
    struct job *second = offer("wrong");
    struct job *third = offer("right");
    struct job *fourth = offer("right");
    sem_post(&desk->go);
    await(&desk->entered);
    sem_post(&desk->go);

    struct job *done = take_done();
    ck_assert_ptr_eq(done, first);
    if (done->next == NULL)
        done->next = take_done();
    ck_assert_ptr_eq(first->next, second);
    ck_assert_ptr_eq(second->next, third);
    ck_assert_ptr_eq(third->next, fourth);
    ck_assert_ptr_null(fourth->next);
    ck_assert_uint_eq(desk->batches, 2);
    ck_assert_uint_eq(desk->sizes[0], 1);
    ck_assert_uint_eq(desk->sizes[1], 3);
    ck_assert_int_eq(first->verdict, VERDICT_ACCEPTED);
    ck_assert_int_eq(second->verdict, VERDICT_REFUSED);
    free_all(done);
    worker_stop(worker);
}
END_TEST

START_TEST(a_stop_finishes_what_is_queued_checkpoints_and_closes_the_desk)
{
    unsigned attempts = 0;
    open_worker(100000, true);
    desk->at_close = &attempts;
    offer("right");
    await(&desk->entered);
    offer("right");
    sem_post(&desk->go);
    sem_post(&desk->go);
    worker_stop(worker);
    ck_assert_uint_eq(attempts, 2);
}
END_TEST

START_TEST(an_idle_worker_checkpoints_once)
{
    open_worker(0, false);
    offer("right");
    await(&desk->idled);
    free_all(take_done());
    ck_assert_uint_eq(desk->idles, 1);
    worker_stop(worker);
}
END_TEST

START_TEST(steps_are_taken_one_by_one_and_a_batch_that_comes_goes_between_them)
{
    desk = fake_desk_new();
    desk->held = true;
    desk->steps_wanted = 100000;
    ck_assert_int_eq(worker_start(desk, &(struct worker_times){.idle_after_ms = 0}, &worker), STATUS_OK);
    offer("right");
    await(&desk->entered);
    ck_assert_uint_lt(desk->steps, 100000);
    sem_post(&desk->go);
    free_all(take_done());
    desk->held = false;
    while (desk->steps < 100000)
        (void)sched_yield();
    await(&desk->idled); /* still only after the last step */
    ck_assert_uint_ge(desk->steps, 100000);
    worker_stop(worker);
}
END_TEST

static struct job *look_at(const char *user)
{
    struct job *job = job_new(JOB_LOOK);
    memcpy(job->user, user, strlen(user) + 1);
    worker_submit(worker, job);
    return job;
}

static void open_scanning(unsigned steps, int64_t look_waits_ms)
{
    const struct worker_times times = {.idle_after_ms = 100000, .look_waits_ms = look_waits_ms};
    desk = fake_desk_new();
    desk->held = true;
    desk->steps_wanted = steps;
    ck_assert_int_eq(worker_start(desk, &times, &worker), STATUS_OK);
}

START_TEST(a_look_that_waits_for_the_scan_is_answered_when_it_is_done_and_holds_nobody_up)
{
    open_scanning(100000, 100000);
    struct job *look = look_at("unscanned");
    await(&desk->entered);
    struct job *other = offer("right");
    desk->held = false;
    sem_post(&desk->go);
    struct job *done = take_done();
    ck_assert_ptr_eq(done, other); /* although it came later */
    if (done->next == NULL)
        done->next = take_done();
    ck_assert_ptr_eq(done->next, look);
    ck_assert_int_eq(look->look, LOOK_SKIP);
    ck_assert_uint_ge(desk->steps, 100000);
    free_all(done);
    worker_stop(worker);
}
END_TEST

START_TEST(a_look_waits_for_a_scan_without_end_no_longer_than_its_caller_does)
{
    open_scanning(UINT_MAX, 0);
    desk->held = false;
    sem_post(&desk->go);
    look_at("unscanned");
    struct job *done = take_done();
    ck_assert_int_eq(done->look, LOOK_ENROLLED);
    ck_assert_uint_eq(desk->looks, 2); /* it was put off once */
    free_all(done);
    worker_stop(worker);
}
END_TEST

START_TEST(a_stop_answers_the_looks_that_wait)
{
    unsigned asked = 0;
    open_scanning(UINT_MAX, 100000);
    desk->at_close = &asked;
    look_at("unscanned");
    await(&desk->entered);
    desk->held = false;
    sem_post(&desk->go);
    while (desk->looks == 0)
        (void)sched_yield();
    worker_stop(worker);
    ck_assert_uint_ge(asked, 2); /* the last time for an answer */
}
END_TEST

START_TEST(new_rules_are_in_force_from_the_next_batch_on)
{
    const struct desk_rules rules = {.limits = {.window_steps = 2}};
    open_worker(100000, true);
    offer("right");
    await(&desk->entered);
    worker_adopt(worker, &rules);
    ck_assert_uint_eq(desk->adopted_window, 0);
    offer("right");
    sem_post(&desk->go);
    await(&desk->entered);
    ck_assert_uint_eq(desk->adopted_window, 2);
    sem_post(&desk->go);
    worker_stop(worker);
}
END_TEST

/* An hour from now, so that no test waits. */
static int64_t busy_in_an_hour(void)
{
    return worker_busy_ms(worker, wire_deadline_ms(3600000));
}

START_TEST(a_worker_in_a_batch_is_busy_and_one_that_waits_for_work_is_not)
{
    open_worker(0, true);
    offer("right");
    await(&desk->entered);
    ck_assert_int_ge(busy_in_an_hour(), 3590000);
    ck_assert_int_eq(worker_busy_ms(worker, 0), 0); /* a clock before the batch */
    sem_post(&desk->go);
    free_all(take_done());
    await(&desk->idled); /* what is left of the turn is short */
    while (busy_in_an_hour() != 0)
        (void)sched_yield();
    worker_stop(worker);
}
END_TEST

START_TEST(work_that_comes_to_a_worker_that_hangs_does_not_make_it_look_alive)
{
    open_worker(100000, true);
    offer("right");
    await(&desk->entered);
    int64_t hung_ms = wire_deadline_ms(0);
    while (wire_deadline_ms(0) < hung_ms + 2)
        (void)sched_yield();
    offer("right");
    ck_assert_int_ge(worker_busy_ms(worker, hung_ms + 1000), 1000);
    sem_post(&desk->go);
    await(&desk->entered);
    sem_post(&desk->go);
    worker_stop(worker);
}
END_TEST

START_TEST(a_worker_in_the_middle_of_a_long_scan_is_busy_for_no_longer_than_a_step)
{
    desk = fake_desk_new();
    desk->steps_wanted = UINT_MAX;
    ck_assert_int_eq(worker_start(desk, &(struct worker_times){.idle_after_ms = 0}, &worker), STATUS_OK);
    int64_t started_ms = wire_deadline_ms(0), before_ms = started_ms;
    while (before_ms < started_ms + 2)
        before_ms = wire_deadline_ms(0);
    unsigned steps = desk->steps;
    while (desk->steps < steps + 2)
        (void)sched_yield();
    ck_assert_int_eq(worker_busy_ms(worker, before_ms), 0); /* this turn began after that */
    worker_stop(worker);
}
END_TEST

/* What a process does that offers a right code to a desk that cannot record it. */
static void offer_in_vain(void)
{
    desk = fake_desk_new();
    desk->status = STATUS_FAILED;
    if (worker_start(desk, &(struct worker_times){.idle_after_ms = 100000}, &worker) != STATUS_OK)
        _exit(7);
    kept = offer("right");
    (void)take_done();
    _exit(8); /* something was handed back */
}

START_TEST(after_a_flush_that_failed_the_process_ends_and_hands_nothing_back)
{
    int state = 0;
    pid_t child = fork();
    if (child == 0)
        offer_in_vain();
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state));
    ck_assert_int_eq(WEXITSTATUS(state), 1);
}
END_TEST

SUITE("worker", what_gathers_during_a_batch_is_the_next_batch_in_order,
      a_stop_finishes_what_is_queued_checkpoints_and_closes_the_desk, an_idle_worker_checkpoints_once,
      steps_are_taken_one_by_one_and_a_batch_that_comes_goes_between_them,
      a_look_that_waits_for_the_scan_is_answered_when_it_is_done_and_holds_nobody_up,
      a_look_waits_for_a_scan_without_end_no_longer_than_its_caller_does, a_stop_answers_the_looks_that_wait,
      new_rules_are_in_force_from_the_next_batch_on, a_worker_in_a_batch_is_busy_and_one_that_waits_for_work_is_not,
      work_that_comes_to_a_worker_that_hangs_does_not_make_it_look_alive,
      a_worker_in_the_middle_of_a_long_scan_is_busy_for_no_longer_than_a_step,
      after_a_flush_that_failed_the_process_ends_and_hands_nothing_back)
