/* MUST 1  After a flush that failed the process ends at once (_exit): what is on disk is unknown, and only a new start that recovers
 *         may go on. Nothing is handed back then, so nobody is told of a success.
 * MUST 2  The desk is used by one thread at a time: by the starter before worker_start, then by the worker alone.
 * MUST 3  A look that is put off is asked again and handed back before its caller gives up waiting, whatever becomes of the scan.
 */
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"

#define LOOK_AGAIN_MS 50
#define STACK_SIZE    ((size_t)1024 * 1024) /* all of it is locked: not the default of 8 MiB */

struct jobs {
    struct job *first;
    struct job *last;
};

struct worker {
    struct desk *desk;
    struct worker_times times;
    int done_fd;
    pthread_t thread;
    struct jobs put_off;      /* the thread's own: looks that wait for the scan */
    int64_t put_off_until_ms; /* when they are looked at again */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct jobs waiting;
    struct jobs done;
    bool rests;       /* waits for work */
    int64_t since_ms; /* this turn began, or, while it rests, work came */
    bool stopping;
    bool has_rules;
    struct desk_rules rules;
};

static void append(struct jobs *jobs, struct job *first)
{
    if (first == NULL)
        return;
    if (jobs->last == NULL)
        jobs->first = first;
    else
        jobs->last->next = first;
    while (first->next != NULL)
        first = first->next;
    jobs->last = first;
}

static struct job *take_all(struct jobs *jobs)
{
    struct job *first = jobs->first;
    *jobs = (struct jobs){0};
    return first;
}

static void end_process(const char *what)
{
    journal_say(LOG_CRIT, "%s failed: it is not known what is on disk, ending so that the next start recovers", what);
    journal_end();
    _exit(1);
}

struct batch {
    struct worker *worker;
    bool handed_back;
};

/* Takes the looks out that are to be asked again. */
static struct job *put_off(struct worker *worker, struct job *first)
{
    struct jobs staying = {0};
    int64_t now_ms = wire_deadline_ms(0);

    for (struct job *job = first, *next = NULL; job != NULL; job = next) {
        next = job->next;
        job->next = NULL;
        if (job->kind != JOB_LOOK || job->look != LOOK_LATER) {
            append(&staying, job);
            continue;
        }
        if (worker->put_off.first == NULL)
            worker->put_off_until_ms = now_ms + LOOK_AGAIN_MS;
        if (job->waits_since_ms == 0)
            job->waits_since_ms = now_ms;
        append(&worker->put_off, job);
    }
    return staying.first;
}

/* at_once: there is nothing to wait for any more. */
static struct job *take_put_off(struct worker *worker, bool at_once)
{
    int64_t now_ms = wire_deadline_ms(0);

    if (worker->put_off.first == NULL || (!at_once && now_ms < worker->put_off_until_ms))
        return NULL;
    for (struct job *job = worker->put_off.first; job != NULL; job = job->next)
        job->waited = at_once || now_ms - job->waits_since_ms >= worker->times.look_waits_ms;
    return take_all(&worker->put_off);
}

