/* What the files of the desk share. No file outside this folder includes it.
 *
 * A job runs inside a change: it reads and writes the store through it, records entries, counts, and leaves its answer in an
 * outcome. Nothing of this is told to anybody before the change is committed; when the change is dropped, outcome, entries and
 * counts are dropped with it.
 *
 * The functions that run a job return STATUS_OK when there is an answer (a refusal is one) and anything else when the
 * job could not be done: then the whole change is dropped.
 */
#ifndef GARDE_VERIFIER_DESK_INSIDE_H
#define GARDE_VERIFIER_DESK_INSIDE_H

#include <garde/audit.h>
#include <garde/number.h>
#include <garde/otp.h>

#include "clock_watch.h"
#include "desk.h"
#include "room.h"
#include "scan.h"

struct counts;
struct odd;

struct desk {
    struct crypto *crypto;
    struct vault *vault;
    struct store *store;
    struct desk_rules rules;
    desk_tell *tell;
    notice_tell *notice;
    void *context;
    struct counts *counts; /* as of the last commit */
    struct counts *draft;  /* what the open change makes of them */
    struct clock_watch clock;
    struct room room;
    struct scan scan;
    int64_t started_s; /* desk_uptime_s() when it was opened */
};

struct change {
    struct desk *desk;
    struct vault_keys *keys;
    int64_t now_ms;
    int64_t now_s;
    bool counted; /* desk->draft is in use */

    struct entry_head head;
    uint8_t chained_on
        [TAG_SIZE]; /* the tag of the last entry before this change; no entry's, if the head of the audit does not hold */
    bool head_known;
    bool head_moved;

    struct odd *odd; /* odd.c; NULL: no such row */

    struct entry *entries; /* the first `committed` of them are on disk */
    size_t entry_count;
    size_t committed;
    size_t room;
};

/* The answer of a job, until the commit. */
struct outcome {
    enum verdict verdict;
    enum reason reason;
    enum look look;
    bool may_be_empty;
    char user[USER_SIZE]; /* JOB_LOOK: the canonical name; "" leaves the job's own */
    struct wire_result result;
    bool finished;
    size_t row_count;
    struct job_cursor cursor;
};

/* desk.c: a change without a job. begin derives the keys; commit writes both heads and tells the entries; drop frees everything, and undoes what was
 * not committed. *out_lost: the commit failed, so that the process must end. */
enum status desk_change_begin(struct desk *desk, int64_t now_ms, struct change *out_change) GARDE_MUST_CHECK;
enum status desk_change_commit(struct change *change, bool *out_lost) GARDE_MUST_CHECK;
void desk_change_drop(struct change *change);
#define change_owner __attribute__((cleanup(desk_change_drop)))

/* record.c: appends to the chain; the time is set here. record_head writes the heads once, before the commit. chain_known: change->head and
 * chained_on are read. */
enum status desk_record(struct change *change, struct entry *entry) GARDE_MUST_CHECK;
enum status desk_record_head(struct change *change) GARDE_MUST_CHECK;
enum status desk_chain_known(struct change *change) GARDE_MUST_CHECK;
/* An entry with the caller's service, origin and actor and a count of one, for the account (NULL: none). */
struct entry desk_entry(const struct caller *caller, enum event event, enum verdict verdict, enum reason reason,
                        const struct account *account, int64_t factor_id);

/* head.c: the head over all rows. */
enum head_state {
    HEAD_BROKEN = 1,       /* it is missing, or does not hold */
    HEAD_OF_ANOTHER_AUDIT, /* it names another last entry than the audit had before this change */
    HEAD_HOLDS,
};
/* Outputs but the state are untouched where it is HEAD_BROKEN. The caller wipes the sum. */
enum status desk_head_open(struct change *change, struct rows_head *out_head, struct rows_sum *out_sum,
                           enum head_state *out_state) GARDE_MUST_CHECK;
/* Brings a head that holds up to what the open change has done. Before the commit, behind the last entry. */
enum status desk_head_put(struct change *change) GARDE_MUST_CHECK;
/* A new head over rows that add up to this, whatever the old one said. */
enum status desk_head_take(struct change *change, const struct rows_sum *sum) GARDE_MUST_CHECK;
/* Do rows that add up to this go with the head and the audit? All of the survey but bad_rows. */
enum status desk_head_judge(struct change *change, const struct rows_sum *counted,
                            struct desk_survey *out_survey) GARDE_MUST_CHECK;
/* The sum with what the change has done to rows, or only to those that the walk has passed. */
enum status desk_sum_touches(struct change *change, bool walked_only, struct rows_sum *sum) GARDE_MUST_CHECK;
/* Right after a put or a removal: the row that was there had this tag (zeroes: there was none). STATUS_FAILED if not, and the change must not be
 * committed. */
enum status desk_row_was(const struct change *change, const uint8_t tag[TAG_SIZE]) GARDE_MUST_CHECK;

