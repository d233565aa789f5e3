/* The real module in real libpam, in front of a conversation that does as a test says.
 */
#ifndef GARDE_TESTS_STACK_H
#define GARDE_TESTS_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <security/pam_appl.h>

#define TALKED_MAX 16

/* The caller's conversation: answers each prompt, and remembers what it was shown. */
struct talk {
    const char *answer; /* to every prompt; NULL: fails */
    const char *user;   /* to a prompt with echo, if not NULL */
    int (*instead)(int count, const struct pam_message **messages, struct pam_response **out_responses, void *talk);
    void (*at_prompt)(void *detail); /* something that happens while the person types */
    void *detail;

    unsigned delay_us; /* that libpam was asked for by the end of the last call, more or less; it does not wait */
    int calls;
    int most_messages; /* in one call */
    int styles[TALKED_MAX];
    char texts[TALKED_MAX][PAM_MAX_MSG_SIZE + 1];
};

/* A folder with a service "test" in it: "auth [success=ok ignore=ok default=bad] pam_garde.so ARGUMENTS", so that libpam
 * hands on what the module returned. lines: more lines, or NULL. */
struct stack {
    char folder[64];
    struct talk talk;
    pam_handle_t *handle;
};

/* "auth [success=ignore ignore=ignore default=die] pam_garde.so split ARGUMENTS", a line that takes the password "secret" and tells the log what it was given, and
 * "auth [success=ok ignore=ignore default=die] pam_garde.so verify ARGUMENTS", with the lines of Debian's common-auth between them. password: more arguments for
 * that line. */
struct pair {
    const char *split, *verify, *password;
};
void stack_open_pair(struct stack *stack, const char *user, const char *socket, struct pair arguments);

void stack_open(struct stack *stack, const char *user, const char *socket, const char *arguments);
void stack_open_lines(struct stack *stack, const char *user, const char *lines);
int stack_authenticate(struct stack *stack, const char *answer);
void stack_close(struct stack *stack);
/* The same, and the handle ends with this status; what pam_end() returned. */
int stack_end(struct stack *stack, int status);

/* Opens, authenticates once with this answer, closes. */
int stack_try(const char *socket, const char *arguments, const char *answer);

/* The same with this effective uid; root only. libpam loads the module before the change: the checkout may be closed to others. */
int stack_try_as(uid_t uid, const char *socket, const char *arguments, const char *answer);

/* What was logged since the start of the test: "<PRIORITY>text\n" ... */
bool log_has(const char *text);
const char *log_text(void);

#endif
