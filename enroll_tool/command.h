/* One subcommand of `garde`: its place in the help, its options and its function. The table of all is in main.c. */
#ifndef GARDE_TOOL_COMMAND_H
#define GARDE_TOOL_COMMAND_H

#include "options.h"
#include "tool.h"

struct command {
    const char *name;
    const char *arguments; /* usage line; texts here are marked for translation */
    const char *summary;   /* a line in the list */
    const char *details;   /* paragraphs of `garde NAME --help`; NULL: the summary says it all */
    const char *example;   /* a command line, not translated */
    const struct option_row *options;
    enum tool_exit (*run)(struct tool *tool, struct options *options);
};

extern const struct command cmd_enroll, cmd_confirm, cmd_list, cmd_show, cmd_suspend, cmd_resume, cmd_revoke,
    cmd_resync, cmd_recovery, cmd_tempcode, cmd_unlock, cmd_clear, cmd_verify, cmd_import, cmd_export, cmd_audit,
    cmd_coverage, cmd_status, cmd_doctor;

#endif
