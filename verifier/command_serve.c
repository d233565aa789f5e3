/* The start, in this order: give up rights, lock memory, read the key ring and make the sockets (as root, where that
 * is what we are), become the user, open the store, serve.
 */
#include "commands.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "census.h"
#include "hardening.h"
#include "installation.h"
#include "journal.h"
#include "service.h"
#include "sockets.h"

#define FILES_WANTED (CENSUS_PUBLIC_MAX + CENSUS_TRUSTED_MAX + CENSUS_ADMIN_MAX + CENSUS_OWN_FILES)

static enum exit_code lock_memory(const struct installation *installation)
{
    if (hardening_lock_memory(installation->started_as == 0) == STATUS_OK)
        return CODE_GOOD;
    if (installation->started_as == 0 || installation->is_service) {
        journal_say(LOG_ERR,
                    "memory cannot be locked, so keys could reach the swap: raise RLIMIT_MEMLOCK (LimitMEMLOCK= "
                    "of the unit) or grant CAP_IPC_LOCK");
        return CODE_RUNNING;
    }
    journal_say(LOG_WARNING,
                "NOT FOR PRODUCTION: memory cannot be locked (ulimit -l), only keys and codes themselves are");
    return CODE_GOOD;
}

static enum exit_code open_sockets(const struct installation *installation, struct sockets *out_sockets)
{
    struct problem problem = {0};
    int count = sd_listen_fds(1);

    enum status status = count > 0 ? sockets_take(SD_LISTEN_FDS_START, count, out_sockets, &problem)
                                   : sockets_make(installation->settings.socket_folder, out_sockets, &problem);
    if (status != STATUS_OK) {
        journal_problem(LOG_ERR, "sockets", &problem);
        return CODE_CONFIGURATION;
    }
    return CODE_GOOD;
}

/* Takes crypto and vault over. */
static enum exit_code open_desk(const struct installation *installation, struct crypto *crypto, struct vault *vault,
                                struct desk **out_desk)
{
    struct problem problem = {0};
    enum exit_code code =
        installation_open_desk(installation, crypto, vault, journal_entry, journal_notice, out_desk, &problem);
    if (code != CODE_GOOD)
        journal_problem(LOG_ERR, "store", &problem);
    return code;
}

/* Takes crypto and vault over. */
static enum exit_code serve_with(const struct installation *installation, struct crypto *crypto, struct vault *vault)
{
    struct sockets sockets = {0};
    struct desk *desk = NULL;

    enum exit_code code = open_sockets(installation, &sockets);
    if (code == CODE_GOOD)
        code = installation_become(installation);
    if (code != CODE_GOOD) {
        vault_close(vault);
        crypto_free(crypto);
        sockets_undo(&sockets);
        return code;
    }
    code = open_desk(installation, crypto, vault, &desk);
    if (code != CODE_GOOD) {
        sockets_undo(&sockets);
        return code;
    }
    enum status status = service_run(installation, desk, &sockets, hardening_files(FILES_WANTED));
    sockets_close(&sockets);
    return status == STATUS_OK ? CODE_GOOD : CODE_RUNNING;
}

/* One heap for all threads, which are seldom in it at once. One of the worker's own would grow by a page and a call at a time while
 * the store's cache fills, and what the threads leave free would be locked twice. */
static void share_heap(void)
{
    (void)mallopt(M_ARENA_MAX, 1);
}

/* A reload that comes before the loop is there waits for it; it would end the process. */
static void hold_reload(void)
{
    sigset_t reload;
    (void)sigemptyset(&reload);
    (void)sigaddset(&reload, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &reload, NULL);
}

int command_serve(const char *config)
{
    struct installation installation;
    struct crypto *crypto = NULL;
    struct vault *vault = NULL;

    hold_reload();
    share_heap();
    enum exit_code code = installation_load(config, &installation);
    if (code != CODE_GOOD)
        return (int)code;
    if (installation_protect() != CODE_GOOD)
        return CODE_RUNNING;
    (void)hardening_files(FILES_WANTED); /* while root may still raise them */
    code = lock_memory(&installation);
    if (code != CODE_GOOD)
        return (int)code;
    if (installation_open_crypto(&crypto) != CODE_GOOD)
        return CODE_RUNNING;
    code = installation_open_key_ring(&installation, crypto, &vault);
    if (code != CODE_GOOD) {
        crypto_free(crypto);
        return (int)code;
    }
    return (int)serve_with(&installation, crypto, vault);
}
