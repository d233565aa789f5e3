#include "sshd_methods.h"

#include <stddef.h>
#include <string.h>

/* Is this method in the list "a,b:x,c"? A submethod does not matter, but for "keyboard-interactive:bsdauth". */
static bool names(const char *list, size_t len, const char *method)
{
    size_t want = strlen(method);

    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && list[end] != ',')
            end++;
        if (end - at >= want && strncmp(list + at, method, want) == 0 && (end - at == want || list[at + want] == ':'))
            return true;
        at = end + 1;
    }
    return false;
}

struct offered {
    bool asks_pam;       /* some list has a method that shows PAM's prompt */
    bool password;       /* some list can be gone through with the password method, and PAM behind it */
    bool password_alone; /* ... and no other method of that list asks PAM */
    const char *without;
};

static const char *first_without(const struct sshd_settings *settings)
{
    return settings->public_key   ? "publickey"
           : settings->host_based ? "hostbased"
           : settings->gssapi     ? "gssapi-with-mic"
                                  : NULL;
}

static struct offered look_at_any(const struct sshd_settings *settings)
{
    return (struct offered){settings->keyboard_interactive, settings->password, settings->password,
                            first_without(settings)};
}

static bool is_possible(const struct sshd_settings *settings, const char *list, size_t len)
{
    return (settings->public_key || !names(list, len, "publickey")) &&
           (settings->password || !names(list, len, "password")) &&
           (settings->keyboard_interactive || !names(list, len, "keyboard-interactive")) &&
           (settings->host_based || !names(list, len, "hostbased")) &&
           (settings->gssapi || !(names(list, len, "gssapi-with-mic") || names(list, len, "gssapi-keyex")));
}

static struct offered look_at_lists(const struct sshd_settings *settings)
{
    static const char *const others[] = {"publickey", "hostbased", "gssapi-with-mic", "gssapi-keyex"};
    struct offered offered = {.without = NULL};

    for (const char *at = settings->methods; *at != '\0';) {
        size_t len = strcspn(at, " ");
        bool interactive = names(at, len, "keyboard-interactive"), password = names(at, len, "password");
        if (len > 0 && is_possible(settings, at, len)) {
            offered.asks_pam = offered.asks_pam || interactive;
            offered.password = offered.password || password;
            offered.password_alone = offered.password_alone || (password && !interactive);
            for (size_t i = 0; i < sizeof others / sizeof others[0] && !interactive && !password; i++)
                if (offered.without == NULL && names(at, len, others[i]))
                    offered.without = others[i];
        }
        at += len + strspn(at + len, " ");
    }
    return offered;
}

unsigned sshd_methods_judge(const struct sshd_settings *settings, bool has_prompt, const char **out_method)
{
    bool any = settings->methods[0] == '\0' || strcmp(settings->methods, "any") == 0;
    struct offered offered = any ? look_at_any(settings) : look_at_lists(settings);
    unsigned ways = 0;

    if (!settings->use_pam)
        return SSHD_WAY_AROUND_PAM;
    if (offered.without != NULL) {
        ways |= SSHD_WAY_WITHOUT_CODE;
        *out_method = offered.without;
    }
    if (offered.password_alone && settings->kerberos)
        ways |= SSHD_WAY_KERBEROS;
    if (offered.password && has_prompt)
        ways |= offered.asks_pam ? SSHD_WAY_BOTH : SSHD_WAY_PASSWORD_ONLY;
    else if (!offered.password && !offered.asks_pam)
        ways |= SSHD_WAY_NONE;
    return ways;
}
