#include <stdio.h>

#include "command.h"
#include "doctor/checkup.h"
#include "doctor/doctor_page.h"
#include "output_json.h"

static void look_at_everything(struct checkup *checkup)
{
    check_configuration(checkup);
    check_rules(checkup);
    check_service(checkup);
    check_files(checkup);
    check_verifier(checkup);
    check_clock(checkup);
    check_pam_files(checkup);
    check_pam(checkup);
    check_sshd(checkup);
    check_people(checkup);
}

static enum tool_exit exit_of(const struct checkup *checkup)
{
    enum finding_level worst = findings_worst(&checkup->findings);

    if (checkup->tampered)
        return TOOL_TAMPERED;
    if (!checkup->answers || checkup->cannot_record)
        return TOOL_UNREACHABLE;
    if (!checkup->has_settings)
        return TOOL_USAGE;
    if (checkup->findings.lost || worst == LEVEL_DANGER)
        return TOOL_REFUSED;
    return worst == LEVEL_WARNING ? TOOL_ATTENTION : TOOL_DONE;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct checkup checkup = {.tool = tool, .places = &stack_places_of_system};

    enum tool_exit done = options_words(options, 0, 0, NULL);
    if (done != TOOL_DONE)
        return done;
    look_at_everything(&checkup);
    if (options->seen != 0) {
        struct output_json json = {.rows = 0};
        output_json_findings(&json, &checkup.findings);
        done = json.failed ? TOOL_REFUSED : exit_of(&checkup);
    } else {
        doctor_page_show(&checkup.findings);
        done = exit_of(&checkup);
    }
    findings_drop(&checkup.findings);
    return done;
}

static const struct option_row rows[] = {
    {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

const struct command cmd_doctor = {
    .name = "doctor",
    .arguments = N_("[--json]"),
    .summary = N_("find what would lock people out or let them in"),
    .details = N_(
        "Looks at the configuration, the files, the verifier, the clock, the services of PAM, sshd and the users "
        "of /etc/passwd, says what is wrong and how to mend it, and changes nothing. The exit code is 0 when nothing "
        "needs an admin, 5 with a warning, 1 with a danger, 2 when the configuration is broken, 3 when the verifier "
        "does not answer or cannot record, 4 when the store was changed without the key. Run it as root, before and "
        "after each change of /etc/pam.d."),
    .example = "garde doctor --json | jq -r '.findings[].what'",
    .options = rows,
    .run = run,
};
