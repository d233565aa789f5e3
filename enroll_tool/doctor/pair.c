#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack_judge.h"
#include "stack_modules.h"
#include "text.h"
#include "tool.h"
#include "ways.h"

#define NAME_SIZE  512
#define GOOD_SPLIT "[success=ignore ignore=ignore default=die]"

static struct finding *add(struct findings *findings, enum finding_level level, enum finding_effect effect,
                           const char *id, const char *service)
{
    struct finding *finding = finding_add(findings, SUBJECT_PAM, level, effect, id);
    finding_place(finding, service);
    return finding;
}

static const char *name_of(const char *text, char out[NAME_SIZE])
{
    return text_show(out, NAME_SIZE, text);
}

static bool is_auth(const struct stack_line *line, enum stack_role role)
{
    return line->type == STACK_AUTH && line->kind == STACK_MODULE && line->role == role;
}

static bool has(const struct stack *stack, enum stack_role role)
{
    for (size_t i = 0; i < stack->count; i++)
        if (is_auth(&stack->lines[i], role))
            return true;
    return false;
}

bool pair_takes_code_off(const struct stack *stack)
{
    return has(stack, ROLE_SPLIT) || has(stack, ROLE_CONCAT);
}

void pair_mend_missing(struct finding *finding, const struct stack_line *line)
{
    const char *name = strrchr(line->file, '/');
    if (name != NULL && strcmp(name, "/common-auth") == 0)
        finding_mend(finding, "pam-auth-update --enable garde-split garde-verify");
    else
        finding_mend(finding, _("the lines with split, the password and verify belong together, in this order; "
                                "/usr/share/garde/pam.d has them whole"));
}

/* ---- lines that refuse everybody ---- */

/* The first line of the way before `end` of which one of the roles is. NULL: none. */
static const struct stack_line *first_of(const struct stack *stack, const struct stack_way *way, size_t end,
                                         unsigned roles)
{
    for (size_t i = 0; i < end; i++) {
        const struct stack_line *line = &stack->lines[way->steps[i].line];
        if (line->answers != UINT32_C(1) << ANSWER_MODULE_UNKNOWN && (roles & ROLE_BIT(line->role)) != 0)
            return line;
    }
    return NULL;
}

static void tell_bare(struct findings *findings, const char *service, const struct stack *stack,
                      const struct stack_way *way, bool is_everybody)
{
    char place[WAYS_PLACE_SIZE], other[WAYS_PLACE_SIZE], module[NAME_SIZE];
    const struct stack_line *line = &stack->lines[way->steps[way->bare].line];
    const struct stack_line *split = first_of(stack, way, way->bare, ROLE_BIT(ROLE_SPLIT));
    const struct stack_line *typed =
        first_of(stack, way, way->bare, ROLE_BIT(ROLE_SPLIT) | ROLE_BIT(ROLE_CONCAT) | ROLE_BIT(ROLE_PASSWORD));
    bool is_alone = line->role == ROLE_VERIFY && split == NULL;

    struct finding *bare = add(findings, is_everybody ? LEVEL_DANGER : LEVEL_WARNING, EFFECT_LOCKS_OUT,
                               is_alone ? "pam-verify-alone" : "pam-nothing-to-split", service);
    ways_place(line, place);
    if (is_alone) {
        finding_what(bare,
                     is_everybody ? _("%s: no line with split comes before this one with verify: it refuses "
                                      "everybody")
                                  : _("%s: on some ways no line with split comes before this one with verify: "
                                      "it refuses whoever comes that way"),
                     place);
        pair_mend_missing(bare, line);
        finding_done(findings);
        return;
    }
    finding_what(bare,
                 is_everybody ? _("%s: nobody is let in, for no code is left to check: %s (%s) has the typed text "
                                  "before")
                              : _("%s: some are not let in, for no code is left to check: %s (%s) has the typed text "
                                  "before"),
                 place, name_of(typed->module, module), ways_place(typed, other));
    finding_mend(bare, typed->role == ROLE_PASSWORD
                           ? _("put the line with split before it")
                           : _("take one pair of lines away: either those of common-auth or those of this service"));
    finding_done(findings);
}

static bool look_for_bare(struct findings *findings, const char *service, const struct stack *stack, bool is_everybody)
{
    static struct stack_way way;
    const struct stack_question question = {.code = true, .bare = true, .password = true, .roles = ROLES_ALL};

    if (stack_judge(stack, &question, &way) != STACK_A_WAY)
        return false;
    tell_bare(findings, service, stack, &way, is_everybody);
    return true;
}

