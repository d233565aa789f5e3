/* The code between the line with `split` and the one with `verify`: kept with the handle, for one user, in memory of its own, until it is taken or the handle
 * ends. */
#ifndef GARDE_PAM_SET_ASIDE_H
#define GARDE_PAM_SET_ASIDE_H

#include <security/pam_modules.h>

#include <garde/secret.h>

#include "result.h"

/* Wipes what is there. */
void set_aside_drop(pam_handle_t *pamh);

/* In place of what is there. code: of any length, also empty, and still the caller's; NULL: none is wanted of this user, so far.
 * OUTCOME_SET_ASIDE, _NO_MEMORY. */
enum outcome set_aside_put(pam_handle_t *pamh, const char *user, const struct secret *code);

/* Hands out the code if it is this user's (empty where none was wanted), and wipes it where it was in any case. The caller owns it. OUTCOME_UNDECIDED; OUTCOME_NOTHING_ASIDE: none
 * was put, or it was taken, or this process is a fork of the one that put it; OUTCOME_OTHER_USER, _NO_MEMORY. */
enum outcome set_aside_take(pam_handle_t *pamh, const char *user, struct secret **out_code);

/* Whether a code that was wanted is still there, whoever PAM_USER is by now. It stays there: a caller may ask twice. OUTCOME_NEVER_CHECKED, _NONE_LEFT;
 * OUTCOME_UNDECIDED: libpam does not tell. */
enum outcome set_aside_left(const pam_handle_t *pamh);

#endif
