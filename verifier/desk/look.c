/* Is this user enrolled, and is there a code yet? Only asked where a rule may let users through without one.
 *
 * MUST 1  LOOK_SKIP is said on one line, in a store whose scan has passed, under a rule in force, to a caller that speaks for the user:
 *         in the second round, for a name that the name service knows and that leads to no account; or for an empty answer to a prompt that
 *         allowed it, of a user who has factors that may still be confirmed and no other device, and never had one. Everything else asks for a
 *         code or refuses.
 * MUST 2  An unprivileged peer that asks for a name of another uid is refused behind the same look-up of the name, enrolled, pending or not:
 *         neither the answer nor its time says which.
 */
#include "inside.h"

#include <string.h>

static enum status ask_for_code(struct outcome *out, const char *user)
{
    memcpy(out->user, user, strnlen(user, sizeof out->user - 1));
    out->look = LOOK_ENROLLED;
    out->reason = REASON_NONE;
    return STATUS_OK;
}

static enum status deny(struct change *change, const struct job *job, enum reason reason, struct outcome *out)
{
    out->look = LOOK_REFUSE;
    out->reason = reason;
    return desk_count(change, &job->caller, EVENT_DENIED, reason);
}

/* Enrolled, and nothing has counted yet: as if not enrolled, for those who decided so. A factor that was suspended, has expired or is revoked was
 * meant to keep somebody out. Recovery and help-desk codes confirm nobody, so they end nothing; but one that was suspended was meant so too. */
static bool is_pending(const struct change *change, const struct person *person)
{
    bool waits = false;

    if (person->standing != STANDING_KNOWN || person->account.confirmed_s != 0)
        return false;
    for (size_t i = 0; i < person->factor_count; i++) {
        const struct factor *factor = &person->factors[i];
        if (policy_is_of_codes(factor) && factor->state == FACTOR_ACTIVE)
            continue;
        if (factor->state != FACTOR_PENDING)
            return false;
        waits = waits || policy_is_confirmable(factor, change->now_s);
    }
    return waits;
}

/* Does a rule of the site hold for this caller and this uid at all? */
static bool is_ruled(const struct job *job, uint32_t uid)
{
    bool is_nobody = uid == OVERFLOW_UID || uid == NO_UID;
    return (job->caller.door == DOOR_PUBLIC || job->caller.door == DOOR_TRUSTED) && !is_nobody;
}

static bool may_stay_empty(const struct change *change, const struct job *job, const struct person *person)
{
    return is_ruled(job, person->account.uid) && policy_skips(&job->pending_rule, change->now_s) &&
           is_pending(change, person);
}

/* A row that would say otherwise may have been taken away. */
static enum status wait(struct outcome *out)
{
    out->look = LOOK_LATER;
    out->reason = REASON_NONE;
    return STATUS_OK;
}

static bool scan_goes_on(const struct change *change, const struct job *job)
{
    return change->desk->scan.state == WIRE_SCAN_RUNNING && !job->waited;
}

static bool scan_has_passed(const struct change *change)
{
    return change->desk->scan.state == WIRE_SCAN_PASSED;
}

/* The groups are those of the name that was resolved: another name for the same uid may have others. */
static bool is_resolved(const struct job *job, const struct account *account)
{
    return job->resolved == RESOLVED_FOUND && job->resolved_uid == account->uid &&
           strcmp(job->canonical, account->user) == 0;
}

static enum status ask_the_known(struct change *change, const struct job *job, const struct person *person,
                                 const char *user, struct outcome *out)
{
    bool may = is_resolved(job, &person->account) && may_stay_empty(change, job, person);

    if (may && scan_goes_on(change, job))
        return wait(out);
    out->may_be_empty = may && scan_has_passed(change);
    return ask_for_code(out, user);
}

