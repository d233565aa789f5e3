#include "enrolment.h"

#include <inttypes.h>
#include <stdio.h>

#include "actor.h"
#include "admin_client.h"
#include "moment.h"
#include "result.h"
#include "text.h"

enum tool_exit enrolment_make_key(struct crypto **crypto, struct enrolment *enrolment)
{
    struct otp_uri *uri = &enrolment->uri;

    if ((*crypto != NULL || crypto_new(crypto) == STATUS_OK) &&
        crypto_random_secret(*crypto, otp_secret_len(uri->algorithm), &uri->key) == STATUS_OK)
        return TOOL_DONE;
    tool_complain(_("the system gave no random numbers for a secret."));
    return TOOL_REFUSED;
}

enum tool_exit enrolment_make_symbol(const struct otp_uri *uri, struct qr **out_qr)
{
    secret_owner struct secret *text = NULL;

    if (otp_uri_encode(uri, &text) == STATUS_OK && qr_new(text, out_qr) == STATUS_OK)
        return TOOL_DONE;
    tool_complain(_("no QR code can be made: the names are too long or there is no memory."));
    return TOOL_REFUSED;
}

enum tool_exit enrolment_check_first_use(const struct enrolment *enrolment)
{
    char first[MOMENT_SIZE], last[MOMENT_SIZE];
    int64_t until_s = tool_now_s() + enrolment->pending_for_s;

    if (enrolment->not_before_s < until_s)
        return TOOL_DONE;
    tool_complain(_("the factor is good from %s on, and the sheet only until %s. Lengthen --pending-for."),
                  moment_show(enrolment->not_before_s, first), moment_show(until_s, last));
    return TOOL_REFUSED;
}

struct sheet enrolment_sheet(const struct tool *tool, const struct enrolment *enrolment, const struct qr *qr)
{
    int64_t now_s = tool_now_s(), until_s = now_s + enrolment->pending_for_s;
    bool ends_before = enrolment->not_after_s != 0 && enrolment->not_after_s < until_s;

    /* Who brings the secret along has a device with it already: a token, or an app that was set up elsewhere. */
    return (struct sheet){.language = enrolment->language,
                          .uri = &enrolment->uri,
                          .qr = enrolment->from_uri || enrolment->token != TOKEN_KEY_NONE ? NULL : qr,
                          .label = enrolment->label,
                          .help_desk = tool->settings.help_desk,
                          .made_s = now_s,
                          .until_s = ends_before ? enrolment->not_after_s : until_s,
                          .not_before_s = enrolment->not_before_s,
                          .not_after_s = enrolment->not_after_s};
}

enum tool_exit enrolment_send(struct tool *tool, const struct enrolment *enrolment, struct wire_result *out_result)
{
    const struct otp_uri *uri = &enrolment->uri;
    struct wire_message request = {.type = WIRE_ENROL,
                                   .enrol = {.actor = actor_find(),
                                             .uid = enrolment->uid,
                                             .kind = uri->kind,
                                             .algorithm = uri->algorithm,
                                             .digits = uri->digits,
                                             .period_s = uri->period_s,
                                             .counter = uri->counter,
                                             .pending_for_s = enrolment->pending_for_s,
                                             .handed_out = enrolment->handed_out ? 1 : 0,
                                             .anew = enrolment->handed_out ? 1 : 0,
                                             .not_before_s = enrolment->not_before_s,
                                             .not_after_s = enrolment->not_after_s,
                                             .replaces = enrolment->replaces.id,
                                             .secret = uri->key}};
    (void)snprintf(request.enrol.user, sizeof request.enrol.user, "%s", enrolment->user);
    (void)snprintf(request.enrol.label, sizeof request.enrol.label, "%s", enrolment->label);

    enum tool_exit done = admin_client_ask(tool, &request, out_result);
    return done == TOOL_DONE ? result_tell(out_result, enrolment->user) : done;
}

void enrolment_take_back(struct tool *tool, const struct enrolment *enrolment, int64_t factor_id)
{
    struct wire_message request = {.type = WIRE_CHANGE,
                                   .change = {.actor = actor_find(), .change = WIRE_REVOKE, .factor_id = factor_id}};
    struct wire_result result = {.code = WIRE_OK};
    char user[TEXT_SHOWN_SIZE(USER_SIZE)];
    (void)snprintf(request.change.user, sizeof request.change.user, "%s", enrolment->user);
    text_show(user, sizeof user, enrolment->user);

    enum tool_exit done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, enrolment->user);
    if (done == TOOL_DONE)
        tool_complain(_("nobody was enrolled."));
    else
        tool_complain(_("factor %" PRId64 " is left pending. Take it back with: garde revoke %s %" PRId64), factor_id,
                      user, factor_id);
}
