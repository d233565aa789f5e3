#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "asking.h"
#include "checkup.h"
#include "moment.h"
#include "status_page.h"
#include "systemd_unit.h"
#include "text.h"

#define DISK_SCARCE_BYTES (UINT64_C(256) << 20) /* some months of entries, or a night of another program gone wrong */
#define ROUND_TRIPS       5
#define SHORT_WAIT_MS     3000   /* the module gives up after so long */
#define LONG_WAIT_MS      600000 /* all factors are counted before there is an answer */
#define SLOW_US           1000000
#define PATH_SIZE         (SETTINGS_SOCKET_FOLDER_SIZE + 32)

static void socket_path(const struct checkup *checkup, const char *name, char out[PATH_SIZE])
{
    (void)snprintf(out, PATH_SIZE, "%s/%s", checkup->tool->settings.socket_folder, name);
}

static struct finding *add(struct checkup *checkup, enum finding_level level, enum finding_effect effect,
                           const char *id)
{
    return finding_add(&checkup->findings, SUBJECT_VERIFIER, level, effect, id);
}

static void tell_silence(struct checkup *checkup, enum status status, const char *path)
{
    char shown[TEXT_SHOWN_SIZE(PATH_SIZE)];
    text_show(shown, sizeof shown, path);

    if (status == STATUS_DENIED) {
        struct finding *unseen = add(checkup, LEVEL_NOTE, EFFECT_UNSEEN, "verifier-unseen");
        finding_what(unseen, _("%s: no permission to ask the verifier how it is"), shown);
        finding_mend(unseen, _("run garde doctor as root"));
        return;
    }
    struct finding *silent = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "verifier-silent");
    if (status == STATUS_INVALID)
        finding_what(silent, _("%s: what answers does not speak this version's protocol"), shown);
    else if (status == STATUS_TIMEOUT)
        finding_what(silent, _("%s: no answer within %d s"), shown, SHORT_WAIT_MS / 1000);
    else
        finding_what(silent, _("%s: no answer"), shown);
    if (!systemd_unit_runs())
        finding_mend(silent, "service garded restart");
    else
        finding_mend(silent, status == STATUS_INVALID ? "systemctl restart garded"
                                                      : "systemctl status garded; journalctl -u garded");
}

static int64_t now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Asks after a user that cannot be: read, and nothing written. The median of a few. */
static enum status measure(const char *path, int64_t *out_us)
{
    struct wire_message request = {.type = WIRE_SHOW, .show = {.user = ":"}};
    int64_t us[ROUND_TRIPS];

    for (size_t i = 0; i < ROUND_TRIPS; i++) {
        struct wire_result result = {.code = WIRE_OK};
        int64_t begin = now_us();
        enum status status = asking_ask(path, &request, SHORT_WAIT_MS, NULL, NULL, &result);
        if (status != STATUS_OK)
            return status;
        int64_t took = now_us() - begin;
        size_t at = i;
        for (; at > 0 && us[at - 1] > took; at--)
            us[at] = us[at - 1];
        us[at] = took;
    }
    *out_us = us[ROUND_TRIPS / 2];
    return STATUS_OK;
}

static void tell_speed(struct checkup *checkup, int64_t us)
{
    if (us > SLOW_US) {
        struct finding *slow = add(checkup, LEVEL_WARNING, EFFECT_LOCKS_OUT, "verifier-slow");
        finding_what(slow, _("answers, but takes %.1f ms: the module gives up after 3 s"), (double)us / 1000);
        finding_mend(slow, _("see what keeps the machine or its disk busy"));
    } else {
        struct finding *good = add(checkup, LEVEL_OK, EFFECT_NONE, "verifier");
        finding_what(good, _("answers within %.1f ms"), (double)us / 1000);
    }
}

/* Logins come this way. Connecting is all: a question would leave a trace. A door that is not there was told with the files. */
static void look_at_door(struct checkup *checkup, const char *name)
{
    char path[PATH_SIZE];
    struct stat found = {0};
    int fd = -1;

    socket_path(checkup, name, path);
    if (lstat(path, &found) != 0 && errno == ENOENT)
        return;
    enum status status = wire_connect(path, wire_deadline_ms(SHORT_WAIT_MS), &fd);
    if (status == STATUS_OK)
        (void)close(fd);
    else
        tell_silence(checkup, status, path);
}

static void take_state(const struct wire_message *row, void *context)
{
    struct checkup *checkup = context;
    if (row->type != WIRE_STATE)
        return;
    checkup->state = row->state;
    checkup->answers = true;
}

