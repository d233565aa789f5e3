#include "options.h"

#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include <security/pam_modules.h>

#include <garde/number.h>
#include <garde/wire.h>

#define TIMEOUT_DEFAULT_S 3 /* C12: callers give up after 30 s; a person before that */
#define TIMEOUT_MAX_S     30

struct known {
    const char *name; /* with a final '=' if a value follows */
    bool (*take)(struct options *options, const char *value);
};

static bool take_socket(struct options *options, const char *value)
{
    options->socket = value;
    return value[0] == '/' && strlen(value) < sizeof((struct sockaddr_un){0}.sun_path);
}

/* sudo puts its own prompt, and some callers the password, where a prompt reads so (C3). */
static bool reads_as_password_prompt(const char *text)
{
    return strcmp(text, "Password:") == 0 || strcmp(text, "Password: ") == 0;
}

static bool take_prompt(struct options *options, const char *value)
{
    options->prompt = value;
    for (const char *at = value; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    return value[0] != '\0' && strlen(value) < PAM_MAX_MSG_SIZE && !reads_as_password_prompt(value);
}

static bool take_timeout(struct options *options, const char *value)
{
    uint64_t seconds = 0;
    if (number_parse(value, 1, TIMEOUT_MAX_S, &seconds) != STATUS_OK)
        return false;
    options->timeout_ms = (int64_t)seconds * 1000;
    return true;
}

static bool take_echo(struct options *options, const char *value)
{
    (void)value;
    return options->echo = true;
}

static bool take_quiet(struct options *options, const char *value)
{
    (void)value;
    return options->quiet = true;
}

static bool take_debug(struct options *options, const char *value)
{
    (void)value;
    return options->debug = true;
}

static bool take_mode(struct options *options, enum mode mode)
{
    bool is_first = options->mode == MODE_PROMPT;
    options->mode = mode;
    return is_first;
}

static bool take_split(struct options *options, const char *value)
{
    (void)value;
    return take_mode(options, MODE_SPLIT);
}

static bool take_verify(struct options *options, const char *value)
{
    (void)value;
    return take_mode(options, MODE_VERIFY);
}

static bool take_concat(struct options *options, const char *value)
{
    (void)value;
    return take_mode(options, MODE_CONCAT);
}

static bool take_nodelay(struct options *options, const char *value)
{
    (void)value;
    return options->nodelay = true;
}

/* NULL: they go together. A password is never shown, and there is no delay of ours to leave out without a mode. */
static const char *odd_one(const struct options *options)
{
    if (options->mode == MODE_PROMPT)
        return options->nodelay ? "nodelay" : NULL;
    return options->echo ? "echo" : NULL;
}

static bool matches(const struct known *known, const char *argument, const char **out_value)
{
    size_t len = strlen(known->name);
    *out_value = argument + len;
    if (known->name[len - 1] == '=')
        return strncmp(argument, known->name, len) == 0;
    return strcmp(argument, known->name) == 0;
}

enum status options_parse(int argc, const char **argv, bool root, struct options *out_options, const char **out_bad)
{
    const struct known all[] = {{"socket=", take_socket}, {"prompt=", take_prompt}, {"timeout=", take_timeout},
                                {"echo", take_echo},      {"quiet", take_quiet},    {"debug", take_debug},
                                {"split", take_split},    {"verify", take_verify},  {"concat", take_concat},
                                {"nodelay", take_nodelay}};
    const size_t count = sizeof all / sizeof all[0];
    bool seen[sizeof all / sizeof all[0]] = {false};
    struct options options = {.socket = root ? WIRE_DEFAULT_FOLDER "/" WIRE_TRUSTED_SOCKET
                                             : WIRE_DEFAULT_FOLDER "/" WIRE_VERIFY_SOCKET,
                              .timeout_ms = TIMEOUT_DEFAULT_S * 1000};

    for (int i = 0; i < argc; i++) {
        const char *value = NULL;
        size_t at = 0;
        while (at < count && !matches(&all[at], argv[i], &value))
            at++;
        if (at == count || seen[at] || !all[at].take(&options, value)) {
            *out_bad = argv[i];
            return STATUS_INVALID;
        }
        seen[at] = true;
    }
    const char *odd = odd_one(&options);
    if (odd != NULL) {
        *out_bad = odd;
        return STATUS_INVALID;
    }
    *out_options = options;
    return STATUS_OK;
}

void options_by_words(int argc, const char **argv, struct options *out_options)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "verify") == 0)
            out_options->mode = MODE_VERIFY; /* beats the others: its failures look alike, whatever else stands there */
        if (strcmp(argv[i], "split") == 0 && out_options->mode == MODE_PROMPT)
            out_options->mode = MODE_SPLIT;
        if (strcmp(argv[i], "concat") == 0 && out_options->mode == MODE_PROMPT)
            out_options->mode = MODE_CONCAT;
        if (strcmp(argv[i], "nodelay") == 0)
            out_options->nodelay = true;
    }
}