/* Where nobody gets in with a code. */
static bool tell_why_nobody(struct findings *findings, const char *service, const struct stack *stack)
{
    char place[WAYS_PLACE_SIZE], control[NAME_SIZE];

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        int32_t action = line->actions[ANSWER_IGNORE];
        if (!is_auth(line, ROLE_SPLIT) || (action != ACTION_BAD && action != ACTION_DIE))
            continue;
        struct finding *ignore = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-split-ignore", service);
        finding_what(ignore,
                     _("%s: split answers \"ignore\" when all is well, and the control value \"%s\" refuses that: "
                       "nobody gets in"),
                     ways_place(line, place), name_of(line->control, control));
        finding_mend(ignore, GOOD_SPLIT);
        finding_done(findings);
        return true;
    }
    return look_for_bare(findings, service, stack, true);
}

/* ---- asked twice ---- */

static bool asks(enum stack_role role)
{
    return role == ROLE_GARDE || role == ROLE_SPLIT || role == ROLE_CONCAT;
}

static void look_for_second(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    struct stack_question question = {.code = true, .through = true, .password = true};
    const struct stack_line *asked = NULL, *checked = NULL;
    char place[WAYS_PLACE_SIZE], other[WAYS_PLACE_SIZE];

    if (stack_judge(stack, &question, &way) != STACK_A_WAY) {
        question.roles = ROLES_ALL;
        if (stack_judge(stack, &question, &way) != STACK_A_WAY)
            return;
    }
    for (size_t i = 0; i < way.count; i++) {
        const struct stack_line *line = &stack->lines[way.steps[i].line];
        if ((asks(line->role) && asked != NULL) || (stack_modules_checks_code(line) && checked != NULL)) {
            bool is_spent = stack_modules_checks_code(line) && checked != NULL;
            struct finding *twice = add(findings, LEVEL_WARNING, EFFECT_LOCKS_OUT, "pam-asks-twice", service);
            finding_what(twice,
                         is_spent ? _("%s: a code is checked here, and was before (%s): it is spent by then, and the "
                                      "person must wait for the next one")
                                  : _("%s: the person is asked for a code here, and was before (%s)"),
                         ways_place(line, place), ways_place(is_spent ? checked : asked, other));
            finding_mend(twice, _("take one of the lines away"));
            finding_done(findings);
            return;
        }
        asked = asks(line->role) ? line : asked;
        checked = stack_modules_checks_code(line) ? line : checked;
    }
}

/* ---- control values of "split" ---- */

/* What the line does when the verifier does not answer, the failure that is met in life. */
static void look_at_failure(struct findings *findings, const struct stack_line *line, const char *service)
{
    char place[WAYS_PLACE_SIZE], control[NAME_SIZE];
    int32_t action = line->actions[ANSWER_AUTHINFO_UNAVAIL];

    if (action == ACTION_DIE)
        return;
    struct finding *odd = add(findings, LEVEL_NOTE, EFFECT_NONE, "pam-split-control", service);
    finding_what(odd,
                 action == ACTION_BAD
                     ? _("%s: with the control value \"%s\" the password is asked for although split has failed "
                         "(verifier stopped, nothing typed), and then nobody gets in")
                     : _("%s: the control value \"%s\" lets a failure of split pass (verifier stopped, nothing typed): "
                         "the password is asked for alone, and only the line with verify refuses"),
                 ways_place(line, place), name_of(line->control, control));
    finding_mend(odd, GOOD_SPLIT);
    finding_done(findings);
}

/* Who sets credentials without having asked for them, as cron does: pam_deny.so refuses, all others say yes. */
static bool is_set(const struct stack *stack, bool but_garde)
{
    static struct stack_way way;
    struct stack copy = *stack;
    enum stack_verdict verdict = STACK_UNDECIDED;

    copy.lines = calloc(stack->count, sizeof *copy.lines);
    if (copy.lines == NULL)
        return true;
    for (size_t i = 0; i < stack->count; i++) {
        struct stack_line *line = &copy.lines[i];
        *line = stack->lines[i];
        if (line->kind != STACK_MODULE || line->type != STACK_AUTH)
            continue;
        if (but_garde && stack_modules_is_garde(line))
            line->actions[ANSWER_SUCCESS] = ACTION_IGNORE;
        line->role = ROLE_HELPER;
        line->answers = 1U << (strstr(line->module, "pam_deny") != NULL ? ANSWER_CRED_ERR : ANSWER_SUCCESS);
    }
    verdict = stack_judge(&copy, &(struct stack_question){.code = true}, &way);
    free(copy.lines);
    return verdict != STACK_NO_WAY;
}

static void look_at_setcred(struct findings *findings, const char *service, const struct stack *stack)
{
    char place[WAYS_PLACE_SIZE], control[NAME_SIZE];

    if (is_set(stack, false) || !is_set(stack, true))
        return;
    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        if (!is_auth(line, ROLE_SPLIT))
            continue;
        struct finding *stops = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-split-setcred", service);
        finding_what(stops,
                     _("%s: programs that ask nobody (cron, at) come by as well, and get \"success\" here: the control "
                       "value \"%s\" makes their jobs fail"),
                     ways_place(line, place), name_of(line->control, control));
        finding_mend(stops, GOOD_SPLIT);
        finding_done(findings);
        return;
    }
}

/* ---- delays, and modules that ask again ---- */

