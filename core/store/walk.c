/* Every row, page by page.
 *
 * MUST 1  The rows of a page come in growing order, beyond the last of the page before: in a file that somebody has built by hand a
 *         table can be out of order, so that a walk would go round for ever or pass by what a look-up finds.
 * MUST 2  Whether a row is passed is told by the same order as the pages have.
 * MUST 3  Each row of a page is the one that look-ups find, by its name and by what an index leads to: in a tree that somebody has built
 *         by hand a look-up can go past a row that a page has, to an older one or to none.
 */
#include "layout.h"

#include <string.h>

void store_walk_begin(struct store *store)
{
    *store_walk_place(store) = (struct walk){.kind = STORE_ACCOUNT};
}

void store_walk_end(struct store *store)
{
    *store_walk_place(store) = (struct walk){.kind = 0};
}

static int compare(const struct walk *walk, const struct row_name *name)
{
    if (name->kind == STORE_FACTOR)
        return name->id < walk->id ? -1 : 1;    /* walk->id is where the next page begins */
    int order = strcmp(name->user, walk->user); /* byte by byte, as BINARY does */
    return order != 0 || name->kind == STORE_ACCOUNT ? order : strcmp(name->name, walk->name);
}

bool store_walk_passed(const struct store *store, const struct row_name *name)
{
    const struct walk *walk = store_walk_seen(store);
    if (walk->kind == 0 || name->kind > walk->kind)
        return false;
    return name->kind < walk->kind || compare(walk, name) <= 0;
}

/* ---- a page ---- */

#define AT_ONCE 32

union rows {
    struct account accounts[AT_ONCE];
    struct factor factors[AT_ONCE];
    struct origin origins[AT_ONCE];
};

static enum status read_some(struct store *store, const struct walk *walk, union rows *rows, size_t max,
                             size_t *out_count)
{
    const struct argument names[] = {{.text = walk->user}, {.text = walk->name}}, id[] = {{.number = walk->id}};

    switch (walk->kind) {
    case STORE_ACCOUNT:
        return store_read_rows(store, STATEMENT_PAGE_ACCOUNTS, names, 1, &store_accounts, rows, max, out_count, NULL);
    case STORE_FACTOR:
        return store_read_rows(store, STATEMENT_WALK_FACTORS, id, 1, &store_factors, rows, max, out_count, NULL);
    case STORE_ORIGIN:
        return store_read_rows(store, STATEMENT_WALK_ORIGINS, names, 2, &store_origins, rows, max, out_count, NULL);
    }
    *out_count = 0;
    return STATUS_OK;
}

static struct store_row take_row(enum store_kind kind, const union rows *rows, size_t at)
{
    struct store_row row = {.kind = kind};
    if (kind == STORE_ACCOUNT)
        row.account = rows->accounts[at];
    else if (kind == STORE_FACTOR)
        row.factor = rows->factors[at];
    else
        row.origin = rows->origins[at];
    return row;
}

/* false: the row lies where the walk has been. */
static bool step(struct walk *walk, const struct store_row *row)
{
    struct row_name name = {.kind = row->kind};

    if (row->kind == STORE_FACTOR) {
        if (row->factor.id < walk->id)
            return false;
        if (row->factor.id == INT64_MAX) /* none can come after it */
            *walk = (struct walk){.kind = STORE_ORIGIN};
        else
            walk->id = row->factor.id + 1;
        return true;
    }
    name.user = row->kind == STORE_ACCOUNT ? row->account.user : row->origin.user;
    name.name = row->kind == STORE_ACCOUNT ? "" : row->origin.name;
    if (compare(walk, &name) <= 0)
        return false;
    memcpy(walk->user, name.user, strlen(name.user) + 1);
    memcpy(walk->name, name.name, strlen(name.name) + 1);
    return true;
}

/* ---- is it what a look-up finds? ---- */

/* The quick way, which goes for nearly all rows: the statement compares, and no row is made of what it finds. */
static bool is_true(struct store *store, enum statement which, const struct argument arguments[2])
{
    int64_t answer = 0;
    return store_read_number(store, which, arguments, 2, &answer) == STATUS_OK && answer == 1;
}

