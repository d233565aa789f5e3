/* All rows of one user.
 *
 * MUST 1  No row is used whose tag was not checked in the same change.
 * MUST 2  Rows without an account, too few, too many or unreadable rows are tampering, never "un-enrolled".
 */
#include "inside.h"

#include <string.h>

/* A row that no program of ours can have written. */
static bool says_tampered(enum status status)
{
    return status == STATUS_TAMPERED || status == STATUS_INVALID;
}

/* STATUS_OK with *holds cleared if the check found tampering. */
static enum status note(enum status checked, bool *holds)
{
    if (!says_tampered(checked))
        return checked;
    *holds = false;
    return STATUS_OK;
}

static enum status load_account(struct change *change, const char *user, struct person *person)
{
    enum status status = store_get_account(change->desk->store, user, &person->account);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    person->has_account = true;
    person->account_holds = true;
    if (says_tampered(status)) {
        person->account_holds = false;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    return note(vault_check_account(change->keys, &person->account), &person->account_holds);
}

static enum status load_factors(struct change *change, const char *user, struct person *person, bool *holds)
{
    enum status status =
        store_get_factors(change->desk->store, user, person->factors, FACTORS_PER_USER, &person->factor_count);
    if (says_tampered(status)) { /* also: more of them than we ever write */
        person->factor_count = 0;
        *holds = false;
        return STATUS_OK;
    }
    for (size_t i = 0; status == STATUS_OK && i < person->factor_count; i++)
        status = note(vault_check_factor(change->keys, &person->factors[i]), holds);
    if (person->factor_count != person->account.live_factors)
        *holds = false;
    return status;
}

static enum status load_origins(struct change *change, const char *user, struct person *person, bool *holds)
{
    enum status status =
        store_get_origins(change->desk->store, user, person->origins, POLICY_ORIGINS_MAX + 1, &person->origin_count);
    if (says_tampered(status) || (status == STATUS_OK && person->origin_count > POLICY_ORIGINS_MAX)) {
        person->origin_count = 0;
        *holds = false;
        return STATUS_OK;
    }
    for (size_t i = 0; status == STATUS_OK && i < person->origin_count; i++)
        status = note(vault_check_origin(change->keys, &person->origins[i]), holds);
    return status;
}

/* Without an account there must be no factor, not even a tombstone. */
static enum status look_for_orphans(struct change *change, const char *user, bool *holds)
{
    struct factor factor;
    size_t count = 0;
    enum status status = note(store_page_factors(change->desk->store, user, user, 0, &factor, 1, &count), holds);
    if (count != 0)
        *holds = false;
    return status;
}

static struct account nameless(const char *user)
{
    struct account account = {.uid = NO_UID};
    memcpy(account.user, user, strnlen(user, sizeof account.user - 1));
    return account;
}

static enum standing judge(const struct person *person, bool holds)
{
    if (!holds)
        return STANDING_TAMPERED;
    if (!person->has_account || (person->factor_count == 0 && person->account.confirmed_s == 0))
        return STANDING_UNENROLLED;
    return STANDING_KNOWN;
}

enum status desk_person_load(struct change *change, const char *user, struct person *person)
{
    person->has_account = person->account_holds = false;
    person->factor_count = person->origin_count = 0;

    enum status status = load_account(change, user, person);
    if (status != STATUS_OK)
        return status;
    if (!person->account_holds)
        person->account = nameless(user);

    bool holds = !person->has_account || person->account_holds;
    if (person->has_account) {
        status = load_factors(change, user, person, &holds);
        if (status == STATUS_OK)
            status = load_origins(change, user, person, &holds);
    } else {
        status = look_for_orphans(change, user, &holds);
    }
    if (status == STATUS_OK)
        person->standing = judge(person, holds);
    return status;
}

bool desk_is_strangers(const struct caller *caller, const struct person *person)
{
    return caller->door == DOOR_PUBLIC && person->account_holds && person->account.uid != caller->uid;
}

enum status desk_origin_remove(struct change *change, const struct origin *origin)
{
    enum status status = store_remove_origin(change->desk->store, origin->user, origin->name);
    return status == STATUS_OK ? desk_row_was(change, origin->tag) : status;
}

static enum status remove_account(struct change *change, const struct account *account)
{
    struct store *store = change->desk->store;
    struct origin origins[POLICY_ORIGINS_MAX];
    size_t count = 0;

