/* MUST 1  The rows of a page come in growing order, beyond where it was to begin: in a file that somebody has built by hand a table can be
 *         out of order, and whoever goes on from the last row of a page would go round for ever. (walk.c sees to its own.)
 * MUST 2  No factor of a user comes twice: the account counts them, and one that was taken away must be missed.
 */
#include "layout.h"

#include <string.h>

#define COUNT(array) (sizeof array / sizeof array[0])

/* One row, or STATUS_NOT_FOUND. */
static enum status get(struct store *store, enum statement statement, const struct argument *arguments,
                       size_t argument_count, const struct table *table, void *out_row)
{
    size_t count = 0;
    enum status status = store_read_rows(store, statement, arguments, argument_count, table, out_row, 1, &count, NULL);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

/* The row that a put or remove is about. */
union any_row {
    struct account account;
    struct factor factor;
    struct origin origin;
};

struct place {
    const struct table *table;
    enum statement get, change, put, remove;
    struct row_name name;
    struct argument arguments[2];
    size_t argument_count;
};

static struct place account_place(const char *user)
{
    return (struct place){.table = &store_accounts,
                          .get = STATEMENT_GET_ACCOUNT,
                          .change = STATEMENT_CHANGE_ACCOUNT,
                          .put = STATEMENT_PUT_ACCOUNT,
                          .remove = STATEMENT_REMOVE_ACCOUNT,
                          .name = {.kind = STORE_ACCOUNT, .user = user},
                          .arguments = {{.text = user}},
                          .argument_count = 1};
}

static struct place factor_place(int64_t id)
{
    return (struct place){.table = &store_factors,
                          .get = STATEMENT_GET_FACTOR,
                          .change = STATEMENT_CHANGE_FACTOR,
                          .put = STATEMENT_PUT_FACTOR,
                          .remove = STATEMENT_REMOVE_FACTOR,
                          .name = {.kind = STORE_FACTOR, .id = id},
                          .arguments = {{.number = id}},
                          .argument_count = 1};
}

static struct place origin_place(const char *user, const char *name)
{
    return (struct place){.table = &store_origins,
                          .get = STATEMENT_GET_ORIGIN,
                          .change = STATEMENT_CHANGE_ORIGIN,
                          .put = STATEMENT_PUT_ORIGIN,
                          .remove = STATEMENT_REMOVE_ORIGIN,
                          .name = {.kind = STORE_ORIGIN, .user = user, .name = name},
                          .arguments = {{.text = user}, {.text = name}},
                          .argument_count = 2};
}

/* Its tag as a walk would see it: that of a row which does not fit is none. */
static enum status get_tag(struct store *store, const struct place *place, uint8_t out_tag[TAG_SIZE])
{
    union any_row row;
    enum status status = get(store, place->get, place->arguments, place->argument_count, place->table, &row);
    if (status == STATUS_OK)
        memcpy(out_tag, (const uint8_t *)&row + place->table->tag_offset, TAG_SIZE);
    return status;
}

/* In place, while no indexed column is another; otherwise as a whole. */
static enum status put(struct store *store, const struct place *place, const void *row)
{
    uint8_t before[TAG_SIZE];
    bool changed = false;

    enum status status = store_touch_prepare(store);
    if (status != STATUS_OK)
        return status;
    status = get_tag(store, place, before);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    bool had = status == STATUS_OK;
    status = had ? store_write_row(store, place->change, place->table, row, &changed) : STATUS_OK;
    if (status == STATUS_OK && !changed)
        status = store_write_row(store, place->put, place->table, row, &changed);
    if (status == STATUS_OK)
        store_touch_note(store, &place->name, had ? before : NULL, (const uint8_t *)row + place->table->tag_offset);
    return status;
}

static enum status take_away(struct store *store, const struct place *place)
{
    uint8_t before[TAG_SIZE];

    enum status status = store_touch_prepare(store);
    if (status == STATUS_OK)
        status = get_tag(store, place, before);
    if (status == STATUS_OK)
        status = store_run(store, place->remove, place->arguments, place->argument_count);
    if (status == STATUS_OK)
        store_touch_note(store, &place->name, before, NULL);
    return status;
}

/* ---- accounts ---- */

enum status store_get_account(struct store *store, const char *user, struct account *out_account)
{
    const struct argument arguments[] = {{.text = user}};
    return get(store, STATEMENT_GET_ACCOUNT, arguments, COUNT(arguments), &store_accounts, out_account);
}

enum status store_get_account_of_uid(struct store *store, uint32_t uid, struct account *out_account)
{
    const struct argument arguments[] = {{.number = uid}};
    return get(store, STATEMENT_GET_ACCOUNT_OF_UID, arguments, COUNT(arguments), &store_accounts, out_account);
}

/* A caller may go on from a row that this page overwrites. */
static void keep_name(char *out, size_t size, const char *name)
{
    size_t len = strnlen(name, size - 1); /* no row has a longer one */
    memcpy(out, name, len);
    out[len] = '\0';
}

enum status store_page_accounts(struct store *store, const char *after_user, struct account *out_accounts, size_t max,
                                size_t *out_count)
{
    const struct argument arguments[] = {{.text = after_user}};
    char after[USER_SIZE];
    size_t count = 0;
    keep_name(after, sizeof after, after_user);
    enum status status = store_read_rows(store, STATEMENT_PAGE_ACCOUNTS, arguments, COUNT(arguments), &store_accounts,
                                         out_accounts, max, &count, NULL);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (strcmp(out_accounts[i].user, i == 0 ? after : out_accounts[i - 1].user) <= 0)
            return STATUS_TAMPERED;
    *out_count = count;
    return STATUS_OK;
}

enum status store_has_account(struct store *store, const char *user, bool *out_has)
{
    const struct argument arguments[] = {{.text = user}};
    int64_t count = 0;
    enum status status = store_read_number(store, STATEMENT_HAS_ACCOUNT, arguments, COUNT(arguments), &count);
    if (status == STATUS_OK)
        *out_has = count != 0;
    return status;
}

enum status store_put_account(struct store *store, const struct account *account)
{
    const struct place place = account_place(account->user);
    return put(store, &place, account);
}

enum status store_remove_account(struct store *store, const char *user)
{
    const struct place place = account_place(user);
    return take_away(store, &place);
}

/* ---- factors ---- */

enum status store_new_factor_id(struct store *store, int64_t *out_id)
{
    return store_read_number(store, STATEMENT_NEW_FACTOR_ID, NULL, 0, out_id);
}

enum status store_put_factor(struct store *store, const struct factor *factor)
{
    const struct place place = factor_place(factor->id);
    return put(store, &place, factor);
}

enum status store_remove_factor(struct store *store, int64_t id)
{
    const struct place place = factor_place(id);
    return take_away(store, &place);
}

enum status store_count_factors(struct store *store, const char *user, uint64_t *out_count)
{
    const struct argument arguments[] = {{.text = user}};
    int64_t count = 0;
    enum status status = store_read_number(store, STATEMENT_COUNT_FACTORS, arguments, COUNT(arguments), &count);
    if (status == STATUS_OK)
        *out_count = (uint64_t)count;
    return status;
}

enum status store_get_factors(struct store *store, const char *user, struct factor *out_factors, size_t max,
                              size_t *out_count)
{
    const struct argument arguments[] = {{.text = user}};
    size_t count = 0;
    bool more = false;
    enum status status = store_read_rows(store, STATEMENT_GET_FACTORS, arguments, COUNT(arguments), &store_factors,
                                         out_factors, max, &count, &more);
    if (status != STATUS_OK)
        return status;
    if (more)
        return STATUS_TAMPERED;
    for (size_t i = 0; i < count; i++)
        if (strcmp(out_factors[i].user, user) != 0 || (i > 0 && out_factors[i].id <= out_factors[i - 1].id))
            return STATUS_TAMPERED;
    *out_count = count;
    return STATUS_OK;
}

enum status store_get_factors_of_fingerprint(struct store *store, const uint8_t fingerprint[FINGERPRINT_SIZE],
                                             struct factor *out_factors, size_t max, size_t *out_count)
{
    const struct argument arguments[] = {{.bytes = fingerprint, .len = FINGERPRINT_SIZE}};
    return store_read_rows(store, STATEMENT_GET_FACTORS_OF_FINGERPRINT, arguments, COUNT(arguments), &store_factors,
                           out_factors, max, out_count, NULL);
}

enum status store_page_factors(struct store *store, const char *user, const char *after_user, int64_t after_id,
                               struct factor *out_factors, size_t max, size_t *out_count)
{
    const struct argument arguments[] = {{.text = after_user}, {.number = after_id}, {.text = user}};
    char after[USER_SIZE];
    size_t count = 0;
    keep_name(after, sizeof after, after_user);
    enum status status =
        store_read_rows(store, user == NULL ? STATEMENT_PAGE_FACTORS : STATEMENT_PAGE_FACTORS_OF_USER, arguments,
                        user == NULL ? 2 : 3, &store_factors, out_factors, max, &count, NULL);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        int order = strcmp(out_factors[i].user, i == 0 ? after : out_factors[i - 1].user);
        if (order < 0 || (order == 0 && out_factors[i].id <= (i == 0 ? after_id : out_factors[i - 1].id)))
            return STATUS_TAMPERED;
    }
    *out_count = count;
    return STATUS_OK;
}

