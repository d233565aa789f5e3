/* 1. What is set aside MUST be in a struct secret, and empty once it was taken: so it is taken once.
 * 2. A code MUST be given to the user it was typed for and to no other: PAM_USER may have changed in between.
 */
#include "set_aside.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>

#define NAME "garde_set_aside"

static void clean_up(pam_handle_t *pamh, void *data, int status)
{
    struct secret *aside = data;
    /* The end of a login that did not fail, in the process that logged in. */
    if (status == PAM_SUCCESS && aside != NULL && secret_len(aside) > 0)
        pam_syslog(pamh, LOG_ERR,
                   "a code was set aside and never checked: is there no line with verify behind the one with split?");
    secret_free(aside);
}

/* NULL: nothing is there. */
static struct secret *find(const pam_handle_t *pamh)
{
    const void *data = NULL;
    if (pam_get_data(pamh, NAME, &data) != PAM_SUCCESS)
        return NULL;
    return (struct secret *)(uintptr_t)data;
}

void set_aside_drop(pam_handle_t *pamh)
{
    struct secret *aside = find(pamh);
    if (aside != NULL)
        secret_shorten(aside, 0);
}

/* The name, a zero byte, the code. */
enum outcome set_aside_put(pam_handle_t *pamh, const char *user, const struct secret *code)
{
    size_t name_len = strlen(user) + 1;
    struct secret *aside = secret_new(name_len + secret_len(code));
    if (aside == NULL)
        return OUTCOME_NO_MEMORY;
    memcpy(secret_fill(aside), user, name_len);
    memcpy(secret_fill(aside) + name_len, secret_read(code), secret_len(code));
    if (pam_set_data(pamh, NAME, aside, clean_up) != PAM_SUCCESS) {
        secret_free(aside);
        return OUTCOME_NO_MEMORY;
    }
    return OUTCOME_SET_ASIDE;
}

static enum outcome take(const struct secret *aside, const char *user, struct secret **out_code)
{
    size_t name_len = strlen(user) + 1, len = secret_len(aside);
    if (len == 0)
        return OUTCOME_NOTHING_ASIDE;
    if (len < name_len || memcmp(secret_read(aside), user, name_len) != 0)
        return OUTCOME_OTHER_USER;
    *out_code = secret_copy(secret_read(aside) + name_len, len - name_len);
    return *out_code != NULL ? OUTCOME_UNDECIDED : OUTCOME_NO_MEMORY;
}

enum outcome set_aside_take(pam_handle_t *pamh, const char *user, struct secret **out_code)
{
    struct secret *aside = find(pamh);
    if (aside == NULL)
        return OUTCOME_NOTHING_ASIDE;
    enum outcome outcome = take(aside, user, out_code);
    secret_shorten(aside, 0);
    return outcome;
}
