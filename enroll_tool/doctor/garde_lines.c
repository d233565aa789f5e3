#include "garde_lines.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <garde/number.h>
#include <garde/wire.h>

#include "stack_modules.h"
#include "stack_text.h"
#include "text.h"
#include "tool.h"
#include "ways.h"

#define PATH_SIZE     1024
#define TIMEOUT_MAX_S 30  /* as pam_garde(8) has it */
#define PROMPT_SIZE   512 /* PAM_MAX_MSG_SIZE */

static struct finding *add(struct findings *findings, enum finding_level level, enum finding_effect effect,
                           const char *id, const char *service)
{
    struct finding *finding = finding_add(findings, SUBJECT_PAM, level, effect, id);
    finding_place(finding, service);
    return finding;
}

static void look_at_type(struct findings *findings, const struct stack_line *line, const char *service)
{
    static const char *const types[] = {"", "auth", "account", "password", "session"};
    char place[WAYS_PLACE_SIZE];
    bool is_ignored = line->actions[ANSWER_SERVICE_ERR] == ACTION_IGNORE;

    struct finding *finding = add(findings, is_ignored ? LEVEL_WARNING : LEVEL_DANGER,
                                  is_ignored ? EFFECT_NONE : EFFECT_LOCKS_OUT, "pam-line-type", service);
    finding_what(finding, _("%s: a line of type \"%s\" for pam_garde.so asks for no code, and fails"),
                 ways_place(line, place), types[line->type]);
    finding_mend(finding, _("take the line away, or make its type \"auth\""));
    finding_done(findings);
}

static void look_at_module(struct findings *findings, const struct stack_places *places, const struct stack_line *line,
                           const char *service)
{
    char path[PATH_SIZE], place[WAYS_PLACE_SIZE], shown[TEXT_SHOWN_SIZE(PATH_SIZE)];
    struct stat found = {0};

    if (stack_modules_find(places, line, path, sizeof path) == NULL) {
        struct finding *missing = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-module-missing", service);
        finding_what(missing, _("%s: there is no %s: the line fails for everybody"), ways_place(line, place),
                     text_show(shown, sizeof shown, line->module));
        finding_mend(missing, _("install the module, or correct its name"));
        finding_done(findings);
        return;
    }
    text_show(shown, sizeof shown, path);
    if (stat(path, &found) == 0 && !stack_modules_is_loadable(path)) {
        struct finding *broken = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-module-broken", service);
        finding_what(broken,
                     _("%s: libpam cannot load %s, which is not whole or made for another machine: the line fails for "
                       "everybody"),
                     ways_place(line, place), shown);
        finding_mend(broken, _("install the module, or correct its name"));
        finding_done(findings);
    } else if (stat(path, &found) == 0 && (found.st_uid != 0 || (found.st_mode & 022) != 0)) {
        struct finding *open = add(findings, LEVEL_DANGER, EFFECT_LETS_IN, "pam-module-writable", service);
        finding_what(open, _("%s: others than root can change it (uid %u, mode %04o)"), shown, (unsigned)found.st_uid,
                     (unsigned)found.st_mode & 07777U);
        finding_mend(open, "chown root:root %s; chmod 0644 %s", shown, shown);
        finding_done(findings);
    }
}

static void look_at_socket(struct findings *findings, const struct stack_line *line, const char *service,
                           const char *folder)
{
    char socket[PATH_SIZE] = WIRE_DEFAULT_FOLDER "/" WIRE_TRUSTED_SOCKET, place[WAYS_PLACE_SIZE];
    char here[TEXT_SHOWN_SIZE(PATH_SIZE)], there[TEXT_SHOWN_SIZE(PATH_SIZE)];

    (void)stack_argument(line, "socket=", socket, sizeof socket);
    const char *slash = strrchr(socket, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - socket);
    if (strlen(folder) == len && strncmp(socket, folder, len) == 0 &&
        (strcmp(slash + 1, WIRE_TRUSTED_SOCKET) == 0 || strcmp(slash + 1, WIRE_VERIFY_SOCKET) == 0))
        return;

    struct finding *other = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-other-socket", service);
    finding_what(other, _("%s: it asks at %s, and garded listens in %s"), ways_place(line, place),
                 text_show(here, sizeof here, socket), text_show(there, sizeof there, folder));
    finding_mend(other, "socket=%s/%s", there, WIRE_TRUSTED_SOCKET);
    finding_done(findings);
}

static bool is_good_prompt(const char *value)
{
    for (const char *at = value; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    return value[0] != '\0' && strlen(value) < PROMPT_SIZE && strcmp(value, "Password:") != 0 &&
           strcmp(value, "Password: ") != 0;
}

/* As the module judges them (pam_module/options.c). */
static bool is_good_value(const char *name, const char *value)
{
    uint64_t seconds = 0;
    if (strcmp(name, "socket=") == 0)
        return value[0] == '/' && strlen(value) < sizeof((struct sockaddr_un){0}.sun_path);
    if (strcmp(name, "timeout=") == 0)
        return number_parse(value, 1, TIMEOUT_MAX_S, &seconds) == STATUS_OK;
    return is_good_prompt(value);
}

/* The module takes each once, and fails on what it does not know. */
static bool is_good_word(const char *word, unsigned *seen)
{
    static const char *const known[] = {"socket=", "prompt=", "timeout=", "echo",   "quiet",
                                        "debug",   "split",   "verify",   "concat", "nodelay"};

    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t len = strlen(known[i]);
        bool has_value = known[i][len - 1] == '=';
        if (has_value ? strncmp(word, known[i], len) != 0 : strcmp(word, known[i]) != 0)
            continue;
        bool is_first = (*seen >> i & 1) == 0;
        *seen |= 1U << i;
        return is_first && (!has_value || is_good_value(known[i], word + len));
    }
    return false;
}

