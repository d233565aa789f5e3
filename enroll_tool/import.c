#include "import.h"

#include <stdio.h>
#include <string.h>

#include <garde/wire.h>

#include "actor.h"
#include "admin_client.h"
#include "import_report.h"
#include "names.h"
#include "seen.h"
#include "text.h"

struct import {
    struct tool *tool;
    const struct import_options *options;
    struct import_report report;
    struct seen *seen;
    enum tool_exit stopped; /* the verifier is gone, or there is no memory */
    struct wire_actor actor;
};

/* A secret counts once in a file; of a list of homes a user does, too. */
static void find_twin(struct import *import, struct incoming *entry)
{
    unsigned long line = entry->line != 0 ? entry->line : entry->item != 0 ? entry->item : 1;
    enum status status =
        seen_before(import->seen, secret_read(entry->secret), secret_len(entry->secret), line, &entry->first_line);
    if (status == STATUS_OK && entry->first_line == 0 && import->options->request.list)
        status = seen_before(import->seen, entry->user, sizeof entry->user, line, &entry->first_line);
    if (status != STATUS_OK) {
        tool_complain(_("there is no memory for more entries."));
        import->stopped = TOOL_REFUSED;
    }
    if (entry->first_line != 0)
        entry->fault = INCOMING_TWICE;
}

static void cut_domain(char *user, const char *domain)
{
    char *at = strrchr(user, '@');
    if (domain != NULL && at != NULL && at != user && strcmp(at + 1, domain) == 0)
        *at = '\0';
}

/* Whose it is here. */
static enum incoming_fault find_user(const struct import *import, struct incoming *entry, uint32_t *out_uid)
{
    char user[USER_SIZE] = "";

    if (import->options->request.user != NULL)
        (void)text_copy(entry->user, sizeof entry->user, import->options->request.user);
    cut_domain(entry->user, import->options->request.domain);
    if (entry->user[0] == '\0')
        return INCOMING_NO_USER_NAME;
    switch (names_find(entry->user, user, out_uid)) {
    case NAMES_FOUND:
        memset(entry->user, 0, sizeof entry->user);
        (void)text_copy(entry->user, sizeof entry->user, user);
        return INCOMING_GOOD;
    case NAMES_UNKNOWN:
        return INCOMING_UNKNOWN_USER;
    case NAMES_UNFIT:
        return INCOMING_UNFIT_USER;
    case NAMES_FAILED:
    default:
        return INCOMING_NAME_SERVICE;
    }
}

static void choose_label(const struct import *import, struct incoming *entry)
{
    const struct import_options *options = import->options;
    const char *label = options->label;

    if (label == NULL)
        label = entry->label[0] != '\0'    ? entry->label
                : entry->serial[0] != '\0' ? entry->serial
                : entry->issuer[0] != '\0' ? entry->issuer
                                           : options->format->label;
    if (label != entry->label)
        (void)text_copy(entry->label, sizeof entry->label, label);
}

static enum incoming_fault fault_of(enum wire_result_code code)
{
    switch ((int)code) {
    case WIRE_SECRET_IN_USE:
        return INCOMING_IN_USE;
    case WIRE_SECRET_CHANGED:
        return INCOMING_CHANGED;
    case WIRE_TOO_MANY:
        return INCOMING_TOO_MANY;
    case WIRE_OTHER_UID:
        return INCOMING_OTHER_UID;
    case WIRE_TAMPERED:
        return INCOMING_TAMPERED;
    default:
        return INCOMING_NOT_TAKEN;
    }
}

