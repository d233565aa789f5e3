/* What every part of `garde` knows: its exit codes, its context, and how it speaks to people.
 *
 * The tool holds no key and opens no store. Every request goes to the verifier (admin_client.h). Texts are English in the source
 * and translated through gettext; what comes from outside is shown through text.h.
 */
#ifndef GARDE_TOOL_H
#define GARDE_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/settings.h>
#include <garde/speech.h>
#include <garde/status.h>

/* The program's exit codes; garde(8) documents them. */
enum tool_exit {
    TOOL_DONE = 0,
    TOOL_REFUSED = 1,     /* wrong code, no such user, a file that is there already ... */
    TOOL_USAGE = 2,       /* the command line or the configuration */
    TOOL_UNREACHABLE = 3, /* the verifier cannot be reached, or could not record */
    TOOL_TAMPERED = 4,    /* someone changed the store without the key */
    TOOL_ATTENTION = 5,   /* status: something else needs an admin */
};

struct tool {
    const char *config; /* of --config; SETTINGS_DEFAULT_FILE */
    bool quiet;         /* of --quiet */
    struct settings settings;
    bool loaded;
};

/* Reads the configuration on first use. Tells what is wrong with it, and how to mend it: TOOL_USAGE. */
enum tool_exit tool_load(struct tool *tool) GARDE_MUST_CHECK;

/* "garde: TEXT" and a line end on standard error, in lines of 80 columns on a terminal. Standard output is flushed first. */
void tool_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A text that ends with a line end, on standard output, in lines of 80 columns on a terminal: what tells that something was done. Nothing with --quiet. What a command was asked to show goes there without this. */
void tool_say(const struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* While a list is gone through. What stands in front of each complaint ("staff.csv:7: "), and what is called before one is written, to
 * take a progress bar away; NULL: nothing. */
void tool_complain_about(const char *place);
void tool_before_complaint(void (*call)(void));
/* The last complaint, without what stood in front of it; cut. "": there was none. */
const char *tool_last_complaint(void);

/* The wall clock. */
int64_t tool_now_s(void);

#endif
