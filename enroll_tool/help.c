#include "help.h"

#include "text.h"

#define NAME_COLUMNS   11
#define GLOBAL_COLUMNS 19
#define OPTION_COLUMNS 20

static void line(FILE *out, const char *name, int columns, const char *text)
{
    fputs("  ", out);
    if (text_columns(name) < columns) {
        text_cell(out, name, columns, false);
    } else {
        fprintf(out, "%s\n", name);
        text_cell(out, "", columns + 2, false);
    }
    text_wrap(out, text, columns + 2, columns + 2);
}

void help_all(FILE *out, const struct command *const *commands)
{
    fputs(_("Usage: garde [--config FILE] [--quiet] COMMAND ...\n"), out);
    fputs("\n", out);
    text_wrap(out, _("Second factors for Linux logins: enrols users and looks after their factors."), 0, 0);
    fputs("\n", out);
    for (; *commands != NULL; commands++)
        line(out, (*commands)->name, NAME_COLUMNS, _((*commands)->summary));
    line(out, "help", NAME_COLUMNS, _("this list, or the help of one command"));
    fputs("\n", out);
    line(out, _("--config FILE"), GLOBAL_COLUMNS, _("another configuration than /etc/garde/garde.conf"));
    line(out, "--quiet", GLOBAL_COLUMNS, _("do not tell what was done; what goes wrong is told"));
    line(out, "--help, --version", GLOBAL_COLUMNS, _("this list; the version"));
    fputs("\n", out);
    text_wrap(out, _("garde COMMAND --help says more, with an example. See also garde(8)."), 0, 0);
}

static void option_line(const struct option_row *option)
{
    char name[TEXT_COLUMNS];
    const char *value = option->value != NULL ? _(option->value) : "";
    (void)snprintf(name, sizeof name, "--%s%s%s", option->name, option->value != NULL ? " " : "", value);
    line(stdout, name, OPTION_COLUMNS, _(option->help));
}

void help_one(const struct command *command)
{
    char usage[256];

    (void)snprintf(usage, sizeof usage, _("Usage: garde %s %s"), command->name, _(command->arguments));
    text_wrap(stdout, usage, 0, 4);
    puts("");
    text_wrap(stdout, _(command->summary), 0, 0);
    if (command->details != NULL) {
        puts("");
        text_wrap(stdout, _(command->details), 0, 0);
    }
    if (command->options != NULL)
        puts("");
    for (const struct option_row *option = command->options; option != NULL && option->name != NULL; option++)
        option_line(option);
    puts("");
    printf(_("Example: %s\n"), command->example);
}