    enum status status = store_get_origins(store, account->user, origins, POLICY_ORIGINS_MAX, &count);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = desk_origin_remove(change, &origins[i]);
    if (status == STATUS_OK)
        status = store_remove_account(store, account->user);
    return status == STATUS_OK ? desk_row_was(change, account->tag) : status;
}

enum status desk_account_save(struct change *change, struct account *account)
{
    if (account->live_factors == 0 && account->confirmed_s == 0)
        return remove_account(change, account);

    uint8_t before[TAG_SIZE];
    memcpy(before, account->tag, sizeof before);
    enum status status = vault_tag_account(change->keys, account);
    if (status == STATUS_OK)
        status = store_put_account(change->desk->store, account);
    return status == STATUS_OK ? desk_row_was(change, before) : status;
}

enum status desk_factor_save(struct change *change, struct factor *factor)
{
    uint8_t before[TAG_SIZE];
    memcpy(before, factor->tag, sizeof before);
    enum status status = vault_tag_factor(change->keys, factor);
    if (status == STATUS_OK)
        status = store_put_factor(change->desk->store, factor);
    return status == STATUS_OK ? desk_row_was(change, before) : status;
}

enum status desk_factor_remove(struct change *change, const struct factor *factor)
{
    enum status status = store_remove_factor(change->desk->store, factor->id);
    return status == STATUS_OK ? desk_row_was(change, factor->tag) : status;
}

struct origin *desk_person_origin(struct person *person, const char *name)
{
    for (size_t i = 0; i < person->origin_count; i++)
        if (strcmp(person->origins[i].name, name) == 0)
            return &person->origins[i];
    return NULL;
}

/* Which row goes when there are POLICY_ORIGINS_MAX and one more comes: a stranger's before a usual one, so that strangers push
 * out each other. The strangers' budget is kept in the account and loses nothing by it. */
static const struct origin *least_needed(const struct person *person, int64_t now_s)
{
    for (size_t i = person->origin_count; i-- > 0;)
        if (!policy_is_usual(&person->origins[i], now_s))
            return &person->origins[i];
    return &person->origins[person->origin_count - 1];
}

static enum status make_room(struct change *change, const struct person *person)
{
    size_t left = person->origin_count;

    for (size_t i = 0; i < person->origin_count; i++) {
        if (!policy_forgets(&person->origins[i], change->now_s))
            continue;
        enum status status = desk_origin_remove(change, &person->origins[i]);
        if (status != STATUS_OK)
            return status;
        left--;
    }
    if (left < POLICY_ORIGINS_MAX)
        return STATUS_OK;
    return desk_origin_remove(change, least_needed(person, change->now_s));
}

enum status desk_origin_save(struct change *change, struct person *person, struct origin *origin)
{
    enum status status = STATUS_OK;
    uint8_t before[TAG_SIZE];
    memcpy(before, origin->tag, sizeof before);
    if (desk_person_origin(person, origin->name) == NULL)
        status = make_room(change, person);
    if (status == STATUS_OK)
        status = vault_tag_origin(change->keys, origin);
    if (status == STATUS_OK)
        status = store_put_origin(change->desk->store, origin);
    return status == STATUS_OK ? desk_row_was(change, before) : status;
}

bool desk_factor_has_lapsed(const struct change *change, const struct factor *factor)
{
    return factor->state == FACTOR_PENDING && !policy_is_confirmable(factor, change->now_s);
}

enum status desk_factor_lapse(struct change *change, const struct caller *caller, struct account *account,
                              const struct factor *factor, enum reason reason)
{
    struct entry entry = desk_entry(caller, EVENT_REVOKED, VERDICT_ACCEPTED, reason, account, factor->id);
    enum status status = desk_factor_remove(change, factor);
    if (status == STATUS_OK)
        status = desk_record(change, &entry);
    if (status == STATUS_OK)
        account->live_factors--;
    return status;
}
