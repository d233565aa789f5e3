#include "fake_desk.h"

#include <stdlib.h>
#include <string.h>

struct desk *fake_desk_new(void)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        abort();
    sem_init(&desk->entered, 0, 0);
    sem_init(&desk->go, 0, 0);
    sem_init(&desk->idled, 0, 0);
    return desk;
}

void desk_close(struct desk *desk)
{
    if (desk->at_close != NULL)
        *desk->at_close = desk->attempts + desk->looks;
    free(desk);
}

enum status desk_fits(struct desk *desk)
{
    (void)desk;
    return STATUS_OK;
}

void desk_adopt(struct desk *desk, const struct desk_rules *rules)
{
    desk->adopted_window = rules->limits.window_steps;
}

enum status desk_tend(struct desk *desk, bool still, bool *out_more)
{
    desk->steps++;
    *out_more = desk->steps < desk->steps_wanted;
    if (!still)
        return STATUS_OK;
    desk->idles++;
    sem_post(&desk->idled);
    return STATUS_OK;
}

static void look(const struct desk *desk, struct job *job)
{
    if (desk->all_pending) {
        job->look = job->resolved == RESOLVED_NOT_ASKED ? LOOK_PENDING : LOOK_ENROLLED;
        job->may_be_empty = job->look == LOOK_ENROLLED && job->pending_rule.answer == UNENROLLED_ALLOW;
    } else if (strcmp(job->user, "unscanned") == 0) {
        bool scanned = desk->steps >= desk->steps_wanted;
        job->look = scanned ? LOOK_SKIP : job->waited ? LOOK_ENROLLED : LOOK_LATER;
    } else if (strcmp(job->user, "enrolled") == 0) {
        job->look = LOOK_ENROLLED;
        strcpy(job->user, "canonical");
    } else if (strcmp(job->user, "denied") == 0) {
        job->look = LOOK_REFUSE;
    } else if (strcmp(job->user, "disk-full") == 0) {
        job->look = LOOK_REFUSE;
        job->reason = REASON_NO_SPACE;
    } else if (job->resolved == RESOLVED_NOT_ASKED) {
        job->look = LOOK_UNKNOWN;
    } else {
        job->look = job->resolved == RESOLVED_FOUND ? LOOK_SKIP : LOOK_REFUSE;
        job->reason = job->resolved == RESOLVED_FOUND ? REASON_RULE : REASON_LOOKUP;
    }
}

static void admin(const struct desk *desk, struct job *job)
{
    job->finished = true;
    job->reply = (struct wire_message){.type = WIRE_RESULT, .result = {.code = WIRE_OK}};
    if (job->request.type != WIRE_LIST || job->cursor.id >= desk->pages)
        return;
    if (job->rows == NULL)
        job->rows = calloc(JOB_ROWS_MAX, sizeof *job->rows);
    if (job->rows == NULL) {
        job->reply.result.code = WIRE_UNAVAILABLE;
        return;
    }
    job->finished = false;
    job->row_count = JOB_ROWS_MAX;
    for (int64_t i = 0; i < JOB_ROWS_MAX; i++) {
        job->rows[i] = (struct wire_message){.type = WIRE_FACTOR};
        job->rows[i].factor = (struct wire_factor){.id = job->cursor.id * JOB_ROWS_MAX + i + 1,
                                                   .kind = FACTOR_TOTP,
                                                   .algorithm = ALGORITHM_SHA1,
                                                   .state = FACTOR_ACTIVE};
    }
    job->cursor.id++;
}

static void do_job(struct desk *desk, struct job *job)
{
    switch (job->kind) {
    case JOB_LOOK:
        desk->waits_since_ms = job->waits_since_ms;
        desk->looks++;
        desk->last_rule = (int)job->rule.answer;
        look(desk, job);
        return;
    case JOB_ATTEMPT:
        desk->attempts++;
        desk->caller = job->caller;
        memcpy(desk->user, job->user, sizeof desk->user);
        job->verdict = strcmp((const char *)secret_read(job->request.answer.code), "right") == 0 ? VERDICT_ACCEPTED
                                                                                                 : VERDICT_REFUSED;
        if (desk->attempts_skip || (job->may_be_empty && secret_len(job->request.answer.code) == 0 &&
                                    job->pending_rule.answer == UNENROLLED_ALLOW))
            job->look = LOOK_SKIP;
        return;
    case JOB_ADMIN:
        admin(desk, job);
        return;
    case JOB_NOTE:
        desk->notes++;
        return;
    case JOB_COUNTS:
        desk->counts++;
        desk->last_counts += job->last ? 1 : 0;
        return;
    }
}

enum status desk_run(struct desk *desk, struct job *first, int64_t now_ms, desk_hand_back *hand_back, void *context)
{
    size_t size = 0;

    (void)now_ms;
    for (struct job *job = first; job != NULL; job = job->next)
        size++;
    desk->sizes[desk->batches++ % FAKE_BATCHES] = size;
    sem_post(&desk->entered);
    if (desk->held)
        while (sem_wait(&desk->go) != 0)
            ;
    if (desk->status != STATUS_OK)
        return desk->status;
    for (struct job *job = first; job != NULL; job = job->next)
        do_job(desk, job);
    hand_back(first, context);
    return STATUS_OK;
}
