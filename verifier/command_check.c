#include "commands.h"

#include <stdio.h>
#include <unistd.h>

#include <garde/speech.h>

#include "installation.h"
#include "journal.h"
#include "passwd.h"
#include "peers.h"

static void tell_peer(const char *name, const char *why)
{
    journal_say(LOG_WARNING, _("configuration: peer `%s` %s and is left out"), name, why);
}

/* Takes crypto and vault over. */
static enum exit_code check_store(const struct installation *installation, struct crypto *crypto, struct vault *vault)
{
    const char *path = installation->settings.store;
    struct problem problem = {0};
    struct desk *desk = NULL;

    enum exit_code code = installation_open_desk(installation, crypto, vault, NULL, NULL, &desk, &problem);
    if (code != CODE_GOOD && problem.kind == PROBLEM_BUSY) {
        (void)printf(_("store %s: not examined, the verifier is running (stop it, or ask it: garde audit --verify)\n"),
                     path);
        return CODE_GOOD;
    }
    if (code != CODE_GOOD) {
        journal_problem(LOG_ERR, _("store"), &problem);
        return code;
    }
    enum status status = desk_examine(desk, path, &problem);
    desk_close(desk);
    if (status != STATUS_OK) {
        journal_problem(LOG_ERR, _("store"), &problem);
        return CODE_STORE;
    }
    (void)printf(_("store %s: good\n"), path);
    return CODE_GOOD;
}

/* The store first needs the key ring; without one it is not looked at. */
static enum exit_code check_rest(const struct installation *installation)
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
    (void)printf(_("key ring %s: good\n"), installation->settings.key_ring);
    code = installation_become(installation);
    if (code != CODE_GOOD) {
        vault_close(vault);
        crypto_free(crypto);
        return code;
    }
    return check_store(installation, crypto, vault);
}

static enum exit_code check_settings(const char *config, struct installation *out_installation)
{
    struct peers peers;

    enum exit_code code = installation_load(config, out_installation);
    if (code != CODE_GOOD)
        return code;
    peers_resolve(&out_installation->settings, PASSWD_FILE, tell_peer, &peers);
    (void)printf(_("configuration %s: good\n"), config);
    return CODE_GOOD;
}

int command_check_settings(const char *config)
{
    struct installation installation;

    enum exit_code code = check_settings(config, &installation);
    (void)fflush(stdout);
    return (int)code;
}

int command_check(const char *config)
{
    struct installation installation;

    enum exit_code code = check_settings(config, &installation);
    if (code != CODE_GOOD)
        return (int)code;
    if (installation_protect() != CODE_GOOD)
        return CODE_RUNNING;
    code = check_rest(&installation);
    (void)fflush(stdout);
    return (int)code;
}
