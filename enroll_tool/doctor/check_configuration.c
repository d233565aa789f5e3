#include <stdio.h>

#include "checkup.h"
#include "problem_text.h"
#include "text.h"

void check_configuration(struct checkup *checkup)
{
    struct tool *tool = checkup->tool;
    struct problem problem = {.kind = PROBLEM_NONE};
    struct findings *findings = &checkup->findings;

    if (settings_load(tool->config, &tool->settings, &problem) == STATUS_OK) {
        char shown[TEXT_SHOWN_SIZE(PROBLEM_PATH_SIZE)];
        tool->loaded = checkup->has_settings = true;
        struct finding *good = finding_add(findings, SUBJECT_CONFIGURATION, LEVEL_OK, EFFECT_NONE, "configuration");
        finding_what(good, _("%s is free of errors"), text_show(shown, sizeof shown, tool->config));
        return;
    }
    static char text[PROBLEM_TEXT_SIZE];
    problem_text_say(&problem, tool->config, text, sizeof text);
    (void)snprintf(tool->settings.socket_folder, sizeof tool->settings.socket_folder, "%s", WIRE_DEFAULT_FOLDER);
    struct finding *bad =
        finding_add(findings, SUBJECT_CONFIGURATION, LEVEL_DANGER, EFFECT_LOCKS_OUT, "configuration-broken");
    finding_what(bad, _("%s\nA garded that runs keeps the configuration that it has; it does not start with this one."),
                 text);
    finding_mend(bad, _("mend the file; garde.conf(5) lists sections, keys and values; then: garded check"));
}
