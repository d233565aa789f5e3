/* Counts all rows after a start, and compares with what their head says.
 *
 * MUST 1  PASSED is said on one line, when every row was counted and head.c has judged them.
 * MUST 2  What was counted and what the head says are compared in one change, and a change that was dropped has moved neither.
 * MUST 3  A row whose tag does not hold counts with all that is in it, never with its tag.
 */
#include "inside.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SCAN_PAGE     128 /* a few logins' worth of work */
#define READ_FAILURES 3   /* in a row, and the scan gives up */

/* ---- a page ---- */

static enum status check_tag(struct change *change, const struct store_row *row)
{
    switch (row->kind) {
    case STORE_ACCOUNT:
        return vault_check_account(change->keys, &row->account);
    case STORE_FACTOR:
        return vault_check_factor(change->keys, &row->factor);
    case STORE_ORIGIN:
        return vault_check_origin(change->keys, &row->origin);
    }
    return STATUS_FAILED;
}

enum status desk_row_holds(struct change *change, const struct store_row *row, bool *out_holds)
{
    enum status status = check_tag(change, row);
    if (status != STATUS_OK && status != STATUS_TAMPERED && status != STATUS_INVALID)
        return status;
    *out_holds = status == STATUS_OK;
    return STATUS_OK;
}

enum status desk_row_add(struct change *change, const struct store_row *row, bool holds, struct rows_sum *sum)
{
    switch (row->kind) {
    case STORE_ACCOUNT:
        return holds ? vault_sum_add(change->keys, row->account.tag, sum)
                     : vault_sum_add_odd_account(change->keys, &row->account, sum);
    case STORE_FACTOR:
        return holds ? vault_sum_add(change->keys, row->factor.tag, sum)
                     : vault_sum_add_odd_factor(change->keys, &row->factor, sum);
    case STORE_ORIGIN:
        return holds ? vault_sum_add(change->keys, row->origin.tag, sum)
                     : vault_sum_add_odd_origin(change->keys, &row->origin, sum);
    }
    return STATUS_FAILED;
}

static struct scan_bad_row name_of(const struct store_row *row)
{
    struct scan_bad_row name = {.user = ""};

    if (row->kind == STORE_ACCOUNT) {
        memcpy(name.user, row->account.user, sizeof name.user);
        (void)snprintf(name.what, sizeof name.what, "account");
    } else if (row->kind == STORE_FACTOR) {
        memcpy(name.user, row->factor.user, sizeof name.user);
        (void)snprintf(name.what, sizeof name.what, "factor %lld", (long long)row->factor.id);
    } else {
        memcpy(name.user, row->origin.user, sizeof name.user);
        (void)snprintf(name.what, sizeof name.what, "origin %.*s", WHAT_SIZE - 8, row->origin.name);
    }
    return name;
}

/* Rows that hold, and yet their user is refused: the account counts its live factors. After `garded accept` nothing else tells. */
static enum status count_relatives(struct change *change, const struct store_row *row, uint64_t *out_factors,
                                   bool *out_all)
{
    struct store *store = change->desk->store;

    *out_all = true;
    if (row->kind == STORE_FACTOR)
        return store_has_account(store, row->factor.user, out_all);
    if (row->kind != STORE_ACCOUNT)
        return STATUS_OK;
    enum status status = store_count_factors(store, row->account.user, out_factors);
    if (status == STATUS_OK)
        *out_all = *out_factors == row->account.live_factors;
    return status;
}

static struct scan_bad_row name_of_lonely(const struct store_row *row, uint64_t factors)
{
    struct scan_bad_row name = name_of(row);
    if (row->kind == STORE_ACCOUNT)
        (void)snprintf(name.what, sizeof name.what, "factors (%llu of %lu)", (unsigned long long)factors,
                       (unsigned long)row->account.live_factors);
    else
        (void)snprintf(name.what, sizeof name.what, "factor %lld without account", (long long)row->factor.id);
    return name;
}

static enum status count_row(struct change *change, const struct store_row *row, struct rows_sum *sum,
                             desk_bad_row *tell, void *context)
{
    uint64_t factors = 0;
    bool holds = false, all = true;

    enum status status = desk_row_holds(change, row, &holds);
    if (status == STATUS_OK)
        status = desk_row_add(change, row, holds, sum);
    if (status == STATUS_OK && holds)
        status = count_relatives(change, row, &factors, &all);
    if (status != STATUS_OK || (holds && all))
        return status;
    struct scan_bad_row name = holds ? name_of_lonely(row, factors) : name_of(row);
    tell(&name, context);
    return STATUS_OK;
}

