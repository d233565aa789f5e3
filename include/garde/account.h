/* The shared nouns beside a factor: the account that owns it, the origins it is used from, and the rule for
 * accounts that have none. Ground layer; plain data.
 */
#ifndef GARDE_ACCOUNT_H
#define GARDE_ACCOUNT_H

#include <stdint.h>

#include <garde/factor.h>

#define ORIGIN_SIZE  128 /* with the final zero */
#define SERVICE_SIZE 64  /* with the final zero */

/* One per user who ever had a factor. It counts the user's live factors, so that a factor row that was taken
 * away or renamed shows as tampered and never as "un-enrolled". */
struct account {
    char user[USER_SIZE];
    uint32_t uid;
    uint32_t live_factors;    /* rows of this user that are not tombstones */
    int64_t confirmed_s;      /* first confirmation of any factor; 0: never */
    uint32_t other_failures;  /* spent of the strangers' budget: failures from origins that are not usual */
    int64_t other_refilled_s; /* when that budget last came back, wholly or in part */
    uint32_t key_id;
    uint8_t tag[TAG_SIZE];
};

/* Where attempts for a user came from: "ip:192.0.2.7", "ip:2001:db8:1:2::/64", "host:desk7", "local:1000",
 * "peer:freerad", "admin:0". It is usual for 30 days after a success. */
struct origin {
    char user[USER_SIZE];
    char name[ORIGIN_SIZE];
    uint32_t failures; /* consecutive: since the last success from here */
    int64_t last_failure_s;
    int64_t last_success_s;
    uint32_t key_id;
    uint8_t tag[TAG_SIZE];
};

/* What a service does with users who were never enrolled. Zero is refuse. */
enum unenrolled {
    UNENROLLED_REFUSE = 0,
    UNENROLLED_ALLOW = 1,
    UNENROLLED_ALLOW_UNTIL = 2,
};

struct unenrolled_rule {
    enum unenrolled answer;
    int64_t until_s; /* ALLOW_UNTIL: the first second at which it no longer allows */
};

/* Languages of the module's texts. */
enum language {
    LANGUAGE_EN = 1,
    LANGUAGE_FR = 2,
};

#endif