/* ---- origins ---- */

enum status store_get_origin(struct store *store, const char *user, const char *name, struct origin *out_origin)
{
    const struct argument arguments[] = {{.text = user}, {.text = name}};
    return get(store, STATEMENT_GET_ORIGIN, arguments, COUNT(arguments), &store_origins, out_origin);
}

enum status store_get_origins(struct store *store, const char *user, struct origin *out_origins, size_t max,
                              size_t *out_count)
{
    const struct argument arguments[] = {{.text = user}};
    return store_read_rows(store, STATEMENT_GET_ORIGINS, arguments, COUNT(arguments), &store_origins, out_origins, max,
                           out_count, NULL);
}

enum status store_page_origins(struct store *store, const char *after_user, const char *after_name,
                               struct origin *out_origins, size_t max, size_t *out_count)
{
    const struct argument arguments[] = {{.text = after_user}, {.text = after_name}};
    char after[USER_SIZE], name[ORIGIN_SIZE];
    size_t count = 0;
    keep_name(after, sizeof after, after_user);
    keep_name(name, sizeof name, after_name);
    enum status status = store_read_rows(store, STATEMENT_WALK_ORIGINS, arguments, COUNT(arguments), &store_origins,
                                         out_origins, max, &count, NULL);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        int order = strcmp(out_origins[i].user, i == 0 ? after : out_origins[i - 1].user);
        if (order < 0 || (order == 0 && strcmp(out_origins[i].name, i == 0 ? name : out_origins[i - 1].name) <= 0))
            return STATUS_TAMPERED;
    }
    *out_count = count;
    return STATUS_OK;
}

