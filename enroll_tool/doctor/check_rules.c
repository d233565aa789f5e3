#include <errno.h>
#include <grp.h>
#include <stdio.h>

#include "checkup.h"
#include "moment.h"
#include "text.h"

#define PLACE_SIZE (TEXT_SHOWN_SIZE(SERVICE_SIZE) + TEXT_SHOWN_SIZE(SETTINGS_GROUP_SIZE) + 32)

static void look_at_unenrolled(struct checkup *checkup, const struct unenrolled_rule *rule, const char *place)
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
    checkup->has_rule = true;
    finding_place(finding, place);
    finding_done(findings);
}

static void look_at_pending(struct checkup *checkup, const struct unenrolled_rule *rule, const char *place)
{
    struct findings *findings = &checkup->findings;
    char until[MOMENT_SIZE];
    struct finding *finding = NULL;

    if (rule->answer == UNENROLLED_ALLOW) {
        finding = finding_add(findings, SUBJECT_CONFIGURATION, LEVEL_WARNING, EFFECT_LETS_IN, "pending-without-date");
        finding_what(finding, _("whoever has not confirmed a factor yet gets in with an empty code, and no date ends "
                                "that"));
        finding_mend(finding, _("pending = allow-until YYYY-MM-DD, or refuse"));
    } else if (rule->answer == UNENROLLED_ALLOW_UNTIL && rule->until_s > tool_now_s()) {
        finding = finding_add(findings, SUBJECT_CONFIGURATION, LEVEL_NOTE, EFFECT_LETS_IN, "pending-with-date");
        finding_what(finding, _("whoever has not confirmed a factor yet gets in with an empty code until %s"),
                     moment_show(rule->until_s, until));
        finding_mend(finding, _("have them log in with a code until then; who they are: garde list --state pending"));
    } else {
        return;
    }
    checkup->has_rule = true;
    finding_place(finding, place);
    finding_done(findings);
}

static void look_at(struct checkup *checkup, const struct settings_section *says, const char *place)
{
    if (says->unenrolled.given)
        look_at_unenrolled(checkup, &says->unenrolled.rule, place);
    if (says->pending.given)
        look_at_pending(checkup, &says->pending.rule, place);
}

/* "[service sshd]", "[group wards]", "[service sshd group wards]"; NULL: not of one. */
static const char *place_of(const char *service, const char *group, char out[PLACE_SIZE])
{
    char shown_service[TEXT_SHOWN_SIZE(SERVICE_SIZE)] = "", shown_group[TEXT_SHOWN_SIZE(SETTINGS_GROUP_SIZE)] = "";
    if (service != NULL)
        text_show(shown_service, sizeof shown_service, service);
    if (group != NULL)
        text_show(shown_group, sizeof shown_group, group);
    (void)snprintf(out, PLACE_SIZE, "[%s%s%s%s%s]", service != NULL ? "service " : "", shown_service,
                   service != NULL && group != NULL ? " " : "", group != NULL ? "group " : "", shown_group);
    return out;
}

/* A name service that fails is no proof that the group is missing. */
static void look_at_name(struct checkup *checkup, const char *group, const char *place)
{
    char shown[TEXT_SHOWN_SIZE(SETTINGS_GROUP_SIZE)];
    struct finding *finding = NULL;

    errno = 0;
    if (getgrnam(group) != NULL || (errno != 0 && errno != ENOENT && errno != ESRCH))
        return;
    text_show(shown, sizeof shown, group);
    finding = finding_add(&checkup->findings, SUBJECT_CONFIGURATION, LEVEL_WARNING, EFFECT_NONE, "group-missing");
    finding_what(finding, _("there is no group of that name, so these lines hold for nobody"));
    finding_mend(finding, _("mend the name: getent group %s must find it"), shown);
    finding_place(finding, place);
    finding_done(&checkup->findings);
}

void check_rules(struct checkup *checkup)
{
    const struct settings *settings = &checkup->tool->settings;
    char place[PLACE_SIZE];

    if (!checkup->has_settings)
        return;
    look_at_unenrolled(checkup, &settings->unenrolled, "[policy]");
    look_at_pending(checkup, &settings->pending, "[policy]");
    for (size_t i = 0; i < settings->service_count; i++)
        look_at(checkup, &settings->services[i].says, place_of(settings->services[i].name, NULL, place));
    for (size_t i = 0; i < settings->group_count; i++) {
        look_at(checkup, &settings->groups[i].says, place_of(NULL, settings->groups[i].name, place));
        look_at_name(checkup, settings->groups[i].name, place);
    }
    for (size_t i = 0; i < settings->exception_count; i++) {
        const struct settings_exception *exception = &settings->exceptions[i];
        look_at(checkup, &exception->says,
                place_of(exception->service, settings->groups[exception->group].name, place));
    }
}
