/* .google_authenticator: a secret in Base32, options behind a quotation mark, scratch codes of eight digits.
 *
 * MUST 1  A file in a home belongs to its owner and is opened with the owner's rights: nobody gets somebody else's secret
 *         enrolled under their own name by way of a link.
 */
#include <inttypes.h>
#include <pwd.h>
#include <string.h>

#include <garde/number.h>
#include <garde/otp.h>

#include "../text.h"
#include "format.h"
#include "input.h"

#define FILE_NAME      ".google_authenticator"
#define FILE_BYTES_MAX (64 * 1024) /* as its own module has it */
#define STEPS_MAX      (INT64_MAX / 2)

/* A word behind blanks; it and what is left of the line end with a zero byte. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    size_t len = strcspn(word, " \t");
    *rest = word + len;
    if (word[len] != '\0')
        *(*rest)++ = '\0';
    return word;
}

static enum incoming_fault take_counter(struct incoming *entry, const char *value)
{
    if (entry->kind != 0 || number_parse(value, 0, STEPS_MAX, &entry->counter) != STATUS_OK)
        return INCOMING_COUNTER;
    entry->kind = FACTOR_HOTP;
    return INCOMING_GOOD;
}

static enum incoming_fault take_step(struct incoming *entry, const char *value)
{
    uint64_t step_s = 0;
    if (number_parse(value, 1, FACTOR_PERIOD_MAX_S, &step_s) != STATUS_OK)
        return INCOMING_PERIOD;
    entry->period_s = (uint32_t)step_s;
    return INCOMING_GOOD;
}

static enum incoming_fault take_skew(struct incoming *entry, const char *value)
{
    int64_t steps = 0;
    if (incoming_signed(value, INT32_MAX, &steps) != STATUS_OK)
        return INCOMING_OFFSET;
    entry->offset_steps = (int32_t)steps;
    return INCOMING_GOOD;
}

/* The steps that were used lately: the first that counts lies behind them all. */
static enum incoming_fault take_used(char *rest, uint64_t *first)
{
    for (const char *word = next_word(&rest); *word != '\0'; word = next_word(&rest)) {
        uint64_t step = 0;
        if (number_parse(word, 0, STEPS_MAX, &step) != STATUS_OK)
            return INCOMING_NOT_OF_FORMAT;
        if (step >= *first)
            *first = step + 1;
    }
    return INCOMING_GOOD;
}

static void note_window(struct incoming *entry, const char *value)
{
    uint64_t window = 0;
    if (number_parse(value, 0, 3, &window) != STATUS_OK)
        entry->notes |= INCOMING_WINDOW;
}

struct google {
    struct incoming *entry;
    bool once; /* each code counts once there */
    bool is_totp;
    uint64_t first; /* step that counts */
};

static enum incoming_fault take_option(struct google *google, char *rest)
{
    struct incoming *entry = google->entry;
    const char *name = next_word(&rest);

    if (strcmp(name, "DISALLOW_REUSE") == 0) {
        google->once = true;
        return take_used(rest, &google->first);
    }
    if (strcmp(name, "TOTP_AUTH") == 0) {
        google->is_totp = true;
        return INCOMING_GOOD;
    }
    const char *value = next_word(&rest);
    if (strcmp(name, "HOTP_COUNTER") == 0)
        return take_counter(entry, value);
    if (strcmp(name, "STEP_SIZE") == 0)
        return take_step(entry, value);
    if (strcmp(name, "TIME_SKEW") == 0)
        return take_skew(entry, value);
    if (strcmp(name, "WINDOW_SIZE") == 0)
        note_window(entry, value);
    else if (strcmp(name, "RATE_LIMIT") == 0)
        entry->notes |= INCOMING_RATE_LIMIT;
    else if (strncmp(name, "LAST", 4) != 0 && strcmp(name, "RESETTING_TIME_SKEW") != 0)
        entry->notes |= INCOMING_UNKNOWN_LINE;
    return INCOMING_GOOD;
}

static bool is_scratch_code(const char *text)
{
    return strlen(text) == 8 && strspn(text, "0123456789") == 8;
}

static enum incoming_fault take_line(struct google *google, struct secret *line)
{
    char *text = (char *)secret_fill(line);

    if (text[0] == '"')
        return take_option(google, text + 1);
    if (is_scratch_code(text))
        google->entry->notes |= INCOMING_SCRATCH_CODES;
    else if (text[strspn(text, " \t")] != '\0')
        return INCOMING_NOT_OF_FORMAT;
    return INCOMING_GOOD;
}

/* As its module reads it: 0, 1 and 8 are taken for the letters that look like them. */
static enum incoming_fault take_secret(struct incoming *entry, struct secret *line)
{
    uint8_t *text = secret_fill(line);
    size_t len = secret_len(line);

    for (size_t i = 0; i < len; i++)
        text[i] = text[i] == '0' ? 'O' : text[i] == '1' ? 'L' : text[i] == '8' ? 'B' : text[i];
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    secret_shorten(line, len);
    if (len == 0)
        return INCOMING_NO_SECRET;
    return otp_base32_decode(line, &entry->secret) == STATUS_OK ? INCOMING_GOOD : INCOMING_BAD_SECRET;
}

static enum incoming_fault finish(struct google *google)
{
    struct incoming *entry = google->entry;

