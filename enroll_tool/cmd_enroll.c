/* garde enroll: a new secret, and a person's proof that the phone has it.
 *
 * MUST 1  The secret is in struct secrets, on standard output, and in the files that were asked for; nowhere else.
 * MUST 2  What can fail early does so before a factor is made. A factor whose secret could not be shown is revoked again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ask.h"
#include "bulk.h"
#include "command.h"
#include "confirmation.h"
#include "enrolment.h"
#include "factor_pick.h"
#include "moment.h"
#include "picture_file.h"
#include "sheet_hand_out.h"
#include "text.h"

#define URI_MAX      3900 /* bytes; more than any that fits its fields */
#define KEY_TEXT_MAX 1000 /* of FACTOR_SECRET_MAX bytes, with much between them */

/* The URI replaces everything that options could have said. Its account and issuer are kept for showing. */
static enum tool_exit take_uri(struct enrolment *enrolment)
{
    secret_owner struct secret *text = NULL;
    struct otp_uri uri = {.key = NULL};

    if (ask_line(_("otpauth URI (not shown): "), ASK_HIDDEN, false, URI_MAX, &text) != STATUS_OK ||
        otp_uri_decode(text, &uri) != STATUS_OK) {
        tool_complain(_("standard input holds no good otpauth:// URI. It needs a type, a secret of 128 bits or more, "
                        "6 to 8 digits, a period of at most 120 s, and for hotp a counter."));
        return TOOL_REFUSED;
    }
    enrolment->uri = uri;
    return TOOL_DONE;
}

static enum tool_exit take_token(struct enrolment *enrolment)
{
    secret_owner struct secret *text = NULL;
    secret_owner struct secret *key = NULL;

    if (ask_line(_("Key of the token (not shown): "), ASK_HIDDEN, false, KEY_TEXT_MAX, &text) != STATUS_OK ||
        token_key_decode(enrolment->token, text, &key) != STATUS_OK) {
        tool_complain(_("standard input holds no key in %s."),
                      enrolment->token == TOKEN_KEY_HEX ? _("hexadecimal") : "Base32");
        return TOOL_REFUSED;
    }
    if (secret_len(key) < FACTOR_SECRET_MIN || secret_len(key) > FACTOR_SECRET_MAX) {
        tool_complain(_("this key has %zu bytes; one of %d to %d is taken (128 bits or more)."), secret_len(key),
                      FACTOR_SECRET_MIN, FACTOR_SECRET_MAX);
        return TOOL_REFUSED;
    }
    enrolment->uri.key = key;
    key = NULL;
    return TOOL_DONE;
}

static enum tool_exit show(const struct enrolment *enrolment, const struct wire_result *result,
                           struct picture_file *png, struct picture_file *svg, const struct qr *qr)
{
    enum tool_exit done = picture_file_write(png, PICTURE_PNG, qr);
    if (done == TOOL_DONE)
        done = picture_file_write(svg, PICTURE_SVG, qr);
    if (done == TOOL_DONE)
        done = picture_file_place(png);
    if (done == TOOL_DONE)
        done = picture_file_place(svg);
    if (done != TOOL_DONE)
        return done;
    if (enrolment_show(enrolment, result, qr) != STATUS_OK) {
        tool_complain(_("key and QR code could not be shown."));
        return TOOL_REFUSED;
    }
    picture_file_keep(png);
    picture_file_keep(svg);
    return TOOL_DONE;
}

static enum tool_exit finish(struct tool *tool, const struct enrolment *enrolment, const struct wire_result *result)
{
    char user[TEXT_SHOWN_SIZE(USER_SIZE)], until[MOMENT_SIZE], name[FACTOR_NAME_SIZE];
    bool is_token = enrolment->token != TOKEN_KEY_NONE;
    text_show(user, sizeof user, enrolment->user);

    if (enrolment->no_confirm) {
        tool_say(tool, _("Not confirmed. Until %s it can be confirmed with:\n  garde confirm %s\n"),
                 moment_show(result->until_s, until), user);
        return TOOL_DONE;
    }
    enum tool_exit done =
        confirmation_ask(tool, enrolment->user, result->number, is_token ? CONFIRMATION_TOKEN : CONFIRMATION_PHONE,
                         enrolment->from_uri || is_token);
    if (done == TOOL_DONE && enrolment->replaces.id != 0)
        tool_say(tool, _("With that, factor %s of %s has ended.\n"), factor_pick_name(&enrolment->replaces, name),
                 user);
    return done;
}

