/* Is the verifier's own clock off? Seen from codes that are wrong now and would be right at another time. Pure: time is an argument.
 *
 * A TOTP code that is refused as wrong is looked for up to 40 steps and in whole hours up to 14 either side of now (a clock that drifted, a time
 * zone that was taken for another). A find is a hit: this user's device and our clock differ by so much. One user is a device that is
 * wrong. CLOCK_USERS users who agree within a step, while hardly anybody's code is accepted, are our clock.
 *
 * MUST 1  What is found here changes no verdict, no reason, no mark and no counter.
 * MUST 2  No code and no secret is kept: a name, a difference, a time.
 *
 * What guessing can do. A look covers 220 of 1,000,000 codes, so a guess is a hit with p = 2.2e-4; looks are CLOCK_LOOKS_A_SECOND on the average,
 * however many guesses there are (10 a second for a day, over any number of users, are looked at no more often than that), so at most
 * 0.8 hits an hour. A false alarm needs a hit of one user and within the hour two more of two others, all within two neighbouring steps of
 * the 220: 0.8 * (0.8^2 / 2) * 220 * (2^3 - 1) / 220^3 = 3.7e-5 an hour, once in three years of guessing without a
 * pause. But only origins where this user logged in with success within 30 days are looked at, and those are not a stranger's; an
 * origin locks after ten wrong codes and all usual ones together after 40, so guessing for three years at that rate takes the desks of millions
 * of users; and three users whose codes are accepted in between wipe all hits away.
 */
#ifndef GARDE_VERIFIER_DESK_CLOCK_WATCH_H
#define GARDE_VERIFIER_DESK_CLOCK_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/factor.h>
#include <garde/policy.h>

#include "../notice.h"

#define CLOCK_USERS          3
#define CLOCK_HIT_S          3600  /* a hit counts for so long */
#define CLOCK_QUIET_S        86400 /* a doubt without a further hit ends after so long */
#define CLOCK_HITS           16    /* remembered at once, one a user */
#define CLOCK_LOOKS_A_SECOND 1
#define CLOCK_LOOKS_AT_ONCE  4

#define CLOCK_STEPS      40 /* either side, all of them */
#define CLOCK_HOURS      14 /* either side, whole ones */
#define CLOCK_HOUR_STEPS 2  /* either side of each */
#define CLOCK_RANGES     (2 + 2 * CLOCK_HOURS)

struct clock_hit {
    char user[USER_SIZE];
    int64_t offset_s; /* device ahead of verifier */
    uint32_t period_s;
    int64_t at_s;
};

/* Zeroed: no doubt. Times are seconds that no clock setting moves. */
struct clock_watch {
    int64_t filled_s;
    unsigned looks; /* left */
    size_t hit_count;
    struct clock_hit hits[CLOCK_HITS]; /* oldest first */
    size_t right_count;
    char right[CLOCK_USERS]
              [USER_SIZE]; /* whose codes were accepted since the first hit, or since the last one of a doubt */
    bool off;
    int64_t offset_s;
    uint32_t users;
    int64_t last_s; /* the doubt's last hit */
};

/* May a wrong code be looked at now? Takes one of the looks. */
bool clock_watch_may_look(struct clock_watch *watch, int64_t at_s);

/* What is compared round `middle`, the step of now: ranges for otp_match, those before step 0 left out. Returns how many. */
size_t clock_watch_ranges(uint64_t middle, uint32_t period_s, struct policy_range out_ranges[CLOCK_RANGES]);

/* This user's device is so far ahead. */
void clock_watch_hit(struct clock_watch *watch, const char *user, int64_t offset_s, uint32_t period_s, int64_t at_s);
/* This user's code was accepted. */
void clock_watch_right(struct clock_watch *watch, const char *user);

/* true: the doubt began or ended, and *out_notice says so. */
bool clock_watch_judge(struct clock_watch *watch, int64_t at_s, struct notice *out_notice);

#endif
