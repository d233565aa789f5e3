/* How the verifier is: every factor is counted, a page at a time, with the marks that lie in the future; then what the scan found; last
 * the state.
 *
 * MUST 1  A page costs no more than a few logins: logins run between two pages.
 * MUST 2  Whoever changed the store cannot keep the state from the admin: what cannot be counted is said at the end.
 */
#include "inside.h"

#include <string.h>

enum stage {
    STAGE_COUNT = 0,
    STAGE_BAD_ROWS,
};

/* The mark of a row that somebody changed says nothing of our clock; the row is the scan's to tell. */
static enum status mark_is_ahead(struct change *change, const struct factor *factor, bool *out_ahead,
                                 int64_t *out_usable_from_s)
{
    *out_ahead = policy_mark_is_ahead(&change->desk->rules.limits, factor, change->now_s, out_usable_from_s);
    if (!*out_ahead)
        return STATUS_OK;
    enum status status = vault_check_factor(change->keys, factor);
    if (status != STATUS_TAMPERED && status != STATUS_INVALID)
        return status;
    *out_ahead = false;
    return STATUS_OK;
}

static enum status count_factor(struct change *change, const struct factor *factor, struct job *job,
                                struct outcome *out)
{
    struct job_cursor *cursor = &out->cursor;
    struct job_tally *tally = &cursor->tally;
    bool ahead = false;
    struct wire_future_mark mark = {.factor_id = factor->id};

    if (strcmp(cursor->user, factor->user) != 0)
        tally->has_user = false;
    memcpy(cursor->user, factor->user, sizeof cursor->user);
    cursor->id = factor->id;
    if (factor->state == FACTOR_REVOKED)
        return STATUS_OK;
    tally->factors++;
    tally->users += tally->has_user ? 0 : 1;
    tally->has_user = true;

    enum status status = mark_is_ahead(change, factor, &ahead, &mark.usable_from_s);
    if (status != STATUS_OK || !ahead)
        return status;
    tally->future_marks++;
    memcpy(mark.user, factor->user, sizeof mark.user);
    memcpy(mark.label, factor->label, sizeof mark.label);
    job->rows[out->row_count++] = (struct wire_message){.type = WIRE_FUTURE_MARK, .future_mark = mark};
    return STATUS_OK;
}

static enum status count_page(struct change *change, struct job *job, struct outcome *out)
{
    struct job_cursor *cursor = &out->cursor;
    struct factor factors[JOB_ROWS_MAX]; /* each may be a row */
    size_t count = 0;

    enum status status =
        store_page_factors(change->desk->store, NULL, cursor->user, cursor->id, factors, JOB_ROWS_MAX, &count);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID) {
        cursor->tally.tampered = true;
        cursor->stage = STAGE_BAD_ROWS;
        return desk_more(out, 0);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = count_factor(change, &factors[i], job, out);
    if (status != STATUS_OK)
        return status;
    if (count < JOB_ROWS_MAX)
        cursor->stage = STAGE_BAD_ROWS;
    return desk_more(out, out->row_count);
}

static struct wire_state state_of(const struct change *change, const struct job_tally *tally, uint64_t entries)
{
    const struct desk *desk = change->desk;
    struct wire_state state = {.version = GARDE_VERSION,
                               .started_s = change->now_s - (desk_uptime_s() - desk->started_s),
                               .now_s = change->now_s,
                               .users = tally->users,
                               .factors = tally->factors,
                               .future_marks = tally->future_marks,
                               .entries = entries,
                               .scan = desk->scan.state,
                               .rows_scanned = desk->scan.rows,
                               .rows_expected = desk->scan.expected,
                               .bad_rows = desk->scan.bad_rows};

    if (desk->room.known) {
        state.disk_bytes = desk->room.last.disk_bytes;
        state.reserve_bytes = desk->room.last.reserve_bytes;
        state.room_low = desk->room.last.low ? 1 : 0;
    }
    if (desk->clock.off) {
        state.clock_offset_s = desk->clock.offset_s;
        state.clock_users = desk->clock.users;
    }
    return state;
}

static enum status tell_state(struct change *change, struct job *job, struct outcome *out)
{
    struct job_tally *tally = &out->cursor.tally;
    struct entry_head head = {.count = 0};

    enum status status = desk_chain_head(change, &head);
    if (status != STATUS_OK && status != STATUS_TAMPERED)
        return status;
    tally->tampered = tally->tampered || status == STATUS_TAMPERED;
    job->rows[out->row_count++] =
        (struct wire_message){.type = WIRE_STATE, .state = state_of(change, tally, head.count)};
    return tally->tampered ? desk_answer(out, WIRE_TAMPERED, REASON_TAMPERED, 0)
                           : desk_answer(out, WIRE_OK, REASON_NONE, 0);
}

/* The cursor's `seq` is how many were told: more can be found between two pages. */
static enum status bad_rows_page(struct change *change, struct job *job, struct outcome *out)
{
    const struct scan *scan = &change->desk->scan;
    uint64_t known = scan->named;
    uint64_t *told = &out->cursor.seq;

    for (; *told < known && out->row_count < JOB_ROWS_MAX; (*told)++) {
        const struct scan_bad_row *bad = &scan->bad[*told];
        struct wire_message *row = &job->rows[out->row_count++];
        *row = (struct wire_message){.type = WIRE_BAD_ROW};
        memcpy(row->bad_row.user, bad->user, sizeof row->bad_row.user);
        memcpy(row->bad_row.what, bad->what, sizeof row->bad_row.what);
    }
    return out->row_count == JOB_ROWS_MAX ? desk_more(out, out->row_count) : tell_state(change, job, out);
}

enum status desk_status(struct change *change, struct job *job, struct outcome *out)
{
    enum status status = desk_rows_ready(job);
    if (status != STATUS_OK)
        return status;
    return out->cursor.stage == STAGE_COUNT ? count_page(change, job, out) : bad_rows_page(change, job, out);
}
