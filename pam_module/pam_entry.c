/* The door from libpam. This code runs inside sshd, sudo, a screen locker, a RADIUS server with threads:
 *
 * 1. It MUST return, always: never abort, exit, or wait beyond its deadlines for anything but the person.
 * 2. It MUST leave signals, locale, umask, environment, standard streams and children of the caller alone (C10, C11).
 * 3. It MUST keep nothing between two calls: no statics, no pam_set_data (C6, C9).
 * 4. Each login MUST leave through pam_sm_authenticate's one return, with a code from result.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include <garde/secret.h>
#include <garde/wire.h>

#include "conversation.h"
#include "options.h"
#include "result.h"
#include "texts.h"
#include "verifier_client.h"

#define ENTRY        __attribute__((visibility("default")))
#define client_owner __attribute__((cleanup(verifier_client_close)))

static void log_step(const pam_handle_t *pamh, const struct options *options, const char *line)
{
    if (options->debug)
        pam_syslog(pamh, LOG_DEBUG, "%s", line);
}

/* "" for an item that is not there (C15). */
static const char *item_text(const pam_handle_t *pamh, int type)
{
    const void *item = NULL;
    if (pam_get_item(pamh, type, &item) != PAM_SUCCESS || item == NULL)
        return "";
    return item;
}

/* Cut to fit: hearsay that only helps to tell places apart. */
static void copy_hearsay(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memcpy(out, text, len);
    out[len] = '\0';
}

/* Not cut: half of a name may be somebody else's, or another service's rule. */
static bool copy_name(char *out, size_t size, const char *name)
{
    size_t len = strnlen(name, size);
    if (len == size)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    memcpy(out, name, len + 1);
    return true;
}

static enum outcome read_user(pam_handle_t *pamh, const char **out_user)
{
    const char *user = NULL;
    int got = pam_get_user(pamh, &user, NULL);

    if (got == PAM_CONV_AGAIN)
        return OUTCOME_CONV_AGAIN;
    if (got == PAM_BUF_ERR)
        return OUTCOME_NO_MEMORY;
    if (got != PAM_SUCCESS)
        return OUTCOME_CONV_FAILED;
    if (user == NULL || user[0] == '\0')
        return OUTCOME_NO_USER;
    *out_user = user;
    return OUTCOME_UNDECIDED;
}

static enum outcome read_items(pam_handle_t *pamh, struct wire_ask *out_ask)
{
    const char *user = NULL;
    enum outcome outcome = read_user(pamh, &user);
    if (outcome != OUTCOME_UNDECIDED)
        return outcome;

    if (!copy_name(out_ask->user, sizeof out_ask->user, user) ||
        !copy_name(out_ask->service, sizeof out_ask->service, item_text(pamh, PAM_SERVICE)))
        return OUTCOME_ODD_NAME;
    copy_hearsay(out_ask->rhost, sizeof out_ask->rhost, item_text(pamh, PAM_RHOST));
    copy_hearsay(out_ask->tty, sizeof out_ask->tty, item_text(pamh, PAM_TTY));
    copy_hearsay(out_ask->ruser, sizeof out_ask->ruser, item_text(pamh, PAM_RUSER));
    return OUTCOME_UNDECIDED;
}

static enum outcome ask_person(pam_handle_t *pamh, const struct options *options, const struct wire_prompt *prompt,
                               struct secret **out_code)
{
    char text[PAM_MAX_MSG_SIZE];
    texts_prompt(prompt, options->prompt, text, sizeof text);
    return conversation_ask(pamh, text, options->echo, prompt->may_be_empty == 1, out_code);
}

/* No verdict: the log says why, and the person that it was not the code. */
static void report_trouble(pam_handle_t *pamh, const struct options *options, const struct verifier_client *client,
                           const struct wire_prompt *prompt)
{
    pam_syslog(pamh, LOG_ERR, "verifier at %s: %s", client->socket, client->trouble);
    if (!options->quiet)
        conversation_tell(pamh, texts_unavailable(prompt));
}

static enum outcome log_in(pam_handle_t *pamh, const struct options *options)
{
    struct wire_ask ask = {0};
    enum outcome outcome = read_items(pamh, &ask);
    if (outcome != OUTCOME_UNDECIDED)
        return outcome;

    client_owner struct verifier_client client = {
        .socket = options->socket, .timeout_ms = options->timeout_ms, .fd = -1};
    struct wire_prompt prompt = {0};
    if (options->debug)
        pam_syslog(pamh, LOG_DEBUG, "asking the verifier at %s", options->socket);
    outcome = verifier_client_ask(&client, &ask, &prompt);
    bool prompted = outcome == OUTCOME_UNDECIDED;

    secret_owner struct secret *code = NULL;
    if (outcome == OUTCOME_UNDECIDED) {
        log_step(pamh, options, "asking for the code");
        outcome = ask_person(pamh, options, &prompt, &code);
    }
    if (outcome == OUTCOME_UNDECIDED) {
        log_step(pamh, options, "sending the answer");
        outcome = verifier_client_answer(&client, &ask, code);
    }
    if (outcome == OUTCOME_UNAVAILABLE)
        report_trouble(pamh, options, &client, prompted ? &prompt : NULL);
    return outcome;
}

static enum outcome log_in_by_arguments(pam_handle_t *pamh, int flags, int argc, const char **argv,
                                        struct options *out_options)
{
    const char *bad = "";
    if (options_parse(argc, argv, geteuid() == 0, out_options, &bad) != STATUS_OK) {
        pam_syslog(pamh, LOG_ERR, "unknown, repeated or bad option: %s", bad);
        return OUTCOME_BAD_OPTIONS;
    }
    if (((unsigned)flags & PAM_SILENT) != 0)
        out_options->quiet = true;
    return log_in(pamh, out_options);
}

ENTRY int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct options options = {0};
    const struct result result = result_of(log_in_by_arguments(pamh, flags, argc, argv, &options));

    if (result.priority != LOG_DEBUG || options.debug)
        pam_syslog(pamh, result.priority, "%s", result.line);
    return result.pam;
}

/* There are no credentials to set, whatever the flags and whoever PAM_USER is by now (C7). */
ENTRY int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

/* A line of another type than auth protects nothing: it fails, and says so, instead of looking as if it did (C20). */
static int refuse_misplaced(const pam_handle_t *pamh, const char *type)
{
    pam_syslog(pamh, LOG_ERR, "refused: pam_garde.so works on auth lines only, and this is a line of type %s", type);
    return PAM_SERVICE_ERR;
}

ENTRY int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags, (void)argc, (void)argv;
    return refuse_misplaced(pamh, "account");
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
