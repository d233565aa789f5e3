#include "names.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "text.h"

static bool fits(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len < USER_SIZE;
}

/* NULL: not there (*out_error 0), or the name service failed (errno). */
static const struct passwd *look_up(const char *name, int *out_error)
{
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    /* getpwnam(3): these all mean "no such name" somewhere. */
    bool unknown = errno == ENOENT || errno == ESRCH || errno == EBADF || errno == EPERM;
    *out_error = entry == NULL && !unknown ? errno : 0;
    return entry;
}

enum tool_exit names_resolve(const char *typed, char out_user[USER_SIZE], uint32_t *out_uid)
{
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    int error = 0;

    text_show(shown, sizeof shown, typed);
    const struct passwd *entry = look_up(typed, &error);
    if (entry == NULL && error != 0) {
        tool_complain(_("the name service cannot say who %s is: %s"), shown, strerror(error));
        return TOOL_REFUSED;
    }
    if (entry == NULL) {
        tool_complain(_("there is no user %s on this system (getent passwd %s finds nothing)"), shown, shown);
        return TOOL_REFUSED;
    }
    if (!fits(entry->pw_name) || entry->pw_uid == OVERFLOW_UID || entry->pw_uid == NO_UID) {
        tool_complain(_("%s has a name or uid that cannot have a second factor"), shown);
        return TOOL_REFUSED;
    }
    (void)text_copy(out_user, USER_SIZE, entry->pw_name);
    *out_uid = (uint32_t)entry->pw_uid;
    return TOOL_DONE;
}

enum tool_exit names_take(const char *typed, char out_user[USER_SIZE])
{
    int error = 0;

    if (!fits(typed)) {
        tool_complain(_("a user name has between 1 and %d bytes"), USER_SIZE - 1);
        return TOOL_USAGE;
    }
    const struct passwd *entry = look_up(typed, &error);
    (void)text_copy(out_user, USER_SIZE, entry != NULL && fits(entry->pw_name) ? entry->pw_name : typed);
    return TOOL_DONE;
}
