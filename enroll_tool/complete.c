#include "complete.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "candidates.h"
#include "complete_line.h"
#include "complete_names.h"

/* Where the last word stands. */
struct place {
    struct tool *tool;
    const struct command *const *commands;
    const struct command *command;   /* NULL: before it */
    bool is_help;                    /* behind "help", which stands in no table */
    bool is_unknown;                 /* behind something that is no command */
    bool ended;                      /* "--" was seen */
    uint32_t seen;                   /* rows of the command's table that were given */
    const struct option_row *option; /* whose value is wanted */
    int position;                    /* how many words the command has got already */
    const char *user;                /* the first of them that is one */
};

static const struct option_row before_command[] = {
    {"help", NULL, N_("this list; the version")}, {"version", NULL, N_("this list; the version")}, {NULL, NULL, NULL}};
static const struct option_row behind_command[] = {{"help", NULL, N_("this list, or the help of one command")},
                                                   {NULL, NULL, NULL}};

static const struct option_row *find_option(const struct option_row *table, const char *name, size_t len)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strlen(table->name) == len && strncmp(table->name, name, len) == 0)
            return table;
    return NULL;
}

/* The word of a usage line at this position, of those that stand by themselves: "USER --for TIME [FACTOR] [--json]" has two. Behind a bar
 * there is another way to call the command. */
static bool find_argument(const struct command *command, int position, char *out_word, size_t size)
{
    bool in_option = false; /* in brackets that begin with one */
    bool is_value = false;

    for (const char *at = command->arguments; *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        bool opens = at[0] == '[', closes = at[len - 1] == ']';
        const char *word = at + (opens ? 1 : 0);
        size_t word_len = strcspn(word, " ].");
        const char *other_way = memmem(word, word_len, "|-", 2);

        if (other_way != NULL)
            word_len = (size_t)(other_way - word);
        if (word[0] == '-') {
            const struct option_row *option = find_option(command->options, word + 2, word_len - 2);
            is_value = option != NULL && option->value != NULL;
            in_option = in_option || opens;
        } else if (in_option || is_value) {
            is_value = false;
        } else if (word[0] == '|') {
            return false;
        } else if (position-- == 0) {
            return word_len < size && snprintf(out_word, size, "%.*s", (int)word_len, word) > 0;
        }
        if (other_way != NULL)
            return false;
        in_option = in_option && !closes;
        at += len;
    }
    return false;
}

/* An option that stands before the last word. */
static void pass_option(struct place *place, const char *word)
{
    const char *value = strchr(word, '=');
    size_t len = value != NULL ? (size_t)(value - word) : strlen(word);
    const struct option_row *table = place->command != NULL ? place->command->options : NULL;
    const struct option_row *option = find_option(options_everywhere, word, len);

    if (option == NULL && (option = find_option(table, word, len)) != NULL)
        place->seen |= 1U << (option - table);
    if (option == NULL || option->value == NULL)
        return;
    if (value == NULL)
        place->option = option; /* the next word is its value */
    else if (strcmp(option->name, "config") == 0)
        place->tool->config = value + 1;
}

static void pass_command(struct place *place, const char *word)
{
    place->is_help = strcmp(word, "help") == 0;
    for (const struct command *const *command = place->commands; *command != NULL; command++)
        if (strcmp((*command)->name, word) == 0)
            place->command = *command;
    place->is_unknown = place->command == NULL && !place->is_help;
    place->ended = false;
}

static void pass_argument(struct place *place, const char *word)
{
    char argument[64];

    if (place->user == NULL && place->command != NULL &&
        find_argument(place->command, place->position, argument, sizeof argument) && strcmp(argument, "USER") == 0)
        place->user = word;
    place->position++;
}

static void pass(struct place *place, const char *word)
{
    if (place->option != NULL) {
        if (strcmp(place->option->name, "config") == 0)
            place->tool->config = word;
        place->option = NULL;
    } else if (!place->ended && strcmp(word, "--") == 0) {
        place->ended = true;
    } else if (!place->ended && word[0] == '-') {
        pass_option(place, strncmp(word, "--", 2) == 0 ? word + 2 : word);
    } else if (place->command == NULL && !place->is_help && !place->is_unknown) {
        pass_command(place, word);
    } else {
        pass_argument(place, word);
    }
}

static void offer_commands(const struct place *place, struct candidates *candidates)
{
    for (const struct command *const *command = place->commands; *command != NULL; command++)
        candidates_add(candidates, (*command)->name, _((*command)->summary));
    if (!place->is_help)
        candidates_add(candidates, "help", _("this list, or the help of one command"));
}

/* "totp|hotp": each of them. */
static void offer_alternatives(const char *alternatives, struct candidates *candidates)
{
    char word[64];

    for (const char *at = alternatives; *at != '\0'; at += strspn(at, "|")) {
        size_t len = strcspn(at, "|");
        if (len < sizeof word) {
            (void)snprintf(word, sizeof word, "%.*s", (int)len, at);
            candidates_add(candidates, word, "");
        }
        at += len;
    }
}

static void offer_users(const struct place *place, struct candidates *candidates)
{
    complete_names_users(place->tool, candidates);
    if (place->command != NULL && strcmp(place->command->name, "enroll") == 0)
        complete_names_accounts(candidates);
}

