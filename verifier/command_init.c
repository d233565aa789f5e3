/* MUST 1  A key ring or store that is there is never touched, and neither is made without the other.
 * MUST 2  Nothing is written into the store's folder but by the user that owns it: root would follow that user's links.
 * MUST 3  What a failed run made is taken away again, and nothing else.
 *
 * So root makes the folders and the key ring, and a child that has become the configured user makes the store.
 */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <garde/speech.h>

#include "installation.h"
#include "journal.h"

/* What is to be taken away again. */
struct made {
    bool key_folder, key_ring, store_folder;
};

static void folder_of(const char *path, char *out_folder, size_t size)
{
    char copy[SETTINGS_PATH_SIZE];
    (void)snprintf(copy, sizeof copy, "%s", path);
    (void)snprintf(out_folder, size, "%s", dirname(copy));
}

static bool is_there(const char *path)
{
    struct stat stat;
    return lstat(path, &stat) == 0 || errno != ENOENT;
}

static bool refuse_existing(const struct settings *settings)
{
    bool key_ring = is_there(settings->key_ring);
    bool store = is_there(settings->store);

    if (key_ring)
        journal_say(LOG_ERR, _("%s is there already and was not touched"), settings->key_ring);
    if (store)
        journal_say(LOG_ERR, _("%s is there already and was not touched"), settings->store);
    if (key_ring && !store)
        journal_say(LOG_ERR, _("the store %s is missing: restore it, or move the key ring away to begin anew"),
                    settings->store);
    if (store && !key_ring)
        journal_say(LOG_ERR, _("the key ring %s is missing: restore it; without it the store cannot be read"),
                    settings->key_ring);
    if (store && key_ring)
        journal_say(
            LOG_ERR,
            _("if they are what an interrupted `garded init` left behind (`garded check` fails, and nobody was ever "
              "enrolled), move both away and run it again"));
    return key_ring || store;
}

/* The last folder of the path, if it is missing. */
static enum status make_folder(const char *file, mode_t mode, uid_t uid, gid_t gid, bool *out_made)
{
    char folder[SETTINGS_PATH_SIZE];
    struct problem problem = {0};

    folder_of(file, folder, sizeof folder);
    if (mkdir(folder, 0700) != 0) {
        if (errno == EEXIST)
            return STATUS_OK;
        problem_set_errno(&problem, folder, errno);
        journal_problem(LOG_ERR, _("folder"), &problem);
        return STATUS_FAILED;
    }
    *out_made = true;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool done = fd >= 0 && fchmod(fd, mode) == 0 && fchown(fd, uid, gid) == 0 && fsync(fd) == 0;
    if (!done) {
        problem_set_errno(&problem, folder, errno);
        journal_problem(LOG_ERR, _("folder"), &problem);
    }
    if (fd >= 0)
        (void)close(fd);
    return done ? STATUS_OK : STATUS_FAILED;
}

static void take_away(const struct settings *settings, const struct made *made)
{
    char folder[SETTINGS_PATH_SIZE];

    if (made->key_ring)
        (void)unlink(settings->key_ring);
    folder_of(settings->key_ring, folder, sizeof folder);
    if (made->key_folder)
        (void)rmdir(folder);
    folder_of(settings->store, folder, sizeof folder);
    if (made->store_folder)
        (void)rmdir(folder);
}

static const char *const store_endings[] = {"", "-wal", "-shm", "-journal", ".new"};
#define STORE_ENDINGS (sizeof store_endings / sizeof store_endings[0])

static void take_store_away(const char *store)
{
    char path[SETTINGS_PATH_SIZE + 16];

    for (size_t i = 0; i < STORE_ENDINGS; i++) {
        (void)snprintf(path, sizeof path, "%s%s", store, store_endings[i]);
        (void)unlink(path);
    }
}

static bool is_any_there(const char *store)
{
    char path[SETTINGS_PATH_SIZE + 16];
    bool found = false;

    for (size_t i = 0; i < STORE_ENDINGS; i++) {
        (void)snprintf(path, sizeof path, "%s%s", store, store_endings[i]);
        found = found || is_there(path);
    }
    return found;
}

static void tell_first(const struct entry *entry, void *context)
{
    const struct installation *installation = context;
    journal_open(installation->settings.log);
    journal_entry(entry, NULL);
    journal_open(SETTINGS_LOG_STDERR);
}

/* The new store, opened once with its key ring for the first entry. Takes crypto and vault over. */
static enum exit_code begin_store(struct installation *installation, struct crypto *crypto, struct vault *vault)
{
    const struct desk_rules rules = installation_rules(&installation->settings);
    struct problem problem = {0};
    struct store *store = NULL;
    struct desk *desk = NULL;
    char actor[ACTOR_SIZE];

