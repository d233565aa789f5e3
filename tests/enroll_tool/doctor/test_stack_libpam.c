/* The judge against libpam itself: pam_debug.so gives whatever answer its line names. */
#include "suite.h"

#include <security/pam_appl.h>

#include <garde/number.h>

#include "doctor/stack_judge.h"
#include "pam_folder.h"

#define ROUNDS        4000
#define SEARCH_ROUNDS 150
#define SEED          20261127U
#define TEXT_SIZE     4096

static struct pam_folder folder;
static unsigned seed;

static unsigned pick(unsigned below)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % below;
}

static unsigned number_of(const char *text)
{
    uint64_t number = 0;
    ck_assert_int_eq(number_parse(text, 0, UINT32_MAX, &number), STATUS_OK);
    return (unsigned)number;
}

static int no_conversation(int count, const struct pam_message **messages, struct pam_response **out, void *data)
{
    (void)count, (void)messages, (void)out, (void)data;
    return PAM_CONV_ERR;
}

/* What a program calls: each stack is gone through for either, and for pam_setcred without pam_authenticate before it, as cron does. */
static const struct question {
    int (*of_libpam)(pam_handle_t *, int);
    int flags;
    const char *argument; /* of pam_debug.so */
} to_authenticate = {pam_authenticate, PAM_SILENT, "auth="},
  to_set_credentials = {pam_setcred, PAM_SILENT | PAM_ESTABLISH_CRED, "cred="};

static bool libpam_says_yes(const struct question *question)
{
    const struct pam_conv conversation = {.conv = no_conversation};
    pam_handle_t *handle = NULL;

    ck_assert_int_eq(pam_start_confdir("s", "nobody", &conversation, folder.path, &handle), PAM_SUCCESS);
    int got = question->of_libpam(handle, question->flags);
    ck_assert_int_eq(pam_end(handle, got), PAM_SUCCESS);
    return got == PAM_SUCCESS;
}

static bool libpam_lets_in(void)
{
    return libpam_says_yes(&to_authenticate);
}

/* pam_debug.so's line has one answer: its argument's. */
static void know_answers(struct stack *stack, const struct question *question)
{
    for (size_t i = 0; i < stack->count; i++) {
        struct stack_line *line = &stack->lines[i];
        char name[64] = "success";
        line->role = ROLE_HELPER;
        line->answers = 1U << ANSWER_PERM_DENIED;
        if (line->kind != STACK_MODULE)
            continue;
        (void)stack_argument(line, question->argument, name, sizeof name);
        for (int answer = 0; answer < STACK_ANSWERS; answer++)
            if (strcmp(name, stack_control_answer_name(answer)) == 0)
                line->answers = 1U << answer;
        if (strstr(line->module, "nowhere") != NULL)
            line->answers = 1U << ANSWER_MODULE_UNKNOWN;
    }
}

static bool judge_says_yes(const struct question *question)
{
    static struct stack_way way;
    stack_owner struct stack stack = {.count = 0};

    ck_assert_int_eq(stack_load(&folder.places, "s", &stack), STATUS_OK);
    know_answers(&stack, question);
    ck_assert_int_ne(stack.state, STACK_UNKNOWN);
    if (stack.state == STACK_REFUSED)
        return false;
    enum stack_verdict verdict = stack_judge(&stack, &(struct stack_question){.code = true}, &way);
    ck_assert_int_ne(verdict, STACK_UNDECIDED);
    return verdict == STACK_A_WAY;
}

static const char *random_control(char out[128])
{
    static const char *const words[] = {"required", "requisite", "sufficient", "optional", "Required", "requird"};
    static const char *const actions[] = {"ok", "done", "bad", "die", "ignore", "reset", "1", "2", "3"};
    static const char *const keys[] = {"success", "auth_err", "ignore", "new_authtok_reqd", "perm_denied", "default"};

    if (pick(2) == 0)
        return words[pick(60) == 0 ? 5 : pick(5)];
    size_t len = (size_t)snprintf(out, 128, "[");
    for (unsigned pairs = 1 + pick(3); pairs > 0; pairs--)
        len += (size_t)snprintf(out + len, 128 - len, "%s=%s ", keys[pick(6)], actions[pick(9)]);
    (void)snprintf(out + len, 128 - len, "]");
    return out;
}

static const char *random_answer(void)
{
    static const char *const answers[] = {"success", "success",          "success", "auth_err",
                                          "ignore",  "new_authtok_reqd", "abort"};
    return answers[pick(sizeof answers / sizeof answers[0])];
}

static size_t random_line(char *text, size_t size, unsigned inner)
{
    char control[128];
    unsigned what = pick(24);

    if (what < 3 * inner)
        return (size_t)snprintf(text, size, "auth %s %s/inner%u\n", pick(2) == 0 ? "include" : "substack", folder.path,
                                inner);
    if (what == 20)
        return (size_t)snprintf(text, size, "account %s pam_debug.so\n", random_control(control));
    if (what == 21)
        return (size_t)snprintf(text, size, "-auth %s pam_nowhere.so\n", random_control(control));
    if (what == 22 && pick(4) == 0)
        return (size_t)snprintf(text, size, "auth include %s/nowhere\n", folder.path);
    /* Of all types, and by its whole path: as a fragment of garde is. (One that is not there: libpam leaks.) */
    if (inner == 2 && what == 22)
        return (size_t)snprintf(text, size, "@include %s/inner%u\n", folder.path, 1 + pick(2));
    return (size_t)snprintf(text, size, "auth %s %spam_debug.so auth=%s cred=%s\n", random_control(control),
                            pick(5) == 0 ? "\\\n" : "", random_answer(), random_answer());
}

