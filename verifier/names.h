/* Look-ups of names, and of the groups that a user is in, in helper processes.
 *
 * getpwnam can hang for minutes in a name service and cannot be cancelled, so each look-up is a process of its own that is
 * killed when its time is over. Trusted callers' look-ups come first, and others never fill all places. Of the others each uid has one
 * look-up at a time, and those whose look-ups hung lately leave a place to the rest.
 */
#ifndef GARDE_VERIFIER_NAMES_H
#define GARDE_VERIFIER_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include <garde/factor.h>
#include <garde/status.h>

#include "timers.h"

#define NAMES_SUBCOMMAND  "resolve-name" /* argv[1] of the helper */
#define NAMES_PUBLIC_MAX  4              /* helpers at once for unprivileged callers */
#define NAMES_HUNG_MAX    3              /* of these for uids whose look-ups hung lately */
#define NAMES_HUNG_UIDS   64             /* so many are remembered */
#define NAMES_HUNG_US     60000000ULL    /* for so long */
#define NAMES_RUNNING_MAX 16             /* helpers at once */
#define NAMES_QUEUED_MAX  2048
#define NAMES_TIME_US     2000000 /* from the question to the answer, waiting for a place included */

enum names_result {
    NAMES_FAILED = 0, /* hung, crashed, or the name service is out of order */
    NAMES_FOUND,
    NAMES_NO_SUCH_NAME,
};

struct names;
struct lookup;

#define NAMES_GROUPS_MAX 64 /* that one look-up can ask about */

/* What is known of a name that was found. A bit for each group that was asked about, in that order. */
struct names_found {
    const char *canonical;
    uint32_t uid;
    uint64_t groups;  /* the user is a member */
    uint64_t missing; /* there is no such group */
};

/* found is NULL but for NAMES_FOUND. Never called from within names_find. */
typedef void names_answer(enum names_result result, const struct names_found *found, void *context);

/* Whose look-up it is, what is asked, and who is told. */
struct names_question {
    const char *name;
    uint32_t uid;              /* whose share it is; NAMES_TRUSTED: a trusted caller's */
    const char *const *groups; /* names of them, none of them empty; may be NULL where there are none */
    size_t group_count;
    names_answer *answer;
    void *context;
};
#define NAMES_TRUSTED NO_UID

/* program: what is started, with NAMES_SUBCOMMAND as its only argument. SIGCHLD must be blocked. */
enum status names_new(sd_event *event, struct timers *timers, const char *program, uint64_t time_us,
                      struct names **out_names) GARDE_MUST_CHECK;
/* Kills what still runs; no more answers. */
void names_free(struct names *names);

/* Answers once, later, unless it is cancelled. Of the question only the context must stay. STATUS_NO_MEMORY: no room for one more, or no
 * question at all (an empty name, one that is too long, too many groups). */
enum status names_find(struct names *names, const struct names_question *question,
                       struct lookup **out_lookup) GARDE_MUST_CHECK;
void names_cancel(struct lookup *lookup);

/* The helper's main: reads the user's name and those of groups from standard input to its end, each with a zero byte behind it; writes
 *
 *     found UID GROUPS NAME\n     GROUPS: a character for each group, in order: 1 a member, 0 none, x there is no such group;
 *                                 "-" if no group was asked about
 *     none\n
 *
 * to standard output. Names are never arguments, so that none of their bytes can be taken for an option. Returns the exit code: 0, or 1 where
 * the name service failed: "not a member" is never said because something went wrong. */
int names_child(void);

#endif
