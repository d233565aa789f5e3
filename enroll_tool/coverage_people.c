#include "coverage_people.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define PASSWD_FILE "/etc/passwd"
#define SWITCH_FILE "/etc/nsswitch.conf"
#define GIDS_MAX    65536

static void close_file(FILE **file)
{
    if (*file != NULL && *file != stdin)
        (void)fclose(*file);
}
#define file_owner __attribute__((cleanup(close_file)))

static void free_line(char **line)
{
    free(*line);
}
#define line_owner __attribute__((cleanup(free_line)))

static enum tool_exit tell_no_memory(void)
{
    tool_complain(_("no memory"));
    return TOOL_REFUSED;
}

static bool is_login_shell(const char *shell)
{
    if (shell == NULL || shell[0] == '\0')
        return true;
    const char *slash = strrchr(shell, '/');
    const char *name = slash != NULL ? slash + 1 : shell;
    if (strcmp(name, "nologin") == 0 || strcmp(name, "false") == 0)
        return false;

    bool found = false;
    setusershell();
    for (const char *known = getusershell(); known != NULL && !found; known = getusershell())
        found = strcmp(known, shell) == 0;
    endusershell();
    return found;
}

/* ---- groups ---- */

/* Also by way of another group, which only the name service's list of the user's groups tells. */
static bool is_member(const char *user, gid_t primary, gid_t gid)
{
    static gid_t gids[GIDS_MAX];
    int count = GIDS_MAX;
    if (primary == gid)
        return true;
    if (getgrouplist(user, primary, gids, &count) < 0)
        count = GIDS_MAX;
    for (int i = 0; i < count; i++)
        if (gids[i] == gid)
            return true;
    return false;
}

static enum tool_exit tell_no_group(const char *group, int error)
{
    char shown[256];
    text_show(shown, sizeof shown, group);
    if (error != 0)
        tool_complain(_("the name service cannot say who is in the group %s: %s"), shown, strerror(error));
    else
        tool_complain(_("there is no group %s on this system (getent group %s finds nothing)"), shown, shown);
    return TOOL_REFUSED;
}

/* ---- one person ---- */

static void introduce(struct coverage_person *person, const struct passwd *entry)
{
    person->met = true;
    person->uid = (uint32_t)entry->pw_uid;
    person->shell = is_login_shell(entry->pw_shell);
}

static enum tool_exit add(struct coverage *coverage, const struct passwd *entry)
{
    struct coverage_person *person = coverage_add(coverage, entry->pw_name);
    if (person == NULL)
        return tell_no_memory();
    introduce(person, entry);
    return TOOL_DONE;
}

/* *out_entry: NULL: nobody has that name. */
static enum tool_exit look_up(const char *user, const struct passwd **out_entry)
{
    errno = 0;
    const struct passwd *entry = getpwnam(user);
    /* getpwnam(3): these all mean "no such name" somewhere. */
    bool unknown = errno == 0 || errno == ENOENT || errno == ESRCH || errno == EBADF || errno == EPERM;
    if (entry == NULL && !unknown) {
        char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
        int error = errno;
        tool_complain(_("the name service cannot say who %s is: %s"), text_show(shown, sizeof shown, user),
                      strerror(error));
        return TOOL_REFUSED;
    }
    *out_entry = entry;
    return TOOL_DONE;
}

void coverage_meet(struct coverage_person *person, void *context)
{
    struct coverage_meeting *meeting = context;
    const struct coverage_people *people = meeting->people;
    const struct passwd *entry = NULL;

    if (person->met || meeting->done != TOOL_DONE)
        return;
    meeting->done = look_up(person->user, &entry);
    person->met = true;
    person->outside = people->group != NULL && (entry == NULL || !is_member(person->user, entry->pw_gid, people->gid));
    if (entry != NULL)
        introduce(person, entry);
}

/* ---- a file of names ---- */

static enum tool_exit tell_line(const char *file, unsigned long number, const char *what)
{
    char shown[1024];
    tool_complain(_("%s, line %lu: %s"), text_show(shown, sizeof shown, file), number, what);
    return TOOL_USAGE;
}

static enum tool_exit take_name(const struct coverage_people *people, struct coverage *coverage, const char *name,
                                unsigned long number)
{
    const struct passwd *entry = NULL;

    if (strlen(name) >= USER_SIZE || !text_is_clean(name) || strpbrk(name, ":,") != NULL)
        return tell_line(people->file, number, _("this is no user name"));
    enum tool_exit done = look_up(name, &entry);
    if (done != TOOL_DONE)
        return done;
    if (people->group != NULL && (entry == NULL || !is_member(entry->pw_name, entry->pw_gid, people->gid)))
        return TOOL_DONE;
    if (entry == NULL) {
        char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
        tool_complain(_("there is no user %s on this system (getent passwd %s finds nothing)"),
                      text_show(shown, sizeof shown, name), shown);
        return TOOL_DONE;
    }
    return add(coverage, entry);
}

