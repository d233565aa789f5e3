#include "ways.h"

#include <stdio.h>
#include <string.h>

#include "pair.h"
#include "stack_modules.h"
#include "text.h"
#include "tool.h"

#define NAME_SIZE 512

const char *ways_place(const struct stack_line *line, char out[WAYS_PLACE_SIZE])
{
    char shown[WAYS_PLACE_SIZE - 16];
    (void)snprintf(out, WAYS_PLACE_SIZE, "%s:%u", text_show(shown, sizeof shown, line->file), line->number);
    return out;
}

static const char *name_of(const char *text, char out[NAME_SIZE])
{
    return text_show(out, NAME_SIZE, text);
}

static struct finding *add(struct findings *findings, enum finding_level level, enum finding_effect effect,
                           const char *id, const char *service)
{
    struct finding *finding = finding_add(findings, SUBJECT_PAM, level, effect, id);
    finding_place(finding, service);
    return finding;
}

/* ---- why a way leads past the code ---- */

static const struct stack_step *last_of_garde(const struct stack *stack, const struct stack_way *way)
{
    for (size_t i = way->count; i > 0; i--)
        if (stack_modules_checks_code(&stack->lines[way->steps[i - 1].line]))
            return &way->steps[i - 1];
    return NULL;
}

/* The first auth line of these roles; as many as the stack has lines: none. */
static size_t first_line(const struct stack *stack, bool (*is_one)(const struct stack_line *))
{
    size_t at = 0;
    while (at < stack->count && (stack->lines[at].type != STACK_AUTH || !is_one(&stack->lines[at])))
        at++;
    return at;
}

/* The step behind which the line of pam_garde.so is passed by. */
static const struct stack_step *passing_step(const struct stack *stack, const struct stack_way *way)
{
    size_t garde = first_line(stack, stack_modules_checks_code);
    const struct stack_step *step = &way->steps[0];

    for (size_t i = 0; i < way->count && way->steps[i].line < garde; i++)
        step = &way->steps[i];
    return step;
}

static void tell_failure_that_passes(struct finding *finding, const struct stack *stack, const struct stack_step *step)
{
    const struct stack_line *line = &stack->lines[step->line];
    int32_t action = line->actions[step->answer];
    char place[WAYS_PLACE_SIZE], control[NAME_SIZE];
    ways_place(line, place);
    name_of(line->control, control);

    if (line->answers == UINT32_C(1) << ANSWER_MODULE_UNKNOWN)
        finding_what(finding, _("%s: pam_garde.so is not there, and the control value \"%s\" lets that pass"), place,
                     control);
    else if (action == ACTION_BAD || action == ACTION_DIE)
        finding_what(finding, _("%s: pam_garde.so may fail, and a line behind it (\"reset\") takes that back"), place);
    else
        finding_what(finding, _("%s: the control value \"%s\" lets a failure of pam_garde.so (%s) pass"), place,
                     control, stack_control_answer_name(step->answer));
    finding_mend(finding, _("make it \"required\" or \"requisite\""));
}

static void tell_line_that_passes_by(struct finding *finding, const struct stack *stack, const struct stack_step *step)
{
    const struct stack_line *line = &stack->lines[step->line];
    char place[WAYS_PLACE_SIZE], module[NAME_SIZE];
    ways_place(line, place);
    name_of(line->module, module);

    if (line->actions[step->answer] > 0) {
        finding_what(finding, _("%s: %s jumps over the line of pam_garde.so when it answers \"%s\""), place, module,
                     stack_control_answer_name(step->answer));
        finding_mend(finding, _("let it jump to the line of pam_garde.so, and not over it"));
    } else {
        finding_what(finding, _("%s: %s ends the stack with success before the code is asked for"), place, module);
        finding_mend(finding, _("put the line of pam_garde.so before it, or make it jump there instead of ending"));
    }
}

