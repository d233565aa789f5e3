#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "standing.h"
#include "text.h"
#include "tool.h"
#include "tree.h"

struct coverage {
    void *root; /* by name; each node is a struct coverage_person */
};
_Static_assert(offsetof(struct coverage_person, user) == 0, "a name is compared as a person");

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

struct coverage *coverage_new(void)
{
    return calloc(1, sizeof(struct coverage));
}

void coverage_free(struct coverage *coverage)
{
    if (coverage == NULL)
        return;
    tree_free(coverage->root, free);
    free(coverage);
}

void coverage_drop(struct coverage **coverage)
{
    coverage_free(*coverage);
    *coverage = NULL;
}

struct coverage_person *coverage_find(struct coverage *coverage, const char *user)
{
    return tree_find(&coverage->root, user, compare);
}

struct coverage_person *coverage_add(struct coverage *coverage, const char *user)
{
    struct coverage_person *known = coverage_find(coverage, user);
    if (known != NULL)
        return known;

    struct coverage_person *person = calloc(1, sizeof *person);
    if (person == NULL || user[0] == '\0' || !text_copy(person->user, sizeof person->user, user) ||
        !tree_add(&coverage->root, person, compare)) {
        free(person);
        return NULL;
    }
    person->uid = NO_UID;
    return person;
}

/* Of a factor with a device. */
static enum coverage_state state_of(const struct wire_factor *factor, int64_t now_s)
{
    static const enum coverage_state states[] = {
        [STANDING_PENDING] = COVERAGE_PENDING,     [STANDING_LAPSED] = COVERAGE_LAPSED,
        [STANDING_ACTIVE] = COVERAGE_CONFIRMED,    [STANDING_NOT_YET] = COVERAGE_NOT_YET,
        [STANDING_EXPIRED] = COVERAGE_EXPIRED,     [STANDING_USED_UP] = COVERAGE_CODES_ONLY,
        [STANDING_SUSPENDED] = COVERAGE_SUSPENDED, [STANDING_REVOKED] = COVERAGE_REVOKED,
        [STANDING_TAMPERED] = COVERAGE_TAMPERED,
    };
    return states[standing_of(factor, now_s)];
}

void coverage_take_factor(struct coverage_person *person, const struct wire_factor *factor, int64_t now_s)
{
    bool is_known = standing_has_device(factor) || factor->tampered != 0;
    enum coverage_state state = is_known ? state_of(factor, now_s) : COVERAGE_CODES_ONLY;

    person->listed = true;
    if (state > person->state)
        person->state = state;
}

void coverage_take_skip(struct coverage_person *person, const struct wire_entry *entry)
{
    person->skips += entry->count > 0 ? entry->count : 1;
    if (entry->time_ms < person->last_skip_ms)
        return;
    person->last_skip_ms = entry->time_ms;
    (void)text_copy(person->last_service, sizeof person->last_service, entry->service);
}

static bool is_uncovered(const struct coverage_person *person)
{
    return person->shell && person->state != COVERAGE_CONFIRMED;
}

bool coverage_is_told(const struct coverage_person *person)
{
    return !person->outside && (is_uncovered(person) || person->skips > 0 || person->state == COVERAGE_TAMPERED);
}

struct walk {
    coverage_person_told *tell;
    void *context;
};

static void tell_person(void *node, void *context)
{
    const struct walk *walk = context;
    walk->tell(node, walk->context);
}

void coverage_walk(struct coverage *coverage, coverage_person_told *tell, void *context)
{
    struct walk walk = {tell, context};
    tree_walk(coverage->root, tell_person, &walk);
}

static void sum_up(struct coverage_person *person, void *context)
{
    struct coverage_summary *sum = context;
    if (person->outside)
        return;
    sum->shells += person->shell ? 1 : 0;
    sum->uncovered += is_uncovered(person) ? 1 : 0;
    sum->skippers += person->skips > 0 ? 1 : 0;
    sum->skips += person->skips;
    sum->tampered += person->state == COVERAGE_TAMPERED ? 1 : 0;
}

/* ---- names for the same uid ---- */

static int compare_uids(const void *a, const void *b)
{
    uint32_t one = ((const struct coverage_person *)a)->uid;
    uint32_t other = ((const struct coverage_person *)b)->uid;
    return one < other ? -1 : one > other ? 1 : 0;
}

/* The first of several: there is one account of a uid. */
static void note_uid(struct coverage_person *person, void *by_uid)
{
    if (person->listed && person->uid != NO_UID)
        (void)tree_add(by_uid, person, compare_uids);
}

static void share_uid(struct coverage_person *person, void *by_uid)
{
    const struct coverage_person *found = person->listed ? NULL : tree_find(by_uid, person, compare_uids);
    if (found == NULL || person->uid == NO_UID)
        return;
    person->listed = true;
    person->state = found->state;
}

static void keep(void *node)
{
    (void)node; /* it is in the other tree */
}

void coverage_share(struct coverage *coverage)
{
    void *by_uid = NULL;
    coverage_walk(coverage, note_uid, &by_uid);
    coverage_walk(coverage, share_uid, &by_uid);
    tree_free(by_uid, keep);
}

struct coverage_summary coverage_sum(struct coverage *coverage)
{
    struct coverage_summary sum = {.shells = 0};
    coverage_walk(coverage, sum_up, &sum);
    return sum;
}

static const struct {
    const char *name;
    const char *text; /* marked for translation */
} states[COVERAGE_STATES] = {
    [COVERAGE_UNENROLLED] = {"un-enrolled", N_("not enrolled")},
    [COVERAGE_REVOKED] = {"revoked", N_("revoked")},
    [COVERAGE_CODES_ONLY] = {"codes-only", N_("no device")},
    [COVERAGE_LAPSED] = {"lapsed", N_("lapsed")},
    [COVERAGE_PENDING] = {"pending", N_("pending")},
    [COVERAGE_NOT_YET] = {"not-yet", N_("not valid yet")},
    [COVERAGE_EXPIRED] = {"expired", N_("expired")},
    [COVERAGE_SUSPENDED] = {"suspended", N_("suspended")},
    [COVERAGE_CONFIRMED] = {"confirmed", N_("confirmed")},
    [COVERAGE_TAMPERED] = {"tampered", N_("TAMPERED")},
};

const char *coverage_state_name(enum coverage_state state)
{
    return (unsigned)state < COVERAGE_STATES ? states[state].name : "?";
}

const char *coverage_state_word(enum coverage_state state)
{
    return (unsigned)state < COVERAGE_STATES ? _(states[state].text) : "?";
}