/* What a word of a usage line stands for. */
static void offer_what(const struct place *place, const char *what, struct candidates *candidates)
{
    bool is_name = strpbrk(what, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;

    if (strcmp(what, "FILE") == 0 || strcmp(what, "FOLDER") == 0)
        candidates->wants_file = true;
    else if (strcmp(what, "USER") == 0)
        offer_users(place, candidates);
    else if (strcmp(what, "FACTOR") == 0 && place->user != NULL)
        complete_names_factors(place->tool, place->user, candidates);
    else if (strcmp(what, "COMMAND") == 0)
        offer_commands(place, candidates);
    else if (!is_name)
        offer_alternatives(what, candidates);
}

static void offer_table(const struct option_row *table, uint32_t seen, struct candidates *candidates)
{
    for (int i = 0; table != NULL && table[i].name != NULL; i++) {
        char option[80];
        (void)snprintf(option, sizeof option, "--%s", table[i].name);
        if ((seen & 1U << i) == 0)
            candidates_add(candidates, option, _(table[i].help));
    }
}

static void offer_options(const struct place *place, struct candidates *candidates)
{
    if (place->ended)
        return;
    if (place->command != NULL)
        offer_table(place->command->options, place->seen, candidates);
    offer_table(options_everywhere, 0, candidates);
    offer_table(place->command != NULL ? behind_command : before_command, 0, candidates);
}

/* "--type=to": what stands behind '=' is completed, and the rest kept. */
static void offer_value(const struct place *place, const char *typed, struct candidates *candidates)
{
    const char *value = strchr(typed, '=') + 1;
    size_t head = (size_t)(value - typed);
    const struct option_row *table = place->command != NULL ? place->command->options : NULL;
    const struct option_row *option = find_option(options_everywhere, typed + 2, head - 3);
    candidates_owner struct candidates values = {.typed = value};

    if (option == NULL)
        option = find_option(table, typed + 2, head - 3);
    if (option != NULL && option->value != NULL)
        offer_what(place, option->value, &values);
    candidates->wants_file = values.wants_file;
    candidates->too_many = values.too_many;
    for (size_t i = 0; i < values.count; i++) {
        char whole[1024];
        int len = snprintf(whole, sizeof whole, "%.*s%s", (int)head, typed, values.list[i].value);
        if (len > 0 && (size_t)len < sizeof whole)
            candidates_add(candidates, whole, values.list[i].description);
    }
}

static void offer(const struct place *place, const char *typed, struct candidates *candidates)
{
    bool is_option = typed[0] == '-' && !place->ended;
    char argument[256];

    if (place->option != NULL)
        offer_what(place, place->option->value, candidates);
    else if (place->is_unknown || (place->is_help && place->position > 0))
        return;
    else if (is_option && strncmp(typed, "--", 2) == 0 && strchr(typed, '=') != NULL)
        offer_value(place, typed, candidates);
    else if (is_option)
        offer_options(place, candidates);
    else if (place->command == NULL)
        offer_commands(place, candidates);
    else if (find_argument(place->command, place->position, argument, sizeof argument))
        offer_what(place, argument, candidates);
    else
        offer_options(place, candidates);
}

static void find_candidates(struct tool *tool, const struct command *const *commands, int count, char **words,
                            struct candidates *candidates)
{
    struct place place = {.tool = tool, .commands = commands};

    candidates->typed = count > 0 ? words[count - 1] : "";
    for (int i = 0; i + 1 < count; i++)
        pass(&place, words[i]);
    offer(&place, candidates->typed, candidates);
    if (candidates->too_many)
        candidates_clear(candidates);
}

/* Ends the tool when the time is over; what was found until then would pass for everything. */
static bool be_silent_and_quick(void)
{
    const struct itimerval wait = {.it_value = {COMPLETE_WAIT_MS / 1000, COMPLETE_WAIT_MS % 1000 * 1000L}};
    sigset_t alarm;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)sigemptyset(&alarm);
    (void)sigaddset(&alarm, SIGALRM);
    return null >= 0 && dup2(null, STDERR_FILENO) == STDERR_FILENO && signal(SIGALRM, SIG_DFL) != SIG_ERR &&
           sigprocmask(SIG_UNBLOCK, &alarm, NULL) == 0 && setitimer(ITIMER_REAL, &wait, NULL) == 0;
}

static void stop_waiting(void)
{
    const struct itimerval never = {.it_value = {0, 0}};
    (void)setitimer(ITIMER_REAL, &never, NULL);
}

static void write_for_bash(const struct complete_line *line, const struct candidates *candidates)
{
    if (candidates->wants_file)
        puts(COMPLETE_FILE);
    for (size_t i = 0; i < candidates->count && !line->cannot_go_on; i++)
        complete_line_write(line, candidates->list[i].value, stdout);
}

static void for_bash(struct tool *tool, const struct command *const *commands, const char *text, const char *breaks)
{
    static struct complete_line line;
    candidates_owner struct candidates candidates = {.typed = ""};

    if (!complete_line_read(text, breaks, &line) || line.count < 2)
        return;
    if (line.wants_file)
        candidates.wants_file = true;
    else
        find_candidates(tool, commands, line.count - 1, line.words + 1, &candidates);
    stop_waiting();
    write_for_bash(&line, &candidates);
}

static void for_any(struct tool *tool, const struct command *const *commands, int count, char **words)
{
    candidates_owner struct candidates candidates = {.typed = ""};

    find_candidates(tool, commands, count, words, &candidates);
    stop_waiting();
    if (candidates.wants_file)
        puts(COMPLETE_FILE);
    for (size_t i = 0; i < candidates.count; i++)
        printf("%s\t%s\n", candidates.list[i].value, candidates.list[i].description);
}

enum tool_exit complete_run(struct tool *tool, const struct command *const *commands, int argc, char **argv)
{
    if (!be_silent_and_quick())
        return TOOL_REFUSED;
    if (argc == 3 && strcmp(argv[0], "bash") == 0)
        for_bash(tool, commands, argv[1], argv[2]);
    else if (argc >= 1 && strcmp(argv[0], "--") == 0)
        for_any(tool, commands, argc - 1, argv + 1);
    else
        return TOOL_USAGE;
    return TOOL_DONE;
}