/* The line that refuses the account where no code was checked; NULL: none does. */
static const struct stack_line *closing_line(const struct stack *stack)
{
    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        int32_t action = line->actions[ANSWER_PERM_DENIED];
        if (stack_modules_closes(line) && (action == ACTION_BAD || action == ACTION_DIE))
            return line;
    }
    return NULL;
}

/* All that is left of the two lines is the one that takes the code off. */
static void tell_unchecked(struct finding *finding, const struct stack *stack, const struct stack_line *split)
{
    char place[WAYS_PLACE_SIZE], other[WAYS_PLACE_SIZE];
    const struct stack_line *closing = closing_line(stack);

    ways_place(split, place);
    if (closing == NULL)
        finding_what(
            finding,
            _("%s: the code is taken off the password here, and no line with verify checks it: any code is right"),
            place);
    else
        finding_what(finding,
                     _("%s: the code is taken off the password here, and no line with verify checks it: the account "
                       "line (%s) then refuses whoever needs a code; in programs that do not ask for the account, as "
                       "many screen lockers, any code is right"),
                     place, ways_place(closing, other));
    pair_mend_missing(finding, split);
}

static void tell_why(struct finding *finding, const struct stack *stack, const struct stack_way *way)
{
    const struct stack_step *failed = last_of_garde(stack, way);
    if (failed != NULL)
        tell_failure_that_passes(finding, stack, failed);
    else if (first_line(stack, stack_modules_checks_code) == stack->count)
        tell_unchecked(finding, stack, &stack->lines[first_line(stack, stack_modules_is_garde)]);
    else
        tell_line_that_passes_by(finding, stack, passing_step(stack, way));
}

/* Whose answer is needed on this way beside the password. */
static void tell_whose(struct finding *finding, const struct stack *stack, const struct stack_way *way, unsigned roles)
{
    for (size_t i = 0; i < way->count; i++) {
        const struct stack_line *line = &stack->lines[way->steps[i].line];
        char place[WAYS_PLACE_SIZE], module[NAME_SIZE], before[FINDING_TEXT_SIZE];
        if ((roles & ROLE_BIT(line->role)) == 0)
            continue;
        (void)snprintf(before, sizeof before, "%s", finding->what);
        finding_what(finding, _("%s. Only for whom %s (%s) decides so"), before, name_of(line->module, module),
                     ways_place(line, place));
        return;
    }
}

/* ---- the questions ---- */

static const struct asked {
    unsigned roles;
    enum finding_level level;
    const char *id;
    const char *mend; /* marked for translation; NULL: as for everybody */
} asked[] = {
    {ROLE_BIT(ROLE_ROOT), LEVEL_NOTE, "pam-root-without-code",
     N_("right for su of root; take pam_rootok.so out if root is to give a code, too")},
    {ROLE_BIT(ROLE_CONDITION), LEVEL_WARNING, "pam-some-without-code",
     N_("right if these people are meant to get in without a code, and only then")},
    {ROLE_BIT(ROLE_FACTOR) | ROLE_BIT(ROLE_UNKNOWN), LEVEL_WARNING, "pam-other-instead-of-code",
     N_("right if that module is a factor of its own that may stand in for the code")},
    {ROLES_ALL, LEVEL_WARNING, "pam-several-instead-of-code",
     N_("right if the modules before it are meant to decide who gives a code")},
};

static bool tell_undecided(struct findings *findings, const char *service, enum stack_verdict verdict)
{
    if (verdict != STACK_UNDECIDED)
        return false;
    struct finding *finding = add(findings, LEVEL_WARNING, EFFECT_UNSEEN, "pam-undecided", service);
    finding_what(finding, _("the stack is too entangled to follow every way through it"));
    finding_mend(finding, _("make it shorter"));
    finding_done(findings);
    return true;
}

