/* Recovery codes and help-desk codes: made here, shown once, and taken back when nobody got to see them. */
#ifndef GARDE_TOOL_CODES_H
#define GARDE_TOOL_CODES_H

#include <signal.h>

#include <garde/secret.h>
#include <garde/wire.h>

#include "sink.h"
#include "tool.h"

/* RECOVERY_CODES of RECOVERY_CODE_LEN characters, one behind the other; each character is one of 32, as likely as the others. */
enum tool_exit codes_make_set(struct secret **out_codes) GARDE_MUST_CHECK;
/* TEMPORARY_CODE_LEN digits; each number is as likely as the others. */
enum tool_exit codes_make_temporary(struct secret **out_code) GARDE_MUST_CHECK;

/* len characters of a code from `at` on, in groups. */
void codes_put(struct sink *sink, const struct secret *codes, size_t at, size_t len, size_t group, const char *between);

/* From asking for codes until they are shown: what would end the tool waits, since old codes have ended and nobody has seen the new ones. */
struct codes_hold {
    sigset_t before;
};
struct codes_hold codes_hold(void);
void codes_release(struct codes_hold *hold);
#define codes_hold_owner __attribute__((cleanup(codes_release), unused)) /* only its end is of use */

/* Revokes codes that could not be shown. Tells that nobody has them, or how to revoke them by hand. */
void codes_take_back(struct tool *tool, const char *user, int64_t factor_id);

#endif
