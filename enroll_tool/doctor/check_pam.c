#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "checkup.h"
#include "garde_lines.h"
#include "pair.h"
#include "service_names.h"
#include "stack_modules.h"
#include "text.h"
#include "ways.h"

#define SERVICE_SHOWN 256
#define NAMES_SIZE    512

/* Services by which people get in, as distributions name them. */
static const char *const doors[] = {"sshd",
                                    "login",
                                    "sudo",
                                    "sudo-i",
                                    "su",
                                    "su-l",
                                    "polkit-1",
                                    "gdm-password",
                                    "gdm",
                                    "lightdm",
                                    "sddm",
                                    "xdm",
                                    "kde",
                                    "cockpit",
                                    "remote",
                                    "xrdp-sesman",
                                    "i3lock",
                                    "swaylock",
                                    "xscreensaver",
                                    "vlock",
                                    "gnome-screensaver",
                                    "mate-screensaver",
                                    "cinnamon-screensaver",
                                    "doas"};

static bool is_door(const char *service)
{
    for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++)
        if (strcmp(service, doors[i]) == 0)
            return true;
    return false;
}

static const char *trouble_text(enum stack_trouble_kind kind)
{
    switch (kind) {
    case TROUBLE_MISSING:
        return N_("the file that it includes is not there");
    case TROUBLE_DENIED:
        return N_("it may not be read");
    case TROUBLE_NOT_A_FILE:
        return N_("it is no regular file");
    case TROUBLE_TOO_LONG:
        return N_("a line is longer than libpam takes, or the file than any configuration");
    case TROUBLE_UNFINISHED:
        return N_("the last line ends with a backslash");
    case TROUBLE_TOO_DEEP:
        return N_("files include each other without end");
    case TROUBLE_TOO_MANY:
        return N_("there are too many lines");
    case TROUBLE_NO_NAME:
        return N_("it includes nothing, and libpam crashes on that");
    case TROUBLE_BAD_TYPE:
        return N_("the first word is no auth, account, password or session: the line fails whenever it is reached");
    case TROUBLE_NO_CONTROL:
        return N_("the line ends behind its type: it fails whenever it is reached");
    case TROUBLE_NO_MODULE:
        return N_("the line names no module");
    case TROUBLE_BAD_CONTROL:
        return N_("libpam cannot read the control value: whatever the module answers is a failure");
    case TROUBLE_NONE:
    case TROUBLE_SYSTEM:
        break;
    }
    return N_("it cannot be read");
}

static void tell_trouble(struct checkup *checkup, const struct stack *stack, const char *service)
{
    static const struct {
        enum finding_level level;
        enum finding_effect effect;
        const char *id;
    } kinds[] = {[STACK_WHOLE] = {LEVEL_WARNING, EFFECT_LOCKS_OUT, "pam-line-fails"},
                 [STACK_REFUSED] = {LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-service-refused"},
                 [STACK_UNKNOWN] = {LEVEL_WARNING, EFFECT_UNSEEN, "pam-not-read"}};
    const struct stack_trouble *trouble = &stack->trouble;
    char shown[WAYS_PLACE_SIZE];

    if (trouble->kind == TROUBLE_NONE)
        return;
    enum finding_level level = trouble->kind == TROUBLE_DENIED ? LEVEL_NOTE : kinds[stack->state].level;
    struct finding *finding =
        finding_add(&checkup->findings, SUBJECT_PAM, level, kinds[stack->state].effect, kinds[stack->state].id);
    finding_place(finding, service);
    text_show(shown, sizeof shown, trouble->file == NULL ? "" : trouble->file);
    if (trouble->number > 0)
        finding_what(finding, "%s:%u: %s", shown, trouble->number, _(trouble_text(trouble->kind)));
    else
        finding_what(finding, "%s: %s", shown, _(trouble_text(trouble->kind)));
    if (trouble->kind == TROUBLE_DENIED)
        finding_mend(finding, _("run garde doctor as root"));
    else if (stack->state == STACK_REFUSED)
        finding_mend(finding, _("libpam refuses the whole service: mend the file, with a root shell open meanwhile"));
    else
        finding_mend(finding, _("mend the line; pam.conf(5) says how one reads"));
    finding_done(&checkup->findings);
}

static bool reaches(const struct stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack_modules_is_garde(&stack->lines[i]) && stack->lines[i].type == STACK_AUTH)
            return true;
    return false;
}

/* A question for the code alone. */
static bool has_prompt(const struct stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->lines[i].role == ROLE_GARDE && stack->lines[i].type == STACK_AUTH)
            return true;
    return false;
}

/* Programs with one field: they send what was typed there to whatever PAM asks for (C4). */
static void look_at_field(struct checkup *checkup, const char *service)
{
    static const char *const programs[] = {"i3lock", "swaylock", "sddm", "vsftpd", "xrdp-sesman", "radiusd"};

    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (strcmp(service, programs[i]) != 0)
            continue;
        struct finding *one =
            finding_add(&checkup->findings, SUBJECT_PAM, LEVEL_WARNING, EFFECT_LOCKS_OUT, "pam-one-field");
        finding_place(one, service);
        finding_what(one,
                     _("this program has one field: it gives the password where the code is asked for, and that counts "
                       "as a wrong code"));
        finding_mend(one, _("lines that take the code off the password (pam_garde(8))"));
        finding_done(&checkup->findings);
    }
}