static enum tool_exit enrol(struct tool *tool, const struct enrolment *enrolment)
{
    picture_file_owner struct picture_file png = PICTURE_FILE_NONE;
    picture_file_owner struct picture_file svg = PICTURE_FILE_NONE;
    qr_owner struct qr *qr = NULL;
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = enrolment->token != TOKEN_KEY_NONE ? TOOL_DONE : enrolment_make_symbol(&enrolment->uri, &qr);
    if (done == TOOL_DONE)
        done = picture_file_open(&png, enrolment->png);
    if (done == TOOL_DONE)
        done = picture_file_open(&svg, enrolment->svg);
    if (done == TOOL_DONE)
        done = enrolment_send(tool, enrolment, &result);
    if (done != TOOL_DONE)
        return done;

    done = show(enrolment, &result, &png, &svg, qr);
    if (done != TOOL_DONE) {
        enrolment_take_back(tool, enrolment, result.number);
        return done;
    }
    return finish(tool, enrolment, &result);
}

/* What a person may stumble over. */
static void warn(const struct tool *tool, const struct enrolment *enrolment)
{
    const struct otp_uri *uri = &enrolment->uri;

    if (!enrolment_is_usual(uri) && enrolment->handed_out)
        tool_complain(_("some phone apps pass over anything but SHA-1, 6 digits and 30 s without a word. Try one "
                        "before sheets are handed over."));
    else if (!enrolment_is_usual(uri) && enrolment->token == TOKEN_KEY_NONE)
        tool_complain(_("some phone apps pass over anything but SHA-1, 6 digits and 30 s without a word. The code "
                        "asked for here shows whether this one does it right."));
    if (uri->digits == tool->settings.digits)
        return;
    tool_complain(_("logins here ask for a code of %u digits (digits in %s), and this factor's codes have %u."),
                  tool->settings.digits, "garde.conf", uri->digits);
    if (uri->digits == TEMPORARY_CODE_LEN)
        tool_complain(_("a prompt of its own accepts them. Services that take the code off the password refuse them "
                        "there unless they are set off by a comma (password,12345678); tell the person."));
    else
        tool_complain(_("a prompt of its own accepts them. Services that take the code off the password always refuse "
                        "them: better give this person a factor of %u digits."),
                      tool->settings.digits);
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    crypto_owner struct crypto *crypto = NULL;
    enrolment_owner struct enrolment enrolment = {.typed_user = NULL};

    enum tool_exit done = enrolment_read(tool, options, &enrolment);
    if (done != TOOL_DONE)
        return done;
    if (enrolment.from != NULL) {
        warn(tool, &enrolment);
        return bulk_enrol(tool, &enrolment);
    }
    if (enrolment.token != TOKEN_KEY_NONE)
        done = take_token(&enrolment);
    else
        done = enrolment.from_uri ? take_uri(&enrolment) : enrolment_make_key(&crypto, &enrolment);
    if (done != TOOL_DONE)
        return done;
    warn(tool, &enrolment);
    return enrolment.sheet != NULL ? sheet_hand_out(tool, &enrolment) : enrol(tool, &enrolment);
}

const struct command cmd_enroll = {
    .name = "enroll",
    .arguments = N_("USER|--from FILE [OPTIONS]"),
    .summary = N_("give a user a new factor: shows a QR code, asks for a code"),
    .details =
        N_("Makes a secret, shows it as a QR code and as a key for typing, and asks for the code that the phone then "
           "shows. A right code makes the factor active; until then it is pending, and it expires. The secret is "
           "shown this once: no command shows it again. Other factors of the user stay as they are, but one that is "
           "replaced: it is good until the new one is confirmed, and ends with that.\n\nWith --sheet all of this is on "
           "a page to print and hand over instead: the first right code at a login makes the factor active.\n\nWith "
           "--from and --sheets the users come from a CSV file whose first line names its columns: user, and as wanted "
           "label, language, not_before, not_after, issuer. Each gets a sheet; who has a confirmed factor is passed "
           "over. It can be run again at any time."),
    .example = "garde enroll alice --label phone",
    .options = enrolment_options,
    .run = run,
};
