#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkup.h"
#include "systemd_unit.h"
#include "text.h"

#define PATH_SIZE (SETTINGS_PATH_SIZE + 32)

/* How garded.service gets the key ring: from the plain file, unless the drop-in that says so is masked; then from the credential. */
#define PLAIN_KEY_RING "/etc/garde/master.key"
#define CREDENTIAL     "/etc/credstore.encrypted/master.key"
#define DROP_IN_MASK   "/etc/systemd/system/garded.service.d/plain-key.conf"

/* What a file must be. */
struct wanted {
    const char *id;
    mode_t type;
    mode_t most; /* mode bits beyond these are too many */
    mode_t least;
    bool of_root;             /* root's, or of whoever runs this: of a trial's */
    enum finding_effect open; /* what too many bits do */
};

static const struct wanted key_ring = {"key-ring", S_IFREG, 0600, 0400, true, EFFECT_LETS_IN};
static const struct wanted settings_folder = {"settings-folder", S_IFDIR, 0755, 0111, true, EFFECT_LETS_IN};
static const struct wanted store_folder = {"store-folder", S_IFDIR, 0700, 0700, false, EFFECT_LETS_IN};
static const struct wanted store = {"store", S_IFREG, 0600, 0600, false, EFFECT_LETS_IN};
static const struct wanted socket_folder = {"socket-folder", S_IFDIR, 0755, 0555, true, EFFECT_LETS_IN};
static const struct wanted public_socket = {"verify-socket", S_IFSOCK, 0777, 0666, true, EFFECT_NONE};
static const struct wanted trusted_socket = {"trusted-socket", S_IFSOCK, 0700, 0600, true, EFFECT_LETS_IN};
static const struct wanted admin_socket = {"admin-socket", S_IFSOCK, 0700, 0600, true, EFFECT_LETS_IN};

static struct finding *add(struct checkup *checkup, enum finding_level level, enum finding_effect effect,
                           const char *id, const char *path)
{
    char shown[TEXT_SHOWN_SIZE(PATH_SIZE)];
    struct finding *finding = finding_add(&checkup->findings, SUBJECT_FILES, level, effect, id);
    finding_place(finding, text_show(shown, sizeof shown, path));
    return finding;
}

/* Is it the uid that garded becomes? A trial's garded stays who started it. */
static bool is_verifier(const struct checkup *checkup, uid_t uid)
{
    const struct passwd *user = getpwnam(checkup->tool->settings.user);
    return (user != NULL && user->pw_uid == uid) || (geteuid() != 0 && uid == geteuid());
}

static bool has_owner(const struct checkup *checkup, const struct wanted *wanted, uid_t uid)
{
    if (wanted->of_root && (uid == 0 || uid == geteuid()))
        return true;
    /* A garded without systemd makes its sockets after it has become its user. */
    return (!wanted->of_root || wanted->type == S_IFSOCK) && is_verifier(checkup, uid);
}

static void look_closer(struct checkup *checkup, const struct wanted *wanted, const char *path,
                        const struct stat *found)
{
    char shown[TEXT_SHOWN_SIZE(PATH_SIZE)];
    mode_t mode = found->st_mode & 07777;
    text_show(shown, sizeof shown, path);

    if ((found->st_mode & S_IFMT) != wanted->type) {
        struct finding *odd = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "file-type", path);
        finding_what(odd, _("is something else than it must be (a link, perhaps): garded does not use it"));
        finding_mend(odd, _("look at it: ls -ld %s"), shown);
        return;
    }
    if (!has_owner(checkup, wanted, found->st_uid)) {
        char owner[2 * SETTINGS_NAME_SIZE * 4];
        struct finding *odd = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "file-owner", path);
        text_show(owner, sizeof owner, wanted->of_root ? "root" : checkup->tool->settings.user);
        finding_what(odd, _("belongs to uid %u, which is not right"), (unsigned)found->st_uid);
        finding_mend(odd, "chown %s %s", owner, shown);
    }
    if ((mode & ~wanted->most & 0777) != 0) {
        struct finding *odd = add(checkup, LEVEL_DANGER, wanted->open, "file-mode", path);
        finding_what(odd, _("has mode %04o: others can do more with it than they should"), (unsigned)mode);
        finding_mend(odd, "chmod %04o %s", (unsigned)(mode & wanted->most), shown);
    } else if ((mode & wanted->least) != wanted->least) {
        struct finding *odd = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "file-mode", path);
        finding_what(odd, _("has mode %04o: those who need it cannot use it"), (unsigned)mode);
        finding_mend(odd, "chmod %04o %s", (unsigned)(mode | wanted->least), shown);
    }
}

/* true: it is there. */
static bool look(struct checkup *checkup, const struct wanted *wanted, const char *path, struct stat *out_found)
{
    if (lstat(path, out_found) == 0) {
        look_closer(checkup, wanted, path, out_found);
        return true;
    }
    if (errno != ENOENT && errno != ENOTDIR) {
        struct finding *unseen = add(checkup, LEVEL_NOTE, EFFECT_UNSEEN, "file-unseen", path);
        finding_what(unseen, _("cannot be looked at: %s"), strerror(errno));
        finding_mend(unseen, _("run garde doctor as root"));
        return true;
    }
    return false;
}

/* A link to /dev/null, or a file without a word. */
static bool is_masked(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && (S_ISCHR(found.st_mode) || (S_ISREG(found.st_mode) && found.st_size == 0));
}

