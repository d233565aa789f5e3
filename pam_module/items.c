#include "items.h"

#include <stddef.h>
#include <string.h>

/* "" for an item that is not there (C15). */
static const char *item_text(const pam_handle_t *pamh, int type)
{
    const void *item = NULL;
    if (pam_get_item(pamh, type, &item) != PAM_SUCCESS || item == NULL)
        return "";
    return item;
}

/* Cut to fit: hearsay that only helps to tell places apart. */
static void copy_hearsay(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memcpy(out, text, len);
    out[len] = '\0';
}

/* Not cut: half of a name may be somebody else's, or another service's rule. */
static bool copy_name(char *out, size_t size, const char *name)
{
    size_t len = strnlen(name, size);
    if (len == size)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    memcpy(out, name, len + 1);
    return true;
}

static enum outcome read_user(pam_handle_t *pamh, bool may_prompt, const char **out_user)
{
    const char *user = NULL;
    int got = PAM_SUCCESS;
    if (may_prompt)
        got = pam_get_user(pamh, &user, NULL);
    else
        user = item_text(pamh, PAM_USER);

    if (got == PAM_CONV_AGAIN)
        return OUTCOME_CONV_AGAIN;
    if (got == PAM_BUF_ERR)
        return OUTCOME_NO_MEMORY;
    if (got != PAM_SUCCESS)
        return OUTCOME_CONV_FAILED;
    if (user == NULL || user[0] == '\0')
        return OUTCOME_NO_USER;
    *out_user = user;
    return OUTCOME_UNDECIDED;
}

enum outcome items_read(pam_handle_t *pamh, bool may_prompt, struct wire_ask *out_ask)
{
    const char *user = NULL;
    enum outcome outcome = read_user(pamh, may_prompt, &user);
    if (outcome != OUTCOME_UNDECIDED)
        return outcome;

    if (!copy_name(out_ask->user, sizeof out_ask->user, user) ||
        !copy_name(out_ask->service, sizeof out_ask->service, item_text(pamh, PAM_SERVICE)))
        return OUTCOME_ODD_NAME;
    copy_hearsay(out_ask->rhost, sizeof out_ask->rhost, item_text(pamh, PAM_RHOST));
    copy_hearsay(out_ask->tty, sizeof out_ask->tty, item_text(pamh, PAM_TTY));
    copy_hearsay(out_ask->ruser, sizeof out_ask->ruser, item_text(pamh, PAM_RUSER));
    return OUTCOME_UNDECIDED;
}

enum outcome items_typed(const pam_handle_t *pamh, size_t max, struct secret **out_text)
{
    const void *item = NULL;
    if (pam_get_item(pamh, PAM_AUTHTOK, &item) != PAM_SUCCESS || item == NULL) {
        *out_text = NULL;
        return OUTCOME_UNDECIDED;
    }
    size_t len = strnlen(item, max + 1);
    if (len > max)
        return OUTCOME_REFUSED;
    struct secret *text = secret_copy(item, len);
    if (text == NULL)
        return OUTCOME_NO_MEMORY;
    *out_text = text;
    return OUTCOME_UNDECIDED;
}

enum outcome items_set_password(pam_handle_t *pamh, const struct secret *password)
{
    return pam_set_item(pamh, PAM_AUTHTOK, secret_read(password)) == PAM_SUCCESS ? OUTCOME_UNDECIDED
                                                                                 : OUTCOME_NO_MEMORY;
}