static void hand_back(struct job *first, void *context)
{
    struct batch *batch = context;
    struct worker *worker = batch->worker;

    batch->handed_back = true;
    first = put_off(worker, first);
    if (first == NULL)
        return;
    (void)pthread_mutex_lock(&worker->lock);
    append(&worker->done, first);
    (void)pthread_mutex_unlock(&worker->lock);
    uint64_t one = 1;
    while (write(worker->done_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void run(struct worker *worker, struct job *first)
{
    struct batch batch = {.worker = worker};
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    enum status status =
        desk_run(worker->desk, first, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, hand_back, &batch);
    if (status == STATUS_FAILED)
        end_process("recording a batch");
    if (!batch.handed_back)
        hand_back(first, &batch);
}

static bool tend(struct worker *worker, bool still)
{
    bool more = false;
    enum status status = desk_tend(worker->desk, still, &more);
    if (status == STATUS_FAILED)
        end_process("writing to the store");
    if (status != STATUS_OK)
        journal_say(LOG_WARNING, "the store's log could not be moved into the file; trying again later");
    return more;
}

/* Waits for work, holding the lock. false: nothing came for as long as `idle_after_ms`. */
static bool wait_for_work(struct worker *worker, bool ran)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(worker->times.idle_after_ms / 1000);
    until.tv_nsec += (long)(worker->times.idle_after_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    bool in_time = true;
    worker->rests = true;
    while (in_time && worker->waiting.first == NULL && !worker->stopping && !worker->has_rules) {
        if (!ran)
            (void)pthread_cond_wait(&worker->wake, &worker->lock);
        else
            in_time = pthread_cond_timedwait(&worker->wake, &worker->lock, &until) != ETIMEDOUT;
    }
    worker->rests = false;
    return in_time;
}

static void *work(void *context)
{
    struct worker *worker = context;
    bool more = true; /* a start leaves things to do */
    bool ran = false; /* since all was still */

    (void)pthread_mutex_lock(&worker->lock);
    for (;;) {
        bool still = !more && worker->put_off.first == NULL && !wait_for_work(worker, ran);
        worker->since_ms = wire_deadline_ms(0);
        if (worker->has_rules)
            desk_adopt(worker->desk, &worker->rules);
        worker->has_rules = false;
        struct jobs jobs = {0};
        append(&jobs, take_put_off(worker, !more || worker->stopping));
        append(&jobs, take_all(&worker->waiting));
        struct job *first = jobs.first;
        bool ends = worker->stopping && first == NULL;
        (void)pthread_mutex_unlock(&worker->lock);

        if (first != NULL)
            run(worker, first);
        ran = (ran && !still) || first != NULL;
        more = tend(worker, still || ends);
        if (ends)
            return NULL;
        (void)pthread_mutex_lock(&worker->lock);
    }
}

static int start_thread(struct worker *worker)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    if (pthread_attr_init(&attributes) != 0)
        return -1;
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
    int error = pthread_create(&worker->thread, &attributes, work, worker);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return error;
}

static void worker_free(struct worker *worker)
{
    for (struct job *job = take_all(&worker->done), *next = NULL; job != NULL; job = next) {
        next = job->next;
        job_free(job);
    }
    if (worker->done_fd >= 0)
        (void)close(worker->done_fd);
    desk_close(worker->desk);
    (void)pthread_cond_destroy(&worker->wake);
    (void)pthread_mutex_destroy(&worker->lock);
    free(worker);
}

enum status worker_start(struct desk *desk, const struct worker_times *times, struct worker **out_worker)
{
    pthread_condattr_t monotonic;
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        desk_close(desk);
        return STATUS_NO_MEMORY;
    }
    worker->desk = desk;
    worker->times = *times;
    worker->since_ms = wire_deadline_ms(0);
    worker->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)pthread_mutex_init(&worker->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&worker->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (worker->done_fd < 0 || start_thread(worker) != 0) {
        worker_free(worker);
        return STATUS_NO_MEMORY;
    }
    *out_worker = worker;
    return STATUS_OK;
}

void worker_stop(struct worker *worker)
{
    if (worker == NULL)
        return;
    (void)pthread_mutex_lock(&worker->lock);
    worker->stopping = true;
    (void)pthread_cond_signal(&worker->wake);
    (void)pthread_mutex_unlock(&worker->lock);
    (void)pthread_join(worker->thread, NULL);
    worker_free(worker);
}

int worker_fd(const struct worker *worker)
{
    return worker->done_fd;
}

void worker_submit(struct worker *worker, struct job *job)
{
    job->next = NULL;
    (void)pthread_mutex_lock(&worker->lock);
    if (worker->rests && worker->waiting.first == NULL)
        worker->since_ms = wire_deadline_ms(0);
    append(&worker->waiting, job);
    (void)pthread_mutex_unlock(&worker->lock);
    (void)pthread_cond_signal(&worker->wake); /* without the lock, which it would wait for at once */
}

struct job *worker_take_done(struct worker *worker)
{
    uint64_t count = 0;
    ssize_t got = read(worker->done_fd, &count, sizeof count);
    (void)got; /* it only wakes */
    (void)pthread_mutex_lock(&worker->lock);
    struct job *first = take_all(&worker->done);
    (void)pthread_mutex_unlock(&worker->lock);
    return first;
}

int64_t worker_busy_ms(struct worker *worker, int64_t now_ms)
{
    (void)pthread_mutex_lock(&worker->lock);
    bool idle = worker->rests && worker->waiting.first == NULL;
    int64_t busy_ms = idle || now_ms <= worker->since_ms ? 0 : now_ms - worker->since_ms;
    (void)pthread_mutex_unlock(&worker->lock);
    return busy_ms;
}

void worker_adopt(struct worker *worker, const struct desk_rules *rules)
{
    (void)pthread_mutex_lock(&worker->lock);
    worker->rules = *rules;
    worker->has_rules = true;
    (void)pthread_cond_signal(&worker->wake);
    (void)pthread_mutex_unlock(&worker->lock);
}
