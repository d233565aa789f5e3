#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "checkup.h"
#include "systemd_unit.h"
#include "text.h"

#define SERVICE   "garded.service"
#define PLAIN_KEY SERVICE ".d/plain-key.conf"
#define KEY_RING  "master.key"

static const char *const sockets[] = {"garded-trusted.socket", "garded-verify.socket", "garded-admin.socket"};
#define SOCKETS (sizeof sockets / sizeof sockets[0])

static struct finding *add(struct checkup *checkup, enum finding_level level, enum finding_effect effect,
                           const char *id, const char *unit)
{
    struct finding *finding = finding_add(&checkup->findings, SUBJECT_VERIFIER, level, effect, id);
    finding_place(finding, unit);
    return finding;
}

static void tell_masked(struct checkup *checkup, const char *unit)
{
    struct finding *masked = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "unit-masked", unit);
    finding_what(masked, _("is masked: systemd does not start it, whatever asks for it"));
    finding_mend(masked, "systemctl unmask %s; systemctl start %s", unit, unit);
    finding_done(&checkup->findings);
}

static void tell_no_units(struct checkup *checkup)
{
    struct finding *none = add(checkup, LEVEL_WARNING, EFFECT_LOCKS_OUT, "unit-missing", SERVICE);
    finding_what(none,
                 _("systemd has no such unit: unless something else starts garded, every code is refused after the "
                   "next boot"));
    finding_mend(none, _("install the units of garde, then: systemctl enable --now %s"), SERVICE);
}

static void tell_left(struct checkup *checkup, const char *left, bool is_service_left)
{
    struct finding *finding =
        add(checkup, is_service_left ? LEVEL_DANGER : LEVEL_WARNING, EFFECT_LOCKS_OUT, "sockets-not-enabled", "");
    if (is_service_left)
        finding_what(finding, _("not enabled:%s. Nothing starts them at boot, nor garded: every code is refused then"),
                     left);
    else
        finding_what(
            finding,
            _("not enabled:%s. After a boot they are there only once garded itself has started, and every code "
              "is refused until then"),
            left);
    finding_mend(finding, "systemctl enable --now%s", left);
}

static void look_at_units(struct checkup *checkup)
{
    char left[256] = "";
    size_t len = 0;
    enum unit_state service = systemd_unit_look(SERVICE);

    if (service == UNIT_NONE) {
        tell_no_units(checkup);
        return;
    }
    if (service == UNIT_MASKED)
        tell_masked(checkup, SERVICE);
    for (size_t i = 0; i < SOCKETS; i++) {
        enum unit_state state = systemd_unit_look(sockets[i]);
        if (state == UNIT_MASKED)
            tell_masked(checkup, sockets[i]);
        else if (state != UNIT_WANTED)
            len += (size_t)snprintf(left + len, sizeof left - len, " %s", sockets[i]);
    }
    if (len > 0)
        tell_left(checkup, left, service == UNIT_LEFT);
    else if (service == UNIT_LEFT) {
        struct finding *late = add(checkup, LEVEL_NOTE, EFFECT_NONE, "service-not-enabled", SERVICE);
        finding_what(late,
                     _("is not started at boot: the first login starts it and waits for it, and that it cannot start "
                       "shows no sooner"));
        finding_mend(late, "systemctl enable %s", SERVICE);
    }
}

static void tell_plain(struct checkup *checkup, const char *ring, const char *credential)
{
    struct finding *plain = add(checkup, LEVEL_WARNING, EFFECT_NONE, "key-ring-plain", "");
    finding_what(plain, _("the key ring lies encrypted in %s, and in plain in %s as well: who gets at the disk has it"),
                 credential, ring);
    if (systemd_unit_has_drop_in(PLAIN_KEY))
        finding_mend(
            plain,
            _("ln -s /dev/null /etc/systemd/system/%s; systemctl daemon-reload; systemctl restart garded; when "
              "that works, keep a copy away from this host, then: shred -u %s"),
            PLAIN_KEY, ring);
    else
        finding_mend(plain, _("keep a copy away from this host, then: shred -u %s"), ring);
}

/* That garded finds no key ring at all is told with the files. */
static void look_at_key_ring(struct checkup *checkup)
{
    char credential[SYSTEMD_PATH_SIZE], shown[TEXT_SHOWN_SIZE(SETTINGS_PATH_SIZE)];
    struct stat found = {0};

    if (systemd_unit_has_credential(KEY_RING, credential) && lstat(checkup->tool->settings.key_ring, &found) == 0)
        tell_plain(checkup, text_show(shown, sizeof shown, checkup->tool->settings.key_ring), credential);
}

void check_service(struct checkup *checkup)
{
    /* A trial's verifier is none of systemd's business. */
    if (!systemd_unit_runs() || strcmp(checkup->tool->settings.socket_folder, WIRE_DEFAULT_FOLDER) != 0)
        return;
    look_at_units(checkup);
    if (checkup->has_settings)
        look_at_key_ring(checkup);
}
