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
#include <garde/otp.h>

#include "clock_watch.h"
#include "desk.h"
#include "room.h"
#include "scan.h"

struct counts;

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
    bool head_known;
    bool head_moved;

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
    char user[USER_SIZE]; /* JOB_LOOK: the canonical name; "" leaves the job's own */
    struct wire_result result;
    bool finished;
    size_t row_count;
    struct job_cursor cursor;
};

/* record.c: appends to the chain; the time is set here. record_head writes the head once, before the commit. */
enum status desk_record(struct change *change, struct entry *entry) GARDE_MUST_CHECK;
enum status desk_record_head(struct change *change) GARDE_MUST_CHECK;
/* An entry with the caller's service, origin and actor and a count of one, for the account (NULL: none). */
struct entry desk_entry(const struct caller *caller, enum event event, enum verdict verdict, enum reason reason,
                        const struct account *account, int64_t factor_id);

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
    struct origin origins[POLICY_ORIGINS_MAX]; /* newest activity first */
};

enum status desk_person_load(struct change *change, const char *user, struct person *out_person) GARDE_MUST_CHECK;
/* Does an unprivileged caller speak for an account that is not its own? */
bool desk_is_strangers(const struct caller *caller, const struct person *person);
/* Tags and writes; an account that was never confirmed and has no live factor is removed with its origins. */
enum status desk_account_save(struct change *change, struct account *account) GARDE_MUST_CHECK;
enum status desk_factor_save(struct change *change, struct factor *factor) GARDE_MUST_CHECK;
enum status desk_origin_save(struct change *change, struct person *person, struct origin *origin) GARDE_MUST_CHECK;
/* The row, or NULL if this user was never seen from there. */
struct origin *desk_person_origin(struct person *person, const char *name);
/* A pending factor that lapsed: takes the row away and records it; the caller saves the account. */
enum status desk_factor_lapse(struct change *change, const struct caller *caller, struct account *account,
                              const struct factor *factor) GARDE_MUST_CHECK;
bool desk_factor_has_lapsed(const struct change *change, const struct factor *factor);

/* attempt.c, look.c: logins. */
enum status desk_attempt(struct change *change, const struct job *job, const char *user, const struct secret *code,
                         struct outcome *out) GARDE_MUST_CHECK;
enum status desk_look(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
/* Compares a code with one factor's. ACCEPTED: *out_mark is its new mark. STATUS_TAMPERED: the secret does not unseal. */
enum status desk_compare(struct change *change, const struct factor *factor, const struct secret *code,
                         enum verdict *out_verdict, uint64_t *out_mark, enum reason *out_reason) GARDE_MUST_CHECK;

/* clock.c: is the verifier's clock off? look: a code was refused as wrong, by a user with these usable factors, from a usual origin. right:
 * a code of this factor was accepted. tell: after the commit. */
void desk_clock_look(struct change *change, const struct factor *factors, size_t usable, const struct secret *code);
void desk_clock_right(struct change *change, const struct factor *factor);
void desk_clock_tell(struct desk *desk);
/* Seconds that no clock setting moves. */
int64_t desk_uptime_s(void);

/* admin.c, enrol.c, life.c, rows.c: the admin's requests. */
enum status desk_admin(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_enrol(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_confirm(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_life(struct change *change, const struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_list(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_show(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_audit(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
enum status desk_audit_verify(struct change *change, struct job *job, struct outcome *out) GARDE_MUST_CHECK;
/* Sets the result and returns STATUS_OK. */
enum status desk_answer(struct outcome *out, enum wire_result_code code, enum reason reason, int64_t number);
/* The same for a change asked for on rows that do not hold: WIRE_TAMPERED, and an entry that says so. */
enum status desk_answer_tampered(struct change *change, const struct job *job, const struct person *person,
                                 struct outcome *out) GARDE_MUST_CHECK;

/* chain.c: at most `max` further entries of the audit chain. *out_code: 0 while there is more to read, else WIRE_OK,
 * WIRE_BROKEN_ENTRY, WIRE_CUT_TAIL or WIRE_TAMPERED (the head); *out_number as in struct wire_result. */
enum status desk_chain(struct change *change, struct job_cursor *cursor, size_t max, int *out_code,
                       int64_t *out_number) GARDE_MUST_CHECK;

#endif
