/* Two codes in a row of a device that has gone off set its counter or its offset right.
 *
 * MUST 1  Throttled and charged as an attempt of the same origin; one that policy does not admit leaves the secret sealed.
 * MUST 2  All moving factors are compared with both codes, whatever was found on the way.
 * MUST 3  The mark moves above both codes in the change that takes over the offset: neither of them opens anything afterwards.
 */
#include "inside.h"

#include <stdio.h>
#include <string.h>

struct resync {
    struct change *change;
    const struct job *job;
    const struct wire_resync *ask;
    struct outcome *out;
    struct person person;
};

/* Who is asked for by number may be pending too: the device of a token that is off cannot be confirmed before. It stays pending. */
static bool can_be(const struct resync *resync, const struct factor *factor)
{
    if (policy_is_active_device(factor, resync->change->now_s))
        return resync->ask->factor_id == 0 || factor->id == resync->ask->factor_id;
    return factor->id == resync->ask->factor_id && policy_has_device(factor) &&
           policy_is_confirmable(factor, resync->change->now_s);
}

/* NULL: none, or several. */
static struct factor *find(struct resync *resync, int64_t *out_count)
{
    struct factor *found = NULL;

    *out_count = 0;
    for (size_t i = 0; i < resync->person.factor_count; i++)
        if (can_be(resync, &resync->person.factors[i])) {
            found = &resync->person.factors[i];
            ++*out_count;
        }
    return *out_count == 1 ? found : NULL;
}

/* MUST 2 */
static enum status match(struct resync *resync, const struct factor *factor, const struct secret *secret,
                         struct policy_range range, const struct secret *code, struct policy_matches *out_matches)
{
    *out_matches = (struct policy_matches){.words = {0}};
    for (unsigned at = 0; at < range.count; at += OTP_SPAN_MAX) {
        unsigned count = range.count - at < OTP_SPAN_MAX ? range.count - at : OTP_SPAN_MAX;
        enum status status = otp_match(resync->change->desk->crypto, secret, factor->algorithm, factor->digits,
                                       range.first + at, count, code, &out_matches->words[at / OTP_SPAN_MAX]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

_Static_assert(OTP_SPAN_MAX == 64, "one otp_match fills one word of struct policy_matches");

static enum status compare(struct resync *resync, const struct factor *factor, struct policy_resync *out_found,
                           enum verdict *out_verdict, enum reason *out_reason)
{
    const int64_t now_s = resync->change->now_s;
    struct policy_range range = policy_resync_range(factor, now_s);
    struct policy_matches first, second;
    secret_owner struct secret *secret = NULL;

    enum status status = vault_unseal(resync->change->keys, factor, &secret);
    if (status == STATUS_OK)
        status = match(resync, factor, secret, range, resync->ask->first, &first);
    if (status == STATUS_OK)
        status = match(resync, factor, secret, range, resync->ask->second, &second);
    if (status == STATUS_OK)
        *out_verdict = policy_judge_resync(factor, range, &first, &second, now_s, out_found, out_reason);
    return status;
}

static enum status refuse(struct resync *resync, int64_t factor_id, enum reason reason)
{
    struct entry entry = desk_entry(&resync->job->caller, EVENT_RESYNC_FAILED, VERDICT_REFUSED, reason,
                                    &resync->person.account, factor_id);
    enum status status = desk_record(resync->change, &entry);
    enum wire_result_code code = reason == REASON_TAMPERED ? WIRE_TAMPERED : WIRE_WRONG_CODE;
    return status == STATUS_OK ? desk_answer(resync->out, code, reason, factor_id) : status;
}

static enum status take(struct resync *resync, struct factor *factor, const struct policy_resync *found)
{
    struct entry entry = desk_entry(&resync->job->caller, EVENT_RESYNCED, VERDICT_ACCEPTED, REASON_ADMIN,
                                    &resync->person.account, factor->id);
    bool counts = factor->kind == FACTOR_HOTP;

    if (counts)
        (void)snprintf(entry.note, sizeof entry.note, "passed=%llu", (unsigned long long)found->passed);
    else
        (void)snprintf(entry.note, sizeof entry.note, "offset=%+d", (int)found->offset_steps);
    factor->mark = found->mark;
    factor->offset_steps = found->offset_steps;
    enum status status = desk_factor_save(resync->change, factor);
    if (status == STATUS_OK)
        status = desk_record(resync->change, &entry);
    if (status != STATUS_OK)
        return status;
    (void)desk_answer(resync->out, WIRE_OK, REASON_NONE, factor->id);
    resync->out->result.offset_steps = counts ? (int64_t)found->passed : found->offset_steps;
    return STATUS_OK;
}

static enum status resync_with(struct resync *resync, struct factor *factor)
{
    struct change *change = resync->change;
    struct person *person = &resync->person;
    struct origin here = desk_origin_here(person, resync->job->caller.origin);
    uint32_t usual = policy_usual_failures(person->origins, person->origin_count, change->now_s);
    struct policy_resync found = {.mark = 0};
    enum verdict verdict = VERDICT_REFUSED;
    enum reason reason = REASON_NONE;

    if (!policy_admits(&change->desk->rules.limits, &person->account, &here, usual, change->now_s, &reason))
        return refuse(resync, factor->id, reason);
    enum status status = compare(resync, factor, &found, &verdict, &reason);
    if (status == STATUS_TAMPERED)
        return refuse(resync, factor->id, REASON_TAMPERED);
    if (status == STATUS_OK)
        status = desk_charge(change, person, &here, verdict);
    if (status != STATUS_OK)
        return status;
    return verdict == VERDICT_ACCEPTED ? take(resync, factor, &found) : refuse(resync, factor->id, reason);
}

enum status desk_resync(struct change *change, const struct job *job, struct outcome *out)
{
    struct resync resync = {.change = change, .job = job, .ask = &job->request.resync, .out = out};
    const struct wire_resync *ask = resync.ask;
    int64_t count = 0;

    if (ask->first == NULL || ask->second == NULL || ask->factor_id < 0)
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    enum status status = desk_person_load(change, ask->user, &resync.person);
    if (status != STATUS_OK)
        return status;
    if (resync.person.standing == STANDING_UNENROLLED)
        return desk_answer(out, WIRE_NO_USER, REASON_UNENROLLED, 0);
    if (resync.person.standing != STANDING_KNOWN)
        return desk_answer_tampered(change, job, &resync.person, out);

    struct factor *factor = find(&resync, &count);
    if (factor == NULL)
        return desk_answer(out, WIRE_NO_FACTOR, REASON_NONE, count);
    return resync_with(&resync, factor);
}