static bool says(const struct stack_line *line, const char *word)
{
    char value[8];
    return stack_argument(line, word, value, sizeof value) != NULL;
}

static bool is_module(const struct stack_line *line, const char *name)
{
    return line->type == STACK_AUTH && line->kind == STACK_MODULE && strstr(line->module, name) != NULL;
}

/* A refusal that comes at once, where the other one takes two seconds, tells which of password and code was wrong. */
static void look_at_delay(struct findings *findings, const char *service, const struct stack *stack)
{
    const struct stack_line *unix_line = NULL, *verify = NULL;
    char place[WAYS_PLACE_SIZE], other[WAYS_PLACE_SIZE];

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        if (is_module(line, "pam_faildelay.so"))
            return;
        unix_line = is_module(line, "pam_unix.so") ? line : unix_line;
        verify = is_auth(line, ROLE_VERIFY) ? line : verify;
    }
    if (unix_line == NULL || verify == NULL || says(unix_line, "nodelay") == says(verify, "nodelay"))
        return;
    bool is_code = says(verify, "nodelay");
    struct finding *delay = add(findings, LEVEL_NOTE, EFFECT_NONE, "pam-delays-differ", service);
    finding_what(delay,
                 is_code ? _("%s has nodelay and %s has not: a wrong code is refused sooner than a wrong password, "
                             "which tells that the password was right")
                         : _("%s has nodelay and %s has not: a wrong password is refused sooner than a wrong code, "
                             "which tells that the password was wrong"),
                 ways_place(is_code ? verify : unix_line, place), ways_place(is_code ? unix_line : verify, other));
    finding_mend(delay, _("give nodelay to both lines or to none"));
    finding_done(findings);
}

/* Those that ask by themselves unless they are told of a password that is there. pam_unix takes it without being told. */
static void look_for_asking_again(struct findings *findings, const char *service, const struct stack *stack)
{
    static const char *const modules[] = {"pam_sss.so", "pam_ldap.so", "pam_winbind.so", "pam_radius_auth.so"};
    char place[WAYS_PLACE_SIZE], name[NAME_SIZE];
    bool typed = false;

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        typed = typed || is_auth(line, ROLE_SPLIT) || is_auth(line, ROLE_CONCAT);
        for (size_t k = 0; typed && k < sizeof modules / sizeof modules[0]; k++) {
            if (!is_module(line, modules[k]) || says(line, "use_first_pass") || says(line, "try_first_pass"))
                continue;
            struct finding *again = add(findings, LEVEL_WARNING, EFFECT_LOCKS_OUT, "pam-asks-again", service);
            finding_what(again, _("%s: %s asks for a password of its own, although the person has typed one"),
                         ways_place(line, place), name_of(line->module, name));
            finding_mend(again, "use_first_pass");
            finding_done(findings);
        }
    }
}

/* The line with verify is for who has shown the right password. */
static void look_for_wrong_password(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    const struct stack_question wrong = {.code = true, .spent = true};
    char place[WAYS_PLACE_SIZE], other[WAYS_PLACE_SIZE], module[NAME_SIZE];

    if (stack_judge(stack, &wrong, &way) != STACK_A_WAY)
        return;
    const struct stack_line *password = first_of(stack, &way, way.count, ROLE_BIT(ROLE_PASSWORD));
    if (password == NULL)
        return;
    const struct stack_line *verify = &stack->lines[way.steps[way.count - 1].line];
    struct finding *anyway = add(findings, LEVEL_WARNING, EFFECT_NONE, "pam-verify-anyway", service);
    finding_what(anyway,
                 _("%s: the code is checked also when %s (%s) refuses a wrong password: a mistyped password costs a "
                   "code, and who does not know it can use up the tries"),
                 ways_place(verify, place), name_of(password->module, module), ways_place(password, other));
    finding_mend(anyway, _("let a wrong password end the login: \"requisite\" in place of \"required\", \"include\" in "
                           "place of \"substack\""));
    finding_done(findings);
}

bool pair_look(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    const struct stack_question anybody = {.code = true, .through = true, .password = true, .roles = ROLES_ALL};
    const struct stack_question alone = {.password = true};

    look_for_second(findings, service, stack);
    if (!pair_takes_code_off(stack) && !has(stack, ROLE_VERIFY))
        return false;
    look_at_delay(findings, service, stack);
    look_for_asking_again(findings, service, stack);
    look_for_wrong_password(findings, service, stack);
    if (stack_judge(stack, &anybody, &way) == STACK_NO_WAY)
        return stack_judge(stack, &alone, &way) == STACK_NO_WAY && tell_why_nobody(findings, service, stack);
    (void)look_for_bare(findings, service, stack, false);
    for (size_t i = 0; i < stack->count; i++)
        if (is_auth(&stack->lines[i], ROLE_SPLIT))
            look_at_failure(findings, &stack->lines[i], service);
    look_at_setcred(findings, service, stack);
    return false;
}
