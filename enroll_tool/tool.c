#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "problem_text.h"

enum tool_exit tool_load(struct tool *tool)
{
    if (tool->loaded)
        return TOOL_DONE;

    struct problem problem = {.kind = PROBLEM_NONE};
    if (settings_load(tool->config, &tool->settings, &problem) != STATUS_OK) {
        problem_text_tell(&problem, tool->config);
        return TOOL_USAGE;
    }
    tool->loaded = true;
    return TOOL_DONE;
}

void tool_complain(const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fputs("garde: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int64_t tool_now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}
