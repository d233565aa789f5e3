/* A code was offered.
 *
 * MUST 1  The new mark is written in the change that carries the acceptance.
 * MUST 2  An attempt that policy does not admit leaves the secrets sealed and costs nothing.
 * MUST 3  A code of a pending factor counts only together with its confirmation, in the same change.
 * MUST 4  Every way through ends in one entry, or one count; accepted is said on one line.
 */
#include "inside.h"

#include <string.h>

enum status desk_compare(struct change *change, const struct factor *factor, const struct secret *code,
                         enum verdict *out_verdict, uint64_t *out_mark, enum reason *out_reason)
{
    if (policy_is_of_codes(factor))
        return desk_compare_codes(change, factor, code, out_verdict, out_mark, out_reason);

    secret_owner struct secret *secret = NULL;
    struct policy_range range = policy_range(&change->desk->rules.limits, factor, change->now_s);
    uint64_t matches = 0;

    enum status status = vault_unseal(change->keys, factor, &secret);
    if (status == STATUS_OK)
        status = otp_match(change->desk->crypto, secret, factor->algorithm, factor->digits, range.first, range.count,
                           code, &matches);
    if (status == STATUS_OK)
        *out_verdict = policy_judge(factor, range, matches, out_mark, out_reason);
    return status;
}

struct attempt {
    struct change *change;
    const struct job *job;
    const struct secret *code;
    struct outcome *out;
    char note[NOTE_SIZE];
    struct person person;
};

static enum status record(struct attempt *attempt, int64_t factor_id)
{
    enum event event = attempt->job->kind == JOB_ADMIN ? EVENT_VERIFIED : EVENT_LOGIN;
    struct entry entry = desk_entry(&attempt->job->caller, event, attempt->out->verdict, attempt->out->reason,
                                    &attempt->person.account, factor_id);
    memcpy(entry.note, attempt->note, sizeof entry.note);
    return desk_record(attempt->change, &entry);
}

static enum status refuse(struct attempt *attempt, enum reason reason)
{
    attempt->out->reason = reason;
    return record(attempt, 0);
}

static enum status refuse_counted(struct attempt *attempt, enum event event, enum reason reason)
{
    attempt->out->reason = reason;
    return desk_count(attempt->change, &attempt->job->caller, event, reason);
}

/* Which of several reasons is told when no factor can be used: the one that an admin can do something about first. */
static enum reason weightier(enum reason a, enum reason b)
{
    static const enum reason order[] = {REASON_SUSPENDED, REASON_PENDING, REASON_USED_UP, REASON_EXPIRED,
                                        REASON_NOT_YET};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return REASON_REVOKED;
}

static void swap(struct factor *a, struct factor *b)
{
    struct factor kept = *a;
    *a = *b;
    *b = kept;
}

/* Moves the usable factors to the front; the others stay behind them, for the one that is confirmed may replace one. */
static size_t keep_usable(struct attempt *attempt, enum reason *out_reason)
{
    struct person *person = &attempt->person;
    size_t usable = 0;

    *out_reason = REASON_REVOKED;
    for (size_t i = 0; i < person->factor_count; i++) {
        enum reason why = REASON_NONE;
        if (!policy_is_usable(&person->factors[i], attempt->change->now_s, &why))
            *out_reason = weightier(*out_reason, why);
        else if (usable++ != i)
            swap(&person->factors[usable - 1], &person->factors[i]);
    }
    return usable;
}

/* All of them are compared, so that time does not tell which one it was. Each that matches is spent: one code is one
 * acceptance, also when two factors happen to show the same digits. */
static enum status spend(struct attempt *attempt, size_t usable, int64_t *out_factor_id)
{
    enum reason told = REASON_WRONG_CODE;
    bool found = false;

    for (size_t i = 0; i < usable; i++) {
        struct factor *factor = &attempt->person.factors[i];
        enum verdict verdict = VERDICT_REFUSED;
        enum reason reason = REASON_NONE;
        uint64_t mark = 0;

        enum status status = desk_compare(attempt->change, factor, attempt->code, &verdict, &mark, &reason);
        if (status != STATUS_OK)
            return status;
        if (verdict != VERDICT_ACCEPTED) {
            if (!found && reason == REASON_REPLAYED) {
                told = reason;
                *out_factor_id = factor->id;
            }
            continue;
        }
        factor->mark = mark;
        factor->last_used_s = attempt->change->now_s;
        status = desk_factor_save(attempt->change, factor);
        if (status != STATUS_OK)
            return status;
        if (!found) {
            *out_factor_id = factor->id;
            desk_codes_note(factor, attempt->note);
        }
        found = true;
        desk_clock_right(attempt->change, factor);
    }
    attempt->out->verdict = found ? VERDICT_ACCEPTED : VERDICT_REFUSED;
    attempt->out->reason = found ? REASON_NONE : told;
    return STATUS_OK;
}