/* odd.c: rows that do not hold and are taken away all the same. remove: the row as it was read in this change. */
enum status desk_odd_remove(struct change *change, const struct store_row *row) GARDE_MUST_CHECK;
void desk_odd_forget(struct change *change);
/* Is this touch the removal of such a row? Asked in ascending order; *cursor is 0 at first. subtract: all of them, or those that the walk had
 * passed, from a sum. */
bool desk_odd_is(const struct change *change, size_t at, size_t *cursor);
void desk_odd_subtract(const struct change *change, bool walked_only, struct rows_sum *sum);

/* scan.c. step: between batches; *out_more is set while there is another page. draft before the commit, keep after it: what a change did to rows
 * that were counted already. STATUS_FAILED from step: a commit failed. */
enum status desk_scan_step(struct desk *desk, bool still, bool *out_more) GARDE_MUST_CHECK;
enum status desk_scan_draft(struct change *change) GARDE_MUST_CHECK;
void desk_scan_keep(struct desk *desk);
/* After the commit, before its entries are counted as committed: bad rows that were cleared are listed no more. */
void desk_scan_cleared(struct change *change);
/* A row's tag, and the row's part of a sum. */
enum status desk_row_holds(struct change *change, const struct store_row *row, bool *out_holds) GARDE_MUST_CHECK;
enum status desk_row_add(struct change *change, const struct store_row *row, bool holds,
                         struct rows_sum *sum) GARDE_MUST_CHECK;
/* Next page of the store's walk into the sum; each row that does not hold is told. *out_last: there is no other page. */
typedef void desk_bad_row(const struct scan_bad_row *row, void *context);
enum status desk_count_page(struct change *change, desk_bad_row *tell, void *context, struct rows_sum *sum,
                            bool *out_last) GARDE_MUST_CHECK;
/* survey.c: all pages within one change. The caller wipes the sum. */
enum status desk_count_rows(struct change *change, desk_bad_row *tell, void *context, struct rows_sum *out_sum,
                            struct desk_survey *out_survey) GARDE_MUST_CHECK;

/* counts.c: attempts that are only counted, per origin, reason and minute. */
struct counts *desk_counts_new(void) GARDE_MUST_CHECK;
void desk_counts_free(struct counts *counts);
enum status desk_count(struct change *change, const struct caller *caller, enum event event,
                       enum reason reason) GARDE_MUST_CHECK;
enum status desk_counts_write(struct change *change, bool all) GARDE_MUST_CHECK;
void desk_counts_keep(struct change *change); /* after the commit */

/* person.c: all rows of one user, with their tags checked. */
enum standing {
    STANDING_UNENROLLED = 1, /* no account, or one that was never confirmed and has nothing left */
    STANDING_KNOWN,
    STANDING_TAMPERED, /* a row fails its tag, or rows are missing or too many; account_holds says if its row is good */
};

struct person {
    enum standing standing;
    bool has_account;
    bool account_holds;
    struct account account; /* where there is none that holds: the name that was asked for, and NO_UID */
    size_t factor_count;    /* live ones */
    struct factor factors[FACTORS_PER_USER];
    size_t origin_count;
    struct origin origins[POLICY_ORIGINS_MAX +
                          1]; /* newest activity first; the last is only there to see that there are too many */
};

enum status desk_person_load(struct change *change, const char *user, struct person *out_person) GARDE_MUST_CHECK;
/* Does an unprivileged caller speak for an account that is not its own? */
bool desk_is_strangers(const struct caller *caller, const struct person *person);
/* Rows that are saved or removed carry the tag that they were loaded with, or, new ones, none. save tags and writes; an account that was never confirmed and has no live factor is removed with its origins. */
enum status desk_account_save(struct change *change, struct account *account) GARDE_MUST_CHECK;
enum status desk_factor_save(struct change *change, struct factor *factor) GARDE_MUST_CHECK;
enum status desk_factor_remove(struct change *change, const struct factor *factor) GARDE_MUST_CHECK;
enum status desk_origin_save(struct change *change, struct person *person, struct origin *origin) GARDE_MUST_CHECK;
enum status desk_origin_remove(struct change *change, const struct origin *origin) GARDE_MUST_CHECK;
/* The row, or NULL if this user was never seen from there. */
struct origin *desk_person_origin(struct person *person, const char *name);
/* A pending factor that lapsed, or gets out of the way: takes the row away and records it; the caller saves the account. */
enum status desk_factor_lapse(struct change *change, const struct caller *caller, struct account *account,
                              const struct factor *factor, enum reason reason) GARDE_MUST_CHECK;
bool desk_factor_has_lapsed(const struct change *change, const struct factor *factor);

/* attempt.c, look.c: logins. */
enum status desk_attempt(struct change *change, const struct job *job, const char *user, const struct secret *code,
                         struct outcome *out) GARDE_MUST_CHECK;
