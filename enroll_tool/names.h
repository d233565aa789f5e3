/* User names: what was typed, and what the name service calls it. */
#ifndef GARDE_TOOL_NAMES_H
#define GARDE_TOOL_NAMES_H

#include <stdint.h>

#include <garde/factor.h>

#include "tool.h"

enum names_found {
    NAMES_FOUND,
    NAMES_UNKNOWN,
    NAMES_UNFIT,  /* a name or uid that cannot have a second factor */
    NAMES_FAILED, /* the name service cannot say; errno */
};
/* The canonical name and uid. Says nothing to anybody. */
enum names_found names_find(const char *typed, char out_user[USER_SIZE], uint32_t *out_uid) GARDE_MUST_CHECK;

/* For an enrolment: the canonical name and uid. Tells what is wrong: TOOL_REFUSED. */
enum tool_exit names_resolve(const char *typed, char out_user[USER_SIZE], uint32_t *out_uid) GARDE_MUST_CHECK;

/* For everything else: the canonical name where there is one, else as typed, since the account may be gone from the name service
 * while its factors are still here. Too long or empty: told, TOOL_USAGE. */
enum tool_exit names_take(const char *typed, char out_user[USER_SIZE]) GARDE_MUST_CHECK;

#endif