enum status desk_count_page(struct change *change, desk_bad_row *tell, void *context, struct rows_sum *sum,
                            bool *out_last)
{
    struct store_row rows[SCAN_PAGE];
    size_t count = 0;

    enum status status = store_walk(change->desk->store, rows, SCAN_PAGE, &count);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = count_row(change, &rows[i], sum, tell, context);
    if (status == STATUS_OK)
        *out_last = count < SCAN_PAGE;
    return status;
}

/* ---- what is found ---- */

static int64_t wall_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void notify(const struct desk *desk, const struct notice *notice)
{
    if (desk->notice != NULL)
        desk->notice(notice, desk->context);
}

/* No more notices than rows that are remembered: somebody could put in a million. */
static void note_bad(const struct scan_bad_row *row, void *context)
{
    struct desk *desk = context;
    struct scan *scan = &desk->scan;
    struct notice notice = {.kind = NOTICE_ROW_TAMPERED};

    scan->bad_rows++;
    if (scan->named == SCAN_BAD_ROWS)
        return;
    scan->bad[scan->named++] = *row;
    memcpy(notice.user, row->user, sizeof notice.user);
    memcpy(notice.what, row->what, sizeof notice.what);
    notify(desk, &notice);
}

static void end(struct desk *desk)
{
    store_walk_end(desk->store);
    secret_drop(&desk->scan.sum);
    secret_drop(&desk->scan.draft);
    desk->scan.begun = desk->scan.drafted = false;
}

static void fail(struct desk *desk, const char *what)
{
    struct scan *scan = &desk->scan;
    struct notice notice = {
        .kind = NOTICE_SCAN_FAILED, .number = (int64_t)scan->rows, .other = (int64_t)scan->expected};

    (void)snprintf(notice.what, sizeof notice.what, "%s", what);
    end(desk);
    scan->state = WIRE_SCAN_BROKEN;
    scan->unrecorded = true;
    notify(desk, &notice);
}

static void pass(struct desk *desk)
{
    const struct notice notice = {.kind = NOTICE_SCAN_PASSED, .number = (int64_t)desk->scan.rows};
    end(desk);
    desk->scan.state = WIRE_SCAN_PASSED;
    notify(desk, &notice);
}

/* Counted to the end, in the change of the last page. */
static enum status compare(struct change *change, const struct rows_sum *counted)
{
    static const char *const whats[] = {
        [DESK_ROWS_DIFFER] = "", [DESK_ROWS_WITHOUT_HEAD] = "head", [DESK_ROWS_OF_ANOTHER_AUDIT] = "last audit entry"};
    struct desk_survey survey;

    enum status status = desk_head_judge(change, counted, &survey);
    if (status != STATUS_OK)
        return status;
    change->desk->scan.rows = survey.rows;
    change->desk->scan.expected = survey.expected;
    if (survey.found == DESK_ROWS_ADD_UP)
        pass(change->desk);
    else
        fail(change->desk, whats[survey.found]);
    return STATUS_OK;
}

/* ---- steps ---- */

static enum status begin(struct change *change)
{
    struct scan *scan = &change->desk->scan;
    struct rows_head head = {.rows = 0};
    struct rows_sum said;
    enum head_state state = HEAD_BROKEN;

    enum status status = desk_head_open(change, &head, &said, &state);
    if (status != STATUS_OK)
        return status;
    scan->expected = head.rows;
    secret_wipe(&said, sizeof said);
    scan->sum = secret_new(sizeof(struct rows_sum));
    scan->draft = secret_new(sizeof(struct rows_sum));
    if (scan->sum == NULL || scan->draft == NULL)
        return STATUS_NO_MEMORY;
    scan->rows = scan->bad_rows = 0;
    scan->named = 0;
    store_walk_begin(change->desk->store);
    scan->begun = true;
    return STATUS_OK;
}

static enum status read_page(struct change *change, bool *out_more)
{
    struct desk *desk = change->desk;
    struct scan *scan = &desk->scan;
    struct rows_sum sum;
    bool last = false;

