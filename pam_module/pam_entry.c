/* The door from libpam. This code runs inside sshd, sudo, a screen locker, a RADIUS server with threads:
 *
 * 1. It MUST return, always: never abort, exit, or wait beyond its deadlines for anything but the person.
 * 2. It MUST leave signals, locale, umask, environment, standard streams and children of the caller alone (C10, C11).
 * 3. It MUST keep nothing between two calls, but what the line with `split` sets aside with the handle: no statics, no other pam_set_data (C6, C9).
 * 4. Each login MUST leave through pam_sm_authenticate's one return, with a code from result.c; the one account line that is not refused, too.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include <garde/wire.h>

#include "modes.h"
#include "options.h"
#include "result.h"
#include "set_aside.h"

#define ENTRY    __attribute__((visibility("default")))
#define DELAY_MS 2000 /* as pam_unix asks for after a wrong password */

static bool read_options(const pam_handle_t *pamh, int argc, const char **argv, struct options *out_options)
{
    const char *bad = "";
    if (options_parse(argc, argv, geteuid() == 0, out_options, &bad) == STATUS_OK)
        return true;
    pam_syslog(pamh, LOG_ERR, "unknown, repeated or bad option: %s", bad);
    options_by_words(argc, argv, out_options);
    return false;
}

static enum outcome log_in_by_arguments(pam_handle_t *pamh, int flags, int argc, const char **argv,
                                        struct options *out_options)
{
    if (!read_options(pamh, argc, argv, out_options))
        return OUTCOME_BAD_OPTIONS;
    if (((unsigned)flags & PAM_SILENT) != 0)
        out_options->quiet = true;
    return modes_log_in(pamh, out_options);
}

static int told(const pam_handle_t *pamh, const struct options *options, const struct result *result)
{
    if (result->priority != LOG_DEBUG || options->debug)
        pam_syslog(pamh, result->priority, "%s", result->line);
    return result->pam;
}

static int64_t passed_ms(int64_t begun_ms)
{
    int64_t now_ms = wire_deadline_ms(0); /* 0: this clock does not go */
    return begun_ms > 0 && now_ms > begun_ms ? now_ms - begun_ms : 0;
}

/* libpam waits at the end of the whole login, and only if that failed, as long as any module asked for at most. pam_unix asks for two seconds whatever
 * the password is; where the module that checks it does not, a wrong code behind the right one is told as late all the same, less what the verifier took. */
static void ask_for_delay(pam_handle_t *pamh, const struct options *options, int result, int64_t begun_ms)
{
    bool is_failure = result != PAM_SUCCESS && result != PAM_IGNORE;
    bool is_wanted = options->mode == MODE_VERIFY ? is_failure : result == PAM_AUTH_ERR;
    if (options->mode == MODE_PROMPT || options->nodelay || !is_wanted)
        return;
    int64_t less_ms = options->mode == MODE_VERIFY ? passed_ms(begun_ms) : 0;
    if (less_ms < DELAY_MS)
        (void)pam_fail_delay(pamh, (unsigned)(DELAY_MS - less_ms) * 1000);
}

ENTRY int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    int64_t begun_ms = wire_deadline_ms(0);
    struct options options = {0};
    enum outcome outcome = log_in_by_arguments(pamh, flags, argc, argv, &options);
    const struct result result = result_of(options.mode, outcome);

    ask_for_delay(pamh, &options, result.pam, begun_ms);
    return told(pamh, &options, &result);
}

/* There are no credentials to set, whatever the flags and whoever PAM_USER is by now (C7). */
ENTRY int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

/* A line of another type than auth protects nothing, but the one account line: it fails, and says so, instead of looking as if it did (C20). */
static int refuse_misplaced(const pam_handle_t *pamh, const char *type)
{
    pam_syslog(pamh, LOG_ERR, "refused: pam_garde.so works on auth lines only, and this is a line of type %s", type);
    return PAM_SERVICE_ERR;
}

/* With `split` it closes what an auth line with `split` leaves open where none with `verify` stands behind it. It says nothing of the account. */
ENTRY int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct options options = {0};
    (void)flags;
    enum outcome outcome = read_options(pamh, argc, argv, &options) ? set_aside_left(pamh) : OUTCOME_BAD_OPTIONS;
    if (options.mode != MODE_SPLIT)
        return refuse_misplaced(pamh, "account");
    const struct result result = result_of(MODE_SPLIT, outcome);
    return told(pamh, &options, &result);
}

ENTRY int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags, (void)argc, (void)argv;
    return refuse_misplaced(pamh, "session");
}

ENTRY int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags, (void)argc, (void)argv;
    return refuse_misplaced(pamh, "session");
}

ENTRY int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags, (void)argc, (void)argv;
    return refuse_misplaced(pamh, "password");
}
