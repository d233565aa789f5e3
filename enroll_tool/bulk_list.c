#include "bulk_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <garde/number.h>

#include "csv_lines.h"
#include "moment.h"
#include "names.h"
#include "text.h"

enum column {
    COLUMN_USER,
    COLUMN_LABEL,
    COLUMN_LANGUAGE,
    COLUMN_NOT_BEFORE,
    COLUMN_NOT_AFTER,
    COLUMN_ISSUER,
    COLUMNS,
};

static const char *const column_names[COLUMNS] = {"user", "label", "language", "not_before", "not_after", "issuer"};

struct columns {
    size_t count;
    enum column of[COLUMNS];
};

const char *bulk_list_place(const struct bulk_list *list, unsigned long line, char out[BULK_PLACE_SIZE])
{
    char shown[1024];
    (void)snprintf(out, BULK_PLACE_SIZE, "%s:%lu: ", text_show(shown, sizeof shown, list->path), line);
    return out;
}

void bulk_list_drop(struct bulk_list *list)
{
    free(list->rows);
    *list = (struct bulk_list){.rows = NULL};
}

/* ---- the first line ---- */

static enum tool_exit take_column(struct columns *columns, const char *name)
{
    char shown[256];

    for (enum column column = COLUMN_USER; column < COLUMNS; column++) {
        if (strcasecmp(name, column_names[column]) != 0)
            continue;
        for (size_t i = 0; i < columns->count; i++) {
            if (columns->of[i] == column) {
                tool_complain(_("the column %s is there twice"), column_names[column]);
                return TOOL_REFUSED;
            }
        }
        columns->of[columns->count++] = column;
        return TOOL_DONE;
    }
    tool_complain(_("there is no column \"%s\". The first line names the columns: user, and as wanted label, language, "
                    "not_before, not_after, issuer."),
                  text_show(shown, sizeof shown, name));
    return TOOL_REFUSED;
}

static enum tool_exit take_header(const struct csv_line *line, struct columns *columns)
{
    bool has_user = false;

    for (size_t i = 0; i < line->count; i++) {
        enum tool_exit done = take_column(columns, line->fields[i]);
        if (done != TOOL_DONE)
            return done;
        has_user = has_user || columns->of[i] == COLUMN_USER;
    }
    if (has_user)
        return TOOL_DONE;
    tool_complain(_("the first line names no column user"));
    return TOOL_REFUSED;
}

/* ---- the other lines: each function gives what is wrong, or NULL ---- */

static const char *take_date(const char *text, bool is_end, int64_t *out_s)
{
    enum status status = is_end ? moment_parse_day_end(text, out_s) : number_parse_date(text, out_s);
    return status == STATUS_OK ? NULL
                               : _("not_before and not_after are dates such as 2026-12-31; in a spreadsheet, make the "
                                   "column one of text");
}

static const char *take_language(const char *text, enum language *out_language)
{
    *out_language = strcmp(text, "fr") == 0 ? LANGUAGE_FR : LANGUAGE_EN;
    return strcmp(text, "fr") == 0 || strcmp(text, "en") == 0 ? NULL : _("language is fr or en");
}

static const char *take_value(struct bulk_row *row, enum column column, const char *text)
{
    if (text[0] == '\0')
        return column == COLUMN_USER ? _("the user is missing") : NULL;
    switch (column) {
    case COLUMN_USER:
        return text_copy(row->user, sizeof row->user, text) ? NULL : _("the user's name is too long");
    case COLUMN_LABEL:
        return text_copy(row->label, sizeof row->label, text) ? NULL : _("the label is longer than 63 bytes");
    case COLUMN_LANGUAGE:
        return take_language(text, &row->language);
    case COLUMN_NOT_BEFORE:
        return take_date(text, false, &row->not_before_s);
    case COLUMN_NOT_AFTER:
        return take_date(text, true, &row->not_after_s);
    case COLUMN_ISSUER:
        return strchr(text, ':') == NULL && text_copy(row->issuer, sizeof row->issuer, text)
                   ? NULL
                   : _("the issuer is longer than 63 bytes, or there is a ':' in it");
    case COLUMNS:
        break;
    }
    return NULL;
}

