/* Is this user enrolled? Only asked where a rule may let un-enrolled users through.
 *
 * MUST 1  LOOK_SKIP is said on one line, in the second round, for a name that the name service knows and that leads to no
 *         account, under a rule in force, in a store whose scan has passed. Everything else asks for a code or refuses.
 * MUST 2  An unprivileged peer that asks for a name of another uid is refused behind the same look-up of the name, enrolled or not: neither
 *         the answer nor its time says which.
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
    return ask_for_code(out, user);
}

/* MUST 2 */
static enum status first_round(struct change *change, const struct job *job, struct outcome *out)
{
    struct person person;
    enum status status = desk_person_load(change, job->user, &person);
    if (status != STATUS_OK)
        return status;
    if (person.standing != STANDING_UNENROLLED && !desk_is_strangers(&job->caller, &person))
        return ask_for_code(out, job->user);
    out->look = LOOK_UNKNOWN;
    out->reason = REASON_UNENROLLED;
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

/* A row that would say otherwise may have been taken away. */
static enum status wait(struct outcome *out)
{
    out->look = LOOK_LATER;
    out->reason = REASON_NONE;
    return STATUS_OK;
}

static enum status skip(struct change *change, const struct job *job, struct outcome *out)
{
    struct account nobody = {.uid = job->resolved_uid};
    memcpy(nobody.user, job->canonical, sizeof nobody.user);
    struct entry entry = desk_entry(&job->caller, EVENT_SKIP, VERDICT_ACCEPTED, REASON_RULE, &nobody, 0);

    enum status status = desk_record(change, &entry);
    if (status != STATUS_OK)
        return status;
    out->reason = REASON_RULE;
    out->look = LOOK_SKIP;
    return STATUS_OK;
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

    bool is_nobody = job->resolved_uid == OVERFLOW_UID || job->resolved_uid == NO_UID;
    bool may_skip = (is_public || job->caller.door == DOOR_TRUSTED) && !is_nobody;
    if (!may_skip || !policy_skips(&job->rule, change->now_s))
        return ask_for_code(out, job->canonical);
    if (change->desk->scan.state == WIRE_SCAN_RUNNING && !job->waited)
        return wait(out);
    if (change->desk->scan.state != WIRE_SCAN_PASSED)
        return ask_for_code(out, job->canonical);
    return skip(change, job, out);
}

enum status desk_look(struct change *change, const struct job *job, struct outcome *out)
{
    if (job->resolved == RESOLVED_NOT_ASKED)
        return first_round(change, job, out);
    return second_round(change, job, out);
}
