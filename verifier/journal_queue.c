/* MUST 1  The lock is never held while something is written. */
#include "journal_queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_SIZE ((size_t)512 * 1024)

struct item {
    struct item *next;
    int priority;
    bool is_entry;
    unsigned long lost; /* so many are missing in front of it */
    struct entry entry;
    char line[];
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

static struct item *take(void)
{
    struct item *item = queue.first;
    if (item == NULL)
        return NULL;
    queue.first = item->next;
    if (queue.first == NULL)
        queue.last = NULL;
    queue.waiting--;
    return item;
}

static void write_out(struct item *item)
{
    if (item->lost > 0)
        queue.writer->lost(item->lost);
    if (item->is_entry)
        queue.writer->entry(&item->entry);
    else
        queue.writer->line(item->priority, item->line);
    free(item);
}

/* What was lost since the last one that waits is told when nothing waits any more. */
static void *work(void *context)
{
    (void)context;
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

static struct item *item_new(int priority, const char *line, const struct entry *entry)
{
    size_t size = entry == NULL ? strlen(line) + 1 : 0;
    struct item *item = malloc(sizeof *item + size);
    if (item == NULL)
        return NULL;
    item->next = NULL;
    item->priority = priority;
    item->is_entry = entry != NULL;
    if (entry != NULL)
        item->entry = *entry;
    else
        memcpy(item->line, line, size);
    return item;
}

bool journal_queue_put(int priority, const char *line, const struct entry *entry)
{
    (void)pthread_mutex_lock(&queue.lock);
    bool runs = queue.runs && !queue.ended;
    if (runs) {
        struct item *item = queue.waiting < JOURNAL_QUEUE_MAX ? item_new(priority, line, entry) : NULL;
        if (item == NULL) {
            queue.lost++;
        } else {
            if (queue.last == NULL)
                queue.first = item;
            else
                queue.last->next = item;
            queue.last = item;
            queue.waiting++;
            item->lost = queue.lost;
            queue.lost = 0;
        }
        (void)pthread_cond_signal(&queue.changed);
    }
    (void)pthread_mutex_unlock(&queue.lock);
    return runs;
}