static const char *fault_text(enum csv_fault fault)
{
    switch (fault) {
    case CSV_GOOD:
        return NULL;
    case CSV_LONG:
        return _("the line is too long");
    case CSV_CONTROL:
        return _("there is a control character in it");
    case CSV_ENCODING:
        return _("this is not UTF-8. In a spreadsheet, save as \"CSV UTF-8\".");
    case CSV_QUOTING:
        return _("a quotation mark is not closed, or stands inside of a field that has none around it");
    case CSV_MANY:
        break;
    }
    return _("there are more fields than columns");
}

static const char *take_line(const struct csv_line *line, const struct columns *columns, struct bulk_row *row)
{
    *row = (struct bulk_row){.line = line->number};
    const char *wrong = fault_text(line->fault);

    /* The user first: whoever reads what is wrong wants to know whose line it is. */
    for (size_t i = 0; wrong == NULL && i < line->count && i < columns->count; i++)
        if (columns->of[i] == COLUMN_USER)
            wrong = take_value(row, COLUMN_USER, line->fields[i]);
    if (wrong == NULL && line->count > columns->count)
        wrong = _("there are more fields than columns");
    if (wrong == NULL && line->count < columns->count && !line->is_ended)
        wrong = _("the file ends in the middle of this line");
    for (size_t i = 0; wrong == NULL && i < line->count; i++)
        if (columns->of[i] != COLUMN_USER)
            wrong = take_value(row, columns->of[i], line->fields[i]);
    if (wrong == NULL && row->user[0] == '\0')
        wrong = _("the user is missing");
    if (wrong == NULL && row->not_after_s != 0 && row->not_after_s <= tool_now_s())
        wrong = _("not_after is over");
    if (wrong == NULL && row->not_after_s != 0 && row->not_before_s >= row->not_after_s)
        wrong = _("not_before lies behind not_after");
    return wrong;
}

static bool keep(struct bulk_list *list, const struct bulk_row *row)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 256 : 2 * list->room;
        struct bulk_row *rows = reallocarray(list->rows, room, sizeof *rows);
        if (rows == NULL)
            return false;
        list->rows = rows;
        list->room = room;
    }
    list->rows[list->count++] = *row;
    return true;
}

static enum tool_exit tell_file(const char *path, enum status status)
{
    char shown[1024];
    tool_complain(_("%s cannot be read: %s"), text_show(shown, sizeof shown, path),
                  strerror(status == STATUS_NO_MEMORY ? ENOMEM : errno));
    return TOOL_REFUSED;
}

static enum tool_exit read_lines(struct bulk_list *list, struct csv_lines *lines, struct bulk_report *report)
{
    struct columns columns = {.count = 0};
    char place[BULK_PLACE_SIZE];
    struct bulk_row row;
    struct csv_line line;
    enum tool_exit done = TOOL_DONE;
    enum status status = STATUS_OK;

    while (done == TOOL_DONE && (status = csv_lines_next(lines, &line)) == STATUS_OK) {
        tool_complain_about(bulk_list_place(list, line.number, place));
        const char *wrong = NULL;
        if (columns.count == 0 && line.fault == CSV_GOOD) {
            done = take_header(&line, &columns);
        } else if ((wrong = take_line(&line, &columns, &row)) != NULL) {
            tool_complain("%s", wrong);
            if (columns.count == 0)
                done = TOOL_REFUSED;
            else
                bulk_report_failed(report, line.number, row.user, TOOL_REFUSED);
        } else if (list->count == BULK_ROWS_MAX || !keep(list, &row)) {
            tool_complain(_("this is more than fits into one list (%d users). Make several of it."), BULK_ROWS_MAX);
            done = TOOL_REFUSED;
        }
    }
    tool_complain_about(NULL);
    if (done != TOOL_DONE)
        return done;
    if (status != STATUS_CLOSED)
        return tell_file(list->path, status);
    if (columns.count > 0)
        return TOOL_DONE;
    char shown[1024];
    tool_complain(_("there is nothing in %s"), text_show(shown, sizeof shown, list->path));
    return TOOL_REFUSED;
}

enum tool_exit bulk_list_read(struct bulk_list *list, const char *path, struct bulk_report *report)
{
    csv_lines_owner struct csv_lines *lines = NULL;

    list->path = path;
    enum status status = csv_lines_open(path, &lines);
    return status == STATUS_OK ? read_lines(list, lines, report) : tell_file(path, status);
}
