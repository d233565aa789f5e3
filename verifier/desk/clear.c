/* A user whose rows do not hold: all rows of that name go, and the name stays as that of somebody who is refused until enrolled anew.
 *
 * MUST 1  The account is written first. At no moment, also after a crash between two pages, is the name one without account, which a rule could
 *         let through.
 * MUST 2  Nothing signs what somebody else has written: of rows that do not hold nothing is taken over.
 * MUST 3  Rows that do not hold leave the sum as odd.c says, so that a scan that found more than them wrong goes on finding it.
 */
#include "inside.h"

#include <stdio.h>
#include <string.h>

#define AT_ONCE       16
#define ROWS_A_PAGE   256  /* of one change: logins run between two */
#define FACTORS_ASKED 1024 /* for the uid */

struct clearing {
    struct change *change;
    const char *user;
    struct account account; /* as it will stay */
    size_t rows;            /* taken away in this change */
};

/* A few of the user's, from an id on. */
struct page {
    int64_t after_id;
    size_t count;
    struct factor factors[AT_ONCE];
};

static enum status read_page(const struct clearing *clearing, struct page *page)
{
    enum status status = store_page_factors(clearing->change->desk->store, clearing->user, clearing->user,
                                            page->after_id, page->factors, AT_ONCE, &page->count);
    if (status == STATUS_OK && page->count > 0)
        page->after_id = page->factors[page->count - 1].id;
    return status;
}

static enum status factor_holds(struct change *change, const struct factor *factor, bool *out_holds)
{
    const struct store_row row = {.kind = STORE_FACTOR, .factor = *factor};
    return desk_row_holds(change, &row, out_holds);
}

/* ---- is there anything to clear? ---- */

/* Tombstones too: desk_person_load passes them by. */
static enum status all_factors_hold(struct clearing *clearing, bool *out_hold)
{
    struct page page = {.after_id = 0};

    *out_hold = true;
    do {
        enum status status = read_page(clearing, &page);
        for (size_t i = 0; status == STATUS_OK && *out_hold && i < page.count; i++)
            status = factor_holds(clearing->change, &page.factors[i], out_hold);
        if (status != STATUS_OK)
            return status;
    } while (*out_hold && page.count == AT_ONCE);
    return STATUS_OK;
}

static enum status has_origins(const struct clearing *clearing, bool *out_has)
{
    struct origin origin;
    size_t count = 0;
    enum status status = store_get_origins(clearing->change->desk->store, clearing->user, &origin, 1, &count);
    if (status == STATUS_OK)
        *out_has = count != 0;
    return status;
}

/* *out_code: WIRE_OK if the rows are to be cleared. */
static enum status judge(struct clearing *clearing, const struct person *person, enum wire_result_code *out_code)
{
    bool hold = true, origins = false;
    enum status status = STATUS_OK;

    *out_code = WIRE_OK;
    if (person->standing == STANDING_TAMPERED)
        return STATUS_OK;
    status = all_factors_hold(clearing, &hold);
    if (status == STATUS_OK && !person->has_account)
        status = has_origins(clearing, &origins);
    if (status != STATUS_OK || !hold || origins)
        return status;
    *out_code = person->has_account ? WIRE_SOUND : WIRE_NO_USER;
    return STATUS_OK;
}

/* ---- the account ---- */

/* A factor that holds says whose it was, also where the account does not. */
static enum status find_uid(struct clearing *clearing, uint32_t *out_uid)
{
    struct page page = {.after_id = 0};
    bool holds = false;

    *out_uid = NO_UID;
    for (size_t asked = 0; asked < FACTORS_ASKED; asked += AT_ONCE) {
        enum status status = read_page(clearing, &page);
        for (size_t i = 0; status == STATUS_OK && !holds && i < page.count; i++) {
            status = factor_holds(clearing->change, &page.factors[i], &holds);
            if (holds)
                *out_uid = page.factors[i].uid;
        }
        if (status != STATUS_OK || holds || page.count < AT_ONCE)
            return status;
    }
    return STATUS_OK;
}

static enum status take_over(struct clearing *clearing, const struct person *person)
{
    struct change *change = clearing->change;
    struct store_row odd = {.kind = STORE_ACCOUNT};
    enum status status = STATUS_OK;