static void tell_version(struct checkup *checkup)
{
    char version[TEXT_SHOWN_SIZE(VERSION_SIZE)];
    if (strcmp(checkup->state.version, GARDE_VERSION) == 0)
        return;
    struct finding *other = add(checkup, LEVEL_WARNING, EFFECT_NONE, "verifier-version");
    finding_what(other, _("garded %s runs, and this is garde %s"),
                 text_show(version, sizeof version, checkup->state.version), GARDE_VERSION);
    finding_mend(other, "systemctl restart garded");
}

/* What `garde status` warns of. */
static void tell_attention(struct checkup *checkup, unsigned attention)
{
    static const struct {
        unsigned bit;
        enum finding_level level;
        enum finding_effect effect;
        const char *id, *what;
    } all[] = {
        {ATTENTION_TAMPERED, LEVEL_DANGER, EFFECT_LOCKS_OUT, "store-tampered",
         N_("somebody changed the store without the key: users of changed rows are refused")},
        {ATTENTION_CLOCK, LEVEL_DANGER, EFFECT_LOCKS_OUT, "clock-off",
         N_("codes of several users were right for another time: the clock of this machine seems to be off")},
        {ATTENTION_MARKS, LEVEL_WARNING, EFFECT_LOCKS_OUT, "future-marks",
         N_("factors accept no code for now: one of a later time was accepted")},
        {ATTENTION_ROOM, LEVEL_WARNING, EFFECT_LOCKS_OUT, "room-low",
         N_("the disk of the store is full: logins go on in the room that was kept free, which will not last")},
        {ATTENTION_NO_ROOM, LEVEL_DANGER, EFFECT_LOCKS_OUT, "room-none",
         N_("the disk of the store is full: nothing can be recorded, and codes are refused")},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((attention & all[i].bit) == 0)
            continue;
        struct finding *finding = add(checkup, all[i].level, all[i].effect, all[i].id);
        finding_what(finding, "%s", _(all[i].what));
        finding_mend(finding, _("garde status says more"));
    }
}

/* Before the room that was kept free is needed. */
static void tell_disk(struct checkup *checkup)
{
    const struct wire_state *state = &checkup->state;
    bool looked_at = state->disk_bytes != 0 || state->reserve_bytes != 0;

    if (!looked_at || state->disk_bytes >= DISK_SCARCE_BYTES)
        return;
    struct finding *scarce = add(checkup, LEVEL_WARNING, EFFECT_LOCKS_OUT, "disk-scarce");
    finding_what(scarce, _("only %u MiB are free on the disk of the store"), (unsigned)(state->disk_bytes >> 20));
    finding_mend(scarce, _("free some room on it: on a full disk logins go on for a while only"));
}

static void tell_state(struct checkup *checkup, bool unreadable)
{
    unsigned attention = status_attention(&checkup->state, unreadable);

    checkup->tampered = (attention & ATTENTION_TAMPERED) != 0;
    checkup->cannot_record = (attention & ATTENTION_NO_ROOM) != 0;
    tell_version(checkup);
    tell_attention(checkup, attention);
    if ((attention & (ATTENTION_ROOM | ATTENTION_NO_ROOM)) == 0)
        tell_disk(checkup);
    if (checkup->state.scan == WIRE_SCAN_RUNNING) {
        struct finding *running = add(checkup, LEVEL_NOTE, EFFECT_NONE, "scan-running");
        finding_what(running, _("looks through the store after its start; until it is done no rule lets anybody in"));
    }
}

void check_verifier(struct checkup *checkup)
{
    const struct wire_message request = {.type = WIRE_STATUS, .status = {.today_ms = moment_day_ms(tool_now_s())}};
    struct wire_result result = {.code = WIRE_OK};
    char path[PATH_SIZE];
    int64_t us = 0;

    socket_path(checkup, WIRE_ADMIN_SOCKET, path);
    enum status status = measure(path, &us);
    if (status == STATUS_OK)
        status = asking_ask(path, &request, LONG_WAIT_MS, take_state, checkup, &result);
    if (status != STATUS_OK || !checkup->answers) {
        checkup->answers = false;
        tell_silence(checkup, status == STATUS_OK ? STATUS_CLOSED : status, path);
        return;
    }
    tell_speed(checkup, us);
    look_at_door(checkup, WIRE_TRUSTED_SOCKET);
    look_at_door(checkup, WIRE_VERIFY_SOCKET);
    tell_state(checkup, result.code == WIRE_TAMPERED);
}
