/* 1. What was typed MUST be in a struct secret, in PAM_AUTHTOK without its code, and nowhere else.
 * 2. The line with `split` MUST send LOOK and nothing else: it spends nothing, and nobody counts as let through, whatever the password turns out to be.
 * 3. The line with `verify` MUST neither ask nor tell the person anything: who gets there has shown the right password (Q10).
 */
#include "modes.h"

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

#include <security/pam_ext.h>

#include <garde/secret.h>
#include <garde/wire.h>

#include "conversation.h"
#include "items.h"
#include "set_aside.h"
#include "texts.h"
#include "typed.h"
#include "verifier_client.h"

struct login {
    pam_handle_t *pamh;
    const struct options *options;
    struct wire_ask ask;
    struct verifier_client client;
    struct wire_prompt prompt; /* its latest */
    bool prompted;             /* there was one */
};

static void log_step(const struct login *login, const char *line)
{
    if (login->options->debug)
        pam_syslog(login->pamh, LOG_DEBUG, "%s", line);
}

static enum outcome ask_verifier(struct login *login, const struct wire_ask *ask, bool only_look)
{
    if (login->options->debug)
        pam_syslog(login->pamh, LOG_DEBUG, "asking the verifier at %s", login->options->socket);
    enum outcome outcome = only_look ? verifier_client_look(&login->client, ask, &login->prompt)
                                     : verifier_client_ask(&login->client, ask, &login->prompt);
    login->prompted = login->prompted || outcome == OUTCOME_UNDECIDED;
    return outcome;
}

static enum outcome answer(struct login *login, struct secret *code)
{
    log_step(login, "sending the answer");
    return verifier_client_answer(&login->client, &login->ask, code);
}

/* ---- a prompt of its own ---- */

static enum outcome ask_for_code(struct login *login, struct secret **out_code)
{
    char text[PAM_MAX_MSG_SIZE];
    texts_prompt(&login->prompt, login->options->prompt, text, sizeof text);
    log_step(login, "asking for the code");
    enum outcome outcome = conversation_ask(login->pamh, text, login->options->echo, WIRE_CODE_MAX, out_code);
    bool is_left_empty = outcome == OUTCOME_UNDECIDED && secret_len(*out_code) == 0;
    return is_left_empty && login->prompt.may_be_empty != 1 ? OUTCOME_NO_CODE : outcome;
}

static enum outcome log_in(struct login *login)
{
    secret_owner struct secret *code = NULL;
    enum outcome outcome = items_read(login->pamh, true, &login->ask);
    if (outcome == OUTCOME_UNDECIDED)
        outcome = ask_verifier(login, &login->ask, false);
    if (outcome == OUTCOME_UNDECIDED)
        outcome = ask_for_code(login, &code);
    return outcome == OUTCOME_UNDECIDED ? answer(login, code) : outcome;
}

/* ---- password and code in one field ---- */

/* How this site asks is asked for nobody, so that the prompt tells nothing about the name. */
static enum outcome ask_for_both(struct login *login, struct secret **out_text)
{
    static const struct wire_ask nobody = {.user = ""};
    char text[PAM_MAX_MSG_SIZE];

    enum outcome outcome = ask_verifier(login, &nobody, true);
    if (outcome != OUTCOME_UNDECIDED)
        return outcome == OUTCOME_SKIPPED ? verifier_client_odd(&login->client) : outcome;
    texts_prompt_both(&login->prompt, login->options->prompt, text, sizeof text);
    log_step(login, "asking for password and code");
    return conversation_ask(login->pamh, text, false, TYPED_MAX, out_text);
}

