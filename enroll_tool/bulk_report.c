#include "bulk_report.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "text.h"

#define BAR_COLUMNS 40
#define LINES       20 /* of progress in a log */

static const char *const outcome_names[BULK_OUTCOMES] = {"enrolled", "passed-over", "failed", "left"};

/* The bar that stands on a terminal, for the complaint that takes it away. */
static FILE *bar;
static volatile sig_atomic_t interrupted;

/* ---- signals ---- */

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void bulk_report_watch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool bulk_report_interrupted(void)
{
    return interrupted != 0;
}

/* ---- progress ---- */

static void take_bar_away(void)
{
    if (bar == NULL)
        return;
    fputs("\r\x1b[K", bar);
    (void)fflush(bar);
}

static void draw_bar(FILE *out, size_t done, size_t total)
{
    int full = (int)(done * BAR_COLUMNS / total);

    fputs("\r[", out);
    for (int i = 0; i < BAR_COLUMNS; i++)
        fputc(i < full ? '#' : '.', out);
    fprintf(out, "] %zu/%zu", done, total);
    (void)fflush(out);
}

static size_t done_of(const struct bulk_report *report)
{
    return report->counts[BULK_ENROLLED] + report->counts[BULK_PASSED_OVER] + report->counts[BULK_FAILED];
}

/* Not each step is worth a line, or a write to the terminal. */
static bool is_worth_it(size_t done, size_t total, size_t parts)
{
    return done == total || done * parts / total != (done - 1) * parts / total;
}

static void show_progress(const struct bulk_report *report)
{
    size_t done = done_of(report);

    if (report->total == 0 || done == 0 || done > report->total)
        return;
    if (bar != NULL && is_worth_it(done, report->total, 200))
        draw_bar(bar, done, report->total);
    else if (bar == NULL && !report->as_json && !report->tool->quiet && is_worth_it(done, report->total, LINES)) {
        printf(_("%zu of %zu\n"), done, report->total);
        (void)fflush(stdout);
    }
}

void bulk_report_begin(struct bulk_report *report, const struct tool *tool, bool as_json)
{
    *report = (struct bulk_report){.tool = tool, .as_json = as_json};
}

void bulk_report_total(struct bulk_report *report, size_t total)
{
    FILE *out = report->as_json ? stderr : stdout;

    report->total = report->counts[BULK_FAILED] + total;
    if (total == 0 || report->tool->quiet || isatty(fileno(out)) != 1)
        return;
    bar = out;
    tool_before_complaint(take_bar_away);
}

/* ---- rows ---- */

static void count(struct bulk_report *report, unsigned long line, const char *user, enum bulk_outcome outcome,
                  const char *file, const char *why, const struct wire_result *result)
{
    report->counts[outcome]++;
    if (report->as_json)
        output_json_bulk(&report->json, line, user, outcome_names[outcome], file, why, result);
    if (outcome != BULK_LEFT)
        show_progress(report);
}

void bulk_report_failed(struct bulk_report *report, unsigned long line, const char *user, enum tool_exit why)
{
    if (why > report->worst)
        report->worst = why;
    count(report, line, user[0] != '\0' ? user : NULL, BULK_FAILED, NULL, tool_last_complaint(), NULL);
}

void bulk_report_row(struct bulk_report *report, unsigned long line, const char *user, enum bulk_outcome outcome,
                     const char *file, const struct wire_result *result)
{
    count(report, line, user, outcome, file, NULL, result);
}

void bulk_report_end(struct bulk_report *report, const char *folder)
{
    char shown[4096];
    const size_t *counts = report->counts;

    take_bar_away();
    bar = NULL;
    tool_before_complaint(NULL);
    if (report->as_json) {
        output_json_end_array(&report->json);
        return;
    }
    text_show(shown, sizeof shown, folder);
    tool_say(report->tool,
             ngettext("%zu sheet was written into %s\n", "%zu sheets were written into %s\n", counts[BULK_ENROLLED]),
             counts[BULK_ENROLLED], shown);
    if (report->replaced > 0)
        tool_say(report->tool,
                 ngettext("%zu user had an unused sheet or import, which is good for nothing from now on\n",
                          "%zu users had an unused sheet or import, which is good for nothing from now on\n",
                          report->replaced),
                 report->replaced);
    if (counts[BULK_PASSED_OVER] > 0)
        tool_say(report->tool,
                 ngettext("%zu user has a confirmed factor and was passed over\n",
                          "%zu users have a confirmed factor and were passed over\n", counts[BULK_PASSED_OVER]),
                 counts[BULK_PASSED_OVER]);
    if (counts[BULK_FAILED] > 0)
        tool_complain(ngettext("%zu line could not be done", "%zu lines could not be done", counts[BULK_FAILED]),
                      counts[BULK_FAILED]);
}
