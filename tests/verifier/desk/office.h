/* A desk with a real key ring and a real store in a folder of its own, for tests. Time is office->now_s and moves only
 * when a test moves it. Failures of the helper itself fail the test. */
#ifndef GARDE_TESTS_OFFICE_H
#define GARDE_TESTS_OFFICE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <garde/otp.h>

#include "desk/desk.h"

#define OFFICE_START_S 1800000000 /* 15 Jan 2027, a whole number of minutes */
#define OFFICE_TOLD    2000
#define OFFICE_NOTICES 64

struct office {
    char folder[64];
    char ring[96];
    char store[96];
    struct crypto *crypto; /* the test's own */
    struct desk *desk;
    struct desk_rules rules;
    int64_t now_s;
    size_t told_count;
    struct entry told[OFFICE_TOLD];
    size_t notice_count;
    struct notice notices[OFFICE_NOTICES];
    size_t handed_back;
    size_t told_at_hand_back;
};

/* What a test enrols; zeroes are filled in: TOTP, SHA-1, 6 digits, 30 s, the secret of `seed`. */
struct office_token {
    const char *user;
    uint32_t uid;
    enum factor_kind kind;
    enum factor_algorithm algorithm;
    uint32_t digits;
    uint32_t period_s;
    uint64_t counter;
    uint8_t seed; /* every byte of the 20 of the secret */
};

void office_open(struct office *office);
void office_close(struct office *office);
void office_restart(struct office *office);
/* Opens the desk that the test closed. */
void office_reopen(struct office *office);
/* What is to be done between batches: after an opening, the scan. */
void office_tend(struct office *office);
/* Runs SQL on the closed store with the sqlite3 program, as someone without the key would. */
void office_sql(struct office *office, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A code of the token: TOTP: `shift` steps from now; HOTP: the counter. */
struct secret *office_code(struct office *office, struct office_token token, int64_t shift);
/* One that is none of the token's next or last few. */
struct secret *office_wrong_code(struct office *office, struct office_token token);

/* Jobs; run takes a single one, or a chain of them by `next`. The jobs stay the test's. */
struct job *office_attempt(const char *user, const char *origin, struct secret *code);
struct job *office_admin(enum wire_type type);
struct job *office_enrolment(struct office_token token);
struct job *office_confirmation(const char *user, struct secret *code);
/* A revocation takes the last active factor too. */
struct job *office_change(enum wire_change_kind kind, const char *user, int64_t factor_id);
struct job *office_recovery(const char *user, const char *codes);
struct job *office_tempcode(const char *user, const char *code, int64_t for_s, uint32_t uses, const char *why);
struct job *office_resync(const char *user, int64_t factor_id, struct secret *first, struct secret *second);
struct job *office_try(const char *user, struct secret *code);
void office_free(struct job *first);
void office_run(struct office *office, struct job *first);

/* What somebody typed. */
struct secret *office_typed(const char *text);

/* The same in one breath. */
enum reason office_log_in(struct office *office, const char *user, const char *origin, struct secret *code);
struct wire_result office_ask(struct office *office, struct job *job);
/* Enrols and confirms with the code of the present step (or the counter); returns the factor's id. */
int64_t office_give(struct office *office, struct office_token token);

/* The row of that factor as `garde show` gets it; id 0 if there is none. */
struct wire_factor office_row(struct office *office, const char *user, int64_t id);

#define ACCEPTED REASON_NONE /* what office_log_in returns for an accepted code */

const struct entry *office_last(const struct office *office);
size_t office_count_told(const struct office *office, enum event event, enum reason reason);

#endif
