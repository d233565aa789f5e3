/* Who has no confirmed factor, and who got in without a code: what `garde coverage` knows, and how it comes together.
 *
 * Of each person three things are known, from three places: the name service says who there is and with which shell, the verifier's list
 * which factors there are, its audit who was let in without a code. A person whom one of them names is looked up in the others; whom
 * none of them names is not known (coverage_people.h says when there may be such people).
 */
#ifndef GARDE_TOOL_COVERAGE_H
#define GARDE_TOOL_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/wire.h>

/* How far a person is from a second factor; of several factors the best for being let in, then the one that an admin can do something about
 * first. Only COVERAGE_CONFIRMED has one. */
enum coverage_state {
    COVERAGE_UNENROLLED = 0, /* no account */
    COVERAGE_REVOKED,        /* an account without a factor that is left */
    COVERAGE_CODES_ONLY,     /* recovery or help-desk codes, and no device */
    COVERAGE_LAPSED,         /* was never confirmed, and cannot be any more */
    COVERAGE_PENDING,        /* waits for its first right code */
    COVERAGE_NOT_YET,        /* confirmed, and not-before lies ahead */
    COVERAGE_EXPIRED,        /* confirmed, and not-after is past */
    COVERAGE_SUSPENDED,
    COVERAGE_CONFIRMED,
    COVERAGE_TAMPERED, /* a row does not hold: nothing is said for sure */
    COVERAGE_STATES,
};

struct coverage_person {
    char user[USER_SIZE];
    uint32_t uid; /* NO_UID: the name service does not know this name */
    bool met;     /* the name service was asked */
    bool outside; /* is none of those that were asked for */
    bool shell;   /* a login shell */
    bool listed;  /* the verifier's list has a factor */
    enum coverage_state state;
    uint64_t skips;       /* logins without a code since the date */
    int64_t last_skip_ms; /* 0: none */
    char last_service[SERVICE_SIZE];
};

struct coverage_summary {
    unsigned long shells;    /* people with a login shell */
    unsigned long uncovered; /* of these without a confirmed factor */
    unsigned long skippers;  /* people who were let in without a code, whatever their shell */
    uint64_t skips;          /* how often */
    unsigned long tampered;
};

struct coverage; /* people by name */

struct coverage *coverage_new(void);
void coverage_free(struct coverage *coverage);
void coverage_drop(struct coverage **coverage);
#define coverage_owner __attribute__((cleanup(coverage_drop)))

/* NULL: nobody of that name yet. */
struct coverage_person *coverage_find(struct coverage *coverage, const char *user);
/* Finds or adds; NULL: no memory, or no name that a user can have. Stays where it is. */
struct coverage_person *coverage_add(struct coverage *coverage, const char *user);

/* One factor of this person more. */
void coverage_take_factor(struct coverage_person *person, const struct wire_factor *factor, int64_t now_s);
/* One login without a code more; the latest is kept. */
void coverage_take_skip(struct coverage_person *person, const struct wire_entry *entry);

/* Behind the last factor: another name for a uid that has factors has those (at a login, too, it leads to them). */
void coverage_share(struct coverage *coverage);

/* Belongs into the report: has a shell and no confirmed factor, or was let in without a code, or is not what the verifier wrote. */
bool coverage_is_told(const struct coverage_person *person);

/* Each person, by name. */
typedef void coverage_person_told(struct coverage_person *person, void *context);
void coverage_walk(struct coverage *coverage, coverage_person_told *tell, void *context);

struct coverage_summary coverage_sum(struct coverage *coverage);

/* "un-enrolled", "pending" ...: for programs; and in words, translated. */
const char *coverage_state_name(enum coverage_state state);
const char *coverage_state_word(enum coverage_state state);

#endif