    if (store_open(installation->settings.store, &store, &problem) != STATUS_OK) {
        journal_problem(LOG_ERR, _("store"), &problem);
        vault_close(vault);
        crypto_free(crypto);
        return CODE_STORE;
    }
    if (desk_open(crypto, vault, store, &rules, tell_first, NULL, installation, &desk) != STATUS_OK) {
        journal_say(LOG_ERR, _("store: %s could not be opened with the new key ring"), installation->settings.store);
        return CODE_STORE;
    }
    (void)snprintf(actor, sizeof actor, "uid=%u", installation->started_as);
    enum status status = desk_first_entry(desk, (int64_t)time(NULL) * 1000, actor);
    for (bool more = true; more && status == STATUS_OK;)
        status = desk_tend(desk, true,
                           &more); /* blocks for a full disk; where there are none now, the verifier tries again */
    desk_close(desk);
    if (status != STATUS_OK) {
        journal_say(LOG_ERR, _("store: the first entry could not be written to %s"), installation->settings.store);
        return CODE_STORE;
    }
    return CODE_GOOD;
}

static enum exit_code make_store(struct installation *installation, struct crypto *crypto, struct vault *vault)
{
    const char *path = installation->settings.store;
    struct problem problem = {0};
    uint8_t id[STORE_ID_SIZE];

    enum exit_code code = installation_become(installation);
    if (code == CODE_GOOD && crypto_random(crypto, id, sizeof id) != STATUS_OK) {
        journal_say(LOG_ERR, _("store: the system gives no random bytes"));
        code = CODE_STORE;
    }
    if (code == CODE_GOOD && store_create(path, id, installation->uid, installation->gid, &problem) != STATUS_OK) {
        journal_problem(LOG_ERR, _("store"), &problem);
        code = CODE_STORE;
    }
    if (code != CODE_GOOD) {
        vault_close(vault);
        crypto_free(crypto);
        return code;
    }
    code = begin_store(installation, crypto, vault);
    if (code != CODE_GOOD)
        take_store_away(path);
    return code;
}

/* The child's life: secrets do not survive a fork, so it reads the key ring itself before it becomes the user. */
static enum exit_code live_as_user(struct installation *installation)
{
    struct crypto *crypto = NULL;
    struct vault *vault = NULL;

    if (installation_open_crypto(&crypto) != CODE_GOOD)
        return CODE_RUNNING;
    enum exit_code code = installation_open_key_ring(installation, crypto, &vault);
    if (code != CODE_GOOD) {
        crypto_free(crypto);
        return code;
    }
    return make_store(installation, crypto, vault);
}

/* The life of a second child, where the first was killed and left behind what it had made until then. */
static enum exit_code clean_as_user(struct installation *installation)
{
    enum exit_code code = installation_become(installation);
    if (code == CODE_GOOD)
        take_store_away(installation->settings.store);
    return code;
}

/* false: it did not come to its own end. */
static bool run_child(struct installation *installation, enum exit_code (*live)(struct installation *),
                      enum exit_code *out_code)
{
    int state = 0;
    pid_t child = fork();

    *out_code = CODE_RUNNING;
    if (child < 0) {
        journal_say(LOG_ERR, _("store: no child process can be made"));
        return true;
    }
    if (child == 0)
        _exit((int)live(installation));
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return false;
    if (WIFEXITED(state))
        *out_code = (enum exit_code)WEXITSTATUS(state);
    return WIFEXITED(state);
}

static enum exit_code make_store_as_user(struct installation *installation)
{
    enum exit_code code = CODE_RUNNING;
    enum exit_code cleaned = CODE_RUNNING;
    bool was_empty = !is_any_there(installation->settings.store);

    if (run_child(installation, live_as_user, &code))
        return code;
    journal_say(LOG_ERR, _("store: the child that was to make %s was killed"), installation->settings.store);
    if (was_empty)
        (void)run_child(installation, clean_as_user, &cleaned);
    return code;
}

static enum exit_code make_key_ring(const struct installation *installation, struct made *made)
{
    const struct settings *settings = &installation->settings;
    crypto_owner struct crypto *crypto = NULL;
    struct problem problem = {0};

    if (installation_open_crypto(&crypto) != CODE_GOOD)
        return CODE_RUNNING;
    if (make_folder(settings->key_ring, 0755, geteuid(), getegid(), &made->key_folder) != STATUS_OK)
        return CODE_KEY_RING;
    if (vault_create(crypto, settings->key_ring, &problem) != STATUS_OK) {
        journal_problem(LOG_ERR, _("key ring"), &problem);
        return CODE_KEY_RING;
    }
    made->key_ring = true;
    return CODE_GOOD;
}

int command_init(const char *config)
{
    struct installation installation;
    struct made made = {0};

    enum exit_code code = installation_load(config, &installation);
    if (code != CODE_GOOD)
        return (int)code;
    if (installation_protect() != CODE_GOOD)
        return CODE_RUNNING;
    if (refuse_existing(&installation.settings))
        return is_there(installation.settings.key_ring) ? CODE_KEY_RING : CODE_STORE;

    code = make_key_ring(&installation, &made);
    if (code == CODE_GOOD && make_folder(installation.settings.store, 0700, installation.uid, installation.gid,
                                         &made.store_folder) != STATUS_OK)
        code = CODE_STORE;
    if (code == CODE_GOOD)
        code = make_store_as_user(&installation);
    if (code != CODE_GOOD) {
        take_away(&installation.settings, &made);
        return (int)code;
    }
    (void)printf(_("made key ring %s\nmade store %s\n"), installation.settings.key_ring, installation.settings.store);
    return CODE_GOOD;
}
