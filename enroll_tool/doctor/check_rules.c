#include "checkup.h"
#include "moment.h"
#include "text.h"

/* place: "" for the general rule. */
static void look_at(struct checkup *checkup, const struct unenrolled_rule *rule, const char *place)
{
    struct findings *findings = &checkup->findings;
    char until[MOMENT_SIZE];
    struct finding *finding = NULL;

    if (rule->answer == UNENROLLED_ALLOW) {
        finding = finding_add(findings, SUBJECT_CONFIGURATION, LEVEL_WARNING, EFFECT_LETS_IN, "rule-without-date");
        finding_what(finding, _("whoever was never enrolled gets in without a code, and no date ends that"));
        finding_mend(finding, _("un_enrolled = allow-until YYYY-MM-DD, or refuse"));
    } else if (rule->answer == UNENROLLED_ALLOW_UNTIL && rule->until_s > tool_now_s()) {
        finding = finding_add(findings, SUBJECT_CONFIGURATION, LEVEL_NOTE, EFFECT_LETS_IN, "rule-with-date");
        finding_what(finding, _("whoever was never enrolled gets in without a code until %s"),
                     moment_show(rule->until_s, until));
        finding_mend(finding, _("enrol them until then; who they are: garde coverage"));
    } else {
        return;
    }
    finding_place(finding, place);
    finding_done(findings);
}

void check_rules(struct checkup *checkup)
{
    const struct settings *settings = &checkup->tool->settings;

    if (!checkup->has_settings)
        return;
    look_at(checkup, &settings->unenrolled, "[policy]");
    for (size_t i = 0; i < settings->service_count; i++) {
        char shown[TEXT_SHOWN_SIZE(SERVICE_SIZE)];
        struct unenrolled_rule rule = settings_unenrolled(settings, settings->services[i].name);
        look_at(checkup, &rule, text_show(shown, sizeof shown, settings->services[i].name));
    }
}
