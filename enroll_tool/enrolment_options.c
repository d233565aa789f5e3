#include "enrolment.h"

#include <string.h>

#include <garde/number.h>

#include "factor_pick.h"
#include "moment.h"
#include "names.h"
#include "text.h"

enum {
    OPTION_TYPE,
    OPTION_ALGORITHM,
    OPTION_DIGITS,
    OPTION_PERIOD,
    OPTION_LABEL,
    OPTION_ISSUER,
    OPTION_PNG,
    OPTION_SVG,
    OPTION_NO_QR,
    OPTION_URI_STDIN,
    OPTION_NO_CONFIRM,
    OPTION_KEY_STDIN,
    OPTION_COUNTER,
    OPTION_NOT_BEFORE,
    OPTION_NOT_AFTER,
    OPTION_REPLACES,
    OPTION_SHEET,
    OPTION_LANGUAGE,
    OPTION_PENDING_FOR,
    OPTION_FROM,
    OPTION_SHEETS,
    OPTION_JSON,
};

#define GIVEN(option) (1U << (option))

const struct option_row enrolment_options[] = {
    [OPTION_TYPE] = {"type", "totp|hotp", N_("codes by time, or by counter (default: totp)")},
    [OPTION_ALGORITHM] = {"algorithm", "sha1|sha256|sha512", N_("default: sha1, which every app understands")},
    [OPTION_DIGITS] = {"digits", "6|7|8", N_("digits of a code (default: 6)")},
    [OPTION_PERIOD] = {"period", "S", N_("seconds between two codes (default: 30, at most 120)")},
    [OPTION_LABEL] = {"label", N_("TEXT"), N_("a name for this factor in lists, such as \"phone\"")},
    [OPTION_ISSUER] = {"issuer", N_("TEXT"), N_("the name the app shows (default: issuer of garde.conf)")},
    [OPTION_PNG] = {"png", N_("FILE"), N_("write the QR code as PNG into a new file")},
    [OPTION_SVG] = {"svg", N_("FILE"), N_("write the QR code as SVG into a new file")},
    [OPTION_NO_QR] = {"no-qr", NULL, N_("show no QR code in the terminal")},
    [OPTION_URI_STDIN] = {"uri-stdin", NULL, N_("take an otpauth:// URI from standard input, make no secret")},
    [OPTION_NO_CONFIRM] = {"no-confirm", NULL, N_("leave the factor pending, ask for no code")},
    [OPTION_KEY_STDIN] = {"key-stdin", "base32|hex", N_("take a hardware token's key from standard input, show none")},
    [OPTION_COUNTER] = {"counter", "N", N_("of a hotp token: the counter of its next code (default: 0)")},
    [OPTION_NOT_BEFORE] = {"not-before", N_("DATE"), N_("good from the start of that day on, such as 2026-12-01")},
    [OPTION_NOT_AFTER] = {"not-after", N_("DATE"), N_("good until the end of that day")},
    [OPTION_REPLACES] = {"replaces", N_("FACTOR"), N_("end this factor of the user when the new one is confirmed")},
    [OPTION_SHEET] = {"sheet", N_("FILE"),
                      N_("write a sheet to print and hand over into a new HTML file; ask for no code")},
    [OPTION_LANGUAGE] = {"language", "fr|en", N_("of the sheet (default: language of garde.conf)")},
    [OPTION_PENDING_FOR] = {"pending-for", N_("TIME"),
                            N_("how long the sheet may be used for the first time (default: 14d)")},
    [OPTION_FROM] = {"from", N_("FILE"), N_("enrol all users of this CSV file, with a sheet each")},
    [OPTION_SHEETS] = {"sheets", N_("FOLDER"), N_("where the sheets of --from go; made if it is not there")},
    [OPTION_JSON] = {"json", NULL, N_("with --from: what became of each line, as JSON")},
    {NULL, NULL, NULL},
};

#define SHEET_PENDING_S     (14 * INT64_C(86400))
#define SHEET_PENDING_MIN_S INT64_C(60)
#define SHEET_PENDING_MAX_S (90 * INT64_C(86400))

