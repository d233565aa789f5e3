/* garde export: all secrets, or one user's, in an encrypted file.
 *
 * MUST 1  The file is new, 0600, and whole or not there.
 * MUST 2  Secrets are asked for only after the answer to the question, with the key at hand and the file open: an export in the audit is one that could
 *         be written.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <garde/crypto.h>

#include "actor.h"
#include "admin_client.h"
#include "ask.h"
#include "command.h"
#include "formats/pskc_lock.h"
#include "formats/pskc_write.h"
#include "names.h"
#include "picture_file.h"
#include "question.h"
#include "result.h"
#include "text.h"

enum {
    OPTION_USER,
    OPTION_KEY_FILE,
    OPTION_PASSPHRASE_FILE,
    OPTION_YES,
};

static const struct option_row rows[] = {
    [OPTION_USER] = {"user", N_("USER"), N_("only this user's factors (default: everybody's)")},
    [OPTION_KEY_FILE] = {"key-file", N_("FILE"), N_("encrypt with the AES key in this file, in hexadecimal")},
    [OPTION_PASSPHRASE_FILE] = {"passphrase-file", N_("FILE"), N_("the passphrase (default: it is asked for, twice)")},
    [OPTION_YES] = {"yes", NULL, N_("answer the question with yes")},
    {NULL, NULL, NULL},
};

struct export
{
    struct tool *tool;
    const char *path;
    const char *user; /* NULL: all */
    struct pskc_keeper keeper;
    bool yes;
    struct secret *key;
    struct secret *passphrase;
    struct pskc_writer *writer;
    unsigned long count;
    enum status status; /* of writing */
};

static void drop_export(struct export *export)
{
    pskc_writer_free(export->writer);
    secret_free(export->key);
    secret_free(export->passphrase);
}
#define export_owner __attribute__((cleanup(drop_export)))

static enum tool_exit wrong(const struct options *options, const char *text)
{
    tool_complain("%s", text);
    return options_hint(options->command);
}

static enum tool_exit read_all(struct options *options, struct export *export)
{
    const char *value = NULL;

    for (;;) {
        switch (options_next(options, &value)) {
        case OPTIONS_END:
            if (export->path == NULL)
                return wrong(options, _("the file is missing"));
            if (export->keeper.key_file != NULL && export->keeper.passphrase_file != NULL)
                return wrong(options, _("--key-file and --passphrase-file do not go together"));
            return TOOL_DONE;
        case OPTIONS_WRONG:
            return TOOL_USAGE;
        case OPTIONS_WORD:
            if (export->path != NULL)
                return wrong(options, _("one file at a time"));
            export->path = value;
            break;
        case OPTION_USER:
            export->user = value;
            break;
        case OPTION_KEY_FILE:
            export->keeper.key_file = value;
            break;
        case OPTION_PASSPHRASE_FILE:
            export->keeper.passphrase_file = value;
            break;
        default:
            export->yes = true;
            break;
        }
    }
}

/* A passphrase that is typed is typed twice: nobody could open the file otherwise. */
static enum tool_exit fetch_passphrase(struct export *export)
{
    secret_owner struct secret *again = NULL;

    enum tool_exit done = pskc_lock_read_passphrase(&export->keeper, &export->passphrase);
    if (done != TOOL_DONE)
        return done;
    if (secret_len(export->passphrase) < PSKC_PASSPHRASE_MIN) {
        tool_complain(_("a passphrase has at least %d characters; it is all that keeps these secrets."),
                      PSKC_PASSPHRASE_MIN);
        return TOOL_REFUSED;
    }
    if (export->keeper.passphrase_file != NULL)
        return TOOL_DONE;
    if (ask_line(_("The same again: "), ASK_HIDDEN, false, PSKC_PASSPHRASE_MAX, &again) == STATUS_OK &&
        secret_len(again) == secret_len(export->passphrase) &&
        crypto_equal(secret_read(again), secret_read(export->passphrase), secret_len(again)))
        return TOOL_DONE;
    tool_complain(_("these were two different passphrases."));
    return TOOL_REFUSED;
}