enum status store_put_origin(struct store *store, const struct origin *origin)
{
    const struct place place = origin_place(origin->user, origin->name);
    return put(store, &place, origin);
}

enum status store_remove_origin(struct store *store, const char *user, const char *name)
{
    const struct place place = origin_place(user, name);
    return take_away(store, &place);
}

/* ---- the head over all rows ---- */

enum status store_get_rows_head(struct store *store, struct rows_head *out_head)
{
    struct rows_head head;
    enum status status = get(store, STATEMENT_GET_ROWS_HEAD, NULL, 0, &store_rows_heads, &head);
    if (status == STATUS_OK)
        *out_head = head;
    return status;
}

enum status store_put_rows_head(struct store *store, const struct rows_head *head)
{
    bool changed = false;
    return store_write_row(store, STATEMENT_PUT_ROWS_HEAD, &store_rows_heads, head, &changed);
}

/* ---- the audit ---- */

enum status store_get_head(struct store *store, struct entry_head *out_head)
{
    struct entry_head head;
    enum status status = get(store, STATEMENT_GET_HEAD, NULL, 0, &store_heads, &head);
    if (status == STATUS_OK)
        *out_head = head;
    /* A new store is made with one: without, it was taken away. */
    return status == STATUS_NOT_FOUND ? STATUS_TAMPERED : status;
}

enum status store_put_head(struct store *store, const struct entry_head *head)
{
    bool changed = false;
    return store_write_row(store, STATEMENT_PUT_HEAD, &store_heads, head, &changed);
}

enum status store_add_entry(struct store *store, const struct entry *entry)
{
    bool changed = false;
    return store_write_row(store, STATEMENT_ADD_ENTRY, &store_entries, entry, &changed);
}

enum status store_page_entries(struct store *store, uint64_t after_seq, int64_t since_ms, struct entry *out_entries,
                               size_t max, size_t *out_count)
{
    struct argument arguments[] = {{.number = 0}, {.number = since_ms}};
    if (since_ms <= 0) /* "from the start": an entry of before 1970, made by somebody's hand, must not be overlooked */
        arguments[1].number = INT64_MIN;
    if (after_seq > INT64_MAX)
        return STATUS_INVALID;
    arguments[0].number = (int64_t)after_seq;

    /* Time does not always run with seq (clocks are set), so the scan filters; only its start is looked up. */
    if (after_seq == 0 && since_ms > 0) {
        int64_t first = 0;
        enum status status = store_read_number(store, STATEMENT_FIRST_ENTRY_SINCE, &arguments[1], 1, &first);
        if (status == STATUS_NOT_FOUND) {
            *out_count = 0;
            return STATUS_OK;
        }
        if (status != STATUS_OK)
            return status;
        arguments[0].number = first > 0 ? first - 1 : 0;
    }
    size_t count = 0;
    enum status status = store_read_rows(store, STATEMENT_PAGE_ENTRIES, arguments, COUNT(arguments), &store_entries,
                                         out_entries, max, &count, NULL);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (out_entries[i].seq <= (i == 0 ? after_seq : out_entries[i - 1].seq))
            return STATUS_TAMPERED;
    *out_count = count;
    return STATUS_OK;
}

enum status store_look_up_entry(struct store *store, const struct entry *entry)
{
    const struct argument of_time[] = {{.number = entry->time_ms}, {.number = (int64_t)entry->seq}};
    int64_t by_time = 0;

    enum status status = store_read_number(store, STATEMENT_IS_ENTRY_OF_TIME, of_time, COUNT(of_time), &by_time);
    if (status != STATUS_OK)
        return status;
    return by_time == 1 ? STATUS_OK : STATUS_TAMPERED;
}
