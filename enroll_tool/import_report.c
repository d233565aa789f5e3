#include "import_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "moment.h"
#include "table.h"
#include "text.h"
#include "words.h"

#define COMPLAINTS_MAX 1000 /* a file of another kind has a fault in each line */
#define PLACE_SIZE     1200

/* 20 + 20 + 4 + 30, and two blanks between: 80. */
static const struct table_column columns[] = {
    {N_("USER"), 20, false},    {N_("LABEL"), 20, false}, {N_("TYPE"), 4, false},
    {N_("OUTCOME"), 30, false}, {NULL, 0, false},
};

const char *import_outcome_name(enum import_outcome outcome)
{
    static const char *const names[IMPORT_OUTCOMES] = {"enrolled", "would_enrol", "there", "passed_over", "refused"};
    return (unsigned)outcome < IMPORT_OUTCOMES ? names[outcome] : "refused";
}

static bool is_weak(const struct incoming *entry)
{
    return entry->secret != NULL && secret_len(entry->secret) < FACTOR_SECRET_MIN;
}

static void show_row(struct import_report *report, const struct incoming *entry, enum import_outcome outcome,
                     int64_t factor_id)
{
    char text[128], number[32] = "";
    const char *what = outcome == IMPORT_WOULD   ? _("would be enrolled")
                       : outcome == IMPORT_THERE ? _("was here already")
                                                 : _("enrolled");

    if (factor_id != 0)
        (void)snprintf(number, sizeof number, " (%" PRId64 ")", factor_id);
    (void)snprintf(text, sizeof text, "%s%s%s", what, number, is_weak(entry) ? _(", weak") : "");
    const char *const cells[] = {entry->user, entry->label, words_kind(entry->kind), text};
    if (report->counts[IMPORT_ENROLLED] + report->counts[IMPORT_WOULD] + report->counts[IMPORT_THERE] == 1)
        table_head(columns);
    table_row(columns, cells);
}

/* "FILE:12", "FILE:12 (3)", "FILE": what is in the file is only shown where the file was understood so far. */
static const char *place(const struct incoming *entry, char out[PLACE_SIZE])
{
    char shown[1024], item[32] = "", line[32] = "";

    text_show(shown, sizeof shown, entry->path == NULL ? "-" : entry->path);
    if (entry->line != 0)
        (void)snprintf(line, sizeof line, ":%lu", entry->line);
    if (entry->item != 0)
        (void)snprintf(item, sizeof item, " (%lu)", entry->item);
    (void)snprintf(out, PLACE_SIZE, "%s%s%s", shown, line, item);
    return out;
}

static void complain(struct import_report *report, const struct incoming *entry)
{
    char where[PLACE_SIZE], user[TEXT_SHOWN_SIZE(USER_SIZE)];
    unsigned long count = report->counts[IMPORT_REFUSED];

    if (count > COMPLAINTS_MAX + 1)
        return;
    if (count == COMPLAINTS_MAX + 1)
        tool_complain(_("there are more such lines; from here on they are only counted."));
    else if (entry->fault == INCOMING_TWICE && entry->first_line != 0)
        tool_complain(_("%s: %s: this was in the file before, in line %lu"), place(entry, where),
                      text_show(user, sizeof user, entry->user), entry->first_line);
    else if (entry->user[0] != '\0')
        tool_complain("%s: %s: %s", place(entry, where), text_show(user, sizeof user, entry->user),
                      incoming_fault_text(entry->fault));
    else
        tool_complain("%s: %s", place(entry, where), incoming_fault_text(entry->fault));
}

bool import_report_entry(struct import_report *report, const struct incoming *entry, enum import_outcome outcome,
                         int64_t factor_id, int64_t until_s)
{
    report->counts[outcome]++;
    report->looked_at++;
    if (outcome == IMPORT_REFUSED && entry->fault == INCOMING_TAMPERED)
        report->tampered++;
    if (outcome == IMPORT_ENROLLED || outcome == IMPORT_WOULD) {
        report->weak += is_weak(entry) ? 1 : 0;
        report->of_digits[entry->digits <= OTP_DIGITS_MAX ? entry->digits : 0]++;
    }
    for (size_t i = 0; outcome != IMPORT_REFUSED && i < sizeof report->noted / sizeof report->noted[0]; i++)
        report->noted[i] += entry->notes >> i & 1;
    if (until_s > report->until_s)
        report->until_s = until_s;
    if (report->as_json)
        output_json_import(&report->json, entry, import_outcome_name(outcome), factor_id, until_s);
    else if (outcome == IMPORT_REFUSED)
        complain(report, entry);
    else if (outcome != IMPORT_PASSED_OVER && !report->tool->quiet)
        show_row(report, entry, outcome, factor_id);
    return ferror(stdout) == 0 && !report->json.failed;
}

