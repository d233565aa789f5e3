#include <string.h>

#include "checkup.h"
#include "sshd_methods.h"
#include "text.h"

static struct finding *add(struct checkup *checkup, enum finding_level level, enum finding_effect effect,
                           const char *id)
{
    return finding_add(&checkup->findings, SUBJECT_SSHD, level, effect, id);
}

static void tell_ways_in(struct checkup *checkup, unsigned ways, const char *method)
{
    if ((ways & SSHD_WAY_AROUND_PAM) != 0) {
        struct finding *around = add(checkup, LEVEL_DANGER, EFFECT_LETS_IN, "sshd-without-pam");
        finding_what(around, _("UsePAM no: sshd checks passwords by itself and never asks for a code"));
        finding_mend(around, "UsePAM yes");
    }
    if ((ways & SSHD_WAY_KERBEROS) != 0) {
        struct finding *kerberos = add(checkup, LEVEL_DANGER, EFFECT_LETS_IN, "sshd-kerberos");
        finding_what(kerberos, _("KerberosAuthentication yes: sshd checks passwords with Kerberos by itself, and then "
                                 "asks PAM for no code"));
        finding_mend(kerberos, "KerberosAuthentication no");
    }
    if ((ways & SSHD_WAY_WITHOUT_CODE) != 0) {
        struct finding *without = add(checkup, LEVEL_WARNING, EFFECT_LETS_IN, "sshd-method-without-code");
        finding_what(without, _("the method %s is enough by itself: sshd then asks PAM for no code"), method);
        finding_mend(without, "%s",
                     checkup->has_sshd_prompt
                         ? "AuthenticationMethods publickey,keyboard-interactive:pam"
                         : "AuthenticationMethods publickey,password publickey,keyboard-interactive:pam");
    }
}

static void tell_ways_that_fail(struct checkup *checkup, unsigned ways)
{
    if ((ways & SSHD_WAY_PASSWORD_ONLY) != 0) {
        struct finding *only = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "sshd-password-only");
        finding_what(
            only, _("PAM is asked by the password method alone, which shows no prompt: the code cannot be typed, and "
                    "each login counts as a wrong code"));
        finding_mend(only, _("KbdInteractiveAuthentication yes, PasswordAuthentication no; or lines that take the code "
                             "off the password (pam_garde(8))"));
    }
    if ((ways & SSHD_WAY_BOTH) != 0) {
        struct finding *both = add(checkup, LEVEL_WARNING, EFFECT_LOCKS_OUT, "sshd-password-too");
        finding_what(
            both,
            _("the password method is offered beside keyboard-interactive: who uses it sends the password where the "
              "code belongs, and that counts as a wrong code"));
        finding_mend(both, _("PasswordAuthentication no; or lines that take the code off the password (pam_garde(8))"));
    }
    if ((ways & SSHD_WAY_NONE) != 0) {
        struct finding *none = add(checkup, LEVEL_NOTE, EFFECT_NONE, "sshd-never-asks");
        finding_what(none, _("no method asks PAM, so no code is asked for"));
        finding_mend(none, "KbdInteractiveAuthentication yes");
    }
}

static void tell(struct checkup *checkup, const struct sshd_settings *settings)
{
    const char *method = "";
    unsigned ways = sshd_methods_judge(settings, checkup->has_sshd_prompt, &method);

    tell_ways_in(checkup, ways, method);
    tell_ways_that_fail(checkup, ways);
    if (strcasecmp(settings->root_login, "yes") == 0) {
        struct finding *root = add(checkup, LEVEL_NOTE, EFFECT_NONE, "sshd-root-login");
        finding_what(root, _("PermitRootLogin yes: root may log in from anywhere, with whatever the above asks for"));
        finding_mend(root, "PermitRootLogin no");
    }
    struct finding *looked = add(checkup, LEVEL_OK, EFFECT_NONE, "sshd");
    finding_what(
        looked,
        _("looked at what holds for everybody (sshd -T), and not at Match blocks: for one user that is sshd -T -C "
          "user=NAME,host=HOST,addr=ADDRESS"));
}

static void tell_silence(struct checkup *checkup, const char *complaint)
{
    char shown[TEXT_SHOWN_SIZE(SSHD_TEXT_SIZE)];
    struct finding *unseen = add(checkup, LEVEL_NOTE, EFFECT_UNSEEN, "sshd-unseen");
    finding_what(unseen, _("sshd -T does not say how it is configured: %s"), text_show(shown, sizeof shown, complaint));
    finding_mend(unseen, _("run garde doctor as root; if that is so: sshd -t"));
}

static void tell_nothing_to_see(struct checkup *checkup, const char *why)
{
    struct finding *none = add(checkup, LEVEL_OK, EFFECT_NONE, "sshd");
    finding_what(none, "%s", why);
}

void check_sshd(struct checkup *checkup)
{
    struct sshd_settings settings;

    if (!checkup->is_asked_by_sshd) {
        tell_nothing_to_see(checkup, _("its stack asks for no code, so nothing more was looked at"));
        return;
    }
    switch (sshd_settings_ask(&settings)) {
    case SSHD_SAID:
        tell(checkup, &settings);
        break;
    case SSHD_REFUSES:
        tell_silence(checkup, settings.complaint);
        break;
    case SSHD_NOT_THERE:
        tell_nothing_to_see(checkup, _("no sshd on this host"));
        break;
    }
}