void enrolment_drop(struct enrolment *enrolment)
{
    otp_uri_wipe(&enrolment->uri);
}

static bool take_type(struct otp_uri *uri, const char *value)
{
    uri->kind = strcmp(value, "totp") == 0 ? FACTOR_TOTP : FACTOR_HOTP;
    return strcmp(value, "totp") == 0 || strcmp(value, "hotp") == 0;
}

static bool take_algorithm(struct otp_uri *uri, const char *value)
{
    static const char *const names[] = {"sha1", "sha256", "sha512"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            uri->algorithm = (enum factor_algorithm)(ALGORITHM_SHA1 + i);
            return true;
        }
    }
    return false;
}

static bool take_number(const char *value, uint64_t min, uint64_t max, uint32_t *out_number)
{
    uint64_t number = 0;
    if (number_parse(value, min, max, &number) != STATUS_OK)
        return false;
    *out_number = (uint32_t)number;
    return true;
}

static bool take_label(struct enrolment *enrolment, const char *value)
{
    return text_is_clean(value) && text_copy(enrolment->label, sizeof enrolment->label, value);
}

static bool take_issuer(struct enrolment *enrolment, const char *value)
{
    enrolment->issuer = value;
    return strlen(value) < ISSUER_SIZE && text_is_clean(value) && strchr(value, ':') == NULL;
}

static bool take_form(struct enrolment *enrolment, const char *value)
{
    enrolment->token = strcmp(value, "base32") == 0 ? TOKEN_KEY_BASE32 : TOKEN_KEY_HEX;
    return strcmp(value, "base32") == 0 || strcmp(value, "hex") == 0;
}

static bool take_language(struct enrolment *enrolment, const char *value)
{
    enrolment->language = strcmp(value, "fr") == 0 ? LANGUAGE_FR : LANGUAGE_EN;
    return strcmp(value, "fr") == 0 || strcmp(value, "en") == 0;
}

/* Those of sheets, and of lists. */
static bool take_sheet(struct enrolment *enrolment, int which, const char *value)
{
    switch (which) {
    case OPTION_SHEET:
        enrolment->sheet = value;
        enrolment->handed_out = true;
        return true;
    case OPTION_LANGUAGE:
        return take_language(enrolment, value);
    case OPTION_PENDING_FOR:
        return number_parse_duration(value, SHEET_PENDING_MIN_S, SHEET_PENDING_MAX_S, &enrolment->pending_for_s) ==
               STATUS_OK;
    case OPTION_FROM:
        enrolment->from = value;
        enrolment->handed_out = true;
        return true;
    case OPTION_SHEETS:
        enrolment->sheets = value;
        return true;
    default:
        enrolment->as_json = true;
        return true;
    }
}

/* Those of a factor's life, and of tokens. */
static bool take_more(struct enrolment *enrolment, int which, const char *value)
{
    switch (which) {
    case OPTION_KEY_STDIN:
        return take_form(enrolment, value);
    case OPTION_COUNTER:
        return number_parse(value, 0, INT64_MAX, &enrolment->uri.counter) == STATUS_OK;
    case OPTION_NOT_BEFORE:
        return number_parse_date(value, &enrolment->not_before_s) == STATUS_OK;
    case OPTION_NOT_AFTER:
        return moment_parse_day_end(value, &enrolment->not_after_s) == STATUS_OK;
    case OPTION_REPLACES:
        enrolment->typed_replaces = value;
        return true;
    default:
        return take_sheet(enrolment, which, value);
    }
}

/* false: a value that is not one of the option's. */
static bool take(struct enrolment *enrolment, int which, const char *value)
{
    switch (which) {
    case OPTION_TYPE:
        return take_type(&enrolment->uri, value);
    case OPTION_ALGORITHM:
        return take_algorithm(&enrolment->uri, value);
    case OPTION_DIGITS:
        return take_number(value, OTP_DIGITS_MIN, OTP_DIGITS_MAX, &enrolment->uri.digits);
    case OPTION_PERIOD:
        return take_number(value, 1, FACTOR_PERIOD_MAX_S, &enrolment->uri.period_s);
    case OPTION_LABEL:
        return take_label(enrolment, value);
    case OPTION_ISSUER:
        return take_issuer(enrolment, value);
    case OPTION_PNG:
        enrolment->png = value;
        return true;
    case OPTION_SVG:
        enrolment->svg = value;
        return true;
    case OPTION_NO_QR:
        enrolment->no_qr = true;
        return true;
    case OPTION_URI_STDIN:
        enrolment->from_uri = true;
        return true;
    case OPTION_NO_CONFIRM:
        enrolment->no_confirm = true;
        return true;
    default:
        return take_more(enrolment, which, value);
    }
}

