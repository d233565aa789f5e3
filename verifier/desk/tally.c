/* Who is locked, and how many logins there were: a page of origins, accounts or entries at a time, as status.c asks for it.
 *
 * Rows count for what they say, whether or not their tags hold: those that do not are the scan's to tell.
 */
#include "inside.h"

#include <string.h>

#define EXHAUSTED_A_PAGE 4 /* accounts whose origins are looked through once more: up to 65 rows each */

static bool locks(const struct change *change, const struct origin *origin, uint32_t usual_failures)
{
    const struct account fresh = {.other_failures = 0}; /* the strangers' budget is the accounts' page's to see */
    enum reason reason = REASON_NONE;
    return !policy_admits(&change->desk->rules.limits, &fresh, origin, usual_failures, change->now_s, &reason) &&
           (reason == REASON_LOCKED || reason == REASON_BUDGET);
}

static void count_origin(const struct change *change, const struct origin *origin, struct job_cursor *cursor)
{
    struct job_tally *tally = &cursor->tally;

    if (strcmp(cursor->user, origin->user) != 0) {
        tally->usual_failures = 0;
        tally->is_locked = false;
    }
    memcpy(cursor->user, origin->user, sizeof cursor->user);
    memcpy(cursor->name, origin->name, sizeof cursor->name);
    uint32_t failures = policy_usual_failures(origin, 1, change->now_s);
    tally->usual_failures =
        failures > UINT32_MAX - tally->usual_failures ? UINT32_MAX : tally->usual_failures + failures;
    if (!tally->is_locked && locks(change, origin, tally->usual_failures)) {
        tally->is_locked = true;
        tally->users_locked++;
    }
}

enum status desk_tally_origins(struct change *change, struct job_cursor *cursor, bool *out_last)
{
    struct origin origins[JOB_ROWS_MAX];
    size_t count = 0;

    enum status status =
        store_page_origins(change->desk->store, cursor->user, cursor->name, origins, JOB_ROWS_MAX, &count);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        count_origin(change, &origins[i], cursor);
    *out_last = count < JOB_ROWS_MAX;
    return STATUS_OK;
}

/* Was this user counted by an origin? */
static enum status is_counted(struct change *change, const char *user, bool *out_counted)
{
    struct origin origins[POLICY_ORIGINS_MAX + 1];
    size_t count = 0;

    enum status status =
        store_get_origins(change->desk->store, user, origins, sizeof origins / sizeof origins[0], &count);
    if (status != STATUS_OK)
        return status;
    uint32_t usual_failures = policy_usual_failures(origins, count, change->now_s);
    *out_counted = false;
    for (size_t i = 0; i < count; i++)
        *out_counted = *out_counted || locks(change, &origins[i], usual_failures);
    return STATUS_OK;
}

enum status desk_tally_accounts(struct change *change, struct job_cursor *cursor, bool *out_last)
{
    struct account accounts[JOB_ROWS_MAX];
    size_t count = 0, at = 0;

    enum status status = store_page_accounts(change->desk->store, cursor->user, accounts, JOB_ROWS_MAX, &count);
    if (status != STATUS_OK)
        return status;
    for (unsigned exhausted = 0; at < count && exhausted < EXHAUSTED_A_PAGE; at++) {
        bool counted = true;
        if (accounts[at].other_failures >= POLICY_OTHER_BUDGET) {
            exhausted++;
            status = is_counted(change, accounts[at].user, &counted);
            if (status != STATUS_OK)
                return status;
        }
        cursor->tally.users_locked += counted ? 0 : 1;
        memcpy(cursor->user, accounts[at].user, sizeof cursor->user);
    }
    *out_last = at == count && count < JOB_ROWS_MAX;
    return STATUS_OK;
}

enum status desk_tally_logins(struct change *change, int64_t since_ms, struct job_cursor *cursor, bool *out_last)
{
    struct entry entries[JOB_ROWS_MAX];
    size_t count = 0;

    enum status status = store_page_entries(change->desk->store, cursor->seq, since_ms, entries, JOB_ROWS_MAX, &count);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        cursor->seq = entries[i].seq;
        if (entries[i].event != EVENT_LOGIN)
            continue;
        if (entries[i].verdict == VERDICT_ACCEPTED)
            cursor->tally.logins += entries[i].count;
        else
            cursor->tally.refusals += entries[i].count;
    }
    *out_last = count < JOB_ROWS_MAX;
    return STATUS_OK;
}
