/* The batch: begin, keys, run, commit, hand back, tell.
 *
 * MUST 1  publish() is the only function that sets a job's verdict to accepted, and it is called only after store_commit returned
 *         STATUS_OK.
 * MUST 2  A change with a job that could not be done is dropped whole; each job then has a change of its own.
 * MUST 3  After a failed commit nothing is read from or written to the store again.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

struct work {
    struct job *job;
    struct outcome outcome;
};

struct batch {
    struct change change;
    struct work *works;
    size_t count;
    bool commit_failed;
};

static void batch_drop(struct batch *batch)
{
    desk_odd_forget(&batch->change);
    vault_keys_drop(&batch->change.keys);
    free(batch->change.entries);
    free(batch->works);
}

/* What a job says as long as nobody knows better. */
static void refuse(struct job *job)
{
    job->verdict = VERDICT_REFUSED;
    if (job->kind != JOB_NOTE)
        job->reason = REASON_UNAVAILABLE;
    job->look = LOOK_REFUSE;
    job->row_count = 0;
    job->finished = true;
    wire_wipe(&job->reply);
    job->reply.type = WIRE_RESULT;
    job->reply.result = (struct wire_result){.code = WIRE_UNAVAILABLE, .reason = REASON_UNAVAILABLE};
}

static void publish(struct job *job, const struct outcome *outcome)
{
    job->verdict = outcome->verdict;
    if (job->kind != JOB_NOTE)
        job->reason = outcome->reason;
    job->look = outcome->look;
    job->may_be_empty = outcome->may_be_empty;
    if (outcome->user[0] != '\0')
        memcpy(job->user, outcome->user, sizeof job->user);
    job->row_count = outcome->row_count;
    job->finished = outcome->finished;
    job->cursor = outcome->cursor;
    job->reply.result = outcome->result;
}

static enum status run_job(struct change *change, struct job *job, struct outcome *out)
{
    *out = (struct outcome){.reason = REASON_UNAVAILABLE, .finished = true, .cursor = job->cursor};
    (void)desk_answer(out, WIRE_UNAVAILABLE, REASON_UNAVAILABLE, 0);

    enum status status = desk_tidy(job);
    if (status != STATUS_OK)
        return status;
    switch (job->kind) {
    case JOB_LOOK:
        return desk_look(change, job, out);
    case JOB_ATTEMPT:
        return desk_attempt(change, job, job->user, job->request.type == WIRE_ANSWER ? job->request.answer.code : NULL,
                            out);
    case JOB_ADMIN:
        return desk_admin(change, job, out);
    case JOB_NOTE:
        return desk_count(change, &job->caller, EVENT_DENIED, job->reason);
    case JOB_COUNTS:
        return desk_counts_write(change, job->last);
    }
    return STATUS_INVALID;
}

static void forget(struct change *change)
{
    desk_odd_forget(change);
    change->entry_count = change->committed;
    change->head_known = false;
    change->head_moved = false;
    change->counted = false;
}

static enum status run_works(struct change *change, struct work *works, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum status status = run_job(change, works[i].job, &works[i].outcome);
        if (status != STATUS_OK)
            return status;
    }
    return desk_record_head(change);
}

/* One change: all of these works or none. */
static enum status run_change(struct batch *batch, struct work *works, size_t count)
{
    struct change *change = &batch->change;
    struct store *store = change->desk->store;

    forget(change);
    enum status status = store_begin(store);
    if (status != STATUS_OK)
        return status;
    status = run_works(change, works, count);
    if (status != STATUS_OK) {
        store_drop(store);
        forget(change);
        return status;
    }
    status = store_commit(store);
    if (status != STATUS_OK) {
        forget(change);
        batch->commit_failed = status != STATUS_NO_SPACE;
        return batch->commit_failed ? STATUS_FAILED : status;
    }
    desk_scan_cleared(change);
    change->committed = change->entry_count;
    desk_counts_keep(change);
    desk_scan_keep(change->desk);
    for (size_t i = 0; i < count; i++)
        publish(works[i].job, &works[i].outcome);
    return STATUS_OK;
}

static enum status change_open(struct desk *desk, int64_t now_ms, struct change *out_change)
{
    *out_change = (struct change){.desk = desk, .now_ms = now_ms, .now_s = now_ms / 1000};
    return vault_keys_new(desk->vault, store_id(desk->store), &out_change->keys);
}

static enum status batch_open(struct desk *desk, struct job *first, int64_t now_ms, struct batch *batch)
{
    for (struct job *job = first; job != NULL; job = job->next)
        batch->count++;
    batch->works = calloc(batch->count + 1, sizeof *batch->works);
    if (batch->works == NULL)
        return STATUS_NO_MEMORY;

    struct work *work = batch->works;
    for (struct job *job = first; job != NULL; job = job->next, work++)
        work->job = job;
    return change_open(desk, now_ms, &batch->change);
}

/* A failure is in the job already: refused. */
static void batch_run_alone(struct batch *batch, struct work *work)
{
    struct desk *desk = batch->change.desk;
    enum status status = STATUS_OK;

    if (store_checkpoint_is_due(desk->store)) /* one by one they fill the log faster than all at once */
        status = store_checkpoint(desk->store);
    if (status == STATUS_FAILED)
        batch->commit_failed = true;
    else
        status = run_change(batch, work, 1);
    if (status == STATUS_NO_SPACE && desk_room_find(desk, &batch->commit_failed))
        status = run_change(batch, work, 1);
    if (status == STATUS_NO_SPACE)
        desk_room_refuse(desk, work->job);
}

