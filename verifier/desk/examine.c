/* Does everything in the store hold? For `garded check`: nobody is served meanwhile, and nothing is changed. */
#include "inside.h"

#include <stdio.h>
#include <string.h>

#include <garde/speech.h>

struct examination {
    struct change change;
    const char *path;
    struct problem *problem;
    bool told; /* the first that does not hold */
    struct person person;
};

static void examination_drop(struct examination *examination)
{
    store_drop(examination->change.desk->store);
    vault_keys_drop(&examination->change.keys);
}

static enum status tampered(struct examination *examination, const char *what, const char *user, int64_t number)
{
    char item[2 * PROBLEM_ITEM_SIZE];
    if (user != NULL)
        (void)snprintf(item, sizeof item, "%s %.*s", what, PROBLEM_ITEM_SIZE / 2, user);
    else
        (void)snprintf(item, sizeof item, "%s %lld", what, (long long)number);
    problem_set(examination->problem, PROBLEM_TAMPERED, examination->path, 0, item);
    return STATUS_TAMPERED;
}

static enum status examine_accounts(struct examination *examination)
{
    struct account account = {.user = ""};
    size_t count = 0;

    for (;;) {
        enum status status = store_page_accounts(examination->change.desk->store, account.user, &account, 1, &count);
        if (status == STATUS_OK && count == 0)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = desk_person_load(&examination->change, account.user, &examination->person);
        if (status == STATUS_TAMPERED || (status == STATUS_OK && examination->person.standing == STANDING_TAMPERED))
            return tampered(examination, _("account"), account.user, 0);
        if (status != STATUS_OK)
            return status;
    }
}

/* Tombstones too, and factors of nobody. */
static enum status examine_factors(struct examination *examination)
{
    struct change *change = &examination->change;
    struct factor factor = {.id = 0};
    struct account account;
    size_t count = 0;

    for (;;) {
        enum status status = store_page_factors(change->desk->store, NULL, factor.user, factor.id, &factor, 1, &count);
        if (status == STATUS_OK && count == 0)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = vault_check_factor(change->keys, &factor);
        if (status == STATUS_OK)
            status = store_get_account(change->desk->store, factor.user, &account);
        if (status == STATUS_TAMPERED || status == STATUS_INVALID || status == STATUS_NOT_FOUND)
            return tampered(examination, _("factor"), NULL, factor.id);
        if (status != STATUS_OK)
            return status;
    }
}

static void take_first(const struct scan_bad_row *row, void *context)
{
    struct examination *examination = context;
    if (!examination->told)
        (void)tampered(examination, row->what, row->user, 0);
    examination->told = true;
}

/* Origins too, and those of nobody; and what no single row shows. */
static enum status examine_head(struct examination *examination)
{
    struct desk_survey survey;
    struct rows_sum sum;
    char what[PROBLEM_ITEM_SIZE];

    enum status status = desk_count_rows(&examination->change, take_first, examination, &sum, &survey);
    secret_wipe(&sum, sizeof sum);
    if (status == STATUS_TAMPERED)
        return tampered(examination, _("a row that cannot be read"), "", 0);
    if (status != STATUS_OK)
        return status;
    if (survey.bad_rows != 0)
        return STATUS_TAMPERED;
    if (survey.found == DESK_ROWS_ADD_UP)
        return STATUS_OK;
    if (survey.found == DESK_ROWS_DIFFER)
        (void)snprintf(what, sizeof what, _("all rows together (%llu rows, %llu expected)"),
                       (unsigned long long)survey.rows, (unsigned long long)survey.expected);
    else
        (void)snprintf(what, sizeof what, _("the head over all rows%s"),
                       survey.found == DESK_ROWS_WITHOUT_HEAD ? "" : _(" (not of this audit)"));
    problem_set(examination->problem, PROBLEM_TAMPERED, examination->path, 0, what);
    return STATUS_TAMPERED;
}

static enum status examine_chain(struct examination *examination)
{
    struct job_cursor cursor = {.seq = 0};
    int code = 0;
    int64_t number = 0;

    while (code == 0) {
        enum status status = desk_chain(&examination->change, &cursor, SIZE_MAX, &code, &number);
        if (status != STATUS_OK)
            return status;
    }
    if (code == WIRE_OK)
        return STATUS_OK;
    if (code == WIRE_CUT_TAIL)
        return tampered(examination, _("entries after"), NULL, number);
    return tampered(examination, code == WIRE_TAMPERED ? _("head after entry") : _("entry"), NULL, number);
}

enum status desk_examine(struct desk *desk, const char *store_path, struct problem *out_problem)
{
    struct examination examination __attribute__((cleanup(examination_drop))) = {
        .change = {.desk = desk}, .path = store_path, .problem = out_problem};

    enum status status = store_examine(desk->store);
    if (status == STATUS_TAMPERED) {
        problem_set(out_problem, PROBLEM_TAMPERED, store_path, 0, _("page"));
        return status;
    }
    if (status == STATUS_OK)
        status = vault_keys_new(desk->vault, store_id(desk->store), &examination.change.keys);
    if (status == STATUS_OK)
        status = store_begin(desk->store);
    if (status == STATUS_OK)
        status = examine_accounts(&examination);
    if (status == STATUS_OK)
        status = examine_factors(&examination);
    if (status == STATUS_OK)
        status = examine_chain(&examination);
    if (status == STATUS_OK)
        status = examine_head(&examination);
    if (status != STATUS_OK && status != STATUS_TAMPERED)
        problem_set(out_problem, status == STATUS_NO_MEMORY ? PROBLEM_MEMORY : PROBLEM_SYSTEM, store_path, 0, NULL);
    return status;
}
