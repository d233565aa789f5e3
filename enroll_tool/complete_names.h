/* Names that only the verifier knows, as candidates. Where it cannot be asked there are none. */
#ifndef GARDE_TOOL_COMPLETE_NAMES_H
#define GARDE_TOOL_COMPLETE_NAMES_H

#include "candidates.h"
#include "tool.h"

/* Everybody with a factor that is not revoked. */
void complete_names_users(struct tool *tool, struct candidates *candidates);

/* Accounts of this machine that people have: for who is not enrolled yet. */
void complete_names_accounts(struct candidates *candidates);

/* Labels and numbers of a user's factors that are not revoked. A label that two of them have tells neither, and is left out. */
void complete_names_factors(struct tool *tool, const char *typed_user, struct candidates *candidates);

#endif
