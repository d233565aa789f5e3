#include "problem_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <garde/speech.h>

#include "passwd.h"

#define SHELL_SIZE (PROBLEM_PATH_SIZE + 2 + 64)
#define WHAT_SIZE  (PROBLEM_TEXT_SIZE / 2)

/* For pasting into a shell: as it is if every byte is harmless there, else in single quotes. */
static void shell_word(const char *path, char *out, size_t size)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=@%:,";
    bool plain = path[0] != '\0' && path[0] != '-' && path[strspn(path, harmless)] == '\0';
    if (plain || strchr(path, '\'') != NULL)
        (void)snprintf(out, size, "%s", path);
    else
        (void)snprintf(out, size, "'%s'", path);
}

static void owner_text(const struct problem *problem, char *out, size_t size)
{
    char have[64], want[64], path[SHELL_SIZE], mend[SHELL_SIZE + 128];

    passwd_name(PASSWD_FILE, problem->have_id, have, sizeof have);
    passwd_name(PASSWD_FILE, problem->want_id, want, sizeof want);
    shell_word(problem->path, path, sizeof path);
    /* "name:" is the name and its login group */
    (void)snprintf(mend, sizeof mend, "chown %s:%s %s", want, problem->want_id == 0 ? "root" : "", path);
    if (problem->want_mode != 0)
        (void)snprintf(mend + strlen(mend), 96, " && chmod %04o ", (unsigned)problem->want_mode & 07777U);
    (void)snprintf(out, size, _("belongs to %s, not to %s; mend it: %s%s"), have, want, mend,
                   problem->want_mode != 0 ? path : "");
}

static void mode_text(const struct problem *problem, char *out, size_t size)
{
    char path[SHELL_SIZE];
    shell_word(problem->path, path, sizeof path);
    (void)snprintf(out, size, _("has mode %04o, at most %04o is allowed; mend it: chmod %04o %s"),
                   (unsigned)problem->have_mode & 07777U, (unsigned)problem->want_mode & 07777U,
                   (unsigned)problem->want_mode & 07777U, path);
}

/* Problems about a key, section or place inside the file. */
static void item_text(const struct problem *problem, char *out, size_t size)
{
    const char *item = problem->item;

    switch ((int)problem->kind) {
    case PROBLEM_UNKNOWN_SECTION:
        (void)snprintf(out, size, _("[%s] is no known section; see garde.conf(5)"), item);
        return;
    case PROBLEM_UNKNOWN_KEY:
        (void)snprintf(out, size, _("`%s` is no key of this section; see garde.conf(5)"), item);
        return;
    case PROBLEM_REPEATED:
        (void)snprintf(out, size, _("`%s` was given before; remove one of the two"), item);
        return;
    case PROBLEM_EMPTY:
        (void)snprintf(out, size, _("`%s` has no value; give one or remove the line"), item);
        return;
    case PROBLEM_VALUE:
        (void)snprintf(out, size, _("`%s` has a value out of its range or form; see garde.conf(5)"), item);
        return;
    default:
        (void)snprintf(out, size, _("was changed by someone without the key%s%s"), item[0] != '\0' ? ": " : "", item);
    }
}

static const char *plain_text(enum problem_kind kind)
{
    switch ((int)kind) {
    case PROBLEM_NONE:
        return _("is good");
    case PROBLEM_MISSING:
        return _("is not there");
    case PROBLEM_EXISTS:
        return _("is there already and was not touched");
    case PROBLEM_NOT_A_FILE:
        return _("is not a regular file");
    case PROBLEM_NOT_A_FOLDER:
        return _("is not a folder");
    case PROBLEM_SYNTAX:
        return _("this line is not in the format of the file");
    case PROBLEM_LINE_TOO_LONG:
        return _("this line is too long");
    case PROBLEM_FOREIGN:
        return _("is not of this installation: key ring and store do not belong together, or a newer version made it");
    case PROBLEM_BUSY:
        return _("is held by another process: is garded running?");
    case PROBLEM_MEMORY:
        return _("could not be read: no memory");
    default:
        return _("is not as it must be");
    }
}

static void what_text(const struct problem *problem, char *out, size_t size)
{
    switch ((int)problem->kind) {
    case PROBLEM_OWNER:
        owner_text(problem, out, size);
        return;
    case PROBLEM_MODE:
        mode_text(problem, out, size);
        return;
    case PROBLEM_SYSTEM:
        (void)snprintf(out, size, "%s", strerror(problem->error));
        return;
    case PROBLEM_UNKNOWN_SECTION:
    case PROBLEM_UNKNOWN_KEY:
    case PROBLEM_REPEATED:
    case PROBLEM_EMPTY:
    case PROBLEM_VALUE:
    case PROBLEM_TAMPERED:
        item_text(problem, out, size);
        return;
    default:
        (void)snprintf(out, size, "%s%s%s%s", plain_text(problem->kind), problem->item[0] != '\0' ? " (" : "",
                       problem->item, problem->item[0] != '\0' ? ")" : "");
    }
}

void problem_text(const struct problem *problem, char *out_text, size_t size)
{
    char what[WHAT_SIZE + SHELL_SIZE];
    const char *path = problem->path[0] != '\0' ? problem->path : "garded";

    what_text(problem, what, sizeof what);
    if (problem->line > 0)
        (void)snprintf(out_text, size, "%s:%u: %s", path, problem->line, what);
    else
        (void)snprintf(out_text, size, "%s%s%s", path, problem->kind == PROBLEM_SYSTEM ? ": " : " ", what);
}