static void trim(char *line, ssize_t *len)
{
    while (*len > 0 && strchr(" \t\r\n", line[*len - 1]) != NULL)
        line[--*len] = '\0';
}

static enum tool_exit read_names(const struct coverage_people *people, struct coverage *coverage, FILE *file)
{
    line_owner char *line = NULL;
    size_t size = 0;
    unsigned long number = 0;

    for (ssize_t len = getline(&line, &size, file); len >= 0; len = getline(&line, &size, file)) {
        number++;
        if (strlen(line) != (size_t)len)
            return tell_line(people->file, number, _("this is no user name"));
        trim(line, &len);
        const char *name = line + strspn(line, " \t");
        if (number == 1 && strncmp(name, "\xef\xbb\xbf", 3) == 0)
            name += 3;
        if (name[0] == '\0' || name[0] == '#')
            continue;
        enum tool_exit done = take_name(people, coverage, name, number);
        if (done != TOOL_DONE)
            return done;
    }
    if (ferror(file) == 0)
        return TOOL_DONE;
    return tell_line(people->file, number + 1, strerror(errno));
}

static enum tool_exit gather_from_file(const struct coverage_people *people, struct coverage *coverage)
{
    file_owner FILE *file = strcmp(people->file, "-") == 0 ? stdin : fopen(people->file, "re");
    if (file == NULL) {
        char shown[1024];
        int error = errno;
        tool_complain("%s: %s", text_show(shown, sizeof shown, people->file), strerror(error));
        return TOOL_USAGE;
    }
    return read_names(people, coverage, file);
}

/* ---- everybody ---- */

/* The services of the line "passwd:" that may name people who are not in /etc/passwd, "" if there are none. */
static void read_services(char out_services[COVERAGE_SERVICES_SIZE])
{
    line_owner char *line = NULL;
    file_owner FILE *file = fopen(SWITCH_FILE, "re");
    size_t size = 0;

    out_services[0] = '\0';
    while (file != NULL && getline(&line, &size, file) >= 0) {
        line[strcspn(line, "#\n")] = '\0';
        char *at = line + strspn(line, " \t");
        if (strncmp(at, "passwd:", 7) != 0)
            continue;
        char *rest = NULL;
        for (char *word = strtok_r(at + 7, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest)) {
            bool lists = word[0] == '[' || strcmp(word, "files") == 0 || strcmp(word, "compat") == 0 ||
                         strcmp(word, "db") == 0 || strcmp(word, "systemd") == 0;
            size_t used = strlen(out_services);
            if (!lists)
                (void)snprintf(out_services + used, COVERAGE_SERVICES_SIZE - used, "%s%s", used > 0 ? " " : "", word);
        }
        return;
    }
}

/* A directory that does not enumerate (sssd's default) looks like an empty one: what can be seen is that everybody who was listed is in /etc/passwd. */
static unsigned long count_local(void)
{
    file_owner FILE *file = fopen(PASSWD_FILE, "re");
    unsigned long count = 0;
    while (file != NULL && fgetpwent(file) != NULL)
        count++;
    return count;
}

static enum tool_exit gather_everybody(struct coverage_people *people, struct coverage *coverage)
{
    unsigned long seen = 0;

    setpwent();
    for (;;) {
        errno = 0;
        const struct passwd *entry = getpwent();
        if (entry == NULL)
            break;
        seen++;
        if (people->group != NULL && !is_member(entry->pw_name, entry->pw_gid, people->gid))
            continue;
        if (add(coverage, entry) != TOOL_DONE)
            return TOOL_REFUSED;
    }
    int error = errno;
    endpwent();
    if (error != 0 && error != ENOENT && error != ESRCH) {
        tool_complain(_("the name service cannot list all users: %s"), strerror(error));
        return TOOL_REFUSED;
    }
    read_services(people->services);
    people->unlisted = people->services[0] != '\0' && seen <= count_local();
    return TOOL_DONE;
}

/* Those that the group itself names: also of a directory that lists nobody. */
static enum tool_exit gather_members(const struct coverage_people *people, struct coverage *coverage,
                                     char *const *members)
{
    for (; *members != NULL; members++) {
        const struct passwd *entry = NULL;
        enum tool_exit done = look_up(*members, &entry);
        if (done == TOOL_DONE && entry != NULL && people->file == NULL)
            done = add(coverage, entry);
        if (done != TOOL_DONE)
            return done;
    }
    return TOOL_DONE;
}

enum tool_exit coverage_gather(struct coverage_people *people, struct coverage *coverage)
{
    if (people->group != NULL) {
        errno = 0;
        const struct group *group = getgrnam(people->group);
        if (group == NULL)
            return tell_no_group(people->group, errno == ENOENT || errno == ESRCH ? 0 : errno);
        people->gid = (uint32_t)group->gr_gid;
        enum tool_exit done = gather_members(people, coverage, group->gr_mem);
        if (done != TOOL_DONE)
            return done;
    }
    return people->file != NULL ? gather_from_file(people, coverage) : gather_everybody(people, coverage);
}
