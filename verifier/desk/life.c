/* Suspend, resume, revoke, unlock.
 *
 * MUST 1  What was ever confirmed leaves a tombstone with its fingerprint and mark; only the sealed secret goes.
 */
#include "inside.h"

#include <string.h>

static bool applies(enum wire_change_kind kind, const struct factor *factor)
{
    switch (kind) {
    case WIRE_SUSPEND:
        return factor->state == FACTOR_ACTIVE;
    case WIRE_RESUME:
        return factor->state == FACTOR_SUSPENDED;
    case WIRE_REVOKE:
        return factor->state != FACTOR_REVOKED;
    case WIRE_UNLOCK:
    case WIRE_CLEAR:
        break;
    }
    return false;
}

static enum status revoke(struct change *change, struct account *account, struct factor *factor)
{
    account->live_factors--;
    if (factor->confirmed_s == 0)
        return desk_factor_remove(change, factor);
    factor->state = FACTOR_REVOKED;
    factor->sealed_len = 0;
    secret_wipe(factor->sealed, sizeof factor->sealed);
    return desk_factor_save(change, factor);
}

static enum status alter(struct change *change, enum wire_change_kind kind, struct account *account,
                         struct factor *factor)
{
    if (kind == WIRE_REVOKE)
        return revoke(change, account, factor);
    factor->state = kind == WIRE_SUSPEND ? FACTOR_SUSPENDED : FACTOR_ACTIVE;
    return desk_factor_save(change, factor);
}

static enum event event_of(enum wire_change_kind kind)
{
    if (kind == WIRE_SUSPEND)
        return EVENT_SUSPENDED;
    return kind == WIRE_RESUME ? EVENT_RESUMED : EVENT_REVOKED;
}

static enum status alter_all(struct change *change, const struct job *job, struct person *person, struct outcome *out)
{
    const struct wire_change *ask = &job->request.change;
    int64_t altered = 0;

    for (size_t i = 0; i < person->factor_count; i++) {
        struct factor *factor = &person->factors[i];
        if ((ask->factor_id != 0 && factor->id != ask->factor_id) || !applies(ask->change, factor))
            continue;
        struct entry entry = desk_entry(&job->caller, event_of(ask->change), VERDICT_ACCEPTED, REASON_ADMIN,
                                        &person->account, factor->id);
        enum status status = alter(change, ask->change, &person->account, factor);
        if (status == STATUS_OK)
            status = desk_record(change, &entry);
        if (status != STATUS_OK)
            return status;
        altered++;
    }
    if (altered == 0)
        return desk_answer(out, WIRE_NO_FACTOR, REASON_NONE, 0);
    enum status status = ask->change == WIRE_REVOKE ? desk_account_save(change, &person->account) : STATUS_OK;
    return status == STATUS_OK ? desk_answer(out, WIRE_OK, REASON_NONE, altered) : status;
}

static enum status unlock(struct change *change, const struct job *job, struct person *person, struct outcome *out)
{
    struct entry entry = desk_entry(&job->caller, EVENT_UNLOCKED, VERDICT_ACCEPTED, REASON_ADMIN, &person->account, 0);

    policy_unlock_account(&person->account, change->now_s);
    enum status status = desk_account_save(change, &person->account);
    for (size_t i = 0; status == STATUS_OK && i < person->origin_count; i++) {
        policy_unlock_origin(&person->origins[i]);
        status = desk_origin_save(change, person, &person->origins[i]);
    }
    if (status == STATUS_OK)
        status = desk_record(change, &entry);
    return status == STATUS_OK ? desk_answer(out, WIRE_OK, REASON_NONE, 0) : status;
}

enum status desk_life(struct change *change, const struct job *job, struct outcome *out)
{
    const struct wire_change *ask = &job->request.change;
    struct person person;

    if (ask->change < WIRE_SUSPEND || ask->change > WIRE_UNLOCK || ask->factor_id < 0 ||
        (ask->change == WIRE_UNLOCK && ask->factor_id != 0))
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    enum status status = desk_person_load(change, ask->user, &person);
    if (status != STATUS_OK)
        return status;
    if (person.standing == STANDING_UNENROLLED)
        return desk_answer(out, WIRE_NO_USER, REASON_UNENROLLED, 0);
    if (person.standing != STANDING_KNOWN)
        return desk_answer_tampered(change, job, &person, out);
    if (ask->change == WIRE_UNLOCK)
        return unlock(change, job, &person, out);
    return alter_all(change, job, &person, out);
}
