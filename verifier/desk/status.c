/* How the verifier is: every factor is counted, a page at a time, with the marks that lie in the future; then who is locked, and the day's logins;
 * then what the scan found; last the state.
 *
 * MUST 1  A page costs no more than a few logins: logins run between two pages.
 * MUST 2  Whoever changed the store cannot keep the state from the admin: what cannot be counted is said at the end.
 */
#include "inside.h"

#include <string.h>

enum stage {
    STAGE_FACTORS = 0,
    STAGE_ORIGINS,
    STAGE_ACCOUNTS,
    STAGE_LOGINS,
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

/* A user is pending while no factor with a device was ever confirmed, and one still can be. */
static void count_user(const struct change *change, const struct factor *factor, struct job_tally *tally)
{
    bool has_device = policy_has_device(factor);

    tally->users += tally->has_user ? 0 : 1;
    tally->has_user = true;
    if (has_device && factor->state != FACTOR_PENDING) {
        tally->users_pending -= tally->is_pending ? 1 : 0;
        tally->is_pending = false;
        tally->is_confirmed = true;
    } else if (policy_is_confirmable(factor, change->now_s) && !tally->is_confirmed && !tally->is_pending) {
        tally->users_pending++;
        tally->is_pending = true;
    }
}

static enum status count_factor(struct change *change, const struct factor *factor, struct job *job,
                                struct outcome *out)
{
    struct job_cursor *cursor = &out->cursor;
    struct job_tally *tally = &cursor->tally;
    bool ahead = false;
    struct wire_future_mark mark = {.factor_id = factor->id};

    if (strcmp(cursor->user, factor->user) != 0)
        tally->has_user = tally->is_pending = tally->is_confirmed = false;
    memcpy(cursor->user, factor->user, sizeof cursor->user);
    cursor->id = factor->id;
    if (factor->state == FACTOR_REVOKED)
        return STATUS_OK;
    tally->factors++;
    count_user(change, factor, tally);

    enum status status = mark_is_ahead(change, factor, &ahead, &mark.usable_from_s);
    if (status != STATUS_OK || !ahead)
        return status;
    tally->future_marks++;
    memcpy(mark.user, factor->user, sizeof mark.user);
    memcpy(mark.label, factor->label, sizeof mark.label);
    job->rows[out->row_count++] = (struct wire_message){.type = WIRE_FUTURE_MARK, .future_mark = mark};
    return STATUS_OK;
}

static enum status next_stage(struct outcome *out, int stage)
{
    struct job_cursor *cursor = &out->cursor;
    cursor->stage = stage;
    cursor->user[0] = cursor->name[0] = '\0';
    cursor->seq = 0;
    return desk_more(out, out->row_count);
}

static bool cannot_be_counted(enum status status, struct job_tally *tally)
{
    bool cannot = status == STATUS_TAMPERED || status == STATUS_INVALID;
    tally->tampered = tally->tampered || cannot;
    return cannot;
}

static enum status count_page(struct change *change, struct job *job, struct outcome *out)
{
    struct job_cursor *cursor = &out->cursor;
    struct factor factors[JOB_ROWS_MAX]; /* each may be a row */
    size_t count = 0;

    enum status status =
        store_page_factors(change->desk->store, NULL, cursor->user, cursor->id, factors, JOB_ROWS_MAX, &count);
    if (cannot_be_counted(status, &cursor->tally))
        return next_stage(out, STAGE_ORIGINS);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = count_factor(change, &factors[i], job, out);
    if (status != STATUS_OK)
        return status;
    return count < JOB_ROWS_MAX ? next_stage(out, STAGE_ORIGINS) : desk_more(out, out->row_count);
}

static enum status tally_page(struct change *change, const struct job *job, struct outcome *out)
{
    struct job_cursor *cursor = &out->cursor;
    bool last = false;
    enum status status = STATUS_OK;

    if (cursor->stage == STAGE_ORIGINS)
        status = desk_tally_origins(change, cursor, &last);
    else if (cursor->stage == STAGE_ACCOUNTS)
        status = desk_tally_accounts(change, cursor, &last);
    else
        status = desk_tally_logins(change, job->request.status.today_ms, cursor, &last);
    if (cannot_be_counted(status, &cursor->tally))
        last = true;
    else if (status != STATUS_OK)
        return status;
    return last ? next_stage(out, cursor->stage + 1) : desk_more(out, 0);
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
                               .bad_rows = desk->scan.bad_rows,
                               .users_pending = tally->users_pending,
                               .users_locked = tally->users_locked,
                               .logins_today = tally->logins,
                               .refusals_today = tally->refusals};

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
    if (out->cursor.stage == STAGE_FACTORS)
        return count_page(change, job, out);
    return out->cursor.stage < STAGE_BAD_ROWS ? tally_page(change, job, out) : bad_rows_page(change, job, out);
}