static void load(const struct checkup *checkup, bool single, const char *service, struct stack *out_stack)
{
    enum status status = single ? stack_load_single(checkup->places->single, service, out_stack)
                                : stack_load(checkup->places, service, out_stack);
    if (status == STATUS_OK)
        stack_modules_know(checkup->places, out_stack);
}

/* true: the code is asked for. */
static bool look_at_service(struct checkup *checkup, const struct service_names *names, const char *service,
                            const struct stack *other)
{
    stack_owner struct stack own = {.count = 0};
    char shown[TEXT_SHOWN_SIZE(SERVICE_SHOWN)];
    const char *folder = checkup->has_settings ? checkup->tool->settings.socket_folder : NULL;

    load(checkup, names->single, service, &own);
    text_show(shown, sizeof shown, service);
    tell_trouble(checkup, &own, shown);
    check_pam_files_of(checkup, &own);
    garde_lines_look(&checkup->findings, checkup->places, &own, shown, folder);
    if (is_door(service))
        garde_lines_look_for_missing(&checkup->findings, &own, shown);
    if (own.state != STACK_WHOLE)
        return reaches(&own);
    const struct stack *auth = stack_has(&own, STACK_AUTH) ? &own : other;
    if (!reaches(auth))
        return false;
    checkup->takes_code_off = checkup->takes_code_off || pair_takes_code_off(auth);
    if (has_prompt(auth)) {
        checkup->has_sshd_prompt = checkup->has_sshd_prompt || strcasecmp(service, "sshd") == 0;
        look_at_field(checkup, service);
    }
    if (auth->state == STACK_WHOLE)
        ways_judge(&checkup->findings, shown, auth);
    return true;
}

static void tell_doors(struct checkup *checkup, const char *asking, const char *others)
{
    struct findings *findings = &checkup->findings;

    if (!checkup->is_asked) {
        struct finding *none = finding_add(findings, SUBJECT_PAM, LEVEL_WARNING, EFFECT_LETS_IN, "pam-nowhere");
        finding_what(none, _("no service asks for a code: no stack reaches pam_garde.so"));
        finding_mend(none,
                     _("first enrol people, or let them through by a rule (garde.conf(5)); then, for all services: "
                       "pam-auth-update --enable garde-split garde-verify; for some: pam_garde(8) shows the lines"));
        return;
    }
    struct finding *asked = finding_add(findings, SUBJECT_PAM, LEVEL_OK, EFFECT_NONE, "pam");
    finding_what(asked, _("a code is asked for by: %s"), asking);
    if (others[0] == '\0')
        return;
    struct finding *left = finding_add(findings, SUBJECT_PAM, LEVEL_NOTE, EFFECT_LETS_IN, "pam-service-without-code");
    finding_place(left, others);
    finding_what(left, _("no code is asked for: the stack does not reach pam_garde.so"));
    finding_mend(left, _("right where that is meant so; else add the line that pam_garde(8) shows"));
}

static void list(char out[NAMES_SIZE], const char *name)
{
    char shown[TEXT_SHOWN_SIZE(SERVICE_SHOWN)];
    size_t len = strlen(out);

    text_show(shown, sizeof shown, name);
    if (len + strlen(shown) + 8 < NAMES_SIZE)
        (void)snprintf(out + len, NAMES_SIZE - len, "%s%s", len == 0 ? "" : ", ", shown);
    else if (len + 6 < NAMES_SIZE && strstr(out, ", ...") == NULL)
        (void)snprintf(out + len, NAMES_SIZE - len, ", ...");
}

static void tell_unseen(struct checkup *checkup, const struct service_names *names)
{
    if (!names->unseen && !names->too_many)
        return;
    struct finding *unseen = finding_add(&checkup->findings, SUBJECT_PAM, LEVEL_NOTE, EFFECT_UNSEEN, "pam-unseen");
    finding_what(unseen, _("not all services of PAM could be looked at"));
    finding_mend(unseen, _("run garde doctor as root"));
}

void check_pam(struct checkup *checkup)
{
    service_names_owner struct service_names names;
    stack_owner struct stack other = {.count = 0};
    char asking[NAMES_SIZE] = "", others[NAMES_SIZE] = "";

    service_names_find(checkup->places, &names);
    tell_unseen(checkup, &names);
    load(checkup, names.single, "other", &other);
    for (size_t i = 0; i < names.count; i++) {
        const char *service = names.names[i];
        if (look_at_service(checkup, &names, service, &other)) {
            checkup->is_asked = true;
            checkup->is_asked_by_sshd = checkup->is_asked_by_sshd || strcasecmp(service, "sshd") == 0;
            list(asking, service);
        } else if (is_door(service)) {
            list(others, service);
        }
    }
    tell_doors(checkup, asking, others);
}
