/* Lists for the admin, a page at a time: a page costs no more than a few logins, and logins run between two pages.
 *
 * MUST 1  A row says nothing of the secret, the fingerprint or the mark.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#define VERIFY_AT_ONCE 512
#define AUDIT_AT_ONCE  256 /* entries read for a page, also where few of them are of the user who was asked for */

enum status desk_rows_ready(struct job *job)
{
    if (job->rows == NULL)
        job->rows = calloc(JOB_ROWS_MAX, sizeof *job->rows);
    return job->rows == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status desk_more(struct outcome *out, size_t rows)
{
    out->row_count = rows;
    out->finished = false;
    return desk_answer(out, WIRE_OK, REASON_NONE, 0);
}

/* Of a code that may be used without a limit nothing is counted. */
static uint32_t left_of(const struct factor *factor)
{
    uint32_t left = policy_codes_left(factor);
    return left == UINT32_MAX ? 0 : left;
}

/* A tombstone does not say any more. */
static bool is_weak(const struct factor *factor)
{
    return policy_has_device(factor) && factor->sealed_len != 0 &&
           factor->sealed_len < FACTOR_SECRET_MIN + FACTOR_SEALING;
}

static struct wire_factor factor_row(const struct factor *factor, bool tampered)
{
    struct wire_factor row = {.id = factor->id,
                              .uid = factor->uid,
                              .kind = factor->kind,
                              .algorithm = factor->algorithm,
                              .digits = factor->digits,
                              .period_s = factor->period_s,
                              .state = factor->state,
                              .created_s = factor->created_s,
                              .pending_until_s = factor->pending_until_s,
                              .confirmed_s = factor->confirmed_s,
                              .not_before_s = factor->not_before_s,
                              .not_after_s = factor->not_after_s,
                              .last_used_s = factor->last_used_s,
                              .offset_steps = factor->offset_steps,
                              .replaces = factor->replaces,
                              .handed_out = factor->handed_out != 0 ? 1 : 0,
                              .weak = is_weak(factor) ? 1 : 0,
                              .uses = factor->uses,
                              .left = left_of(factor),
                              .tampered = tampered ? 1 : 0};
    memcpy(row.user, factor->user, sizeof row.user);
    memcpy(row.label, factor->label, sizeof row.label);

    /* The wire cannot carry every value that a stranger's hand can write; the row is marked as tampered anyway. */
    if (row.kind < FACTOR_TOTP || row.kind > FACTOR_TEMPORARY)
        row.kind = FACTOR_TOTP;
    if (row.algorithm < ALGORITHM_SHA1 || row.algorithm > ALGORITHM_SHA512)
        row.algorithm = ALGORITHM_SHA1;
    if (row.state < FACTOR_PENDING || row.state > FACTOR_REVOKED)
        row.state = FACTOR_SUSPENDED;
    return row;
}

/* A page of factors; *out_rows < JOB_ROWS_MAX: the last. */
static enum status factor_page(struct change *change, struct job *job, const char *user, struct outcome *out,
                               size_t *out_rows)
{
    struct factor factors[JOB_ROWS_MAX];
    struct job_cursor *cursor = &out->cursor;

    enum status status = desk_rows_ready(job);
    if (status == STATUS_OK)
        status =
            store_page_factors(change->desk->store, user, cursor->user, cursor->id, factors, JOB_ROWS_MAX, out_rows);
    for (size_t i = 0; status == STATUS_OK && i < *out_rows; i++) {
        status = vault_check_factor(change->keys, &factors[i]);
        bool tampered = status == STATUS_TAMPERED || status == STATUS_INVALID;
        if (tampered)
            status = STATUS_OK;
        job->rows[i] = (struct wire_message){.type = WIRE_FACTOR, .factor = factor_row(&factors[i], tampered)};
        memcpy(cursor->user, factors[i].user, sizeof cursor->user);
        cursor->id = factors[i].id;
    }
    return status;
}

enum status desk_list(struct change *change, struct job *job, struct outcome *out)
{
    size_t count = 0;
    enum status status = factor_page(change, job, NULL, out, &count);
    if (status != STATUS_OK)
        return status;
    out->cursor.checked += count;
    if (count == JOB_ROWS_MAX)
        return desk_more(out, count);
    out->row_count = count;
    return desk_answer(out, WIRE_OK, REASON_NONE, (int64_t)out->cursor.checked);
}

static struct wire_origin origin_row(struct change *change, const struct person *person, const struct origin *origin)
{
    const struct policy_limits *limits = &change->desk->rules.limits;
    uint32_t usual = policy_usual_failures(person->origins, person->origin_count, change->now_s);
    enum reason reason = REASON_NONE;
    struct wire_origin row = {.usual = policy_is_usual(origin, change->now_s) ? 1 : 0,
                              .failures = origin->failures,
                              .last_failure_s = origin->last_failure_s,
                              .last_success_s = origin->last_success_s};
    memcpy(row.name, origin->name, sizeof row.name);