static void look_at_words(struct findings *findings, const struct stack_line *line, const char *service)
{
    char words[STACK_LINE_SIZE], place[WAYS_PLACE_SIZE], shown[TEXT_SHOWN_SIZE(STACK_LINE_SIZE)];
    char *rest = words;
    unsigned seen = 0;

    (void)snprintf(words, sizeof words, "%s", line->words);
    for (const char *word = stack_text_word(&rest); word != NULL; word = stack_text_word(&rest)) {
        if (is_good_word(word, &seen))
            continue;
        struct finding *bad = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-bad-option", service);
        finding_what(bad, _("%s: pam_garde.so does not take the option \"%s\", or not twice, and fails for everybody"),
                     ways_place(line, place), text_show(shown, sizeof shown, word));
        finding_mend(bad, _("pam_garde(8) lists the options"));
        finding_done(findings);
        return;
    }
}

/* Words that say how the line works: one of three, or none. */
static void look_at_modes(struct findings *findings, const struct stack_line *line, const char *service)
{
    static const char *const modes[] = {"split", "verify", "concat"};
    char place[WAYS_PLACE_SIZE], value[8];
    unsigned count = 0;

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        count += stack_argument(line, modes[i], value, sizeof value) != NULL ? 1 : 0;
    bool is_lost = count == 0 && stack_argument(line, "nodelay", value, sizeof value) != NULL;
    bool is_shown = count == 1 && stack_argument(line, "echo", value, sizeof value) != NULL;
    if (count <= 1 && !is_lost && !is_shown)
        return;
    struct finding *bad = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-bad-option", service);
    ways_place(line, place);
    if (is_lost)
        finding_what(bad,
                     _("%s: pam_garde.so takes nodelay only beside split, verify or concat, and fails for everybody"),
                     place);
    else if (is_shown)
        finding_what(bad,
                     _("%s: pam_garde.so shows no password: with echo beside split, verify or concat it fails for "
                       "everybody"),
                     place);
    else
        finding_what(bad, _("%s: split, verify and concat exclude each other: pam_garde.so fails for everybody"),
                     place);
    finding_mend(bad, _("pam_garde(8) lists the options"));
    finding_done(findings);
}

void garde_lines_look_for_missing(struct findings *findings, const struct stack *stack, const char *service)
{
    char place[WAYS_PLACE_SIZE], shown[TEXT_SHOWN_SIZE(PATH_SIZE)];

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        int32_t action = line->actions[ANSWER_MODULE_UNKNOWN];
        bool is_missing = line->kind == STACK_MODULE && line->answers == 1U << ANSWER_MODULE_UNKNOWN;
        if (line->type != STACK_AUTH || stack_modules_is_garde(line) || !is_missing ||
            (action != ACTION_BAD && action != ACTION_DIE))
            continue;
        struct finding *missing = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-module-missing", service);
        finding_what(missing, _("%s: there is no %s: the line fails whenever it is reached"), ways_place(line, place),
                     text_show(shown, sizeof shown, line->module));
        finding_mend(missing, _("install the module, or correct its name"));
        finding_done(findings);
    }
}

/* A wrong password then costs a code, and the code is asked of everybody who passes by. */
static void tell_early(struct findings *findings, const struct stack_line *garde, const struct stack_line *password,
                       const char *service)
{
    char place[WAYS_PLACE_SIZE], other[WAYS_PLACE_SIZE];
    bool is_verify = garde->role == ROLE_VERIFY;
    struct finding *early = add(findings, is_verify ? LEVEL_WARNING : LEVEL_NOTE, EFFECT_NONE,
                                is_verify ? "pam-verify-first" : "pam-code-first", service);

    ways_place(garde, place);
    ways_place(password, other);
    if (is_verify) {
        finding_what(early, _("%s: the code is checked before the password (%s): a mistyped password costs a code"),
                     place, other);
        finding_mend(early, _("put the line with verify behind it"));
    } else if (garde->role == ROLE_CONCAT) {
        finding_what(early, _("%s: concat checks the code before the password (%s): a mistyped password costs a code"),
                     place, other);
        finding_mend(early, _("right where the code must be first; else: a line with split before it, and one with "
                              "verify behind it"));
    } else {
        finding_what(early, _("%s: the code is asked for before the password (%s): a mistyped password costs a code"),
                     place, other);
        finding_mend(early, _("put the line of pam_garde.so behind it"));
    }
    finding_done(findings);
}

static void look_at_order(struct findings *findings, const struct stack *stack, const char *service)
{
    const struct stack_line *garde = NULL;

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        if (line->type != STACK_AUTH)
            continue;
        if (stack_modules_checks_code(line) && garde == NULL)
            garde = line;
        if (line->role != ROLE_PASSWORD)
            continue;
        if (garde != NULL)
            tell_early(findings, garde, line, service);
        return;
    }
}

void garde_lines_look(struct findings *findings, const struct stack_places *places, const struct stack *stack,
                      const char *service, const char *socket_folder)
{
    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        if (!stack_modules_is_garde(line))
            continue;
        if (line->type != STACK_AUTH && !stack_modules_closes(line)) {
            look_at_type(findings, line, service);
            continue;
        }
        look_at_module(findings, places, line, service);
        look_at_words(findings, line, service);
        look_at_modes(findings, line, service);
        if (socket_folder != NULL && line->type == STACK_AUTH)
            look_at_socket(findings, line, service, socket_folder);
    }
    look_at_order(findings, stack, service);
}