    clearing->account = person->account;
    if (!person->account_holds) {
        status = find_uid(clearing, &clearing->account.uid);
        clearing->account.other_refilled_s = change->now_s;
    }
    if (status == STATUS_OK && person->has_account && !person->account_holds) {
        status = store_get_account(change->desk->store, clearing->user, &odd.account);
        if (status == STATUS_OK)
            status = desk_odd_remove(change, &odd);
        clearing->rows++;
    }
    clearing->account.live_factors = 0;
    if (clearing->account.confirmed_s == 0)
        clearing->account.confirmed_s = change->now_s;
    return status == STATUS_OK ? desk_account_save(change, &clearing->account) : status;
}

/* Between two pages somebody could have enrolled the user anew. */
static bool carries_on(struct clearing *clearing, const struct person *person)
{
    clearing->account = person->account;
    return person->account_holds && person->account.live_factors == 0;
}

/* ---- the rest ---- */

static enum status remove_row(struct clearing *clearing, const struct store_row *row)
{
    bool holds = false;

    enum status status = desk_row_holds(clearing->change, row, &holds);
    if (status != STATUS_OK)
        return status;
    clearing->rows++;
    if (!holds)
        return desk_odd_remove(clearing->change, row);
    return row->kind == STORE_FACTOR ? desk_factor_remove(clearing->change, &row->factor)
                                     : desk_origin_remove(clearing->change, &row->origin);
}

static enum status remove_factors(struct clearing *clearing, bool *out_last)
{
    struct page page = {.count = AT_ONCE};

    while (clearing->rows < ROWS_A_PAGE && page.count == AT_ONCE) {
        enum status status = read_page(clearing, &page);
        for (size_t i = 0; status == STATUS_OK && i < page.count; i++)
            status = remove_row(clearing, &(struct store_row){.kind = STORE_FACTOR, .factor = page.factors[i]});
        if (status != STATUS_OK)
            return status;
    }
    *out_last = page.count < AT_ONCE;
    return STATUS_OK;
}

static enum status remove_origins(struct clearing *clearing, bool *out_last)
{
    struct origin origins[AT_ONCE];
    size_t count = AT_ONCE;

    while (clearing->rows < ROWS_A_PAGE && count == AT_ONCE) {
        enum status status = store_get_origins(clearing->change->desk->store, clearing->user, origins, AT_ONCE, &count);
        for (size_t i = 0; status == STATUS_OK && i < count; i++)
            status = remove_row(clearing, &(struct store_row){.kind = STORE_ORIGIN, .origin = origins[i]});
        if (status != STATUS_OK)
            return status;
    }
    *out_last = count < AT_ONCE;
    return STATUS_OK;
}

static enum status clear_page(struct clearing *clearing, const struct job *job, struct outcome *out)
{
    struct entry entry = desk_entry(&job->caller, EVENT_CLEARED, VERDICT_ACCEPTED, REASON_ADMIN, &clearing->account, 0);
    bool last = false;

    enum status status = remove_factors(clearing, &last);
    if (status == STATUS_OK && last)
        status = remove_origins(clearing, &last);
    (void)snprintf(entry.note, sizeof entry.note, "rows=%zu", clearing->rows);
    if (status == STATUS_OK)
        status = desk_record(clearing->change, &entry);
    if (status != STATUS_OK)
        return status == STATUS_NO_SPACE || status == STATUS_NO_MEMORY ? status : STATUS_FAILED;
    out->cursor.checked += clearing->rows;
    out->cursor.stage = 1;
    return last ? desk_answer(out, WIRE_OK, REASON_NONE, (int64_t)out->cursor.checked) : desk_more(out, 0);
}

enum status desk_clear(struct change *change, const struct job *job, struct outcome *out)
{
    struct clearing clearing = {.change = change, .user = job->request.change.user};
    struct person person;
    enum wire_result_code code = WIRE_OK;

    if (clearing.user[0] == '\0')
        return desk_answer(out, WIRE_BAD_REQUEST, REASON_NONE, 0);
    enum status status = desk_person_load(change, clearing.user, &person);
    if (status == STATUS_OK && out->cursor.stage == 0)
        status = judge(&clearing, &person, &code);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID) /* no rows that can be read: for a backup to mend */
        return desk_answer_tampered(change, job, &person, out);
    if (status == STATUS_OK && code != WIRE_OK)
        return desk_answer(out, code, REASON_NONE, 0);
    if (status != STATUS_OK)
        return status;
    if (out->cursor.stage == 0)
        status = take_over(&clearing, &person);
    else if (!carries_on(&clearing, &person))
        return desk_answer(out, WIRE_OK, REASON_NONE, (int64_t)out->cursor.checked);
    return status == STATUS_OK ? clear_page(&clearing, job, out) : status;
}