static void tell_credential(struct checkup *checkup, const char *plain, bool masked)
{
    if (masked) {
        struct finding *missing = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "credential-missing", CREDENTIAL);
        finding_what(missing, _("is not there, and systemd takes the key ring from nowhere else: garded does not start "
                                "again"));
        finding_mend(missing, _("put it back, or go back to %s: rm %s; systemctl daemon-reload"), plain, DROP_IN_MASK);
        return;
    }
    struct finding *missing = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "key-ring-missing", plain);
    finding_what(missing, _("is not there, and systemd takes the key ring from nowhere else, although there is an "
                            "encrypted one: garded does not start again"));
    finding_mend(missing, _("leave it to the encrypted one: ln -s /dev/null %s; systemctl daemon-reload"),
                 DROP_IN_MASK);
}

static void look_at_key_ring(struct checkup *checkup)
{
    struct stat found = {0};
    const char *path = checkup->tool->settings.key_ring;
    bool has_file = look(checkup, &key_ring, path, &found);
    bool is_plain = strcmp(path, PLAIN_KEY_RING) == 0;
    bool masked = is_plain && is_masked(DROP_IN_MASK);
    /* its folder is root's: somebody else cannot see that it is missing */
    bool has_credential = is_plain && (lstat(CREDENTIAL, &found) == 0 || (masked && errno == EACCES));

    /* One of the two counts, and nothing falls back from one to the other. */
    if (masked ? !has_credential : !has_file && has_credential) {
        tell_credential(checkup, path, masked);
        return;
    }
    if (has_file || has_credential)
        return;
    struct finding *missing = add(checkup, LEVEL_WARNING, EFFECT_LOCKS_OUT, "key-ring-missing", path);
    finding_what(missing,
                 _("is not there. Where systemd hands the key ring to garded as a credential, that is right; else "
                   "garded does not start again"));
    finding_mend(missing, _("put it back from where it is kept; a new installation makes it with: garded init"));
}

static void folder_of(const char *file, char *out_folder, size_t size)
{
    const char *slash = strrchr(file, '/');

    (void)snprintf(out_folder, size, "%.*s", slash == NULL || slash == file ? 1 : (int)(slash - file),
                   slash == NULL ? "." : file);
}

/* Who can write there can put a file of their own in place of root's. In a sticky folder they cannot. */
static void look_at_folder_of(struct checkup *checkup, const char *file)
{
    char path[PATH_SIZE];
    struct stat found = {0};

    folder_of(file, path, sizeof path);
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX) == 0)
        look_closer(checkup, &settings_folder, path, &found);
}

static void look_at_key_ring_folder(struct checkup *checkup)
{
    char settings[PATH_SIZE];
    char key_ring_folder[PATH_SIZE];

    folder_of(checkup->tool->config, settings, sizeof settings);
    folder_of(checkup->tool->settings.key_ring, key_ring_folder, sizeof key_ring_folder);
    if (strcmp(settings, key_ring_folder) != 0)
        look_at_folder_of(checkup, checkup->tool->settings.key_ring);
}

static void look_at_store(struct checkup *checkup)
{
    char path[PATH_SIZE];
    struct stat found = {0};
    const char *file = checkup->tool->settings.store;

    folder_of(file, path, sizeof path);
    if (look(checkup, &store_folder, path, &found) && look(checkup, &store, file, &found)) {
        (void)snprintf(path, sizeof path, "%s-wal", file);
        (void)look(checkup, &store, path, &found);
        return;
    }
    struct finding *missing = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "store-missing", file);
    finding_what(missing, _("is not there: garded does not start again without it"));
    finding_mend(missing, _("restore it from a backup; a new installation makes it with: garded init"));
}

static void look_at_sockets(struct checkup *checkup)
{
    static const struct {
        const char *name;
        const struct wanted *wanted;
    } sockets[] = {{WIRE_VERIFY_SOCKET, &public_socket},
                   {WIRE_TRUSTED_SOCKET, &trusted_socket},
                   {WIRE_ADMIN_SOCKET, &admin_socket}};
    const char *folder = checkup->tool->settings.socket_folder;
    char path[PATH_SIZE];
    struct stat found = {0};
    bool has_folder = look(checkup, &socket_folder, folder, &found);

    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, sockets[i].name);
        if (has_folder && look(checkup, sockets[i].wanted, path, &found))
            continue;
        struct finding *missing =
            finding_add(&checkup->findings, SUBJECT_FILES, LEVEL_DANGER, EFFECT_LOCKS_OUT, "socket-missing");
        char shown[TEXT_SHOWN_SIZE(PATH_SIZE)];
        finding_place(missing, text_show(shown, sizeof shown, path));
        finding_what(missing, _("nothing listens there, and every code is refused"));
        finding_mend(missing, systemd_unit_runs() ? "systemctl start garded-trusted.socket garded-verify.socket "
                                                    "garded-admin.socket"
                                                  : "service garded start");
        finding_done(&checkup->findings);
    }
}

void check_files(struct checkup *checkup)
{
    look_at_folder_of(checkup, checkup->tool->config);
    if (checkup->has_settings) {
        look_at_key_ring_folder(checkup);
        look_at_key_ring(checkup);
        look_at_store(checkup);
    }
    look_at_sockets(checkup);
    /* Where they are is not known without the settings. */
    if (!checkup->has_settings || findings_has(&checkup->findings, SUBJECT_FILES, LEVEL_NOTE))
        return;
    struct finding *good = finding_add(&checkup->findings, SUBJECT_FILES, LEVEL_OK, EFFECT_NONE, "files");
    finding_what(good, _("key ring, store and sockets are there, with the right owners and modes"));
}
