#include "since.h"

#include "moment.h"

enum tool_exit since_take(const struct options *options, const char *value, int64_t *out_ms)
{
    if (moment_parse_since(value, tool_now_s(), out_ms) == STATUS_OK)
        return TOOL_DONE;
    tool_complain(_("--since wants a time such as 24h, 7d, 2026-11-24 or 2026-11-24T09:30:00+01:00"));
    return options_hint(options->command);
}