/* Does this spelling lead to an account? *out_done: the answer is in *out. */
static enum status look_at(struct change *change, const struct job *job, const char *user, struct outcome *out,
                           bool *out_done)
{
    struct person person;
    enum status status = desk_person_load(change, user, &person);
    *out_done = status == STATUS_OK && person.standing != STANDING_UNENROLLED;
    if (!*out_done)
        return status;

    if (desk_is_strangers(&job->caller, &person))
        return deny(change, job, REASON_OTHER_UID, out);
    return ask_the_known(change, job, &person, user, out);
}

/* MUST 2 */
static enum status first_round(struct change *change, const struct job *job, struct outcome *out)
{
    struct person person;
    enum status status = desk_person_load(change, job->user, &person);
    if (status != STATUS_OK)
        return status;
    bool is_own = person.standing != STANDING_UNENROLLED && !desk_is_strangers(&job->caller, &person);
    if (is_own && !may_stay_empty(change, job, &person))
        return ask_for_code(out, job->user);
    out->look = is_own ? LOOK_PENDING : LOOK_UNKNOWN;
    out->reason = is_own ? REASON_PENDING : REASON_UNENROLLED;
    return STATUS_OK;
}

/* An alias: another name for a uid that is enrolled. */
static enum status look_at_uid(struct change *change, const struct job *job, struct outcome *out, bool *out_done)
{
    struct account account;
    enum status status = store_get_account_of_uid(change->desk->store, job->resolved_uid, &account);
    *out_done = false;
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_TAMPERED || status == STATUS_INVALID) {
        *out_done = true;
        return ask_for_code(out, job->canonical);
    }
    return status == STATUS_OK ? look_at(change, job, account.user, out, out_done) : status;
}

static enum status skip(struct change *change, const struct job *job, const struct account *account, enum reason reason,
                        struct outcome *out)
{
    struct entry entry = desk_entry(&job->caller, EVENT_SKIP, VERDICT_ACCEPTED, reason, account, 0);

    enum status status = desk_record(change, &entry);
    if (status != STATUS_OK)
        return status;
    out->reason = reason;
    out->look = LOOK_SKIP;
    return STATUS_OK;
}

static enum status skip_unenrolled(struct change *change, const struct job *job, struct outcome *out)
{
    struct account nobody = {.uid = job->resolved_uid};
    memcpy(nobody.user, job->canonical, sizeof nobody.user);
    if (job->only_looks) {
        out->reason = REASON_RULE;
        out->look = LOOK_SKIP;
        return STATUS_OK;
    }
    return skip(change, job, &nobody, REASON_RULE, out);
}

enum status desk_skip_pending(struct change *change, const struct job *job, const struct person *person,
                              const struct secret *code, struct outcome *out, bool *out_skipped)
{
    *out_skipped =
        job->may_be_empty && secret_len(code) == 0 && may_stay_empty(change, job, person) && scan_has_passed(change);
    return *out_skipped ? skip(change, job, &person->account, REASON_PENDING, out) : STATUS_OK;
}

static enum status second_round(struct change *change, const struct job *job, struct outcome *out)
{
    bool is_public = job->caller.door == DOOR_PUBLIC;
    bool done = false;

    if (job->resolved != RESOLVED_FOUND) /* must look like everybody else: a prompt, and then a refusal */
        return is_public ? deny(change, job, REASON_LOOKUP, out) : ask_for_code(out, job->user);
    if (is_public && job->resolved_uid != job->caller.uid)
        return deny(change, job, REASON_OTHER_UID, out);

    enum status status = look_at(change, job, job->canonical, out, &done);
    if (status == STATUS_OK && !done)
        status = look_at_uid(change, job, out, &done);
    if (status != STATUS_OK || done)
        return status;

    if (!is_ruled(job, job->resolved_uid) || !policy_skips(&job->rule, change->now_s))
        return ask_for_code(out, job->canonical);
    if (scan_goes_on(change, job))
        return wait(out);
    if (!scan_has_passed(change))
        return ask_for_code(out, job->canonical);
    return skip_unenrolled(change, job, out);
}

enum status desk_look(struct change *change, const struct job *job, struct outcome *out)
{
    if (job->resolved == RESOLVED_NOT_ASKED)
        return first_round(change, job, out);
    return second_round(change, job, out);
}
