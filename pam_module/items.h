/* What the handle says about a login, and the password that modules hand on to each other. */
#ifndef GARDE_PAM_ITEMS_H
#define GARDE_PAM_ITEMS_H

#include <stdbool.h>

#include <security/pam_modules.h>

#include <garde/secret.h>
#include <garde/wire.h>

#include "result.h"

/* The items of an ASK. may_prompt: libpam asks for a user name that is not there yet. Otherwise, and on failure, *out_ask->user is "" for none.
 * OUTCOME_UNDECIDED: all is there. OUTCOME_NO_USER, _ODD_NAME, _CONV_AGAIN, _CONV_FAILED, _NO_MEMORY. */
enum outcome items_read(pam_handle_t *pamh, bool may_prompt, struct wire_ask *out_ask);

/* A copy of what a module before this one has set as PAM_AUTHTOK, at most max bytes, or NULL if there is none. The caller owns it.
 * OUTCOME_UNDECIDED, _REFUSED (longer), _NO_MEMORY. */
enum outcome items_typed(const pam_handle_t *pamh, size_t max, struct secret **out_text);

/* Sets PAM_AUTHTOK, for the modules behind this one, to a text without zero bytes. The copy is libpam's, which wipes it at the end of the login, and wipes
 * what stood there before. OUTCOME_UNDECIDED, _NO_MEMORY. */
enum outcome items_set_password(pam_handle_t *pamh, const struct secret *password);

#endif