/* A factor that was handed out is confirmed by its first right code. Only now that all of them were compared: what it replaces was one
 * of them, perhaps. A pending factor that was ever used was used just now. */
static enum status confirm_used(struct attempt *attempt, size_t usable)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < usable; i++) {
        struct factor *factor = &attempt->person.factors[i];
        if (factor->state == FACTOR_PENDING && factor->last_used_s != 0)
            status = desk_factor_confirm(attempt->change, &attempt->job->caller, &attempt->person, factor, REASON_NONE);
    }
    return status;
}

enum status desk_charge(struct change *change, struct person *person, struct origin *here, enum verdict verdict)
{
    struct account *account = &person->account;
    struct account before = *account;

    if (verdict == VERDICT_ACCEPTED)
        policy_count_success(account, here, change->now_s);
    else
        policy_count_failure(account, here, change->now_s);
    if (account->other_failures != before.other_failures || account->other_refilled_s != before.other_refilled_s) {
        enum status status = desk_account_save(change, account);
        if (status != STATUS_OK)
            return status;
    }
    return desk_origin_save(change, person, here);
}

struct origin desk_origin_here(struct person *person, const char *name)
{
    const struct origin *known = desk_person_origin(person, name);
    if (known != NULL)
        return *known;

    struct origin fresh = {.failures = 0};
    memcpy(fresh.user, person->account.user, sizeof fresh.user);
    memcpy(fresh.name, name, strnlen(name, sizeof fresh.name - 1));
    return fresh;
}

static enum status attempt_with(struct attempt *attempt, size_t usable)
{
    struct change *change = attempt->change;
    struct person *person = &attempt->person;
    struct origin here = desk_origin_here(person, attempt->job->caller.origin);
    uint32_t usual = policy_usual_failures(person->origins, person->origin_count, change->now_s);
    enum reason reason = REASON_NONE;
    int64_t factor_id = 0;

    if (!policy_admits(&change->desk->rules.limits, &person->account, &here, usual, change->now_s, &reason))
        return refuse(attempt, reason);
    enum status status = spend(attempt, usable, &factor_id);
    if (status == STATUS_TAMPERED)
        return refuse(attempt, REASON_TAMPERED);
    if (status == STATUS_OK && attempt->out->reason == REASON_WRONG_CODE && policy_is_usual(&here, change->now_s))
        desk_clock_look(change, person->factors, usable, attempt->code);
    if (status == STATUS_OK)
        status = confirm_used(attempt, usable);
    if (status == STATUS_OK)
        status = desk_charge(change, person, &here, attempt->out->verdict);
    return status == STATUS_OK ? record(attempt, factor_id) : status;
}

enum status desk_attempt(struct change *change, const struct job *job, const char *user, const struct secret *code,
                         struct outcome *out)
{
    struct attempt attempt = {.change = change, .job = job, .code = code, .out = out};
    const struct person *person = &attempt.person;
    enum reason reason = REASON_NONE;

    if (code == NULL)
        return STATUS_OK; /* stays refused */
    enum status status = desk_person_load(change, user, &attempt.person);
    if (status != STATUS_OK)
        return status;
    if (person->standing == STANDING_UNENROLLED)
        return refuse_counted(&attempt, EVENT_UNKNOWN, REASON_UNENROLLED);
    if (desk_is_strangers(&job->caller, person))
        return refuse_counted(&attempt, EVENT_DENIED, REASON_OTHER_UID);
    if (person->standing != STANDING_KNOWN)
        return refuse(&attempt, REASON_TAMPERED);
    bool skipped = false;
    status = desk_skip_pending(change, job, person, code, out, &skipped);
    if (status != STATUS_OK || skipped)
        return status;

    size_t usable = keep_usable(&attempt, &reason);
    if (usable == 0)
        return refuse(&attempt, reason);
    return attempt_with(&attempt, usable);
}
