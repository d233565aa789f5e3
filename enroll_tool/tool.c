#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "problem_text.h"
#include "text.h"

#define TEXT_SIZE 8192 /* two paths, escaped */
#define LAST_SIZE 1024

static struct {
    const char *place;
    void (*before)(void);
    char last[LAST_SIZE];
} complaints;

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
    static const char name[] = "garde: ";
    char text[TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(complaints.last, sizeof complaints.last, "%.*s", LAST_SIZE - 1, text);
    if (complaints.before != NULL)
        complaints.before();
    (void)fflush(stdout);
    const char *place = complaints.place != NULL ? complaints.place : "";
    fprintf(stderr, "%s%s", name, place);
    if (isatty(STDERR_FILENO) == 1)
        text_wrap(stderr, text, (int)sizeof name - 1 + text_columns(place), sizeof name - 1);
    else
        fprintf(stderr, "%s\n", text);
}

void tool_say(const struct tool *tool, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;

    if (tool->quiet)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '\n')
        text[len - 1] = '\0';
    if (isatty(STDOUT_FILENO) == 1)
        text_wrap(stdout, text, 0, 0);
    else
        puts(text);
}

void tool_complain_about(const char *place)
{
    complaints.place = place;
}

void tool_before_complaint(void (*call)(void))
{
    complaints.before = call;
}

const char *tool_last_complaint(void)
{
    return complaints.last;
}

int64_t tool_now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}
