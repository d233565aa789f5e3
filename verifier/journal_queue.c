/* MUST 1  The lock is never held while something is written. */
#include "journal_queue.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_SIZE ((size_t)512 * 1024)
#define AT_ONCE    64 /* that the thread takes with one hold of the lock */

enum item_kind { ITEM_LINE, ITEM_ENTRY, ITEM_NOTICE };

struct item {
    struct item *next;
    enum item_kind kind;
    int priority;                          /* of a line */
    unsigned long lost;                    /* so many are missing in front of it */
    char bytes[] __attribute__((aligned)); /* the line, struct entry or struct notice */
};

static struct {
    pthread_mutex_t lock; /* guards all of it */
    pthread_cond_t changed;
    pthread_t thread;
    const struct journal_writer *writer;
    struct item *first, *last;
    unsigned waiting;
    unsigned long lost;
    bool runs, ends, ended;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* At most AT_ONCE of what waits, so that the bound holds. */
static struct item *take(void)
{
    struct item *first = queue.first, *last = first;
    if (first == NULL)
        return NULL;
    queue.waiting--;
    for (unsigned i = 1; i < AT_ONCE && last->next != NULL; i++) {
        last = last->next;
        queue.waiting--;
    }
    queue.first = last->next;
    if (queue.first == NULL)
        queue.last = NULL;
    last->next = NULL;
    return first;
}

static void write_one(struct item *item)
{
    const void *bytes = item->bytes;

    if (item->lost > 0)
        queue.writer->lost(item->lost);
    if (item->kind == ITEM_ENTRY)
        queue.writer->entry(bytes);
    else if (item->kind == ITEM_NOTICE)
        queue.writer->notice(bytes);
    else
        queue.writer->line(item->priority, bytes);
    free(item);
}

static void write_out(struct item *first)
{
    for (struct item *item = first, *next = NULL; item != NULL; item = next) {
        next = item->next;
        write_one(item);
    }
}

/* What was lost since the last one that waits is told when nothing waits any more. */
static void *work(void *context)
{
    const struct sched_param none = {0};

    (void)context;
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none); /* no line interrupts who serves a login */
    (void)pthread_mutex_lock(&queue.lock);
    for (;;) {
        struct item *item = take();
        unsigned long lost = item == NULL ? queue.lost : 0;
        if (item == NULL && lost == 0) {
            if (queue.ends)
                break;
            (void)pthread_cond_wait(&queue.changed, &queue.lock);
            continue;
        }
        queue.lost -= lost;
        (void)pthread_mutex_unlock(&queue.lock);
        if (item != NULL)
            write_out(item);
        else
            queue.writer->lost(lost);
        (void)pthread_mutex_lock(&queue.lock);
    }
    queue.ended = true;
    (void)pthread_cond_broadcast(&queue.changed);
    (void)pthread_mutex_unlock(&queue.lock);
    return NULL;
}

enum status journal_queue_start(const struct journal_writer *writer)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    if (pthread_attr_init(&attributes) != 0)
        return STATUS_NO_MEMORY;
    queue.writer = writer;
    queue.ends = queue.ended = false;
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
    int error = pthread_create(&queue.thread, &attributes, work, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    queue.runs = error == 0;
    return error == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

static bool await_end(void)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += JOURNAL_END_NS / 1000000000;
    until.tv_nsec += JOURNAL_END_NS % 1000000000;
    while (!queue.ended)
        if (pthread_cond_clockwait(&queue.changed, &queue.lock, CLOCK_MONOTONIC, &until) == ETIMEDOUT)
            break;
    return queue.ended;
}

void journal_queue_end(void)
{
    (void)pthread_mutex_lock(&queue.lock);
    bool ended = false;
    if (queue.runs) {
        queue.ends = true;
        (void)pthread_cond_broadcast(&queue.changed);
        ended = await_end() && queue.runs; /* one of several callers joins */
        queue.runs = queue.runs && !ended;
    }
    (void)pthread_mutex_unlock(&queue.lock);
    if (ended)
        (void)pthread_join(queue.thread, NULL);
}

static struct item *item_new(const void *bytes, size_t size)
{
    struct item *item = calloc(1, sizeof *item + size);
    if (item != NULL)
        memcpy(item->bytes, bytes, size);
    return item;
}

static void append(struct item *item)
{
    if (queue.last == NULL)
        queue.first = item;
    else
        queue.last->next = item;
    queue.last = item;
    queue.waiting++;
    item->lost = queue.lost;
    queue.lost = 0;
}

static bool put(enum item_kind kind, int priority, const void *bytes, size_t size)
{
    (void)pthread_mutex_lock(&queue.lock);
    bool runs = queue.runs && !queue.ended;
    if (runs) {
        struct item *item = queue.waiting < JOURNAL_QUEUE_MAX ? item_new(bytes, size) : NULL;
        if (item == NULL) {
            queue.lost++;
        } else {
            item->kind = kind;
            item->priority = priority;
            append(item);
        }
    }
    (void)pthread_mutex_unlock(&queue.lock);
    (void)pthread_cond_signal(&queue.changed);
    return runs;
}

bool journal_queue_line(int priority, const char *line)
{
    return put(ITEM_LINE, priority, line, strlen(line) + 1);
}

bool journal_queue_entry(const struct entry *entry)
{
    return put(ITEM_ENTRY, 0, entry, sizeof *entry);
}

bool journal_queue_notice(const struct notice *notice)
{
    return put(ITEM_NOTICE, 0, notice, sizeof *notice);
}