enum status desk_look(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
/* An answer that is empty, where that was said to be enough, of somebody whom the caller speaks for. *out_skipped: it still is, LOOK_SKIP is in *out and
 * recorded. */
enum status desk_skip_pending(struct change *change, const struct job *job, const struct person *person,
                              const struct secret *code, struct outcome *out, bool *out_skipped) GARDE_MUST_CHECK;
/* Compares a tidied code with one factor's. ACCEPTED: *out_mark is its new mark. STATUS_TAMPERED: the secret does not unseal, the hashes are none. */
enum status desk_compare(struct change *change, const struct factor *factor, const struct secret *code,
                         enum verdict *out_verdict, uint64_t *out_mark, enum reason *out_reason) GARDE_MUST_CHECK;

/* codes.c. tidy: puts the codes of a request as otp_tidy leaves them, before anybody compares them; a second time it changes nothing. compare_codes: as
 * desk_compare. note: what the entry says of a use, once the mark is the new one. tell: the log, after the commit. */
enum status desk_tidy(struct job *job) GARDE_MUST_CHECK;
enum status desk_compare_codes(struct change *change, const struct factor *factor, const struct secret *code,
                               enum verdict *out_verdict, uint64_t *out_mark, enum reason *out_reason) GARDE_MUST_CHECK;
void desk_codes_note(const struct factor *factor, char out_note[NOTE_SIZE]);
void desk_codes_tell(const struct desk *desk, const struct entry *entry);
/* What an attempt meets: the row of its origin, new if this user was never seen from there, and afterwards what the attempt costs. */
struct origin desk_origin_here(struct person *person, const char *name);
enum status desk_charge(struct change *change, struct person *person, struct origin *here,
                        enum verdict verdict) GARDE_MUST_CHECK;

/* clock.c: is the verifier's clock off? look: a code was refused as wrong, by a user with these usable factors, from a usual origin. right:
 * a code of this factor was accepted. tell: after the commit. */
void desk_clock_look(struct change *change, const struct factor *factors, size_t usable, const struct secret *code);
void desk_clock_right(struct change *change, const struct factor *factor);
void desk_clock_tell(struct desk *desk);
/* Seconds that no clock setting moves. */
int64_t desk_uptime_s(void);

/* room.c. tend: one step, and a look; *more becomes true when another is wanted. find: after a change that
 * found none, one step; true: it is worth another try. refuse: the job found no room. tell: the log, if there is
 * anything new. */
enum status desk_room_tend(struct desk *desk, bool *more) GARDE_MUST_CHECK;
bool desk_room_find(struct desk *desk, bool *flush_failed);
void desk_room_refuse(struct desk *desk, struct job *job);
void desk_room_tell(struct desk *desk);

/* life.c: a right code of a pending factor was seen: active from now on, with an entry; what it replaces is revoked. The mark is the caller's to set. */
enum status desk_factor_confirm(struct change *change, const struct caller *caller, struct person *person,
                                struct factor *factor, enum reason reason) GARDE_MUST_CHECK;

/* admin.c, clear.c, codes.c, enrol.c, export.c, life.c, resync.c, rows.c, status.c: the admin's requests. */
enum status desk_admin(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_enrol(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_recovery(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_tempcode(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_life(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_clear(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_resync(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_list(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_show(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_audit(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_audit_verify(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_status(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_export(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
/* Without control characters. */
bool desk_is_plain_text(const char *text);
/* tally.c: a page of what status counts beside factors, into the cursor, which begins with nothing in it. STATUS_TAMPERED, STATUS_INVALID: this
 * cannot be counted any further. */
enum status desk_tally_origins(struct change *change, struct job_cursor *cursor, bool *out_last) GARDE_MUST_CHECK;
enum status desk_tally_accounts(struct change *change, struct job_cursor *cursor, bool *out_last) GARDE_MUST_CHECK;
enum status desk_tally_logins(struct change *change, int64_t since_ms, struct job_cursor *cursor,
                              bool *out_last) GARDE_MUST_CHECK;
/* Room for a page of rows in the job; "so many rows, and there are more pages". */
enum status desk_rows_ready(struct job *job) GARDE_MUST_CHECK;
enum status desk_more(struct outcome *out, size_t rows) GARDE_MUST_CHECK;
/* Sets the result and returns STATUS_OK. */
enum status desk_answer(struct outcome *out, enum wire_result_code code, enum reason reason, int64_t number);
/* The same for a change asked for on rows that do not hold: WIRE_TAMPERED, and an entry that says so. */
enum status desk_answer_tampered(struct change *change, const struct job *job, const struct person *person,
                                 struct outcome *out) GARDE_MUST_CHECK;

/* chain.c: the end of the chain. STATUS_TAMPERED: there is none that holds. */
enum status desk_chain_head(struct change *change, struct entry_head *out_head) GARDE_MUST_CHECK;
/* At most `max` further entries of the audit chain. *out_code: 0 while there is more to read, else WIRE_OK,
 * WIRE_BROKEN_ENTRY, WIRE_CUT_TAIL or WIRE_TAMPERED (the head); *out_number as in struct wire_result. */
enum status desk_chain(struct change *change, struct job_cursor *cursor, size_t max, int *out_code,
                       int64_t *out_number) GARDE_MUST_CHECK;
/* The entry that the head of the audit calls the last; all zero where there is none that can be read. */
enum status desk_last_entry(struct change *change, struct entry *out_entry) GARDE_MUST_CHECK;

#endif