static void batch_run(struct batch *batch)
{
    enum status status = run_change(batch, batch->works, batch->count);
    if (status == STATUS_OK || (batch->count == 1 && status != STATUS_NO_SPACE))
        return;
    for (size_t i = 0; i < batch->count && !batch->commit_failed; i++)
        batch_run_alone(batch, &batch->works[i]);
}

enum status desk_run(struct desk *desk, struct job *first, int64_t now_ms, desk_hand_back *hand_back,
                     void *hand_back_context)
{
    struct batch batch __attribute__((cleanup(batch_drop))) = {.count = 0};

    for (struct job *job = first; job != NULL; job = job->next)
        refuse(job);
    if (batch_open(desk, first, now_ms, &batch) == STATUS_OK)
        batch_run(&batch);
    vault_keys_drop(&batch.change.keys);

    /* From the hand-back on the jobs are no longer ours. */
    if (batch.commit_failed) {
        for (struct job *job = first; job != NULL; job = job->next)
            refuse(job);
    } else if (hand_back != NULL) {
        hand_back(first, hand_back_context);
    }
    for (size_t i = 0; i < batch.change.committed; i++) {
        if (desk->tell != NULL)
            desk->tell(&batch.change.entries[i], desk->context);
        desk_codes_tell(desk, &batch.change.entries[i]);
    }
    if (!batch.commit_failed) {
        desk_clock_tell(desk);
        desk_room_tell(desk);
    }
    return batch.commit_failed ? STATUS_FAILED : STATUS_OK;
}

/* ---- changes without a job ---- */

enum status desk_change_begin(struct desk *desk, int64_t now_ms, struct change *out_change)
{
    enum status status = change_open(desk, now_ms, out_change);
    return status == STATUS_OK ? store_begin(desk->store) : status;
}

enum status desk_change_commit(struct change *change, bool *out_lost)
{
    struct desk *desk = change->desk;

    enum status status = desk_record_head(change);
    if (status != STATUS_OK)
        return status;
    status = store_commit(desk->store);
    *out_lost = status != STATUS_OK && status != STATUS_NO_SPACE;
    if (status != STATUS_OK)
        return status;
    desk_scan_keep(desk);
    for (change->committed = 0; change->committed < change->entry_count; change->committed++)
        if (desk->tell != NULL)
            desk->tell(&change->entries[change->committed], desk->context);
    return STATUS_OK;
}

void desk_change_drop(struct change *change)
{
    store_drop(change->desk->store);
    desk_odd_forget(change);
    vault_keys_drop(&change->keys);
    free(change->entries);
    change->entries = NULL;
}

static enum status take_first_entry(struct change *change, const char *actor)
{
    static const struct rows_sum nothing;
    struct entry entry = {.event = EVENT_STORE_MADE,
                          .verdict = VERDICT_ACCEPTED,
                          .reason = REASON_ADMIN,
                          .uid = NO_UID,
                          .service = "garde",
                          .count = 1};
    bool lost = false;
    size_t len = strnlen(actor, sizeof entry.actor - 1);
    memcpy(entry.actor, actor, len);

    enum status status = desk_record(change, &entry);
    if (status == STATUS_OK)
        status = desk_head_take(change, &nothing);
    return status == STATUS_OK ? desk_change_commit(change, &lost) : status;
}

enum status desk_first_entry(struct desk *desk, int64_t now_ms, const char *actor)
{
    change_owner struct change change;
    enum status status = desk_change_begin(desk, now_ms, &change);
    return status == STATUS_OK ? take_first_entry(&change, actor) : status;
}

enum status desk_open(struct crypto *crypto, struct vault *vault, struct store *store, const struct desk_rules *rules,
                      desk_tell *tell, notice_tell *notice, void *context, struct desk **out_desk)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) {
        store_close(store);
        vault_close(vault);
        crypto_free(crypto);
        return STATUS_NO_MEMORY;
    }
    *desk = (struct desk){.crypto = crypto,
                          .vault = vault,
                          .store = store,
                          .rules = *rules,
                          .tell = tell,
                          .notice = notice,
                          .context = context,
                          .scan = {.state = WIRE_SCAN_RUNNING},
                          .started_s = desk_uptime_s()};
    desk->counts = desk_counts_new();
    desk->draft = desk_counts_new();
    if (desk->counts == NULL || desk->draft == NULL) {
        desk_close(desk);
        return STATUS_NO_MEMORY;
    }
    *out_desk = desk;
    return STATUS_OK;
}

void desk_close(struct desk *desk)
{
    if (desk == NULL)
        return;
    desk_counts_free(desk->counts);
    desk_counts_free(desk->draft);
    secret_free(desk->scan.sum);
    secret_free(desk->scan.draft);
    store_close(desk->store);
    vault_close(desk->vault);
    crypto_free(desk->crypto);
    free(desk);
}

void desk_adopt(struct desk *desk, const struct desk_rules *rules)
{
    desk->rules = *rules;
}
