/* Confirmed, suspended, resumed, revoked, unlocked.
 *
 * MUST 1  A device that was ever confirmed, or of which a code was accepted, leaves a tombstone with its fingerprint and mark; only the sealed secret goes.
 * MUST 2  A factor ends in the change that confirms the one which replaces it: there is no moment with none, and none at which it
 *         could come back.
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
    factor->replaces = 0;
    factor->handed_out = 0;
    account->live_factors--;
    factor->state = FACTOR_REVOKED;
    bool counted = factor->confirmed_s != 0 || (policy_has_device(factor) && factor->last_used_s != 0);
    if (!counted)
        return desk_factor_remove(change, factor);
    factor->sealed_len = 0;
    secret_wipe(factor->sealed, sizeof factor->sealed);
    return desk_factor_save(change, factor);
}

/* MUST 2. Nothing where it is gone already. */
static enum status revoke_replaced(struct change *change, const struct caller *caller, struct person *person,
                                   int64_t replaced_id)
{
    for (size_t i = 0; i < person->factor_count; i++) {
        struct factor *factor = &person->factors[i];
        if (factor->id != replaced_id || factor->state == FACTOR_REVOKED)
            continue;
        struct entry entry =
            desk_entry(caller, EVENT_REVOKED, VERDICT_ACCEPTED, REASON_REPLACED, &person->account, factor->id);
        enum status status = revoke(change, &person->account, factor);
        return status == STATUS_OK ? desk_record(change, &entry) : status;
    }
    return STATUS_OK;
}

enum status desk_factor_confirm(struct change *change, const struct caller *caller, struct person *person,
                                struct factor *factor, enum reason reason)
{
    struct account *account = &person->account;
    struct entry entry = desk_entry(caller, EVENT_CONFIRMED, VERDICT_ACCEPTED, reason, account, factor->id);
    const int64_t replaced_id = factor->replaces;
    bool first = account->confirmed_s == 0;

    factor->state = FACTOR_ACTIVE;
    factor->confirmed_s = change->now_s;
    factor->pending_until_s = 0;
    factor->replaces = 0;
    factor->handed_out = 0;
    enum status status = desk_factor_save(change, factor);
    if (status == STATUS_OK)
        status = desk_record(change, &entry);
    if (first)
        account->confirmed_s = change->now_s;
    uint32_t live = account->live_factors;
    if (status == STATUS_OK && replaced_id != 0)
        status = revoke_replaced(change, caller, person, replaced_id);
    if (status == STATUS_OK && (first || account->live_factors != live))
        status = desk_account_save(change, account);
    return status;
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

static bool is_meant(const struct wire_change *ask, const struct factor *factor)
{
    return (ask->factor_id == 0 || factor->id == ask->factor_id) && applies(ask->change, factor);
}

/* Would the user have had a device before, and none afterwards? One that is good from a later day on is a device, but opens nothing now: it does
 * not stand in for one that does. */
static bool takes_the_last(const struct change *change, const struct wire_change *ask, const struct person *person)
{
    bool had = false, has = false, had_now = false, has_now = false;
    enum reason reason = REASON_NONE;

    for (size_t i = 0; i < person->factor_count; i++) {
        const struct factor *factor = &person->factors[i];
        if (!policy_is_active_device(factor, change->now_s))
            continue;
        bool is_now = policy_is_usable(factor, change->now_s, &reason), stays = !is_meant(ask, factor);
        had = true;
        had_now = had_now || is_now;
        has = has || stays;
        has_now = has_now || (stays && is_now);
    }
    return (had && !has) || (had_now && !has_now);
}

static enum status alter_all(struct change *change, const struct job *job, struct person *person, struct outcome *out)
{
    const struct wire_change *ask = &job->request.change;
    int64_t altered = 0;

    if (ask->change == WIRE_REVOKE && ask->last == 0 && takes_the_last(change, ask, person))
        return desk_answer(out, WIRE_LAST_FACTOR, REASON_NONE, 0);
    for (size_t i = 0; i < person->factor_count; i++) {
        struct factor *factor = &person->factors[i];
        if (!is_meant(ask, factor))
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

    if (ask->change < WIRE_SUSPEND || ask->change > WIRE_CLEAR || ask->factor_id < 0 ||
        (ask->change >= WIRE_UNLOCK && ask->factor_id != 0))
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    if (ask->change == WIRE_CLEAR)
        return desk_clear(change, job, out);
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
