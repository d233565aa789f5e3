/* FACTOR on a command line: a number, as garde show prints it, or a label.
 *
 * A word of digits alone is always a number, also where a label reads the same: what a script says must not come to mean another factor because
 * somebody named one "3". Such a factor is named by its own number. Labels are compared byte by byte; of several factors with one label none is
 * guessed, they are listed.
 */
#ifndef GARDE_TOOL_FACTOR_PICK_H
#define GARDE_TOOL_FACTOR_PICK_H

#include <stddef.h>

#include <garde/wire.h>

#include "text.h"
#include "tool.h"

#define FACTOR_SET_MAX   64
#define FACTOR_NAME_SIZE (24 + TEXT_SHOWN_SIZE(LABEL_SIZE))

/* A user's factors that are not revoked, as the verifier shows them. */
struct factor_set {
    size_t count;
    struct wire_factor factors[FACTOR_SET_MAX];
};

/* Asks the verifier. Tells what goes wrong; before that TOOL_USAGE: word, which will be looked for, can be no FACTOR. NULL: none will. */
enum tool_exit factor_pick_all(struct tool *tool, const char *user, const char *word,
                               struct factor_set *out_set) GARDE_MUST_CHECK;

/* The one that is meant. A label of a factor that has lapsed counts where no other has it. TOOL_REFUSED: told. */
enum tool_exit factor_pick(const struct factor_set *set, const char *user, const char *word,
                           struct wire_factor *out_factor) GARDE_MUST_CHECK;
/* The only active one with a device; several: told, with their names. */
enum tool_exit factor_pick_device(const struct factor_set *set, const char *user,
                                  struct wire_factor *out_factor) GARDE_MUST_CHECK;

/* Both steps: which number is meant. word NULL: 0, and nobody is asked. */
enum tool_exit factor_pick_number(struct tool *tool, const char *user, const char *word,
                                  int64_t *out_id) GARDE_MUST_CHECK;

/* "3 (phone)", or "3" without a label; fit for a terminal. Returns out. */
const char *factor_pick_name(const struct wire_factor *factor, char out[FACTOR_NAME_SIZE]);
/* "3 (phone), 5 (token)"; cut at size. Returns out. */
const char *factor_pick_names(const struct factor_set *set, char *out, size_t size);

#endif