static bool on_row(const struct wire_message *row, void *context)
{
    struct export *export = context;

    if (row->type != WIRE_SECRET)
        return true;
    export->status = pskc_writer_put(export->writer, &row->secret);
    export->count++;
    return export->status == STATUS_OK;
}

static enum tool_exit tell_file(const struct export *export, int error)
{
    char shown[1024];
    tool_complain(_("%s cannot be written: %s"), text_show(shown, sizeof shown, export->path), strerror(error));
    return TOOL_REFUSED;
}

/* What is written so far is dropped with the file, unless all of it came. */
static enum tool_exit fetch_secrets(struct export *export, struct wire_result *out_result)
{
    struct wire_message request = {.type = WIRE_EXPORT, .export = {.actor = actor_find()}};
    enum tool_exit done = TOOL_DONE;

    if (export->user != NULL)
        done = names_take(export->user, request.export.user);
    if (done == TOOL_DONE)
        done = admin_client_stream(export->tool, &request, on_row, export, out_result);
    if (export->status != STATUS_OK)
        return tell_file(export, export->status == STATUS_NO_MEMORY ? ENOMEM : EIO);
    if (done == TOOL_DONE && out_result->code == WIRE_TAMPERED)
        return TOOL_DONE; /* the others are worth keeping; told at the end */
    if (done == TOOL_DONE && out_result->code == WIRE_NO_FACTOR) {
        tool_complain(_("there is no factor to export."));
        return TOOL_REFUSED;
    }
    return done == TOOL_DONE ? result_tell(out_result, export->user == NULL ? "" : export->user) : done;
}

static enum tool_exit write_file(struct export *export)
{
    picture_file_owner struct picture_file file = PICTURE_FILE_NONE;
    struct wire_result result = {.code = WIRE_OK};
    char shown[1024];

    enum tool_exit done = picture_file_open(&file, export->path);
    if (done != TOOL_DONE)
        return done;
    if (pskc_writer_open(file.fd, export->key, export->passphrase, &export->writer) != STATUS_OK)
        return tell_file(export, EIO);
    done = fetch_secrets(export, &result);
    if (done != TOOL_DONE)
        return done;
    if (pskc_writer_finish(export->writer) != STATUS_OK)
        return tell_file(export, EIO);
    if (fsync(file.fd) != 0 && errno != EINVAL && errno != EROFS)
        return tell_file(export, errno);
    done = picture_file_place(&file);
    if (done != TOOL_DONE)
        return done;
    picture_file_keep(&file);
    tool_say(export->tool,
             ngettext("%lu secret is in %s, encrypted.\n", "%lu secrets are in %s, encrypted.\n", export->count),
             export->count, text_show(shown, sizeof shown, export->path));
    if (result.code != WIRE_TAMPERED)
        return TOOL_DONE;
    tool_complain(_("secrets of records that were tampered with are not among them. Look at: garde status"));
    return TOOL_TAMPERED;
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    export_owner struct export export = {.tool = tool};

    enum tool_exit done = read_all(options, &export);
    if (done == TOOL_DONE)
        done = tool_load(tool);
    if (done == TOOL_DONE)
        done = question_ask(_("Who has this file and its key can make the codes of everybody in it. Write it? Type yes "
                              "or no: "),
                            export.yes);
    if (done == TOOL_DONE)
        done = export.keeper.key_file != NULL ? pskc_lock_read_key(&export.keeper, &export.key)
                                              : fetch_passphrase(&export);
    return done == TOOL_DONE ? write_file(&export) : done;
}

const struct command cmd_export = {
    .name = "export",
    .arguments = N_("FILE [--user USER] [OPTIONS]"),
    .summary = N_("write secrets into an encrypted file"),
    .details = N_("A new key container (PSKC, RFC 6030), for another garde or another system: the secrets of all "
                  "factors but revoked and suspended ones, encrypted with an AES key or a passphrase, each with its "
                  "MAC, and with counters and offsets. "
                  "It is in the audit before the first secret leaves the verifier. garde import pskc reads it back."),
    .example = "garde export /root/garde.pskc --key-file /root/transport.key",
    .options = rows,
    .run = run,
};