    enum status status = scan->begun ? STATUS_OK : begin(change);
    if (status != STATUS_OK)
        return status;
    memcpy(&sum, secret_read(scan->sum), sizeof sum);
    status = desk_count_page(change, note_bad, desk, &sum, &last);
    if (status == STATUS_OK && last)
        status = compare(change, &sum);
    if (status == STATUS_OK && !last) {
        memcpy(secret_fill(scan->sum), &sum, sizeof sum);
        scan->rows = sum.rows;
        *out_more = true;
    }
    secret_wipe(&sum, sizeof sum);
    return status;
}

/* What somebody wrote is a finding at once. A read that failed, or memory that was not there, is tried again from the first row on. */
static void give_up(struct desk *desk, enum status status)
{
    end(desk);
    if (status == STATUS_TAMPERED || status == STATUS_INVALID || ++desk->scan.failures >= READ_FAILURES)
        fail(desk, "unreadable");
}

static void scan_page(struct desk *desk, bool *out_more)
{
    change_owner struct change change;
    bool more = false;

    enum status status = desk_change_begin(desk, wall_ms(), &change);
    if (status == STATUS_OK)
        status = read_page(&change, &more);
    if (status != STATUS_OK)
        give_up(desk, status);
    else
        desk->scan.failures = 0;
    *out_more = more;
}

/* One such entry in a row is enough: a verifier that is started again and again would write nothing else. */
static enum status record(struct desk *desk)
{
    change_owner struct change change;
    struct entry entry = {.event = EVENT_ROWS_BROKEN,
                          .verdict = VERDICT_REFUSED,
                          .reason = REASON_TAMPERED,
                          .uid = NO_UID,
                          .service = "garde",
                          .actor = "garded",
                          .count = 1};
    struct entry last;
    bool lost = false;

    enum status status = desk_change_begin(desk, wall_ms(), &change);
    if (status == STATUS_OK)
        status = desk_last_entry(&change, &last);
    if (status == STATUS_OK && last.event != EVENT_ROWS_BROKEN) {
        status = desk_record(&change, &entry);
        if (status == STATUS_OK)
            status = desk_change_commit(&change, &lost);
    }
    desk->scan.unrecorded = status != STATUS_OK; /* a full disk: later */
    return lost ? STATUS_FAILED : STATUS_OK;
}

enum status desk_scan_step(struct desk *desk, bool still, bool *out_more)
{
    bool was_running = desk->scan.state == WIRE_SCAN_RUNNING;

    *out_more = false;
    if (was_running)
        scan_page(desk, out_more);
    if (desk->scan.unrecorded && (was_running || still))
        return record(desk);
    return STATUS_OK;
}

enum status desk_scan_draft(struct change *change)
{
    struct scan *scan = &change->desk->scan;
    struct rows_sum sum;

    scan->drafted = false;
    if (!scan->begun)
        return STATUS_OK;
    memcpy(&sum, secret_read(scan->sum), sizeof sum);
    enum status status = desk_sum_touches(change, true, &sum);
    if (status == STATUS_OK) {
        memcpy(secret_fill(scan->draft), &sum, sizeof sum);
        scan->drafted = true;
    }
    secret_wipe(&sum, sizeof sum);
    return status;
}

/* Rows are cleared for good when their entry is on disk. Those beyond SCAN_BAD_ROWS have no name here and are counted until the next start. */
static void forget(struct scan *scan, const char *user)
{
    size_t left = 0;
    for (size_t i = 0; i < scan->named; i++)
        if (strcmp(scan->bad[i].user, user) != 0)
            scan->bad[left++] = scan->bad[i];
    scan->bad_rows -= scan->named - left;
    scan->named = left;
}

void desk_scan_cleared(struct change *change)
{
    for (size_t i = change->committed; i < change->entry_count; i++)
        if (change->entries[i].event == EVENT_CLEARED)
            forget(&change->desk->scan, change->entries[i].user);
}

void desk_scan_keep(struct desk *desk)
{
    struct scan *scan = &desk->scan;
    struct secret *counted = scan->draft;

    if (!scan->drafted)
        return;
    scan->draft = scan->sum;
    scan->sum = counted;
    scan->drafted = false;
}
