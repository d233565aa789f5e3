/* Talking to the person, through the function that the caller of PAM brought along. One message per call, always (C1). */
#ifndef GARDE_PAM_CONVERSATION_H
#define GARDE_PAM_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include <security/pam_modules.h>

#include <garde/secret.h>

#include "result.h"

/* Asks, and moves the answer into a secret: what the caller had allocated is wiped and freed in every case.
 * OUTCOME_UNDECIDED: *out_answer is what was typed, perhaps nothing, at most max bytes, and belongs to the caller. OUTCOME_REFUSED: longer.
 * OUTCOME_CONV_FAILED, _CONV_AGAIN, _NO_MEMORY. */
enum outcome conversation_ask(pam_handle_t *pamh, const char *text, bool echo, size_t max, struct secret **out_answer);

/* Shows an error message. Whether that worked changes nothing. */
void conversation_tell(pam_handle_t *pamh, const char *text);

#endif
