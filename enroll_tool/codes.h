/* Recovery codes and help-desk codes: made here, shown once, and taken back when nobody got to see them. */
#ifndef GARDE_TOOL_CODES_H
#define GARDE_TOOL_CODES_H

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

/* Revokes codes that could not be shown. Tells that nobody has them, or how to revoke them by hand. */
void codes_take_back(struct tool *tool, const char *user, int64_t factor_id);

#endif
