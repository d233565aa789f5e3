/* What a start of garded opens, in the right order and under the right uid: configuration, key ring, store.
 *
 * Each function says on the log what is wrong and how to mend it, and returns the exit code of the program.
 *
 *   started as            key ring belongs to    store and service belong to
 *   root                  root                   the configured user, who garded becomes
 *   a service's user      root or that user      that user              (credentials of systemd)
 *   an ordinary user      that user              that user              (demo, tests)
 */
#ifndef GARDE_VERIFIER_INSTALLATION_H
#define GARDE_VERIFIER_INSTALLATION_H

#include <stdbool.h>
#include <sys/types.h>

#include <garde/crypto.h>
#include <garde/settings.h>
#include <garde/vault.h>

#include "desk/desk.h"

enum exit_code {
    CODE_GOOD = 0,
    CODE_RUNNING = 1, /* failed while running */
    CODE_USAGE = 2,
    CODE_CONFIGURATION = 3,
    CODE_KEY_RING = 4,
    CODE_STORE = 5,
};

struct installation {
    const char *config;
    struct settings settings;
    uid_t started_as;
    bool is_service; /* started by systemd */
    uid_t uid;       /* whom garded is when it opens the store */
    gid_t gid;
};

enum exit_code installation_load(const char *config, struct installation *out_installation);

/* hardening_begin(), and crypto_new(). */
enum exit_code installation_protect(void);
enum exit_code installation_open_crypto(struct crypto **out_crypto);

/* Before installation_become. The key ring is the credential "master.key" of systemd, where there is one. */
enum exit_code installation_open_key_ring(const struct installation *installation, struct crypto *crypto,
                                          struct vault **out_vault);

/* From root to the configured user; nothing for others. */
enum exit_code installation_become(const struct installation *installation);

/* After installation_become. Takes crypto and vault over. This one tells nothing: *out_problem says what is wrong, and PROBLEM_BUSY
 * (another process has the store) is for the caller to judge. */
enum exit_code installation_open_desk(const struct installation *installation, struct crypto *crypto,
                                      struct vault *vault, desk_tell *tell, notice_tell *notice, struct desk **out_desk,
                                      struct problem *out_problem);

struct desk_rules installation_rules(const struct settings *settings);

#endif
