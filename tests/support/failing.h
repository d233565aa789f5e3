/* Failing calls: every call of the listed functions that the code under test makes is counted, and the n-th fails.
 *
 * The linker leads the calls of the program's own objects here (--wrap); those that libraries make among each other are not
 * touched. What is listed: FAILING(...) in tests/support/failing/, one file for each library: a test is linked with garde_failing_libc,
 * garde_failing_crypto, garde_failing_sqlite or garde_failing_systemd, as its code needs them.
 *
 *     for (int nth = 1;; nth++) {
 *         failing_start(nth, 1, EIO);
 *         ... the code under test ...
 *         if (failing_stop() < nth)
 *             break;
 *         ... what must hold after a failure of failing_which() ...
 *     }
 *
 * Counted are the calls of all threads of the process that called failing_start, and of its children. failing_stop and failing_which may be asked
 * by its parent.
 */
#ifndef GARDE_TESTS_FAILING_H
#define GARDE_TESTS_FAILING_H

#include <stdbool.h>

/* From now on the nth call (from 1) fails, and those behind it until `times` have failed; 0: none, they are only counted.
 * error: for functions that set errno or return it. */
void failing_start(int nth, int times, int error);
/* In between the calls of the test itself may be left out. */
void failing_hold(void);
void failing_go_on(void);
/* None fails any more. How many calls there were. */
int failing_stop(void);
/* The function that failed first, or "none". */
const char *failing_which(void);

/* ---- for tests/support/failing/ ---- */

/* Counts a call; true: it is to fail, and errno is set. */
bool failing_now(const char *name);
int failing_error(void);

#define FAILING(type, name, parameters, arguments, failure)                                                            \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return failing_now(#name) ? (failure) : __real_##name arguments;                                               \
    }

#endif
