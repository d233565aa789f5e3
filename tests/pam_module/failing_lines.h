/* Logins through real libpam in which the calls of the module fail: one after the other, or all of one function. No login waits past its deadlines.
 */
#ifndef GARDE_TESTS_FAILING_LINES_H
#define GARDE_TESTS_FAILING_LINES_H

#include <stdbool.h>

#include <security/pam_appl.h>

struct plan {
    bool armed;
    int fail_at;      /* the call of that number, from 1; 0: none by number */
    const char *only; /* every call of that function; NULL: none by name */
    int error;
    int calls; /* of the module, so far */
};

struct lines {
    const char *socket;
    const char *mode; /* NULL: the pair with the password between; else one line with that word, "" for none */
    int exchanges;    /* with the verifier, at most, a second each */
    const char *answer;
    bool
        account; /* a split that no verify follows has been; what is tried is the account line, and the mode does not matter */
};

int failing_try(struct plan next, const struct lines *lines);
void failing_is_a_failure(int result, const struct plan *of);

/* allowed: what else than a failure the result may be, where the failed call was of no weight. Each call once. */
void failing_each_call(const struct lines *lines, int allowed);
void failing_each_function(const struct lines *lines, int allowed);

#endif
