#include "problem_text.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "tool.h"

/* Wrong things inside the file: what it says at one line. NULL: another kind. */
static const char *inside(enum problem_kind kind)
{
    switch ((int)kind) {
    case PROBLEM_SYNTAX:
        return _("this line is not a [section], KEY = VALUE or # comment");
    case PROBLEM_LINE_TOO_LONG:
        return _("this line is too long");
    case PROBLEM_UNKNOWN_SECTION:
        return _("there is no such section");
    case PROBLEM_UNKNOWN_KEY:
        return _("there is no such key in this section");
    case PROBLEM_REPEATED:
        return _("this was given before");
    case PROBLEM_EMPTY:
        return _("this key has no value");
    case PROBLEM_VALUE:
        return _("this value is out of range, or not of the right form");
    default:
        return NULL;
    }
}

static void say_inside(const struct problem *problem, const char *path, const char *what, char *out, size_t size)
{
    char place[32] = "";

    if (problem->line > 0)
        (void)snprintf(place, sizeof place, ":%u", problem->line);
    if (problem->item[0] != '\0')
        (void)snprintf(out, size, "%s%s: %s: %s", path, place, problem->item, what);
    else
        (void)snprintf(out, size, "%s%s: %s", path, place, what);
}

void problem_text_say(const struct problem *problem, const char *asked_path, char *out, size_t size)
{
    char path[TEXT_SHOWN_SIZE(PROBLEM_PATH_SIZE)];
    text_show(path, sizeof path, problem->path[0] != '\0' ? problem->path : asked_path);

    const char *what = inside(problem->kind);
    if (what != NULL) {
        say_inside(problem, path, what, out, size);
        return;
    }
    switch ((int)problem->kind) {
    case PROBLEM_MISSING:
        (void)snprintf(out, size,
                       _("%s is not there. Make it (an empty file means the default of everything), or name another "
                         "one with --config."),
                       path);
        break;
    case PROBLEM_NOT_A_FILE:
        (void)snprintf(out, size, _("%s is not a regular file. Folders and devices are not read."), path);
        break;
    case PROBLEM_OWNER:
        (void)snprintf(out, size,
                       _("%s belongs to uid %u. It must belong to root or to whoever runs garde: chown root %s"), path,
                       (unsigned)problem->have_id, path);
        break;
    case PROBLEM_MODE:
        (void)snprintf(out, size, _("%s has mode %04o: others could change it. Mend it with: chmod go-w %s"), path,
                       (unsigned)problem->have_mode & 07777U, path);
        break;
    default:
        (void)snprintf(out, size, _("%s cannot be read: %s"), path, strerror(problem->error));
        break;
    }
}

void problem_text_tell(const struct problem *problem, const char *path)
{
    char text[PROBLEM_TEXT_SIZE];
    problem_text_say(problem, path, text, sizeof text);
    tool_complain("%s", text);
    if (inside(problem->kind) != NULL)
        tool_complain(_("garde.conf(5) lists sections, keys and values."));
}
