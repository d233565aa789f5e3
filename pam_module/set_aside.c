/* 1. What is set aside MUST be in a struct secret, and empty once it was taken: so it is taken once.
 * 2. Of whom no code was wanted there MUST be an entry of its own kind: an empty code is one that has to be checked.
 * 3. A code MUST be given to the user it was typed for and to no other: PAM_USER may have changed in between.
 */
#include "set_aside.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>

#define NAME "garde_set_aside"

/* The first byte of what is set aside. */
enum { NONE_WANTED = 'n', CODE_WANTED = 'c' };

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

/* Whether one is wanted, the name, a zero byte, the code. */
enum outcome set_aside_put(pam_handle_t *pamh, const char *user, const struct secret *code)
{
    size_t name_len = strlen(user) + 1, code_len = code != NULL ? secret_len(code) : 0;
    struct secret *aside = secret_new(1 + name_len + code_len);
    if (aside == NULL)
        return OUTCOME_NO_MEMORY;
    uint8_t *at = secret_fill(aside);
    at[0] = code != NULL ? CODE_WANTED : NONE_WANTED;
    memcpy(at + 1, user, name_len);
    if (code_len > 0)
        memcpy(at + 1 + name_len, secret_read(code), code_len);
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
    if (len < 1 + name_len || memcmp(secret_read(aside) + 1, user, name_len) != 0)
        return OUTCOME_OTHER_USER;
    *out_code = secret_copy(secret_read(aside) + 1 + name_len, len - 1 - name_len);
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

enum outcome set_aside_left(const pam_handle_t *pamh)
{
    const void *data = NULL;
    int got = pam_get_data(pamh, NAME, &data);
    if (got != PAM_SUCCESS)
        return got == PAM_NO_MODULE_DATA ? OUTCOME_NONE_LEFT : OUTCOME_UNDECIDED;
    const struct secret *aside = data;
    bool is_left = secret_len(aside) > 0 && secret_read(aside)[0] != NONE_WANTED;
    return is_left ? OUTCOME_NEVER_CHECKED : OUTCOME_NONE_LEFT;
}
