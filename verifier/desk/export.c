/* Secrets for an export: the only way on which they leave the verifier.
 *
 * MUST 1  The entry that tells of it is on disk before the first secret is handed to anybody: it is written in a change of its own, in front of
 *         the first page that has rows.
 * MUST 2  A secret whose row does not hold stays here.
 * MUST 3  A suspended factor stays here: a container cannot say that it is, and where it is read it would count.
 * MUST 4  A page is wiped before the next one is filled in.
 */
#include "inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum stage {
    STAGE_COUNT = 0, /* how many there are, for the entry */
    STAGE_SEND,
};

struct page {
    struct factor factors[JOB_ROWS_MAX];
    size_t count;
};

/* Live, with a secret, and not only waiting to be swept away. */
static bool is_wanted(const struct change *change, const struct factor *factor)
{
    return policy_has_device(factor) && (factor->state == FACTOR_ACTIVE || factor->state == FACTOR_PENDING) &&
           !desk_factor_has_lapsed(change, factor);
}

static enum status read_page(struct change *change, const struct job *job, struct job_cursor *cursor,
                             struct page *out_page)
{
    const char *user = job->request.export.user;
    enum status status = store_page_factors(change->desk->store, user[0] == '\0' ? NULL : user, cursor->user,
                                            cursor->id, out_page->factors, JOB_ROWS_MAX, &out_page->count);
    if (status != STATUS_OK || out_page->count == 0)
        return status;
    const struct factor *last = &out_page->factors[out_page->count - 1];
    memcpy(cursor->user, last->user, sizeof cursor->user);
    cursor->id = last->id;
    return STATUS_OK;
}

/* *out_secret is NULL where the row does not hold. */
static enum status unseal(struct change *change, const struct factor *factor, struct secret **out_secret)
{
    enum status status = vault_check_factor(change->keys, factor);
    if (status == STATUS_OK)
        status = vault_unseal(change->keys, factor, out_secret);
    return status == STATUS_TAMPERED || status == STATUS_INVALID ? STATUS_OK : status;
}

static enum status record(struct change *change, const struct job *job, uint64_t secrets)
{
    const char *user = job->request.export.user;
    struct account account;
    enum status status = user[0] == '\0' ? STATUS_NOT_FOUND : store_get_account(change->desk->store, user, &account);
    bool has_account = status == STATUS_OK;

    if (!has_account && status != STATUS_NOT_FOUND && status != STATUS_TAMPERED && status != STATUS_INVALID)
        return status;
    struct entry entry =
        desk_entry(&job->caller, EVENT_EXPORTED, VERDICT_ACCEPTED, REASON_ADMIN, has_account ? &account : NULL, 0);
    (void)snprintf(entry.note, sizeof entry.note, "secrets=%" PRIu64, secrets);
    return desk_record(change, &entry);
}

/* The last page of the count records it, and the next page begins from the front. The cursor's `seq` is the highest id that was counted: what
 * is enrolled meanwhile stays here. */
static enum status count_page(struct change *change, const struct job *job, struct outcome *out)
{
    struct job_cursor *cursor = &out->cursor;
    struct page page;

    enum status status = read_page(change, job, cursor, &page);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID)
        return desk_answer(out, WIRE_TAMPERED, REASON_TAMPERED, 0);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < page.count; i++) {
        if (!is_wanted(change, &page.factors[i]))
            continue;
        cursor->tally.factors++;
        if ((uint64_t)page.factors[i].id > cursor->seq)
            cursor->seq = (uint64_t)page.factors[i].id;
    }
    if (page.count == JOB_ROWS_MAX)
        return desk_more(out, 0);
    if (cursor->tally.factors == 0)
        return desk_answer(out, WIRE_NO_FACTOR, REASON_NONE, 0);
    status = record(change, job, cursor->tally.factors);
    cursor->user[0] = '\0';
    cursor->id = 0;
    cursor->stage = STAGE_SEND;
    return status == STATUS_OK ? desk_more(out, 0) : status;
}

static enum status add_row(struct change *change, struct job *job, const struct factor *factor, struct outcome *out)
{
    struct wire_secret row = {.id = factor->id,
                              .uid = factor->uid,
                              .kind = factor->kind,
                              .algorithm = factor->algorithm,
                              .digits = factor->digits,
                              .period_s = factor->period_s,
                              .state = factor->state,
                              .counter = factor->mark,
                              .offset_steps = factor->offset_steps,
                              .not_before_s = factor->not_before_s,
                              .not_after_s = factor->not_after_s};

    enum status status = unseal(change, factor, &row.secret);
    if (status != STATUS_OK)
        return status;
    if (row.secret == NULL) {
        out->cursor.tally.tampered = true;
        return STATUS_OK;
    }
    memcpy(row.user, factor->user, sizeof row.user);
    memcpy(row.label, factor->label, sizeof row.label);
    job->rows[out->row_count++] = (struct wire_message){.type = WIRE_SECRET, .secret = row};
    out->cursor.checked++;
    return STATUS_OK;
}

static enum status send_page(struct change *change, struct job *job, struct outcome *out)
{
    struct page page;

    enum status status = desk_rows_ready(job);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < JOB_ROWS_MAX; i++)
        wire_wipe(&job->rows[i]);
    status = read_page(change, job, &out->cursor, &page);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID)
        return desk_answer(out, WIRE_TAMPERED, REASON_TAMPERED, 0);
    for (size_t i = 0; status == STATUS_OK && i < page.count; i++)
        if (is_wanted(change, &page.factors[i]) && (uint64_t)page.factors[i].id <= out->cursor.seq)
            status = add_row(change, job, &page.factors[i], out);
    if (status != STATUS_OK)
        return status;
    if (page.count == JOB_ROWS_MAX)
        return desk_more(out, out->row_count);
    return out->cursor.tally.tampered ? desk_answer(out, WIRE_TAMPERED, REASON_TAMPERED, (int64_t)out->cursor.checked)
                                      : desk_answer(out, WIRE_OK, REASON_NONE, (int64_t)out->cursor.checked);
}

enum status desk_export(struct change *change, struct job *job, struct outcome *out)
{
    return out->cursor.stage == STAGE_SEND ? send_page(change, job, out) : count_page(change, job, out);
}