/* What was typed, to this line or to one before it, and what the verifier says about the user. Let through: the text is the password. */
static enum outcome read_text(struct login *login, struct secret **out_text)
{
    enum outcome outcome = items_read(login->pamh, true, &login->ask);
    if (outcome == OUTCOME_UNDECIDED)
        outcome = items_typed(login->pamh, TYPED_MAX, out_text);
    if (outcome == OUTCOME_UNDECIDED && *out_text == NULL)
        outcome = ask_for_both(login, out_text);
    if (outcome == OUTCOME_UNDECIDED)
        outcome = ask_verifier(login, &login->ask, login->options->mode == MODE_SPLIT);
    if (outcome != OUTCOME_SKIPPED)
        return outcome;
    enum outcome set = items_set_password(login->pamh, *out_text);
    return set == OUTCOME_UNDECIDED ? OUTCOME_SKIPPED : set;
}

static enum outcome take_apart(struct login *login, const struct secret *text, struct secret **out_code)
{
    secret_owner struct secret *password = NULL;
    enum status status = typed_split(text, login->prompt.digits, &password, out_code);
    if (status == STATUS_NO_MEMORY)
        return OUTCOME_NO_MEMORY;
    if (status != STATUS_OK)
        return verifier_client_odd(&login->client); /* codes of so many digits are there nowhere */
    return items_set_password(login->pamh, password);
}

static enum outcome split(struct login *login)
{
    secret_owner struct secret *text = NULL;
    secret_owner struct secret *code = NULL;

    set_aside_drop(login->pamh);
    enum outcome outcome = read_text(login, &text);
    if (outcome == OUTCOME_UNDECIDED)
        outcome = take_apart(login, text, &code);
    else if (outcome == OUTCOME_SKIPPED) /* so far: the line behind the password asks again */
        outcome = OUTCOME_UNDECIDED;
    return outcome == OUTCOME_UNDECIDED ? set_aside_put(login->pamh, login->ask.user, code) : outcome;
}

static enum outcome concat(struct login *login)
{
    secret_owner struct secret *text = NULL;
    secret_owner struct secret *code = NULL;

    enum outcome outcome = read_text(login, &text);
    if (outcome == OUTCOME_UNDECIDED)
        outcome = take_apart(login, text, &code);
    return outcome == OUTCOME_UNDECIDED ? answer(login, code) : outcome;
}

static enum outcome verify(struct login *login)
{
    secret_owner struct secret *code = NULL;

    enum outcome outcome = items_read(login->pamh, false, &login->ask);
    enum outcome taken =
        set_aside_take(login->pamh, login->ask.user, &code); /* also where there is no name: it is wiped */
    if (outcome == OUTCOME_UNDECIDED)
        outcome = taken;
    login->client.at_once = true; /* a wrong password has not waited for it either */
    if (outcome == OUTCOME_UNDECIDED)
        outcome = ask_verifier(login, &login->ask, false);
    return outcome == OUTCOME_UNDECIDED ? answer(login, code) : outcome;
}

/* ---- all of them ---- */

/* No verdict: the log says why, and the person that it was not the code. */
static void report_trouble(const struct login *login)
{
    const struct options *options = login->options;
    pam_syslog(login->pamh, LOG_ERR, "verifier at %s: %s", options->socket, login->client.trouble);
    if (!options->quiet && options->mode != MODE_VERIFY)
        conversation_tell(login->pamh, texts_unavailable(login->prompted ? &login->prompt : NULL));
}

enum outcome modes_log_in(pam_handle_t *pamh, const struct options *options)
{
    static enum outcome (*const modes[])(struct login *) = {
        [MODE_PROMPT] = log_in, [MODE_SPLIT] = split, [MODE_VERIFY] = verify, [MODE_CONCAT] = concat};
    struct login login = {
        .pamh = pamh,
        .options = options,
        .client = {.socket = options->socket, .timeout_ms = options->timeout_ms, .fd = -1},
    };

    enum outcome outcome = modes[options->mode](&login);
    if (outcome == OUTCOME_UNAVAILABLE)
        report_trouble(&login);
    verifier_client_close(&login.client);
    return outcome;
}