    if (google->is_totp == (entry->kind == FACTOR_HOTP))
        return INCOMING_KIND; /* neither, or both */
    if (entry->kind == FACTOR_HOTP) {
        entry->period_s = 0;
        entry->offset_steps = 0;
        return INCOMING_GOOD;
    }
    entry->kind = FACTOR_TOTP;
    entry->counter = google->first;
    if (!google->once)
        entry->notes |= INCOMING_REUSE;
    return INCOMING_GOOD;
}

/* One file. entry->line tells where it went wrong. */
static enum tool_exit read_file(struct input *input, struct incoming *entry)
{
    struct google google = {.entry = entry};
    enum input_found found = INPUT_END;

    entry->algorithm = ALGORITHM_SHA1;
    entry->digits = 6;
    entry->period_s = 30;
    while (entry->fault == INCOMING_GOOD) {
        secret_owner struct secret *line = NULL;
        found = input_line(input, &line);
        if (found != INPUT_LINE && found != INPUT_TOO_LONG && found != INPUT_ZERO)
            break;
        entry->line = input->line;
        if (found != INPUT_LINE)
            entry->fault = found == INPUT_ZERO ? INCOMING_ZERO_BYTE : INCOMING_LINE_TOO_LONG;
        else
            entry->fault = entry->secret == NULL ? take_secret(entry, line) : take_line(&google, line);
    }
    if (entry->fault != INCOMING_GOOD)
        return TOOL_DONE;
    entry->line = 0;
    if (found != INPUT_END)
        return input_tell(input, found);
    entry->fault = entry->secret == NULL ? INCOMING_NO_SECRET : finish(&google);
    return TOOL_DONE;
}

/* Whose a file is: its owner's. Root keeps other people's files, so root is never guessed. */
static bool derive_user(const struct input *input, char user[USER_SIZE])
{
    const struct passwd *owner = input->owner == 0 || input->owner == (uid_t)-1 ? NULL : getpwuid(input->owner);
    return owner != NULL && text_copy(user, USER_SIZE, owner->pw_name);
}

static enum tool_exit read_one(const struct format_request *request, incoming_take *take, void *context)
{
    input_owner struct input input = INPUT_NONE;
    incoming_owner struct incoming entry = {.path = request->path};

    enum tool_exit done = input_open(&input, request->path, FILE_BYTES_MAX);
    if (done != TOOL_DONE)
        return done;
    if (request->user == NULL && !derive_user(&input, entry.user)) {
        tool_complain(_("the file does not say whose it is, and it belongs to root or comes through a pipe: name the "
                        "user with --user NAME"));
        return TOOL_USAGE;
    }
    done = read_file(&input, &entry);
    if (done == TOOL_DONE)
        (void)take(&entry, context);
    return done;
}

/* "user:path". A home without the file is no error: most have none. */
static bool read_home(char *text, const char *list, unsigned long line, incoming_take *take, void *context)
{
    incoming_owner struct incoming entry = {.item = line};
    input_owner struct input input = INPUT_NONE;
    char *path = strchr(text, ':');

    if (path == NULL || path == text || path[1] != '/' || path - text >= USER_SIZE) {
        entry.path = list;
        entry.line = line;
        entry.item = 0;
        entry.fault = INCOMING_NOT_OF_FORMAT;
        return take(&entry, context);
    }
    *path++ = '\0';
    entry.path = path;
    (void)text_copy(entry.user, sizeof entry.user, text);
    const struct passwd *user = getpwnam(text);
    if (user == NULL) {
        entry.fault = INCOMING_UNKNOWN_USER;
        return take(&entry, context);
    }
    enum status status = input_open_theirs(&input, path, FILE_NAME, user->pw_uid, user->pw_gid, FILE_BYTES_MAX);
    if (status == STATUS_OK) {
        if (read_file(&input, &entry) != TOOL_DONE)
            entry.fault = INCOMING_UNREADABLE;
    } else {
        entry.fault = status == STATUS_NOT_FOUND ? INCOMING_NO_FILE
                      : status == STATUS_DENIED  ? INCOMING_NOT_THEIRS
                                                 : INCOMING_UNREADABLE;
    }
    return take(&entry, context);
}

static enum tool_exit read_list(const struct format_request *request, incoming_take *take, void *context)
{
    input_owner struct input input = INPUT_NONE;
    enum input_found found = INPUT_LINE;

    enum tool_exit done = input_open(&input, request->path, INPUT_BYTES_MAX);
    if (done != TOOL_DONE)
        return done;
    for (;;) {
        secret_owner struct secret *line = NULL;
        found = input_line(&input, &line);
        if (found == INPUT_LINE) {
            char *text = (char *)secret_fill(line);
            if (text[0] != '\0' && text[0] != '#' && !read_home(text, request->path, input.line, take, context))
                return TOOL_DONE;
            continue;
        }
        if (found != INPUT_TOO_LONG && found != INPUT_ZERO)
            return input_tell(&input, found);
        struct incoming bad = {.path = request->path,
                               .line = input.line,
                               .fault = found == INPUT_ZERO ? INCOMING_ZERO_BYTE : INCOMING_LINE_TOO_LONG};
        if (!take(&bad, context))
            return TOOL_DONE;
    }
}

enum tool_exit format_google(const struct format_request *request, incoming_take *take, void *context)
{
    return request->list ? read_list(request, take, context) : read_one(request, take, context);
}
