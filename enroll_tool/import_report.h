/* What `garde import` says: a line for each factor, a complaint for each entry that cannot be taken, a summary; or JSON. */
#ifndef GARDE_TOOL_IMPORT_REPORT_H
#define GARDE_TOOL_IMPORT_REPORT_H

#include <garde/otp.h>

#include "formats/incoming.h"
#include "output_json.h"
#include "tool.h"

enum import_outcome {
    IMPORT_ENROLLED = 0,
    IMPORT_WOULD,       /* --dry-run */
    IMPORT_THERE,       /* this user has this very secret already */
    IMPORT_PASSED_OVER, /* a home without the file, an entry of another issuer */
    IMPORT_REFUSED,     /* entry->fault says why */
    IMPORT_OUTCOMES
};

struct import_report {
    const struct tool *tool; /* --quiet: complaints alone */
    bool as_json;
    struct output_json json;
    unsigned long looked_at;
    unsigned long counts[IMPORT_OUTCOMES];
    unsigned long weak;
    unsigned long of_digits[OTP_DIGITS_MAX + 1]; /* those that are, or would be, new */
    unsigned long tampered;
    unsigned long noted[5]; /* entries with that bit of enum incoming_note */
    int64_t until_s;        /* the last of those that were enrolled */
};

/* factor_id, until_s: 0 where there is none. false: standard output is gone. */
bool import_report_entry(struct import_report *report, const struct incoming *entry, enum import_outcome outcome,
                         int64_t factor_id, int64_t until_s);

/* The end. whole: all of the file was looked at. The exit code that belongs to it. */
enum tool_exit import_report_end(struct import_report *report, bool whole) GARDE_MUST_CHECK;

const char *import_outcome_name(enum import_outcome outcome);

#endif
