#include "installation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <garde/number.h>
#include <garde/speech.h>

#include "hardening.h"
#include "journal.h"
#include "passwd.h"

#define CREDENTIAL "master.key"

static bool started_by_systemd(void)
{
    uint64_t pid = 0;
    const char *listens = secure_getenv("LISTEN_PID");
    return secure_getenv("CREDENTIALS_DIRECTORY") != NULL ||
           (listens != NULL && number_parse(listens, 1, INT32_MAX, &pid) == STATUS_OK && (pid_t)pid == getpid());
}

enum exit_code installation_load(const char *config, struct installation *out_installation)
{
    struct problem problem = {0};
    struct installation *installation = out_installation;

    *installation = (struct installation){
        .config = config, .started_as = getuid(), .is_service = started_by_systemd(), .uid = getuid(), .gid = getgid()};
    if (settings_load(config, &installation->settings, &problem) != STATUS_OK) {
        journal_problem(LOG_ERR, _("configuration"), &problem);
        if (problem.kind == PROBLEM_MISSING)
            journal_say(LOG_ERR,
                        _("make it (an empty file means the default of everything), or name another with --config"));
        return CODE_CONFIGURATION;
    }
    if (installation->started_as != 0)
        return CODE_GOOD;
    if (passwd_find(PASSWD_FILE, installation->settings.user, &installation->uid, &installation->gid) != STATUS_OK) {
        journal_say(
            LOG_ERR,
            _("configuration: %s: user `%s` is not in /etc/passwd; make it (systemd-sysusers, or useradd --system "
              "%s) or set `user` in [verifier]"),
            config, installation->settings.user, installation->settings.user);
        return CODE_CONFIGURATION;
    }
    return CODE_GOOD;
}

enum exit_code installation_protect(void)
{
    if (hardening_begin() == STATUS_OK)
        return CODE_GOOD;
    journal_say(LOG_ERR, _("the kernel does not let this process protect itself"));
    return CODE_RUNNING;
}

enum exit_code installation_open_crypto(struct crypto **out_crypto)
{
    if (crypto_new(out_crypto) == STATUS_OK)
        return CODE_GOOD;
    journal_say(LOG_ERR, _("the cryptographic library offers not what is needed"));
    return CODE_RUNNING;
}

enum exit_code installation_open_key_ring(const struct installation *installation, struct crypto *crypto,
                                          struct vault **out_vault)
{
    char path[SETTINGS_PATH_SIZE + sizeof CREDENTIAL];
    const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");
    struct problem problem = {0};
    struct stat stat;
    uid_t owner = geteuid();

    (void)snprintf(path, sizeof path, "%s", installation->settings.key_ring);
    if (folder != NULL) {
        char credential[sizeof path];
        int len = snprintf(credential, sizeof credential, "%s/%s", folder, CREDENTIAL);
        if (len > 0 && (size_t)len < sizeof credential && lstat(credential, &stat) == 0) {
            (void)snprintf(path, sizeof path, "%s", credential);
            owner = stat.st_uid == 0 ? 0 : owner; /* systemd gives it to root with an entry for us, or to us */
        }
    }
    if (vault_open(crypto, path, owner, out_vault, &problem) != STATUS_OK) {
        journal_problem(LOG_ERR, _("key ring"), &problem);
        if (problem.kind == PROBLEM_MISSING)
            journal_say(LOG_ERR,
                        _("an existing store needs its own key ring; under systemd it may be a credential, which the "
                          "service alone gets. `garded init` makes a new key ring and store where there is neither"));
        return CODE_KEY_RING;
    }
    return CODE_GOOD;
}

enum exit_code installation_become(const struct installation *installation)
{
    if (geteuid() != 0)
        return CODE_GOOD;
    if (hardening_become(installation->uid, installation->gid) != STATUS_OK) {
        journal_say(LOG_ERR, _("cannot become user `%s`"), installation->settings.user);
        return CODE_RUNNING;
    }
    return CODE_GOOD;
}

struct desk_rules installation_rules(const struct settings *settings)
{
    return (struct desk_rules){
        .limits = {.window_steps = settings->window_steps, .lock_for_s = settings->lock_for_s},
        .pending_for_s = settings->pending_for_s,
    };
}

enum exit_code installation_open_desk(const struct installation *installation, struct crypto *crypto,
                                      struct vault *vault, desk_tell *tell, notice_tell *notice, struct desk **out_desk,
                                      struct problem *out_problem)
{
    const struct desk_rules rules = installation_rules(&installation->settings);
    struct store *store = NULL;

    if (store_open(installation->settings.store, &store, out_problem) != STATUS_OK) {
        vault_close(vault);
        crypto_free(crypto);
        return CODE_STORE;
    }
    if (desk_open(crypto, vault, store, &rules, tell, notice, NULL, out_desk) != STATUS_OK) {
        problem_set(out_problem, PROBLEM_MEMORY, installation->settings.store, 0, NULL);
        return CODE_STORE;
    }
    enum status status = desk_fits(*out_desk);
    if (status != STATUS_OK) {
        problem_set(out_problem, status == STATUS_TAMPERED ? PROBLEM_FOREIGN : PROBLEM_SYSTEM,
                    installation->settings.store, 0, NULL);
        out_problem->error = status == STATUS_TAMPERED ? 0 : EIO;
        desk_close(*out_desk);
        return CODE_STORE;
    }
    return CODE_GOOD;
}
