#include <string.h>

#include <garde/number.h>

#include "command.h"
#include "import.h"
#include "names.h"
#include "text.h"

#define PENDING_FOR_S     ((int64_t)90 * 86400)
#define PENDING_FOR_MAX_S PENDING_FOR_S /* the verifier takes no more */

enum {
    OPTION_USER,
    OPTION_LIST,
    OPTION_MAP,
    OPTION_DOMAIN,
    OPTION_ISSUER,
    OPTION_LABEL,
    OPTION_KEY_FILE,
    OPTION_PASSPHRASE_FILE,
    OPTION_PENDING_FOR,
    OPTION_ACCEPT_WEAK,
    OPTION_DRY_RUN,
    OPTION_JSON,
};

static const struct option_row rows[] = {
    [OPTION_USER] = {"user", N_("USER"), N_("whose factors these are, where the file does not say")},
    [OPTION_LIST] = {"list", NULL, N_("google-authenticator: FILE is a list of lines \"user:home\"")},
    [OPTION_MAP] = {"map", N_("FILE"), N_("pskc: whose tokens these are, lines \"serial,user\"")},
    [OPTION_DOMAIN] = {"domain", N_("NAME"), N_("cut \"@NAME\" off the names in the file")},
    [OPTION_ISSUER] = {"issuer", N_("TEXT"), N_("take the entries of this issuer only")},
    [OPTION_LABEL] = {"label", N_("TEXT"), N_("a name for each factor in lists (default: from the file)")},
    [OPTION_KEY_FILE] = {"key-file", N_("FILE"), N_("pskc: the AES key, in hexadecimal (default: it is asked for)")},
    [OPTION_PASSPHRASE_FILE] = {"passphrase-file", N_("FILE"), N_("pskc: the passphrase (default: it is asked for)")},
    [OPTION_PENDING_FOR] = {"pending-for", N_("TIME"), N_("how long a first code may take to come (default: 90d)")},
    [OPTION_ACCEPT_WEAK] = {"accept-weak", NULL, N_("take secrets of 80 to 127 bits, too")},
    [OPTION_DRY_RUN] = {"dry-run", NULL, N_("say what would happen, and change nothing")},
    [OPTION_JSON] = {"json", NULL, N_("as JSON, for programs")},
    {NULL, NULL, NULL},
};

static enum tool_exit wrong(const struct options *options, const char *text)
{
    tool_complain("%s", text);
    return options_hint(options->command);
}

static bool take_text(const char **out_text, const char *value, size_t size)
{
    *out_text = value;
    return strlen(value) < size && text_is_clean(value);
}

/* false: a value that is not one of the option's. */
static bool take(struct import_options *import, int which, const char *value)
{
    struct format_request *request = &import->request;

    switch (which) {
    case OPTION_USER:
        return take_text(&request->user, value, USER_SIZE);
    case OPTION_LIST:
        request->list = true;
        return true;
    case OPTION_MAP:
        request->map = value;
        return true;
    case OPTION_DOMAIN:
        return take_text(&request->domain, value, USER_SIZE);
    case OPTION_ISSUER:
        return take_text(&request->issuer, value, ISSUER_SIZE);
    case OPTION_LABEL:
        return take_text(&import->label, value, LABEL_SIZE);
    case OPTION_KEY_FILE:
        request->key_file = value;
        return true;
    case OPTION_PASSPHRASE_FILE:
        request->passphrase_file = value;
        return true;
    case OPTION_PENDING_FOR:
        return number_parse_duration(value, 60, PENDING_FOR_MAX_S, &import->pending_for_s) == STATUS_OK;
    case OPTION_ACCEPT_WEAK:
        import->accept_weak = true;
        return true;
    case OPTION_DRY_RUN:
        import->dry_run = true;
        return true;
    default:
        import->as_json = true;
        return true;
    }
}

static enum tool_exit take_word(const struct options *options, struct import_options *import, const char *word)
{
    if (import->format == NULL) {
        import->format = format_find(word);
        if (import->format != NULL)
            return TOOL_DONE;
        char shown[256];
        tool_complain(_("there is no format %s. The formats are: google-authenticator, users.oath, pskc, otpauth, "
                        "otpauth-migration"),
                      text_show(shown, sizeof shown, word));
        return options_hint(options->command);
    }
    if (import->request.path != NULL)
        return wrong(options, _("one file at a time"));
    import->request.path = word;
    return TOOL_DONE;
}

static enum tool_exit check_together(const struct options *options, const struct import_options *import)
{
    static const struct {
        int option;
        unsigned takes;
    } needs[] = {{OPTION_USER, FORMAT_USER},          {OPTION_LIST, FORMAT_LIST},     {OPTION_MAP, FORMAT_MAP},
                 {OPTION_DOMAIN, FORMAT_DOMAIN},      {OPTION_ISSUER, FORMAT_ISSUER}, {OPTION_KEY_FILE, FORMAT_KEY},
                 {OPTION_PASSPHRASE_FILE, FORMAT_KEY}};

    if (import->format == NULL || import->request.path == NULL)
        return wrong(options, _("the format and the file are missing"));
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if ((options->seen & 1U << needs[i].option) == 0 || (import->format->takes & needs[i].takes) != 0)
            continue;
        tool_complain(_("--%s is not for the format %s"), rows[needs[i].option].name, import->format->name);
        return options_hint(options->command);
    }
    if (import->request.list && import->request.user != NULL)
        return wrong(options, _("--list and --user do not go together: the list names the users"));
    if (import->request.key_file != NULL && import->request.passphrase_file != NULL)
        return wrong(options, _("--key-file and --passphrase-file do not go together"));
    return TOOL_DONE;
}

static enum tool_exit read_all(struct options *options, struct import_options *import)
{
    const char *value = NULL;

    for (;;) {
        enum tool_exit done = TOOL_DONE;
        int which = options_next(options, &value);
        if (which == OPTIONS_END)
            return check_together(options, import);
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        if (which == OPTIONS_WORD) {
            done = take_word(options, import, value);
        } else if (!take(import, which, value)) {
            char shown[256];
            tool_complain(_("--%s does not take %s"), rows[which].name, text_show(shown, sizeof shown, value));
            done = options_hint(options->command);
        }
        if (done != TOOL_DONE)
            return done;
    }
}

static enum tool_exit run(struct tool *tool, struct options *options)
{
    struct import_options import = {.pending_for_s = PENDING_FOR_S, .request = {.now_s = tool_now_s()}};
    char user[USER_SIZE];
    uint32_t uid = NO_UID;

    enum tool_exit done = read_all(options, &import);
    if (done == TOOL_DONE && import.request.user != NULL)
        done = names_resolve(import.request.user, user, &uid);
    return done == TOOL_DONE ? import_run(tool, &import) : done;
}

const struct command cmd_import = {
    .name = "import",
    .arguments = N_("FORMAT FILE [OPTIONS]"),
    .summary = N_("take over the factors of another system"),
    .details = N_("Formats: google-authenticator, users.oath (pam_oath), pskc (RFC 6030, also encrypted), otpauth (one "
                  "URI a line), otpauth-migration (a phone's export). FILE may be - for standard input. Each factor "
                  "is pending until its first right code at a login. What cannot be taken is told with its line, and "
                  "the others go on; a second run enrols nobody twice."),
    .example = "garde import users.oath /etc/users.oath --dry-run",
    .options = rows,
    .run = run,
};
