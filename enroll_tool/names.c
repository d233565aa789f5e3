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

enum names_found names_find(const char *typed, char out_user[USER_SIZE], uint32_t *out_uid)
{
    int error = 0;
    const struct passwd *entry = look_up(typed, &error);

    errno = error;
    if (entry == NULL)
        return error != 0 ? NAMES_FAILED : NAMES_UNKNOWN;
    if (!fits(entry->pw_name) || entry->pw_uid == OVERFLOW_UID || entry->pw_uid == NO_UID)
        return NAMES_UNFIT;
    (void)text_copy(out_user, USER_SIZE, entry->pw_name);
    *out_uid = (uint32_t)entry->pw_uid;
    return NAMES_FOUND;
}

enum tool_exit names_resolve(const char *typed, char out_user[USER_SIZE], uint32_t *out_uid)
{
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];

    text_show(shown, sizeof shown, typed);
    switch (names_find(typed, out_user, out_uid)) {
    case NAMES_FOUND:
        return TOOL_DONE;
    case NAMES_UNKNOWN:
        tool_complain(_("there is no user %s on this system (getent passwd %s finds nothing)"), shown, shown);
        break;
    case NAMES_UNFIT:
        tool_complain(_("%s has a name or uid that cannot have a second factor"), shown);
        break;
    case NAMES_FAILED:
    default:
        tool_complain(_("the name service cannot say who %s is: %s"), shown, strerror(errno));
        break;
    }
    return TOOL_REFUSED;
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