static bool enrol(struct import *import, struct incoming *entry, uint32_t uid)
{
    struct wire_message request = {.type = WIRE_ENROL,
                                   .enrol = {.actor = import->actor,
                                             .uid = uid,
                                             .kind = entry->kind,
                                             .algorithm = entry->algorithm,
                                             .digits = entry->digits,
                                             .period_s = entry->period_s,
                                             .counter = entry->counter,
                                             .pending_for_s = import->options->pending_for_s,
                                             .not_before_s = entry->not_before_s,
                                             .not_after_s = entry->not_after_s,
                                             .offset_steps = entry->offset_steps,
                                             .handed_out = 1,
                                             .accept_weak = import->options->accept_weak ? 1 : 0,
                                             .secret = entry->secret}};
    struct wire_result result = {.code = WIRE_OK};
    (void)text_copy(request.enrol.user, sizeof request.enrol.user, entry->user);
    (void)text_copy(request.enrol.label, sizeof request.enrol.label, entry->label);

    import->stopped = admin_client_ask(import->tool, &request, &result);
    if (import->stopped == TOOL_DONE && result.code == WIRE_UNAVAILABLE)
        import->stopped = TOOL_UNREACHABLE;
    if (import->stopped != TOOL_DONE)
        return false;
    if (result.code == WIRE_OK)
        return import_report_entry(&import->report, entry, IMPORT_ENROLLED, result.number, result.until_s);
    if (result.code == WIRE_SECRET_IN_USE && result.number != 0)
        return import_report_entry(&import->report, entry, IMPORT_THERE, result.number, 0);
    entry->fault = fault_of(result.code);
    return import_report_entry(&import->report, entry, IMPORT_REFUSED, 0, 0);
}

static bool is_passed_over(const struct import *import, const struct incoming *entry)
{
    const char *issuer = import->options->request.issuer;
    return entry->fault == INCOMING_NO_FILE ||
           (entry->fault == INCOMING_GOOD && issuer != NULL && strcmp(issuer, entry->issuer) != 0);
}

static bool take(struct incoming *entry, void *context)
{
    struct import *import = context;
    uint32_t uid = NO_UID;

    if (is_passed_over(import, entry))
        return import_report_entry(&import->report, entry, IMPORT_PASSED_OVER, 0, 0);
    if (entry->fault == INCOMING_GOOD)
        choose_label(import, entry);
    incoming_check(entry, import->options->request.now_s);
    if (entry->fault == INCOMING_BAD_TEXT)
        entry->user[0] = '\0';
    if (entry->fault == INCOMING_GOOD)
        entry->fault = find_user(import, entry, &uid);
    if (entry->fault == INCOMING_GOOD && secret_len(entry->secret) < FACTOR_SECRET_MIN && !import->options->accept_weak)
        entry->fault = INCOMING_WEAK;
    if (entry->fault == INCOMING_GOOD)
        find_twin(import, entry);
    if (import->stopped != TOOL_DONE)
        return false;
    if (entry->fault != INCOMING_GOOD)
        return import_report_entry(&import->report, entry, IMPORT_REFUSED, 0, 0);
    if (import->options->dry_run)
        return import_report_entry(&import->report, entry, IMPORT_WOULD, 0, 0);
    return enrol(import, entry, uid);
}

static enum tool_exit read_all(struct import *import)
{
    seen_owner struct seen *seen = NULL;

    if (seen_new(&seen) != STATUS_OK) {
        tool_complain(_("the system gave no random numbers for a secret."));
        return TOOL_REFUSED;
    }
    import->seen = seen;
    enum tool_exit done = import->options->format->read(&import->options->request, take, import);
    return import->stopped != TOOL_DONE ? import->stopped : done;
}

enum tool_exit import_run(struct tool *tool, const struct import_options *options)
{
    struct import import = {
        .tool = tool, .options = options, .report = {.tool = tool, .as_json = options->as_json}, .actor = actor_find()};

    enum tool_exit done = read_all(&import);
    if (import.stopped == TOOL_UNREACHABLE)
        tool_complain(_("stopped there. Run it again: what was enrolled is not enrolled twice."));
    if (done == TOOL_USAGE)
        return done;
    enum tool_exit told = import_report_end(&import.report, done == TOOL_DONE);
    return done == TOOL_DONE ? told : done;
}