/* Ways that need somebody's consent, one kind after the other; all together only if none alone leads in. */
static void ask_for_some(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    const size_t together = sizeof asked / sizeof asked[0] - 1;
    bool found = false;

    for (size_t i = 0; i <= together && !(i == together && found); i++) {
        const struct stack_question question = {.password = true, .roles = asked[i].roles};
        enum stack_verdict verdict = stack_judge(stack, &question, &way);
        if (tell_undecided(findings, service, verdict))
            return;
        if (verdict != STACK_A_WAY)
            continue;
        found = true;
        struct finding *finding = add(findings, asked[i].level, EFFECT_LETS_IN, asked[i].id, service);
        tell_why(finding, stack, &way);
        tell_whose(finding, stack, &way, asked[i].roles);
        finding_mend(finding, "%s", _(asked[i].mend));
        finding_done(findings);
    }
}

static void ask_for_everybody(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    const struct stack_question question = {.password = true};
    enum stack_verdict verdict = stack_judge(stack, &question, &way);

    if (tell_undecided(findings, service, verdict))
        return;
    if (verdict != STACK_A_WAY) {
        ask_for_some(findings, service, stack);
        return;
    }
    bool is_unchecked = first_line(stack, stack_modules_checks_code) == stack->count;
    struct finding *finding = add(findings, LEVEL_DANGER, EFFECT_LETS_IN,
                                  is_unchecked ? "pam-code-unchecked" : "pam-password-alone", service);
    tell_why(finding, stack, &way);
    finding_done(findings);
}

static bool takes_off(const struct stack *stack, const struct stack_way *way)
{
    for (size_t i = 0; i < way->count; i++) {
        enum stack_role role = stack->lines[way->steps[i].line].role;
        if (role == ROLE_SPLIT || role == ROLE_CONCAT)
            return true;
    }
    return false;
}

static void ask_for_code_alone(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    const struct stack_question question = {.code = true, .through = true};

    if (stack_judge(stack, &question, &way) != STACK_A_WAY)
        return;
    if (takes_off(stack, &way)) {
        struct finding *unchecked = add(findings, LEVEL_DANGER, EFFECT_LETS_IN, "pam-password-unchecked", service);
        finding_what(unchecked,
                     _("the code alone is enough: a password is asked for with it, and no line checks that"));
        finding_mend(unchecked,
                     _("let a line such as \"auth requisite pam_unix.so\" stand behind the one with split or "
                       "concat, and before the one with verify"));
        finding_done(findings);
        return;
    }
    bool is_sshd = strcmp(service, "sshd") == 0;
    struct finding *finding =
        add(findings, is_sshd ? LEVEL_NOTE : LEVEL_WARNING, EFFECT_LETS_IN, "pam-code-alone", service);
    finding_what(finding, _("the code alone is enough: no line insists on a password"));
    if (is_sshd)
        finding_mend(finding, _("right only where AuthenticationMethods wants a key before it"));
    else
        finding_mend(finding, _("let a line such as \"auth required pam_unix.so\" stand before pam_garde.so"));
    finding_done(findings);
}

static void ask_for_anybody(struct findings *findings, const char *service, const struct stack *stack)
{
    static struct stack_way way;
    const struct stack_question question = {.code = true, .password = true, .roles = ROLES_ALL};

    if (stack_judge(stack, &question, &way) != STACK_NO_WAY)
        return;
    struct finding *finding = add(findings, LEVEL_DANGER, EFFECT_LOCKS_OUT, "pam-nobody", service);
    finding_what(finding, _("whatever the modules answer, nobody gets in"));
    finding_mend(finding, _("look at control values, jumps and names of modules; keep a root shell open meanwhile"));
    finding_done(findings);
}

void ways_judge(struct findings *findings, const char *service, const struct stack *stack)
{
    ask_for_everybody(findings, service, stack);
    ask_for_code_alone(findings, service, stack);
    if (!pair_look(findings, service, stack))
        ask_for_anybody(findings, service, stack);
}
