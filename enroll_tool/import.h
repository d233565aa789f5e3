/* From what a file says to factors in the store: `garde import` behind its options.
 *
 * MUST 1  Nothing counts without proof: what is taken over is pending, until the first right code at a login.
 * MUST 2  What cannot be taken is told with its place, and the others go on; a second run doubles nobody.
 */
#ifndef GARDE_TOOL_IMPORT_H
#define GARDE_TOOL_IMPORT_H

#include "formats/format.h"

struct import_options {
    const struct format *format;
    struct format_request request;
    const char *label; /* for all of them; NULL: as the file has it */
    int64_t pending_for_s;
    bool accept_weak;
    bool dry_run;
    bool as_json;
};

enum tool_exit import_run(struct tool *tool, const struct import_options *options) GARDE_MUST_CHECK;

#endif