static enum tool_exit wrong(const struct options *options, const char *text)
{
    tool_complain("%s", text);
    return options_hint(options->command);
}

static enum tool_exit read_all(struct options *options, struct enrolment *enrolment)
{
    const char *value = NULL;

    for (;;) {
        int which = options_next(options, &value);
        if (which == OPTIONS_END)
            return TOOL_DONE;
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        if (which == OPTIONS_WORD) {
            if (enrolment->typed_user != NULL)
                return wrong(options, _("one user at a time"));
            enrolment->typed_user = value;
            continue;
        }
        if (!take(enrolment, which, value))
            return options_refuse(options, which, value);
    }
}

static enum tool_exit check_token(const struct options *options, const struct enrolment *enrolment)
{
    bool is_counting = enrolment->uri.kind == FACTOR_HOTP && enrolment->token != TOKEN_KEY_NONE;

    if (enrolment->token != TOKEN_KEY_NONE && enrolment->from_uri)
        return wrong(options,
                     _("--key-stdin and --uri-stdin both take a secret from standard input: give one of them"));
    if (enrolment->token != TOKEN_KEY_NONE && (enrolment->png != NULL || enrolment->svg != NULL))
        return wrong(options, _("--key-stdin goes with neither --png nor --svg: a token has its key already"));
    if ((options->seen & GIVEN(OPTION_COUNTER)) != 0 && !is_counting)
        return wrong(options, _("--counter goes with --key-stdin and --type hotp: a new secret counts from 0"));
    return TOOL_DONE;
}

static enum tool_exit check_dates(const struct options *options, const struct enrolment *enrolment)
{
    bool ends = enrolment->not_after_s != 0;

    if (ends && enrolment->not_after_s <= tool_now_s())
        return wrong(options, _("--not-after: that day is over"));
    if (ends && enrolment->not_before_s >= enrolment->not_after_s)
        return wrong(options, _("--not-before lies behind --not-after"));
    if (enrolment->typed_replaces != NULL && !enrolment->handed_out && enrolment->not_before_s > tool_now_s())
        return wrong(options, _("--replaces goes with a --not-before that lies ahead only on a sheet: confirmed today, "
                                "the old factor would end before the new one begins"));
    return TOOL_DONE;
}

/* What goes together with a sheet, and with a list of users. */
static enum tool_exit check_sheets(const struct options *options, const struct enrolment *enrolment)
{
    const uint32_t of_sheets = GIVEN(OPTION_LANGUAGE) | GIVEN(OPTION_PENDING_FOR);
    const uint32_t of_list = GIVEN(OPTION_SHEETS) | GIVEN(OPTION_JSON);
    const uint32_t shown_here = GIVEN(OPTION_PNG) | GIVEN(OPTION_SVG) | GIVEN(OPTION_NO_QR) | GIVEN(OPTION_NO_CONFIRM);
    const uint32_t of_one = GIVEN(OPTION_SHEET) | GIVEN(OPTION_URI_STDIN) | GIVEN(OPTION_KEY_STDIN) |
                            GIVEN(OPTION_COUNTER) | GIVEN(OPTION_REPLACES);

