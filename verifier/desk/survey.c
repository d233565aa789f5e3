/* All rows at once, for `garded check` and `garded accept`: nobody is served meanwhile.
 *
 * MUST 1  Rows are taken as they are with an entry in the audit, in the same change, or not at all.
 * MUST 2  The rows that are taken are those that were shown. The file is ours alone for programs that ask, not for a hand that writes into it
 *         while the admin thinks.
 */
#include "inside.h"

#include <string.h>

struct count {
    desk_bad_row *tell;
    void *context;
    uint64_t bad_rows;
};

static void count_bad(const struct scan_bad_row *row, void *context)
{
    struct count *count = context;
    count->bad_rows++;
    if (count->tell != NULL)
        count->tell(row, count->context);
}

enum status desk_count_rows(struct change *change, desk_bad_row *tell, void *context, struct rows_sum *out_sum,
                            struct desk_survey *out_survey)
{
    struct count count = {.tell = tell, .context = context};
    bool last = false;
    enum status status = STATUS_OK;

    *out_sum = (struct rows_sum){.rows = 0};
    store_walk_begin(change->desk->store);
    while (status == STATUS_OK && !last)
        status = desk_count_page(change, count_bad, &count, out_sum, &last);
    store_walk_end(change->desk->store);
    if (status == STATUS_OK)
        status = desk_head_judge(change, out_sum, out_survey);
    out_survey->bad_rows = count.bad_rows;
    return status;
}

struct listener {
    desk_tell_row *tell;
    void *context;
};

static void pass_on(const struct scan_bad_row *row, void *context)
{
    const struct listener *listener = context;
    listener->tell(row->user, row->what, listener->context);
}

enum status desk_survey_rows(struct desk *desk, desk_tell_row *tell, void *context, struct desk_survey *out_survey)
{
    struct listener listener = {.tell = tell, .context = context};
    change_owner struct change change;
    struct rows_sum sum;

    enum status status = desk_change_begin(desk, 0, &change);
    if (status != STATUS_OK)
        return status;
    struct desk_survey survey = {.rows = 0};
    status = desk_count_rows(&change, pass_on, &listener, &sum, &survey);
    if (status == STATUS_OK)
        status = vault_seal_head(change.keys, &sum, &survey.counted);
    if (status == STATUS_OK)
        *out_survey = survey;
    secret_wipe(&sum, sizeof sum);
    return status;
}

static enum status accept_rows(struct change *change, const struct rows_sum *sum, const char *actor,
                               struct entry *out_entry)
{
    bool lost = false;
    struct entry entry = {.event = EVENT_ROWS_ACCEPTED,
                          .verdict = VERDICT_ACCEPTED,
                          .reason = REASON_ADMIN,
                          .uid = NO_UID,
                          .service = "garde",
                          .count = 1};
    memcpy(entry.actor, actor, strnlen(actor, sizeof entry.actor - 1));

    enum status status = desk_record(change, &entry);
    if (status == STATUS_OK)
        status = desk_head_take(change, sum);
    if (status == STATUS_OK)
        status = desk_change_commit(change, &lost);
    if (status == STATUS_OK)
        *out_entry = entry;
    return status;
}

/* MUST 2 */
static enum status compare(struct change *change, const struct desk_survey *shown, const struct rows_sum *sum)
{
    struct rows_sum then;

    enum status status = vault_open_head(change->keys, &shown->counted, &then);
    if (status != STATUS_OK)
        return status;
    status = vault_sum_equal(&then, sum) ? STATUS_OK : STATUS_TAMPERED;
    secret_wipe(&then, sizeof then);
    return status;
}

enum status desk_accept_rows(struct desk *desk, const struct desk_survey *shown, int64_t now_ms, const char *actor,
                             struct entry *out_entry)
{
    change_owner struct change change;
    struct desk_survey survey;
    struct rows_sum sum;

    enum status status = desk_change_begin(desk, now_ms, &change);
    if (status != STATUS_OK)
        return status;
    status = desk_count_rows(&change, NULL, NULL, &sum, &survey);
    if (status == STATUS_OK)
        status = compare(&change, shown, &sum);
    if (status == STATUS_OK)
        status = accept_rows(&change, &sum, actor, out_entry);
    secret_wipe(&sum, sizeof sum);
    return status;
}
