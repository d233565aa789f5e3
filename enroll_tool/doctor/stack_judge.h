/* Is there a way through a stack to success? Pure: no file, no clock.
 *
 * A module may give any of its answers; every combination is followed as libpam 1.5.2 would go on, jumps, substacks, "done", "die" and "reset"
 * included. What a person is assumed to have says which answers a way may use.
 *
 * Lines of pam_garde.so with a mode hand something on: "split" sets the code aside and leaves the password, "verify" takes what was set aside, once.
 * Behind a line that has asked for the password the typed text is there already, and no code is in it to be taken off.
 */
#ifndef GARDE_TOOL_DOCTOR_STACK_JUDGE_H
#define GARDE_TOOL_DOCTOR_STACK_JUDGE_H

#include "stack.h"

#define ROLE_BIT(role) (1U << (role))
#define ROLES_ALL      (~0U)

struct stack_question {
    bool
        code; /* pam_garde.so says yes; else it fails wherever it is reached (a rule that lets through is no failure) */
    bool through; /* only ways on which it said so count */
    bool
        bare; /* only ways count that reach a "verify" for which no code was set aside, or a "concat" behind a password that was typed alone: both refuse, and are taken here as if they did not */
    bool spent;    /* ways count, whatever they end with, as soon as a "verify" takes the code that was set aside */
    bool password; /* modules that ask for the password may say yes; else they say no */
    /* Bits of ROLE_ROOT, ROLE_FACTOR, ROLE_UNKNOWN: may say yes (the latter two also "as if I were not there"). Of ROLE_CONDITION: may decide about the way, be it by a yes or no. */
    unsigned roles;
};

enum stack_verdict {
    STACK_NO_WAY = 0,
    STACK_A_WAY,
    STACK_UNDECIDED, /* too many combinations, or no memory */
};

struct stack_step {
    size_t line; /* of the stack's */
    int answer;
};
struct stack_way {
    size_t count;
    size_t bare; /* the first step that the question calls so; as many as there are: none */
    struct stack_step steps[STACK_LINES_MAX];
};

/* What pam_authenticate can end with for this stack's auth lines. *out_way: one of the shortest ways, if there is one. An empty stack has none. */
enum stack_verdict stack_judge(const struct stack *stack, const struct stack_question *question,
                               struct stack_way *out_way) GARDE_MUST_CHECK;

#endif