    if (!enrolment->handed_out && (options->seen & of_sheets) != 0)
        return wrong(options, _("--language and --pending-for go with --sheet or --from"));
    if (enrolment->handed_out && (options->seen & shown_here) != 0)
        return wrong(options, _("a sheet goes with none of --png, --svg, --no-qr and --no-confirm: nothing is shown or "
                                "asked for here"));
    if (enrolment->from == NULL && (options->seen & of_list) != 0)
        return wrong(options, _("--sheets and --json go with --from"));
    if (enrolment->from == NULL)
        return TOOL_DONE;
    if (enrolment->sheets == NULL)
        return wrong(options, _("--from needs --sheets"));
    if (enrolment->typed_user != NULL || (options->seen & of_one) != 0)
        return wrong(options, _("--from takes the users from its file: it goes with no user, and with none of --sheet, "
                                "--uri-stdin, --key-stdin, --counter and --replaces"));
    return TOOL_DONE;
}

static enum tool_exit check_together(const struct options *options, const struct enrolment *enrolment)
{
    const uint32_t told_by_uri = GIVEN(OPTION_TYPE) | GIVEN(OPTION_ALGORITHM) | GIVEN(OPTION_DIGITS) |
                                 GIVEN(OPTION_PERIOD) | GIVEN(OPTION_ISSUER);

    enum tool_exit done = check_sheets(options, enrolment);
    if (done != TOOL_DONE)
        return done;
    if (enrolment->typed_user == NULL && enrolment->from == NULL)
        return wrong(options, _("the user is missing"));
    if (enrolment->from_uri && (options->seen & told_by_uri) != 0)
        return wrong(options, _("--uri-stdin goes with none of --type, --algorithm, --digits, --period and --issuer: "
                                "the URI tells them"));
    if (enrolment->uri.kind == FACTOR_HOTP && (options->seen & GIVEN(OPTION_PERIOD)) != 0)
        return wrong(options, _("--period is for totp: hotp counts, it has no clock"));
    if (enrolment->png != NULL && enrolment->svg != NULL && strcmp(enrolment->png, enrolment->svg) == 0)
        return wrong(options, _("--png and --svg need a file each"));
    done = check_token(options, enrolment);
    return done == TOOL_DONE ? check_dates(options, enrolment) : done;
}

/* Looked up before anything is made or asked for. */
static enum tool_exit find_replaced(struct tool *tool, struct enrolment *enrolment)
{
    struct factor_set set = {.count = 0};

    if (enrolment->typed_replaces == NULL)
        return TOOL_DONE;
    enum tool_exit done = factor_pick_all(tool, enrolment->user, enrolment->typed_replaces, &set);
    return done == TOOL_DONE ? factor_pick(&set, enrolment->user, enrolment->typed_replaces, &enrolment->replaces)
                             : done;
}

enum tool_exit enrolment_read(struct tool *tool, struct options *options, struct enrolment *enrolment)
{
    enrolment->uri =
        (struct otp_uri){.kind = FACTOR_TOTP, .algorithm = ALGORITHM_SHA1, .digits = OTP_DIGITS_MIN, .period_s = 30};

    enum tool_exit done = read_all(options, enrolment);
    if (done == TOOL_DONE)
        done = check_together(options, enrolment);
    if (done == TOOL_DONE)
        done = tool_load(tool);
    if (done == TOOL_DONE && enrolment->from == NULL)
        done = names_resolve(enrolment->typed_user, enrolment->user, &enrolment->uid);
    if (done == TOOL_DONE)
        done = find_replaced(tool, enrolment);
    if (done != TOOL_DONE)
        return done;

    if (enrolment->language == 0)
        enrolment->language = tool->settings.language;
    if (enrolment->handed_out && enrolment->pending_for_s == 0)
        enrolment->pending_for_s = SHEET_PENDING_S;
    if (enrolment->uri.kind == FACTOR_HOTP)
        enrolment->uri.period_s = 0;
    const char *issuer = enrolment->issuer != NULL ? enrolment->issuer : tool->settings.issuer;
    (void)text_copy(enrolment->uri.issuer, sizeof enrolment->uri.issuer, issuer);
    (void)text_copy(enrolment->uri.account, sizeof enrolment->uri.account, enrolment->user);
    return TOOL_DONE;
}

bool enrolment_is_usual(const struct otp_uri *uri)
{
    bool usual_clock = uri->kind == FACTOR_HOTP || uri->period_s == 30;
    return uri->algorithm == ALGORITHM_SHA1 && uri->digits == 6 && usual_clock;
}