static void tell_notes(const struct import_report *report)
{
    static const char *const texts[] = {
        N_("Scratch codes are not taken over: one has 26 bits, which can be guessed. Give recovery codes instead: "
           "garde recovery USER"),
        N_("Window sizes are not taken over: garde accepts the step before and after, and no more."),
        N_("Codes could be used again there. Here each counts once."),
        N_("Rate limits are not taken over: garde has its own, see garde.conf(5)."),
        N_("Some lines of these files are not known, and were passed over."),
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (report->noted[i] != 0)
            text_wrap(stdout, _(texts[i]), 0, 0);
}

/* 0: not known, and told elsewhere. */
static unsigned digits_of_site(const struct import_report *report)
{
    struct settings settings;
    struct problem problem = {.kind = PROBLEM_NONE};

    if (report->tool->loaded)
        return report->tool->settings.digits;
    return settings_load(report->tool->config, &settings, &problem) == STATUS_OK ? settings.digits : 0;
}

static void tell_lengths(const struct import_report *report)
{
    unsigned site = digits_of_site(report);

    for (unsigned digits = OTP_DIGITS_MIN; site != 0 && digits <= OTP_DIGITS_MAX; digits++) {
        unsigned long count = report->of_digits[digits];
        char text[512];
        if (digits == site || count == 0)
            continue;
        (void)snprintf(text, sizeof text,
                       ngettext("%lu has codes of %u digits, and logins here ask for %u (digits in garde.conf).",
                                "%lu have codes of %u digits, and logins here ask for %u (digits in garde.conf).",
                                count),
                       count, digits, site);
        text_wrap(stdout, text, 0, 0);
        text_wrap(
            stdout,
            digits == TEMPORARY_CODE_LEN
                ? _("A prompt of its own accepts them. Services that take the code off the password refuse them "
                    "there unless they are set off by a comma (password,12345678): tell these people.")
                : _("A prompt of its own accepts them. Services that take the code off the password always refuse "
                    "them: better give these people new factors."),
            0, 0);
    }
}

static void tell_counts(const struct import_report *report)
{
    const unsigned long *counts = report->counts;
    char until[MOMENT_SIZE];

    printf(ngettext("%lu factor enrolled", "%lu factors enrolled", counts[IMPORT_ENROLLED]), counts[IMPORT_ENROLLED]);
    if (counts[IMPORT_WOULD] != 0)
        printf(ngettext(", %lu would be", ", %lu would be", counts[IMPORT_WOULD]), counts[IMPORT_WOULD]);
    printf(ngettext(", %lu was here already", ", %lu were here already", counts[IMPORT_THERE]), counts[IMPORT_THERE]);
    printf(ngettext(", %lu passed over", ", %lu passed over", counts[IMPORT_PASSED_OVER]), counts[IMPORT_PASSED_OVER]);
    printf(ngettext(", %lu refused.\n", ", %lu refused.\n", counts[IMPORT_REFUSED]), counts[IMPORT_REFUSED]);
    if (report->until_s != 0)
        printf(_("The first right code at a login confirms each, until %s.\n"), moment_show(report->until_s, until));
    if (report->weak != 0)
        text_wrap(stdout,
                  _("Weak secrets are among them, and are marked so in every list. Replace them soon: garde enroll "
                    "USER"),
                  0, 0);
}

enum tool_exit import_report_end(struct import_report *report, bool whole)
{
    if (report->as_json) {
        if (whole)
            output_json_end_array(&report->json);
    } else if (!report->tool->quiet && (whole || report->looked_at != 0)) {
        tell_counts(report);
        tell_lengths(report);
        tell_notes(report);
    }
    if (report->tampered != 0)
        return TOOL_TAMPERED;
    return whole && report->counts[IMPORT_REFUSED] == 0 ? TOOL_DONE : TOOL_REFUSED;
}