    if (!policy_admits(limits, &person->account, origin, usual, change->now_s, &reason))
        row.refused_until_s =
            reason == REASON_BUDGET ? INT64_MAX : origin->last_failure_s + policy_wait_s(limits, origin->failures);
    return row;
}

static enum status show_origins(struct change *change, struct job *job, const char *user, struct outcome *out)
{
    struct person person;
    enum status status = desk_person_load(change, user, &person);
    if (status != STATUS_OK)
        return status;
    if (person.standing == STANDING_UNENROLLED)
        return desk_answer(out, WIRE_NO_USER, REASON_UNENROLLED, 0);

    _Static_assert(POLICY_ORIGINS_MAX <= JOB_ROWS_MAX, "all origins of a user are one page");
    for (size_t i = 0; i < person.origin_count; i++)
        job->rows[i] =
            (struct wire_message){.type = WIRE_ORIGIN, .origin = origin_row(change, &person, &person.origins[i])};
    out->row_count = person.origin_count;
    if (person.standing == STANDING_TAMPERED)
        return desk_answer(out, WIRE_TAMPERED, REASON_TAMPERED, 0);
    return desk_answer(out, WIRE_OK, REASON_NONE, (int64_t)person.factor_count);
}

enum status desk_show(struct change *change, struct job *job, struct outcome *out)
{
    const char *user = job->request.show.user;
    size_t count = 0;

    if (out->cursor.stage == 1)
        return show_origins(change, job, user, out);
    enum status status = factor_page(change, job, user, out, &count);
    if (status != STATUS_OK)
        return status;
    if (count < JOB_ROWS_MAX)
        out->cursor.stage = 1;
    return desk_more(out, count);
}

static bool can_be_shown(const struct entry *entry)
{
    return entry->key_id != 0 && entry->event >= EVENT_STORE_MADE && entry->event <= EVENT_CLEARED &&
           entry->verdict <= VERDICT_ACCEPTED && entry->reason <= REASON_USED_UP;
}

static struct wire_entry entry_row(const struct entry *entry)
{
    struct wire_entry row = {.seq = entry->seq,
                             .time_ms = entry->time_ms,
                             .event = entry->event,
                             .verdict = entry->verdict,
                             .reason = entry->reason,
                             .uid = entry->uid,
                             .factor_id = entry->factor_id,
                             .count = entry->count};
    memcpy(row.user, entry->user, sizeof row.user);
    memcpy(row.service, entry->service, sizeof row.service);
    memcpy(row.note, entry->note, sizeof row.note);
    memcpy(row.origin, entry->origin, sizeof row.origin);
    memcpy(row.actor, entry->actor, sizeof row.actor);
    return row;
}

/* false: it is one that was asked for, and cannot be shown. */
static bool add_entry(struct job *job, const struct entry *entry, struct outcome *out)
{
    const char *user = job->request.audit.user;

    if (user[0] == '\0' || strcmp(user, entry->user) == 0) {
        if (!can_be_shown(entry))
            return false;
        job->rows[out->row_count++] = (struct wire_message){.type = WIRE_ENTRY, .entry = entry_row(entry)};
        out->cursor.checked++;
    }
    out->cursor.seq = entry->seq;
    return true;
}

enum status desk_audit(struct change *change, struct job *job, struct outcome *out)
{
    const int64_t since_ms = job->request.audit.since_ms;
    struct entry entries[JOB_ROWS_MAX];
    size_t read = 0, count = 0, want = JOB_ROWS_MAX;

    enum status status = desk_rows_ready(job);
    while (status == STATUS_OK && want > 0 && read < AUDIT_AT_ONCE) {
        status = store_page_entries(change->desk->store, out->cursor.seq, since_ms, entries, want, &count);
        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            if (!add_entry(job, &entries[i], out))
                return desk_answer(out, WIRE_BROKEN_ENTRY, REASON_TAMPERED, (int64_t)entries[i].seq);
        if (count < want)
            return desk_answer(out, WIRE_OK, REASON_NONE, (int64_t)out->cursor.checked);
        read += count;
        want = JOB_ROWS_MAX - out->row_count;
    }
    return status == STATUS_OK ? desk_more(out, out->row_count) : status;
}

enum status desk_audit_verify(struct change *change, struct job *job, struct outcome *out)
{
    int code = 0;
    int64_t number = 0;

    (void)job;
    enum status status = desk_chain(change, &out->cursor, VERIFY_AT_ONCE, &code, &number);
    if (status != STATUS_OK)
        return status;
    if (code == 0)
        return desk_more(out, 0);
    return desk_answer(out, (enum wire_result_code)code, code == WIRE_OK ? REASON_NONE : REASON_TAMPERED, number);
}
