#include "command.h"
#include "confirmation.h"
#include "names.h"

static enum tool_exit run(struct tool *tool, struct options *options)
{
    const char *typed = NULL;
    char user[USER_SIZE];

    enum tool_exit done = options_words(options, 1, 1, &typed);
    if (done == TOOL_DONE)
        done = names_take(typed, user);
    return done == TOOL_DONE ? confirmation_ask(tool, user, 0, false) : done;
}

const struct command cmd_confirm = {
    .name = "confirm",
    .arguments = N_("USER"),
    .summary = N_("ask for the code of a factor left pending"),
    .details =
        N_("Makes the user's newest pending factor active once its code was right. The code is asked for, and never "
           "given on the command line. It is spent."),
    .example = "garde confirm alice",
    .run = run,
};
