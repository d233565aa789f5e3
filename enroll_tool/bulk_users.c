/* The list's users: who they are to the name service, and what the verifier has of them. */
#include <stdlib.h>
#include <string.h>

#include "admin_client.h"
#include "bulk_list.h"
#include "names.h"
#include "result.h"
#include "standing.h"
#include "text.h"

/* By name, and by line where names are the same. */
static int compare_rows(const void *a, const void *b)
{
    const struct bulk_row *const *left = a, *const *right = b;
    int order = strcmp((*left)->user, (*right)->user);
    if (order != 0)
        return order;
    return (*left)->line < (*right)->line ? -1 : (*left)->line > (*right)->line;
}

/* The rows in order of their users. The caller frees it; NULL: no memory. */
static struct bulk_row **by_user(const struct bulk_list *list)
{
    struct bulk_row **sorted = calloc(list->count + 1, sizeof *sorted);
    if (sorted == NULL) {
        tool_complain(_("there is no memory for this list"));
        return NULL;
    }
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->rows[i];
    qsort(sorted, list->count, sizeof(struct bulk_row *), compare_rows);
    return sorted;
}

/* Rows without a line are gone. */
static void close_up(struct bulk_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].line != 0)
            list->rows[kept++] = list->rows[i];
    list->count = kept;
}

static void leave_out(struct bulk_row *row, struct bulk_report *report)
{
    bulk_report_failed(report, row->line, row->user, TOOL_REFUSED);
    row->line = 0;
}

static enum tool_exit leave_out_doubles(struct bulk_list *list, struct bulk_report *report)
{
    char place[BULK_PLACE_SIZE], shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    struct bulk_row **sorted = by_user(list);
    if (sorted == NULL)
        return TOOL_REFUSED;

    for (size_t i = 1, first = 0; i < list->count; i++) {
        if (strcmp(sorted[i]->user, sorted[first]->user) != 0) {
            first = i;
            continue;
        }
        tool_complain_about(bulk_list_place(list, sorted[i]->line, place));
        tool_complain(_("%s is in line %lu already"), text_show(shown, sizeof shown, sorted[i]->user),
                      sorted[first]->line);
        leave_out(sorted[i], report);
    }
    tool_complain_about(NULL);
    free(sorted);
    close_up(list);
    return TOOL_DONE;
}

enum tool_exit bulk_list_resolve(struct bulk_list *list, struct bulk_report *report)
{
    char place[BULK_PLACE_SIZE], user[USER_SIZE];

    for (size_t i = 0; i < list->count; i++) {
        struct bulk_row *row = &list->rows[i];
        tool_complain_about(bulk_list_place(list, row->line, place));
        if (names_resolve(row->user, user, &row->uid) == TOOL_DONE)
            (void)text_copy(row->user, sizeof row->user, user);
        else
            leave_out(row, report);
    }
    tool_complain_about(NULL);
    close_up(list);
    return leave_out_doubles(list, report);
}

/* ---- what the verifier has ---- */

struct comparison {
    struct bulk_row **sorted;
    size_t count;
    int64_t now_s;
};

/* Good, or set aside by an admin who will know why. What a help desk gave out for an emergency is no factor of one's own, and a row
 * that was tampered with says nothing. */
static bool is_enough(const struct wire_factor *factor, int64_t now_s)
{
    bool is_over = factor->not_after_s != 0 && factor->not_after_s <= now_s;
    return standing_has_device(factor) && !is_over && factor->tampered == 0 &&
           (factor->state == FACTOR_ACTIVE || factor->state == FACTOR_SUSPENDED);
}

static int compare_name(const void *name, const void *row)
{
    const struct bulk_row *const *of = row;
    return strcmp(name, (*of)->user);
}

static bool take_factor(const struct wire_message *message, void *context)
{
    const struct comparison *comparison = context;

    if (message->type != WIRE_FACTOR)
        return true;
    bool enough = is_enough(&message->factor, comparison->now_s);
    bool waits =
        message->factor.handed_out != 0 && standing_of(&message->factor, comparison->now_s) == STANDING_PENDING;
    if (!enough && !waits)
        return true;
    struct bulk_row **found =
        bsearch(message->factor.user, comparison->sorted, comparison->count, sizeof(struct bulk_row *), compare_name);
    if (found != NULL) {
        (*found)->is_confirmed = (*found)->is_confirmed || enough;
        (*found)->is_waiting = (*found)->is_waiting || waits;
    }
    return true;
}

enum tool_exit bulk_list_compare(struct bulk_list *list, struct tool *tool)
{
    struct wire_message request = {.type = WIRE_LIST};
    struct wire_result result = {.code = WIRE_OK};
    struct comparison comparison = {by_user(list), list->count, tool_now_s()};
    if (comparison.sorted == NULL)
        return TOOL_REFUSED;

    enum tool_exit done = admin_client_stream(tool, &request, take_factor, &comparison, &result);
    free(comparison.sorted);
    return done == TOOL_DONE ? result_tell(&result, "") : done;
}
