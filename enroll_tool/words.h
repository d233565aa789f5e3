/* Words for the numbers of the contracts: stable names for programs (words_*_name), translated ones for people. Never NULL. */
#ifndef GARDE_TOOL_WORDS_H
#define GARDE_TOOL_WORDS_H

#include <garde/entry.h>
#include <garde/factor.h>

const char *words_kind_name(enum factor_kind kind);                /* "totp", "hotp" */
const char *words_algorithm_name(enum factor_algorithm algorithm); /* "sha1" ... as --algorithm takes it */
const char *words_state_name(enum factor_state state);             /* "pending" ... */
const char *words_event_name(enum event event);                    /* as audit_event_name */
const char *words_reason_name(enum reason reason);                 /* as audit_reason_name */

const char *words_kind(enum factor_kind kind);                /* "TOTP": the same in every language */
const char *words_algorithm(enum factor_algorithm algorithm); /* "SHA-1": the same in every language */
const char *words_state(enum factor_state state);
const char *words_event(enum event event);
const char *words_reason(enum reason reason);

#endif
