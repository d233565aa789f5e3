/* The list of `garde enroll --from`: who is to get a sheet.
 *
 * CSV (csv_lines.h). The first line names the columns, in any order: user, and as wanted label, language, not_before, not_after, issuer. A shorter line has
 * nothing in its last columns, as Excel leaves them off, unless it is the file's last and without a line end: then it was cut off. A
 * line that cannot be used is told with its number and the reason, and the others go on; a first line that cannot be used ends it all.
 */
#ifndef GARDE_TOOL_BULK_LIST_H
#define GARDE_TOOL_BULK_LIST_H

#include <stddef.h>

#include <garde/account.h>

#include "bulk_report.h"
#include "tool.h"

#define BULK_ROWS_MAX 100000

struct bulk_row {
    unsigned long line;
    char user[USER_SIZE]; /* as it is in the list; canonical once it was looked up */
    uint32_t uid;
    char label[LABEL_SIZE];
    char issuer[ISSUER_SIZE]; /* "": none given */
    enum language language;   /* 0: none given */
    int64_t not_before_s;
    int64_t not_after_s;
    bool is_confirmed; /* the user needs no sheet */
    bool is_waiting;   /* a factor of an earlier sheet, or one that was taken over, ends with a new sheet */
};

struct bulk_list {
    const char *path;
    struct bulk_row *rows; /* in the order of the file */
    size_t count, room;
};
#define BULK_PLACE_SIZE 1100
/* What stands in front of complaints about a line: "staff.csv:7: ". Returns out. */
const char *bulk_list_place(const struct bulk_list *list, unsigned long line, char out[BULK_PLACE_SIZE]);

void bulk_list_drop(struct bulk_list *list);
#define bulk_list_owner __attribute__((cleanup(bulk_list_drop)))

/* Lines that cannot be used are told, reported as failed and left out. TOOL_REFUSED: the file is no list at all, which is told. */
enum tool_exit bulk_list_read(struct bulk_list *list, const char *path, struct bulk_report *report) GARDE_MUST_CHECK;
/* Asks the name service for each, and leaves out whom it does not know and who stands in the list before. TOOL_REFUSED: no memory. */
enum tool_exit bulk_list_resolve(struct bulk_list *list, struct bulk_report *report) GARDE_MUST_CHECK;
/* Asks the verifier who has a confirmed factor that is still good, and who has one that a new sheet ends. */
enum tool_exit bulk_list_compare(struct bulk_list *list, struct tool *tool) GARDE_MUST_CHECK;

#endif
