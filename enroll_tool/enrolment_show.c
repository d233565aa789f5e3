#include "enrolment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "factor_pick.h"
#include "moment.h"
#include "text.h"
#include "words.h"

#define NAME_COLUMNS  10 /* "Account", "Key" ... in any language */
#define INDENT        2
#define GROUP         4
#define GROUPS_A_LINE 13 /* 2 + 10 + 13 * 5 are less than 80 columns */

static void put_name(const char *name)
{
    printf("%*s", INDENT, "");
    text_cell(stdout, name, NAME_COLUMNS, false);
}

static void put_row(const char *name, const char *text)
{
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    put_name(name);
    printf("%s\n", text_show(shown, sizeof shown, text));
}

static void put_kind(const struct otp_uri *uri)
{
    put_name(_("Type"));
    if (uri->kind == FACTOR_HOTP)
        printf(_("%s, %s, %u digits, by counter from %" PRIu64 "\n"), words_kind(uri->kind),
               words_algorithm(uri->algorithm), uri->digits, uri->counter);
    else
        printf(_("%s, %s, %u digits, every %u s\n"), words_kind(uri->kind), words_algorithm(uri->algorithm),
               uri->digits, uri->period_s);
}

static void put_life(const struct enrolment *enrolment)
{
    char when[MOMENT_SIZE], name[FACTOR_NAME_SIZE], text[FACTOR_NAME_SIZE + 128];

    if (enrolment->not_before_s != 0)
        put_row(_("From"), moment_show(enrolment->not_before_s, when));
    if (enrolment->not_after_s != 0) {
        (void)snprintf(text, sizeof text, _("%s, that day included"), moment_show_end(enrolment->not_after_s, when));
        put_row(_("Until"), text);
    }
    if (enrolment->replaces.id != 0) {
        (void)snprintf(text, sizeof text, _("factor %s, which can be used until this one is confirmed"),
                       factor_pick_name(&enrolment->replaces, name));
        put_name(_("Replaces"));
        text_wrap(stdout, text, INDENT + NAME_COLUMNS, INDENT + NAME_COLUMNS);
    }
}

static void put_head(const struct enrolment *enrolment, const struct wire_result *result)
{
    const struct otp_uri *uri = &enrolment->uri;
    char user[TEXT_SHOWN_SIZE(USER_SIZE)], until[MOMENT_SIZE];

    printf(_("Factor %" PRId64 " of %s (uid %" PRIu32 "), pending until %s\n\n"), result->number,
           text_show(user, sizeof user, enrolment->user), enrolment->uid, moment_show(result->until_s, until));
    put_row(_("Account"), uri->account);
    if (uri->issuer[0] != '\0')
        put_row(_("Issuer"), uri->issuer);
    if (!enrolment_is_usual(uri) || uri->kind == FACTOR_HOTP)
        put_kind(uri);
    put_life(enrolment);
    if (enrolment->token != TOKEN_KEY_NONE) {
        puts("");
        return;
    }
    put_name(_("Key"));
    (void)fflush(stdout);
}

/* In groups of four, for typing. Ends with a line end. */
static enum status put_key(const struct secret *key, struct sink *sink)
{
    secret_owner struct secret *text = NULL;
    enum status status = otp_base32_encode(key, &text);
    if (status != STATUS_OK)
        return status;

    for (size_t i = 0; i < secret_len(text); i += GROUP) {
        size_t left = secret_len(text) - i;
        if (i > 0 && i % (GROUP * GROUPS_A_LINE) == 0)
            sink_text(sink, "\n            ");
        else if (i > 0)
            sink_text(sink, " ");
        sink_put(sink, secret_read(text) + i, left < GROUP ? left : GROUP);
    }
    sink_text(sink, "\n\n");
    return STATUS_OK;
}

/* Does the symbol fit the terminal? Says so if not. True where standard output is none. */
static bool fits(const struct qr *qr)
{
    struct winsize size = {0};
    unsigned side = qr_side(qr);

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return true;
    if (side > size.ws_col) {
        tool_complain(_("the QR code needs %u columns and this terminal has %u. Make it wider, or use --png or --svg."),
                      side, (unsigned)size.ws_col);
        return false;
    }
    if (size.ws_row > 0 && (side + 1) / 2 >= size.ws_row)
        tool_complain(_("the QR code needs %u lines and this terminal has %u: make the window taller to scan it, or "
                        "type the key."),
                      (side + 1) / 2 + 1, (unsigned)size.ws_row);
    return true;
}

enum status enrolment_show(const struct enrolment *enrolment, const struct wire_result *result, const struct qr *qr)
{
    struct sink sink;
    bool is_token = enrolment->token != TOKEN_KEY_NONE;
    bool with_qr = !is_token && !enrolment->no_qr && fits(qr);

    put_head(enrolment, result);
    if (is_token)
        return fflush(stdout) == 0 && ferror(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
    sink_open(&sink, STDOUT_FILENO);
    enum status status = put_key(enrolment->uri.key, &sink);
    if (with_qr) {
        sink_text(&sink, _("Scan this with the authenticator app, or type the key above into it:"));
        sink_text(&sink, "\n\n");
        qr_write_terminal(qr, &sink);
    }
    enum status written = sink_close(&sink);
    if (status == STATUS_OK && written == STATUS_OK && ferror(stdout) == 0)
        return STATUS_OK;
    return STATUS_FAILED;
}
