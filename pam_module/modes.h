/* The four ways of a line through a login: with a prompt of its own; before the password and behind it; or in front of it. */
#ifndef GARDE_PAM_MODES_H
#define GARDE_PAM_MODES_H

#include <security/pam_modules.h>

#include "options.h"
#include "result.h"

/* As options->mode says. OUTCOME_ACCEPTED and OUTCOME_SKIPPED come from the verifier's word alone, and never of MODE_SPLIT, which decides nothing;
 * OUTCOME_SET_ASIDE of MODE_SPLIT alone. Never OUTCOME_NEVER_CHECKED or _NONE_LEFT, which are of account lines. */
enum outcome modes_log_in(pam_handle_t *pamh, const struct options *options);

#endif
