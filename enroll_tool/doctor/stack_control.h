/* Control values of a PAM line ("required", "[success=1 default=ignore]"): what libpam 1.5.2 does with each answer of a module. */
#ifndef GARDE_TOOL_DOCTOR_STACK_CONTROL_H
#define GARDE_TOOL_DOCTOR_STACK_CONTROL_H

#include <stdint.h>

/* Answers of modules by their numbers in Linux-PAM; those that are spoken of here by name. */
enum stack_answer {
    ANSWER_SUCCESS = 0,
    ANSWER_SERVICE_ERR = 3,
    ANSWER_SYSTEM_ERR = 4,
    ANSWER_BUF_ERR = 5,
    ANSWER_PERM_DENIED = 6,
    ANSWER_AUTH_ERR = 7,
    ANSWER_AUTHINFO_UNAVAIL = 9,
    ANSWER_USER_UNKNOWN = 10,
    ANSWER_NEW_AUTHTOK_REQD = 12, /* "yes, and the password must be changed" */
    ANSWER_CRED_ERR = 17,
    ANSWER_CONV_ERR = 19,
    ANSWER_IGNORE = 25,
    ANSWER_MODULE_UNKNOWN = 28,
    ANSWER_INCOMPLETE = 31,
};
#define STACK_ANSWERS 32

/* Positive: so many lines are jumped over. */
enum stack_action {
    ACTION_IGNORE = 0,
    ACTION_OK = -1,
    ACTION_DONE = -2,
    ACTION_BAD = -3,
    ACTION_DIE = -4,
    ACTION_RESET = -5,
};

/* Fills in all of out_actions. A value that libpam cannot read is ACTION_BAD for every answer, success included. NULL: none was given, the same. */
void stack_control_read(const char *control, int32_t out_actions[STACK_ANSWERS]);

/* "success", "auth_err" ... */
const char *stack_control_answer_name(int answer);

#endif
