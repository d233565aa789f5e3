#include "stack_control.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define UNDECIDED (-6)
#define FAR_AWAY  1000000 /* a jump beyond every stack: libpam's end of it is the same */

static const char *const answer_names[STACK_ANSWERS] = {
    "success",
    "open_err",
    "symbol_err",
    "service_err",
    "system_err",
    "buf_err",
    "perm_denied",
    "auth_err",
    "cred_insufficient",
    "authinfo_unavail",
    "user_unknown",
    "maxtries",
    "new_authtok_reqd",
    "acct_expired",
    "session_err",
    "cred_unavail",
    "cred_expired",
    "cred_err",
    "no_module_data",
    "conv_err",
    "authtok_err",
    "authtok_recover_err",
    "authtok_lock_busy",
    "authtok_disable_aging",
    "try_again",
    "ignore",
    "abort",
    "authtok_expired",
    "module_unknown",
    "bad_item",
    "conv_again",
    "incomplete",
};

const char *stack_control_answer_name(int answer)
{
    return answer >= 0 && answer < STACK_ANSWERS ? answer_names[answer] : "?";
}

static void set_all(int32_t actions[STACK_ANSWERS], int32_t action)
{
    for (size_t i = 0; i < STACK_ANSWERS; i++)
        actions[i] = action;
}

static void set_rest(int32_t actions[STACK_ANSWERS], int32_t action)
{
    for (size_t i = 0; i < STACK_ANSWERS; i++)
        if (actions[i] == UNDECIDED)
            actions[i] = action;
}

/* isspace() of the C locale: libpam's callers seldom have another. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *over_spaces(const char *at)
{
    while (is_space(*at))
        at++;
    return at;
}

/* Takes the name that stands at *at, without looking at what follows it. The index in names, or -1. */
static int take_name(const char **at, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(names[i], *at, len) == 0) {
            *at += len;
            return (int)i;
        }
    }
    return -1;
}

static bool take_answer(const char **at, int *out_answer)
{
    static const char *const rest[] = {"default"};
    int answer = take_name(at, answer_names, STACK_ANSWERS);
    if (answer < 0 && take_name(at, rest, 1) == 0)
        answer = STACK_ANSWERS;
    *out_answer = answer;
    return answer >= 0;
}

static bool take_jump(const char **at, int32_t *out_action)
{
    int32_t lines = 0;

    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        lines = lines >= FAR_AWAY ? FAR_AWAY : lines * 10 + (**at - '0');
    *out_action = lines;
    return lines != 0;
}

static bool take_action(const char **at, int32_t *out_action)
{
    static const char *const names[] = {"ignore", "ok", "done", "bad", "die", "reset"};
    int found = take_name(at, names, sizeof names / sizeof names[0]);
    if (found < 0)
        return take_jump(at, out_action);
    *out_action = -found;
    return true;
}

static bool read_pairs(const char *at, int32_t actions[STACK_ANSWERS])
{
    for (at = over_spaces(at); *at != '\0'; at = over_spaces(at)) {
        int answer = 0;
        int32_t action = 0;
        if (!take_answer(&at, &answer))
            return false;
        at = over_spaces(at);
        if (*at++ != '=')
            return false;
        at = over_spaces(at);
        if (!take_action(&at, &action))
            return false;
        if (answer == STACK_ANSWERS)
            set_rest(actions, action);
        else
            actions[answer] = action;
    }
    return true;
}

/* Words that stand for a whole list. */
static bool read_word(const char *control, int32_t actions[STACK_ANSWERS])
{
    static const struct {
        const char *word, *pairs;
    } words[] = {
        {"required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad"},
        {"requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die"},
        {"optional", "success=ok new_authtok_reqd=ok default=ignore"},
        {"sufficient", "success=done new_authtok_reqd=done default=ignore"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(control, words[i].word) == 0)
            return read_pairs(words[i].pairs, actions);
    return false;
}

void stack_control_read(const char *control, int32_t out_actions[STACK_ANSWERS])
{
    set_all(out_actions, UNDECIDED);
    if (control != NULL && !read_word(control, out_actions) && !read_pairs(control, out_actions))
        set_all(out_actions, ACTION_BAD);
    set_rest(out_actions, ACTION_BAD);
}
