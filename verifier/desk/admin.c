/* The admin's requests: which function answers which, and the two that compare a code.
 *
 * MUST 1  Only the admin's door gets an answer here.
 * MUST 2  A code that confirms a factor is spent by it, in the same change.
 * MUST 3  A factor that takes another's place is not confirmed before its first day: the other one would end, and nothing be open until then.
 */
#include "inside.h"

#include <string.h>

enum status desk_answer(struct outcome *out, enum wire_result_code code, enum reason reason, int64_t number)
{
    out->result = (struct wire_result){.code = code, .reason = reason, .number = number};
    out->reason = reason;
    return STATUS_OK;
}

enum status desk_answer_tampered(struct change *change, const struct job *job, const struct person *person,
                                 struct outcome *out)
{
    struct entry entry = desk_entry(&job->caller, EVENT_DENIED, VERDICT_REFUSED, REASON_TAMPERED, &person->account, 0);
    enum status status = desk_record(change, &entry);
    return status == STATUS_OK ? desk_answer(out, WIRE_TAMPERED, REASON_TAMPERED, 0) : status;
}

/* `garde verify`: a login in all but name. The answer to the tool becomes "accepted" together with the verdict, by the commit. */
static enum status try_code(struct change *change, const struct job *job, struct outcome *out)
{
    const struct wire_try *ask = &job->request.try;
    enum status status = desk_attempt(change, job, ask->user, ask->code, out);
    if (status != STATUS_OK)
        return status;

    enum wire_result_code code = WIRE_WRONG_CODE;
    if (out->verdict == VERDICT_ACCEPTED)
        code = WIRE_OK;
    else if (out->reason == REASON_UNENROLLED)
        code = WIRE_NO_USER;
    else if (out->reason == REASON_TAMPERED)
        code = WIRE_TAMPERED;
    return desk_answer(out, code, out->reason, 0);
}

/* MUST 3 */
static bool comes_too_soon(const struct change *change, const struct factor *factor)
{
    return factor->replaces != 0 && change->now_s < factor->not_before_s;
}

/* Somebody who asks for a confirmation has the device at hand; what was handed out is confirmed by a login. */
static bool is_likelier(const struct factor *factor, const struct factor *than)
{
    if (than == NULL || factor->handed_out != than->handed_out)
        return than == NULL || factor->handed_out == 0;
    return factor->id > than->id;
}

/* The one of that id; 0: of those that can be confirmed the newest that was not handed out, or else the newest. *out_reason says why there is none. */
static struct factor *find_pending(struct change *change, struct person *person, int64_t id, enum reason *out_reason)
{
    struct factor *found = NULL;

    *out_reason = REASON_NONE;
    for (size_t i = 0; i < person->factor_count; i++) {
        struct factor *factor = &person->factors[i];
        if (id != 0 && factor->id != id)
            continue;
        if (comes_too_soon(change, factor)) {
            *out_reason = REASON_NOT_YET;
        } else if (policy_is_confirmable(factor, change->now_s)) {
            if (is_likelier(factor, found))
                found = factor;
        } else if (factor->state == FACTOR_PENDING) {
            *out_reason = REASON_EXPIRED;
        }
    }
    return found;
}

static enum status confirm_failed(struct change *change, const struct job *job, const struct person *person,
                                  int64_t factor_id, enum reason reason, struct outcome *out)
{
    struct entry entry =
        desk_entry(&job->caller, EVENT_CONFIRM_FAILED, VERDICT_REFUSED, reason, &person->account, factor_id);
    enum status status = desk_record(change, &entry);
    enum wire_result_code code = reason == REASON_TAMPERED ? WIRE_TAMPERED : WIRE_WRONG_CODE;
    return status == STATUS_OK ? desk_answer(out, code, reason, factor_id) : status;
}

static enum status confirm(struct change *change, const struct job *job, struct outcome *out)
{
    const struct wire_confirm *ask = &job->request.confirm;
    struct person person;
    enum verdict verdict = VERDICT_REFUSED;
    enum reason reason = REASON_NONE;
    uint64_t mark = 0;

    if (ask->code == NULL)
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    enum status status = desk_person_load(change, ask->user, &person);
    if (status != STATUS_OK)
        return status;
    if (person.standing == STANDING_UNENROLLED)
        return desk_answer(out, WIRE_NO_USER, REASON_UNENROLLED, 0);
    if (person.standing != STANDING_KNOWN)
        return desk_answer_tampered(change, job, &person, out);

    struct factor *factor = find_pending(change, &person, ask->factor_id, &reason);
    if (factor == NULL)
        return desk_answer(out, WIRE_NO_FACTOR, reason, 0);
    status = desk_compare(change, factor, ask->code, &verdict, &mark, &reason);
    if (status == STATUS_TAMPERED)
        return confirm_failed(change, job, &person, factor->id, REASON_TAMPERED, out);
    if (status != STATUS_OK)
        return status;
    if (verdict != VERDICT_ACCEPTED)
        return confirm_failed(change, job, &person, factor->id, reason, out);
    factor->mark = mark;
    status = desk_factor_confirm(change, &job->caller, &person, factor, REASON_ADMIN);
    return status == STATUS_OK ? desk_answer(out, WIRE_OK, REASON_NONE, factor->id) : status;
}

enum status desk_admin(struct change *change, struct job *job, struct outcome *out)
{
    if (job->caller.door != DOOR_ADMIN)
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);

    switch ((int)job->request.type) {
    case WIRE_ENROL:
        return desk_enrol(change, job, out);
    case WIRE_CONFIRM:
        return confirm(change, job, out);
    case WIRE_RECOVERY:
        return desk_recovery(change, job, out);
    case WIRE_TEMPCODE:
        return desk_tempcode(change, job, out);
    case WIRE_CHANGE:
        return desk_life(change, job, out);
    case WIRE_RESYNC:
        return desk_resync(change, job, out);
    case WIRE_TRY:
        return try_code(change, job, out);
    case WIRE_LIST:
        return desk_list(change, job, out);
    case WIRE_SHOW:
        return desk_show(change, job, out);
    case WIRE_AUDIT:
        return desk_audit(change, job, out);
    case WIRE_AUDIT_VERIFY:
        return desk_audit_verify(change, job, out);
    case WIRE_STATUS:
        return desk_status(change, job, out);
    case WIRE_EXPORT:
        return desk_export(change, job, out);
    default:
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    }
}
