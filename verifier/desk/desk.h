/* The desk: where the components meet (vault, store, policy, otp, audit). Runs on the worker's thread.
 *
 * desk_run takes a batch of jobs through one change of the store:
 *
 *   begin -> derive keys -> each job in order -> commit -> free keys -> verdicts -> entries to the log
 *
 * MUST 1  A verdict of "accepted" is set after store_commit has returned STATUS_OK, and nowhere else.
 * MUST 2  If a job fails in the store, the whole change is dropped and every job is run again in a change of its own, so that no job can
 *         spoil another's and each is whole or absent. A job that fails alone is refused (REASON_UNAVAILABLE; REASON_NO_SPACE when the disk and the
 *         reserve of the store are full, which NOTICE_ROOM_NONE tells).
 * MUST 3  After a failed commit desk_run returns STATUS_FAILED, all verdicts are refused, and the process ends.
 * MUST 4  Keys, factor secrets and MAC contexts live within one batch.
 */
#ifndef GARDE_VERIFIER_DESK_H
#define GARDE_VERIFIER_DESK_H

#include <garde/entry.h>
#include <garde/policy.h>
#include <garde/problem.h>
#include <garde/settings.h>
#include <garde/status.h>
#include <garde/store.h>
#include <garde/vault.h>

#include "../job.h"
#include "../notice.h"

struct desk;

/* What the desk needs of the configuration; changed between batches by desk_adopt (SIGHUP). */
struct desk_rules {
    struct policy_limits limits;
    int64_t pending_for_s;
};

/* Told each entry after it was committed, in order, on the worker's thread. */
typedef void desk_tell(const struct entry *entry, void *context);

/* Takes over crypto, vault and store (also on failure); desk_close frees them. tell and notice (each may be NULL) share the context. */
enum status desk_open(struct crypto *crypto, struct vault *vault, struct store *store, const struct desk_rules *rules,
                      desk_tell *tell, notice_tell *notice, void *context, struct desk **out_desk) GARDE_MUST_CHECK;
void desk_close(struct desk *desk);

/* Do key ring and store belong together? STATUS_TAMPERED: neither the head of the audit nor its first entry carries a tag of
 * this ring. One of them is enough: an edit of the other is for desk_examine to tell, and no reason to serve nobody. */
enum status desk_fits(struct desk *desk) GARDE_MUST_CHECK;

void desk_adopt(struct desk *desk, const struct desk_rules *rules);

/* Runs the list (linked by next); replies are in the jobs. STATUS_FAILED: see MUST 3; any other failure is told in the jobs.
 * now_ms: the wall clock, read once for the batch. `hand_back` (may be NULL) is called after the commit and before the log is
 * written; from then on the jobs are no longer the desk's. After a failed commit it is not called: the jobs are still the caller's. */
typedef void desk_hand_back(struct job *first, void *context);
enum status desk_run(struct desk *desk, struct job *first, int64_t now_ms, desk_hand_back *hand_back,
                     void *hand_back_context) GARDE_MUST_CHECK;

/* Between batches: one small step of what else is to be done, so that no login waits for long. still: nothing was asked for a while, or the
 * verifier ends; the log is then moved into the file, otherwise only when it must be. *out_more: there is another step to do at
 * once. STATUS_FAILED: as MUST 3. */
enum status desk_tend(struct desk *desk, bool still, bool *out_more) GARDE_MUST_CHECK;

/* `garded init`, `garded check` and `garded accept`, without serving. */
enum status desk_first_entry(struct desk *desk, int64_t now_ms, const char *actor) GARDE_MUST_CHECK;
/* Every row's tag, every account's number of factors, the whole audit chain, and the head over all rows. *out_problem says the first that does not
 * hold. */
enum status desk_examine(struct desk *desk, const char *store_path, struct problem *out_problem) GARDE_MUST_CHECK;

/* All rows, against the head over them. */
enum desk_rows {
    DESK_ROWS_ADD_UP = 1,
    DESK_ROWS_DIFFER,           /* some were changed, taken away, put in or put back */
    DESK_ROWS_WITHOUT_HEAD,     /* the head is missing or does not hold */
    DESK_ROWS_OF_ANOTHER_AUDIT, /* the head names another last entry than the audit has */
};
struct desk_survey {
    enum desk_rows found;
    uint64_t rows;
    uint64_t expected;        /* as the head has it; 0 where there is none that holds */
    uint64_t bad_rows;        /* whose tag does not hold; each was told */
    struct rows_head counted; /* what they add up to, sealed, for whoever takes them */
};
/* Told each row whose tag does not hold. The texts are as they were found. */
typedef void desk_tell_row(const char *user, const char *what, void *context);
enum status desk_survey_rows(struct desk *desk, desk_tell_row *tell, void *context,
                             struct desk_survey *out_survey) GARDE_MUST_CHECK;
/* Takes the rows as they were shown: an entry that says by whom, and a new head. STATUS_TAMPERED: they are others by now. A row whose tag does not hold stays one, and its user refused.
 * *out_entry is what was recorded. */
enum status desk_accept_rows(struct desk *desk, const struct desk_survey *shown, int64_t now_ms, const char *actor,
                             struct entry *out_entry) GARDE_MUST_CHECK;

#endif
