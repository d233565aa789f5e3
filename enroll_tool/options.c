#include "options.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

const struct option_row options_everywhere[] = {
    {"config", N_("FILE"), N_("another configuration than /etc/garde/garde.conf")},
    {"quiet", NULL, N_("do not tell what was done; what goes wrong is told")},
    {NULL, NULL, NULL},
};

enum tool_exit options_hint(const char *command)
{
    if (command != NULL)
        fprintf(stderr, _("Try: garde %s --help\n"), command);
    else
        fputs(_("Try: garde --help\n"), stderr);
    return TOOL_USAGE;
}

static int wrong(const struct options *options, const char *what, const char *argument)
{
    char shown[256];
    tool_complain("%s: %s", text_show(shown, sizeof shown, argument), what);
    (void)options_hint(options->command);
    return OPTIONS_WRONG;
}

enum tool_exit options_refuse(const struct options *options, int row, const char *value)
{
    const struct option_row *option = &options->table[row];
    char shown[256];

    text_show(shown, sizeof shown, value);
    if (strchr(option->value, '|') != NULL)
        tool_complain(_("--%s takes one of %s, and not %s"), option->name, option->value, shown);
    else
        tool_complain(_("--%s does not take %s"), option->name, shown);
    return options_hint(options->command);
}

/* The row of "name" or "name=value"; -1 if there is none. *out_value: behind the '=', or NULL. */
static int find_row(const struct option_row *table, const char *text, const char **out_value)
{
    size_t len = strcspn(text, "=");

    for (int i = 0; table != NULL && table[i].name != NULL; i++) {
        if (strlen(table[i].name) == len && strncmp(table[i].name, text, len) == 0) {
            *out_value = text[len] == '=' ? text + len + 1 : NULL;
            return i;
        }
    }
    return -1;
}

/* Sees that an option has a value exactly if it takes one. */
static int take_value(struct options *options, const char *argument, bool takes_one, const char **value)
{
    if (!takes_one)
        return *value == NULL ? 0 : wrong(options, _("takes no value"), argument);
    if (*value == NULL && options->at < options->argc)
        *value = options->argv[options->at++];
    if (*value == NULL || **value == '\0')
        return wrong(options, _("wants a value"), argument);
    return 0;
}

/* value: of --config; NULL: it was --quiet. */
static void take_everywhere(struct tool *tool, const char *value)
{
    if (value != NULL)
        tool->config = value;
    else
        tool->quiet = true;
}

int options_next(struct options *options, const char **out_value)
{
    while (options->at < options->argc) {
        const char *argument = options->argv[options->at++];
        const char *value = NULL;

        if (!options->ended && strcmp(argument, "--") == 0) {
            options->ended = true;
            continue;
        }
        if (options->ended || argument[0] != '-' || argument[1] == '\0') {
            *out_value = argument;
            return OPTIONS_WORD;
        }
        if (strncmp(argument, "--", 2) != 0)
            return wrong(options, _("unknown option"), argument);
        int row = find_row(options_everywhere, argument + 2, &value);
        if (row >= 0) {
            if (take_value(options, argument, options_everywhere[row].value != NULL, &value) != 0)
                return OPTIONS_WRONG;
            take_everywhere(options->tool, value);
            continue;
        }

        row = find_row(options->table, argument + 2, &value);
        if (row < 0)
            return wrong(options, _("unknown option"), argument);
        if ((options->seen & 1U << row) != 0)
            return wrong(options, _("given twice"), argument);
        options->seen |= 1U << row;
        if (take_value(options, argument, options->table[row].value != NULL, &value) != 0)
            return OPTIONS_WRONG;
        *out_value = value;
        return row;
    }
    return OPTIONS_END;
}

enum tool_exit options_words(struct options *options, int min, int max, const char **out_words)
{
    const char *word = NULL;
    int count = 0;

    for (int i = 0; i < max; i++)
        out_words[i] = NULL;
    for (;;) {
        int which = options_next(options, &word);
        if (which == OPTIONS_WRONG)
            return TOOL_USAGE;
        if (which == OPTIONS_END)
            break;
        if (which != OPTIONS_WORD) /* a flag: `seen` tells it */
            continue;
        if (count == max) {
            (void)wrong(options, _("one word too many"), word);
            return TOOL_USAGE;
        }
        out_words[count++] = word;
    }
    if (count < min) {
        tool_complain(_("the user is missing"));
        return options_hint(options->command);
    }
    return TOOL_DONE;
}