/* Under valgrind, where each dlopen() of libpam takes its time, a part of them does. */
static unsigned rounds(unsigned all)
{
    return getenv("CK_TIMEOUT_MULTIPLIER") == NULL ? all : all / 20;
}

static void write_random(const char *name, unsigned inner, char text[TEXT_SIZE])
{
    size_t len = 0;
    for (unsigned lines = 1 + pick(5); lines > 0; lines--)
        len += random_line(text + len, TEXT_SIZE - len, inner);
    pam_folder_write(&folder, name, text);
}

static void begin(void)
{
    const char *given = getenv("GARDE_SEED");
    pam_folder_make(&folder);
    pam_folder_write(&folder, "other", "auth requisite pam_deny.so\n");
    seed = given == NULL ? SEED : number_of(given);
}

static void end(void)
{
    static const char *const names[] = {"other", "s", "inner1", "inner2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        pam_folder_remove(&folder, names[i]);
    pam_folder_drop(&folder);
}

/* An account line alone: libpam takes the auth lines of "other", which refuse; we have none. */
static void assert_same(const struct question *question, unsigned *yes)
{
    static char text[TEXT_SIZE], inner1[TEXT_SIZE], inner2[TEXT_SIZE];

    begin();
    for (unsigned i = 0; i < rounds(ROUNDS); i++) {
        unsigned at = seed;
        write_random("inner1", 0, inner1);
        write_random("inner2", 1, inner2);
        write_random("s", 2, text);
        bool libpam = libpam_says_yes(question);
        ck_assert_msg(judge_says_yes(question) == libpam, "round %u, seed %u: libpam %s\n%s-- inner1\n%s-- inner2\n%s",
                      i, at, libpam ? "accepts" : "refuses", text, inner1, inner2);
        *yes += libpam ? 1 : 0;
    }
    end();
}

START_TEST(the_judge_says_what_libpam_does)
{
    unsigned accepted = 0;
    assert_same(&to_authenticate, &accepted);
    ck_assert_uint_gt(accepted, rounds(ROUNDS) / 10);
    ck_assert_uint_lt(accepted, rounds(ROUNDS) - rounds(ROUNDS) / 10);
}
END_TEST

START_TEST(the_judge_says_what_libpam_does_for_credentials_of_nobody_who_was_asked)
{
    unsigned set = 0;
    assert_same(&to_set_credentials, &set);
    ck_assert_uint_gt(set, rounds(ROUNDS) / 10);
    ck_assert_uint_lt(set, rounds(ROUNDS) - rounds(ROUNDS) / 10);
}
END_TEST

#define FREE_LINES 3 /* with three answers each: 27 runs of libpam */

static const int free_answers[] = {ANSWER_SUCCESS, ANSWER_AUTH_ERR, ANSWER_IGNORE};

static bool libpam_lets_in_somehow(char controls[][128], size_t count)
{
    size_t combinations = 1;
    for (size_t i = 0; i < count; i++)
        combinations *= 3;
    for (size_t combination = 0; combination < combinations; combination++) {
        char text[TEXT_SIZE];
        size_t len = 0, rest = combination;
        for (size_t i = 0; i < count; i++, rest /= 3)
            len += (size_t)snprintf(text + len, sizeof text - len, "auth %s pam_debug.so auth=%s\n", controls[i],
                                    stack_control_answer_name(free_answers[rest % 3]));
        pam_folder_write(&folder, "s", text);
        if (libpam_lets_in())
            return true;
    }
    return false;
}

START_TEST(the_judge_finds_a_way_where_some_answers_are_one)
{
    static struct stack_way way;
    unsigned found = 0;

    begin();
    pam_folder_write(&folder, "inner1", "");
    pam_folder_write(&folder, "inner2", "");
    for (unsigned i = 0; i < rounds(SEARCH_ROUNDS); i++) {
        char controls[FREE_LINES][128], own[128];
        for (size_t k = 0; k < FREE_LINES; k++) {
            /* Some that never say yes by themselves, so that not every stack has a way. */
            const char *control = pick(3) == 0 ? "[default=bad ignore=ignore]" : random_control(own);
            (void)snprintf(controls[k], sizeof controls[k], "%s", control);
        }
        bool libpam = libpam_lets_in_somehow(controls, FREE_LINES);
        stack_owner struct stack stack = {.count = 0};
        ck_assert_int_eq(stack_load(&folder.places, "s", &stack), STATUS_OK);
        for (size_t k = 0; k < stack.count; k++) {
            stack.lines[k].role = ROLE_HELPER;
            stack.lines[k].answers = 1U << ANSWER_SUCCESS | 1U << ANSWER_AUTH_ERR | 1U << ANSWER_IGNORE;
        }
        enum stack_verdict verdict = stack_judge(&stack, &(struct stack_question){.code = true}, &way);
        ck_assert_msg((verdict == STACK_A_WAY) == libpam, "%s\n%s\n%s: libpam %s", controls[0], controls[1],
                      controls[2], libpam ? "finds one" : "finds none");
        found += libpam ? 1 : 0;
    }
    end();
    ck_assert_uint_gt(found, 0);
    ck_assert_uint_lt(found, rounds(SEARCH_ROUNDS));
}
END_TEST

SUITE("stack_libpam", the_judge_says_what_libpam_does,
      the_judge_says_what_libpam_does_for_credentials_of_nobody_who_was_asked,
      the_judge_finds_a_way_where_some_answers_are_one)
