#include "command.h"
#include "confirmation.h"
#include "factor_pick.h"
#include "names.h"

static enum tool_exit run(struct tool *tool, struct options *options)
{
    const char *words[2] = {NULL, NULL};
    char user[USER_SIZE];
    int64_t factor_id = 0;

    enum tool_exit done = options_words(options, 1, 2, words);
    if (done == TOOL_DONE)
        done = names_take(words[0], user);
    if (done == TOOL_DONE)
        done = factor_pick_number(tool, user, words[1], &factor_id);
    return done == TOOL_DONE ? confirmation_ask(tool, user, factor_id, CONFIRMATION_PHONE, false) : done;
}

const struct command cmd_confirm = {
    .name = "confirm",
    .arguments = N_("USER [FACTOR]"),
    .summary = N_("ask for the code of a factor left pending"),
    .details = N_("Makes a pending factor active once its code was right. Without FACTOR it is the user's newest one, "
                  "one on a sheet only if there is no other. The code is asked for, and never given on the command "
                  "line. It is spent."),
    .example = "garde confirm alice",
    .run = run,
};