/* Of several accounts with one uid the first is found, and walked too. */
static enum status look_up_account(struct store *store, const struct account *account, bool *out_same)
{
    const struct argument row[] = {{.text = account->user}, {.bytes = account->tag, .len = TAG_SIZE}};
    const struct argument of_uid[] = {{.number = account->uid}, {.text = account->user}};
    struct account found = {.user = ""}, first = {.user = ""};
    enum status status = STATUS_OK;

    *out_same = is_true(store, STATEMENT_SEE_ACCOUNT, row) && is_true(store, STATEMENT_SEE_ACCOUNT_OF_UID, of_uid);
    if (*out_same)
        return STATUS_OK;
    status = store_get_account(store, account->user, &found);
    if (status == STATUS_OK)
        status = store_get_account_of_uid(store, account->uid, &first);
    *out_same = status == STATUS_OK && memcmp(found.tag, account->tag, TAG_SIZE) == 0 && first.uid == account->uid &&
                strcmp(first.user, account->user) <= 0;
    return status;
}

static enum status look_up_factor(struct store *store, const struct factor *factor, bool *out_same)
{
    const struct argument row[] = {{.number = factor->id}, {.bytes = factor->tag, .len = TAG_SIZE}};
    const struct argument print[] = {{.bytes = factor->fingerprint, .len = FINGERPRINT_SIZE}, {.number = factor->id}};
    struct factor found = {.id = 0};
    size_t count = 0;
    int64_t listed = 0;
    enum status status = STATUS_OK;

    *out_same = is_true(store, STATEMENT_SEE_FACTOR, row) && is_true(store, STATEMENT_SEE_FINGERPRINT, print);
    if (*out_same)
        return STATUS_OK;
    status = store_read_rows(store, STATEMENT_GET_FACTOR, row, 1, &store_factors, &found, 1, &count, NULL);
    if (status == STATUS_OK)
        status = store_read_number(store, STATEMENT_IS_LISTED, print, 2, &listed);
    *out_same = status == STATUS_OK && count == 1 && memcmp(found.tag, factor->tag, TAG_SIZE) == 0 && listed == 1;
    return status;
}

static enum status look_up_origin(struct store *store, const struct origin *origin, bool *out_same)
{
    struct origin found = {.user = ""};
    enum status status = store_get_origin(store, origin->user, origin->name, &found);
    *out_same = status == STATUS_OK && memcmp(found.tag, origin->tag, TAG_SIZE) == 0;
    return status;
}

/* MUST 3 */
static enum status look_up(struct store *store, const struct store_row *row)
{
    enum status status = STATUS_FAILED;
    bool same = false;

    switch (row->kind) {
    case STORE_ACCOUNT:
        status = look_up_account(store, &row->account, &same);
        break;
    case STORE_FACTOR:
        status = look_up_factor(store, &row->factor, &same);
        break;
    case STORE_ORIGIN:
        status = look_up_origin(store, &row->origin, &same);
        break;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    return same ? STATUS_OK : STATUS_TAMPERED;
}

enum status store_walk(struct store *store, struct store_row *out_rows, size_t max, size_t *out_count)
{
    struct walk walk = *store_walk_seen(store);
    union rows rows;
    size_t count = 0;

    if (walk.kind == 0)
        return STATUS_FAILED;
    while (count < max && walk.kind <= STORE_ORIGIN) {
        enum store_kind kind = walk.kind;
        size_t want = max - count < AT_ONCE ? max - count : AT_ONCE, got = 0;
        enum status status = read_some(store, &walk, &rows, want, &got);
        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < got; i++) {
            out_rows[count] = take_row(kind, &rows, i);
            if (walk.kind != kind || !step(&walk, &out_rows[count]))
                return STATUS_TAMPERED;
            status = look_up(store, &out_rows[count++]);
            if (status != STATUS_OK)
                return status;
        }
        if (got < want && walk.kind == kind)
            walk = (struct walk){.kind = (enum store_kind)(kind + 1), .id = INT64_MIN};
    }
    *store_walk_place(store) = walk;
    *out_count = count;
    return STATUS_OK;
}
