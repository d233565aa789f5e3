#include "bulk.h"

#include <stdio.h>

#include "bulk_list.h"
#include "bulk_report.h"
#include "sheet_folder.h"
#include "text.h"

/* What the command line says about all, and the line about this one. */
static void fill_in(const struct enrolment *pattern, const struct bulk_row *row, struct enrolment *out)
{
    *out = *pattern;
    (void)text_copy(out->user, sizeof out->user, row->user);
    (void)text_copy(out->uri.account, sizeof out->uri.account, row->user);
    out->uid = row->uid;
    if (row->label[0] != '\0')
        (void)text_copy(out->label, sizeof out->label, row->label);
    if (row->issuer[0] != '\0')
        (void)text_copy(out->uri.issuer, sizeof out->uri.issuer, row->issuer);
    if (row->language != 0)
        out->language = row->language;
    if (row->not_before_s != 0)
        out->not_before_s = row->not_before_s;
    if (row->not_after_s != 0)
        out->not_after_s = row->not_after_s;
}

struct run {
    struct tool *tool;
    const struct enrolment *pattern;
    struct crypto *crypto;
    struct sheet_folder folder;
    struct bulk_report report;
};

/* *out_goes_on: what is wrong is this user's alone. */
static enum tool_exit make(struct run *run, struct enrolment *enrolment, const char *file,
                           struct wire_result *out_result, bool *out_goes_on)
{
    qr_owner struct qr *qr = NULL;

    *out_goes_on = false;
    enum tool_exit done = enrolment_make_key(&run->crypto, enrolment);
    if (done != TOOL_DONE)
        return done;
    done = enrolment_make_symbol(&enrolment->uri, &qr);
    if (done != TOOL_DONE) {
        *out_goes_on = true;
        return done;
    }
    const struct sheet sheet = enrolment_sheet(run->tool, enrolment, qr);
    done = sheet_folder_put(&run->folder, file, &sheet);
    if (done != TOOL_DONE)
        return done;
    done = enrolment_send(run->tool, enrolment, out_result);
    if (done == TOOL_DONE)
        return TOOL_DONE;
    /* Without an answer the factor may have been made: then it expires, and nobody has its secret. */
    sheet_folder_remove(&run->folder, file);
    *out_goes_on = done == TOOL_REFUSED || done == TOOL_TAMPERED;
    return done;
}

/* false: the run ends here. */
static bool enrol_row(struct run *run, const struct bulk_row *row)
{
    enrolment_owner struct enrolment enrolment = {.typed_user = NULL};
    struct wire_result result = {.code = WIRE_OK};
    char file[SHEET_FILE_SIZE];
    bool goes_on = true;
    enum tool_exit done = TOOL_REFUSED;

    fill_in(run->pattern, row, &enrolment);
    if (!sheet_folder_name(row->user, file))
        tool_complain(_("the user's name is too long for the name of a file"));
    else
        done = enrolment_check_first_use(&enrolment);
    if (done == TOOL_DONE)
        done = make(run, &enrolment, file, &result, &goes_on);
    if (done == TOOL_DONE) {
        run->report.replaced += row->is_waiting ? 1 : 0;
        bulk_report_row(&run->report, row->line, row->user, BULK_ENROLLED, file, &result);
    } else {
        bulk_report_failed(&run->report, row->line, row->user, done);
    }
    return goes_on || done == TOOL_DONE;
}

/* TOOL_DONE: to the end. */
static enum tool_exit go_through(struct run *run, const struct bulk_list *list)
{
    char place[BULK_PLACE_SIZE];
    bool ended = false;

    for (size_t i = 0; i < list->count; i++) {
        const struct bulk_row *row = &list->rows[i];
        ended = ended || bulk_report_interrupted();
        if (ended) {
            bulk_report_row(&run->report, row->line, row->user, BULK_LEFT, NULL, NULL);
        } else if (row->is_confirmed) {
            bulk_report_row(&run->report, row->line, row->user, BULK_PASSED_OVER, NULL, NULL);
        } else {
            tool_complain_about(bulk_list_place(list, row->line, place));
            ended = !enrol_row(run, row);
            tool_complain_about(NULL);
        }
    }
    return ended ? TOOL_REFUSED : TOOL_DONE;
}

static enum tool_exit prepare(struct run *run, struct bulk_list *list)
{
    enum tool_exit done = bulk_list_read(list, run->pattern->from, &run->report);
    if (done == TOOL_DONE)
        done = bulk_list_resolve(list, &run->report);
    if (done == TOOL_DONE)
        done = bulk_list_compare(list, run->tool);
    if (done == TOOL_DONE)
        done = sheet_folder_open(&run->folder, run->pattern->sheets);
    return done;
}

static void end_run(struct run *run)
{
    crypto_free(run->crypto);
    sheet_folder_close(&run->folder);
}

enum tool_exit bulk_enrol(struct tool *tool, const struct enrolment *pattern)
{
    bulk_list_owner struct bulk_list list = {.rows = NULL};
    __attribute__((cleanup(end_run))) struct run run = {.tool = tool, .pattern = pattern, .folder = SHEET_FOLDER_NONE};

    bulk_report_begin(&run.report, tool, pattern->as_json);
    enum tool_exit done = prepare(&run, &list);
    if (done != TOOL_DONE)
        return done;
    bulk_report_watch();
    bulk_report_total(&run.report, list.count);
    done = go_through(&run, &list);
    bulk_report_end(&run.report, pattern->sheets);
    const size_t left = run.report.counts[BULK_LEFT];
    if (done != TOOL_DONE)
        tool_complain(ngettext("%zu user is left. Run the same command again: it goes on, and who has not used a sheet "
                               "yet gets a new one, in place of the old.",
                               "%zu users are left. Run the same command again: it goes on, and who has not used a "
                               "sheet yet gets a new one, in place of the old.",
                               left),
                      left);
    return run.report.worst > done ? run.report.worst : done;
}
