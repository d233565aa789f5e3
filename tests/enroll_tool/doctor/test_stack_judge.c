#include "suite.h"

#include "doctor/stack_judge.h"
#include "pam_folder.h"

static struct pam_folder folder;

enum {
    PASSWORD_ALONE = 1, /* in without a code, with the password and what everybody has */
    CONDITION_LETS = 2, /* ... where a condition decides */
    FACTOR_LETS = 4,    /* ... where another factor, or who knows what, says yes */
    ROOT_IN = 8,        /* ... as root */
    CODE_ALONE = 16,    /* in without a password */
    LOCKED_OUT = 32,    /* not in whatever one has */
    BARE = 64,          /* some way reaches a line that has no code to check */
    CODE_NEVER = 128,   /* nobody in with a code */
};

static bool is_way(const struct stack *stack, struct stack_question question)
{
    static struct stack_way way;
    enum stack_verdict verdict = stack_judge(stack, &question, &way);
    ck_assert_int_ne(verdict, STACK_UNDECIDED);
    return verdict == STACK_A_WAY;
}

static int judge(const struct stack *stack)
{
    const struct stack_question without = {.password = true};
    int found = 0;

    if (is_way(stack, without))
        found |= PASSWORD_ALONE;
    if (is_way(stack, (struct stack_question){.password = true, .roles = ROLE_BIT(ROLE_CONDITION)}))
        found |= CONDITION_LETS;
    if (is_way(stack,
               (struct stack_question){.password = true, .roles = ROLE_BIT(ROLE_FACTOR) | ROLE_BIT(ROLE_UNKNOWN)}))
        found |= FACTOR_LETS;
    if (is_way(stack, (struct stack_question){.password = true, .roles = ROLE_BIT(ROLE_ROOT)}))
        found |= ROOT_IN;
    if (is_way(stack, (struct stack_question){.code = true, .through = true}))
        found |= CODE_ALONE;
    if (!is_way(stack, (struct stack_question){.code = true, .password = true, .roles = ROLES_ALL}))
        found |= LOCKED_OUT;
    if (is_way(stack, (struct stack_question){.code = true, .bare = true, .password = true, .roles = ROLES_ALL}))
        found |= BARE;
    if (!is_way(stack, (struct stack_question){.code = true, .through = true, .password = true, .roles = ROLES_ALL}) &&
        (found & (LOCKED_OUT | PASSWORD_ALONE)) == 0)
        found |= CODE_NEVER;
    /* What everybody may do, some may. */
    if ((found & PASSWORD_ALONE) != 0) {
        ck_assert_int_eq(found & (CONDITION_LETS | FACTOR_LETS | ROOT_IN), CONDITION_LETS | FACTOR_LETS | ROOT_IN);
        found &= ~(CONDITION_LETS | FACTOR_LETS | ROOT_IN);
    }
    return found;
}

static const char *const modules[] = {"pam_garde.so", "pam_unix.so",     "pam_deny.so",    "pam_permit.so",
                                      "pam_env.so",   "pam_rootok.so",   "pam_u2f.so",     "pam_succeed_if.so",
                                      "pam_x.so",     "pam_faillock.so", "pam_nologin.so", "pam_sss.so"};

static void make_modules(void)
{
    pam_folder_make(&folder);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        pam_folder_write(&folder, modules[i], "");
}

static void drop_modules(void)
{
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        pam_folder_remove(&folder, modules[i]);
    pam_folder_drop(&folder);
}

static int judge_text(const char *text)
{
    stack_owner struct stack stack = {.count = 0};
    pam_folder_write(&folder, "s", text);
    ck_assert_int_eq(stack_load(&folder.places, "s", &stack), STATUS_OK);
    pam_folder_remove(&folder, "s");
    stack_modules_know(&folder.places, &stack);
    return judge(&stack);
}

/* As Debian's pam-auth-update writes it. */
#define COMMON                                                                                                         \
    "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n"

#define SPLIT  "auth [success=ignore ignore=ignore default=die] pam_garde.so split\n"
#define VERIFY "auth [success=ok ignore=ignore default=die] pam_garde.so verify\n"
#define PROMPT "auth requisite pam_garde.so\n"

START_TEST(good_stacks_let_nobody_in_without_the_code)
{
    static const char *const good[] = {
        COMMON "auth required pam_garde.so\n",
        COMMON "auth requisite pam_garde.so\n",
        COMMON "auth [success=ok ignore=ignore default=die] pam_garde.so\nauth optional pam_env.so\n",
        "auth required pam_env.so\nauth required pam_nologin.so\n" COMMON "auth required pam_garde.so\n",
        "auth required pam_unix.so\nauth required pam_garde.so\n",
        "auth required pam_faillock.so preauth\nauth [success=1 default=ignore] pam_unix.so\n"
        "auth [default=die] pam_faillock.so authfail\nauth required pam_garde.so\n",
        "auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] pam_sss.so use_first_pass\n"
        "auth requisite pam_deny.so\nauth required pam_permit.so\nauth required pam_garde.so\n",
        "auth required pam_garde.so\n" COMMON,
        SPLIT COMMON VERIFY,
        "auth [success=ignore ignore=ignore default=die] pam_garde.so concat\n" COMMON,
        "auth required pam_garde.so concat\n" COMMON,
        /* a failure of "split" passes, and "verify" refuses */
        "auth optional pam_garde.so split\n" COMMON VERIFY,
        "auth required pam_garde.so split\n" COMMON VERIFY,
        "auth sufficient pam_garde.so split\n" COMMON VERIFY,
        SPLIT "auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] pam_sss.so use_first_pass\n"
              "auth requisite pam_deny.so\nauth required pam_permit.so\n" VERIFY,
        SPLIT "auth required pam_unix.so\n" VERIFY "auth optional pam_env.so\n",
        SPLIT VERIFY "auth required pam_unix.so\n",
    };
    make_modules();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(judge_text(good[i]) == 0, "%s: %d", good[i], judge_text(good[i]));
    drop_modules();
}
END_TEST

START_TEST(each_way_round_the_code_is_found)
{
    static const struct {
        const char *text;
        int found;
    } cases[] = {
        /* a failure that does not count */
        {COMMON "auth optional pam_garde.so\n", PASSWORD_ALONE},
        {SPLIT COMMON "auth optional pam_garde.so verify\n", PASSWORD_ALONE},
        {SPLIT COMMON "auth [success=ok default=ignore] pam_garde.so verify\n", PASSWORD_ALONE},
        /* nothing checks what "split" takes off */
        {SPLIT COMMON, PASSWORD_ALONE},
        {"auth sufficient pam_garde.so split\n" COMMON, PASSWORD_ALONE},
        {SPLIT COMMON "auth sufficient pam_permit.so\n" VERIFY, PASSWORD_ALONE},
        {SPLIT "auth sufficient pam_unix.so\n" VERIFY, PASSWORD_ALONE | CODE_ALONE},
        {SPLIT "auth [success=2 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n" VERIFY
               "auth required pam_permit.so\n",
         PASSWORD_ALONE},
        {SPLIT "auth sufficient pam_rootok.so\n" COMMON VERIFY, ROOT_IN},
        /* nobody checks the password */
        {SPLIT VERIFY, CODE_ALONE},
        {"auth required pam_garde.so concat\n", CODE_ALONE},
        /* "verify" has nothing to check */
        {COMMON VERIFY, LOCKED_OUT | BARE},
        {VERIFY COMMON, LOCKED_OUT | BARE},
        {COMMON "auth optional pam_garde.so verify\n", PASSWORD_ALONE | BARE},
        {VERIFY SPLIT COMMON, LOCKED_OUT | BARE},
        {"auth sufficient pam_rootok.so\n" COMMON VERIFY, ROOT_IN | BARE | CODE_NEVER},
        {COMMON SPLIT VERIFY, LOCKED_OUT | BARE},
        {"auth sufficient pam_unix.so\n" SPLIT VERIFY "auth sufficient pam_unix.so\n", PASSWORD_ALONE | BARE},
        {"auth optional /nowhere/pam_unix.so\n" SPLIT COMMON VERIFY, 0},
        {COMMON "auth required pam_garde.so concat\n", LOCKED_OUT | BARE},
        {SPLIT COMMON VERIFY VERIFY, LOCKED_OUT | BARE},
        {SPLIT SPLIT COMMON VERIFY, LOCKED_OUT | BARE},
        {SPLIT SPLIT COMMON VERIFY VERIFY, LOCKED_OUT | BARE},
        {SPLIT COMMON VERIFY "auth required pam_garde.so concat\n", LOCKED_OUT | BARE},
        {"auth [success=1 default=ignore] pam_succeed_if.so user ingroup x\n" SPLIT COMMON VERIFY, BARE},
        /* "ignore" is its best answer */
        {"auth [success=ok default=die] pam_garde.so split\n" COMMON VERIFY, LOCKED_OUT},
        {"auth [ignore=1 default=die] pam_garde.so split\n" PROMPT COMMON VERIFY, 0},
        /* two questions are no way round */
        {SPLIT COMMON VERIFY PROMPT, 0},
        {SPLIT COMMON PROMPT, 0},
        {COMMON "auth sufficient pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth [success=ok default=ignore] pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth [success=ok authinfo_unavail=ignore default=die] pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth [success=ok module_unknown=ignore default=die] pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth [success=ok default=reset] pam_garde.so\nauth optional pam_permit.so\n", PASSWORD_ALONE},
        {COMMON "auth [success=ok default=1] pam_garde.so\nauth requisite pam_deny.so\nauth optional pam_env.so\n",
         PASSWORD_ALONE | LOCKED_OUT},
        /* a stack that ends before, or jumps over */
        {"auth sufficient pam_unix.so\nauth required pam_garde.so\n", PASSWORD_ALONE | CODE_ALONE},
        {"auth [success=2 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_garde.so\n"
         "auth required pam_permit.so\n",
         PASSWORD_ALONE},
        {"auth [success=done default=die] pam_sss.so\nauth required pam_garde.so\n", PASSWORD_ALONE},
        {"auth sufficient pam_permit.so\nauth required pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth sufficient pam_faillock.so authsucc\nauth required pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth [success=ignore default=1] pam_u2f.so\nauth required pam_garde.so\nauth optional pam_env.so\n",
         PASSWORD_ALONE},
        /* who is meant */
        {"auth sufficient pam_rootok.so\n" COMMON "auth required pam_garde.so\n", ROOT_IN},
        {COMMON "auth [success=1 default=ignore] pam_succeed_if.so user ingroup free\nauth required pam_garde.so\n"
                "auth optional pam_env.so\n",
         CONDITION_LETS},
        {COMMON "auth [default=1 success=ignore] pam_succeed_if.so user ingroup garde\nauth required pam_garde.so\n"
                "auth optional pam_env.so\n",
         CONDITION_LETS},
        {COMMON "auth required pam_succeed_if.so uid >= 1000\nauth required pam_garde.so\n", 0},
        /* a condition that changes nothing lets everybody in, or nobody */
        {COMMON "auth optional pam_succeed_if.so quiet\nauth optional pam_garde.so\n", PASSWORD_ALONE},
        {COMMON "auth sufficient pam_u2f.so\nauth required pam_garde.so\n", FACTOR_LETS},
        {COMMON "auth sufficient pam_garde.so\nauth required pam_u2f.so\n", FACTOR_LETS},
        {COMMON "auth sufficient pam_x.so\nauth required pam_garde.so\n", FACTOR_LETS},
        {COMMON "auth required pam_x.so\nauth required pam_garde.so\n", 0},
        /* the code alone */
        {"auth required pam_garde.so\n", CODE_ALONE},
        {"auth sufficient pam_garde.so\n" COMMON, PASSWORD_ALONE | CODE_ALONE},
        {"auth required pam_garde.so\nauth optional pam_unix.so\n", CODE_ALONE},
        {"auth required pam_garde.so\nauth required pam_x.so\n", 0},
        /* nobody */
        {"auth required pam_garde.so\nauth requisite pam_deny.so\n", LOCKED_OUT},
        {"auth requird pam_garde.so\nauth required pam_unix.so\n", LOCKED_OUT},
        {"auth required pam_garde.so\nauth [success=5 default=die] pam_unix.so\n", LOCKED_OUT},
        {"auht required pam_unix.so\nauth required pam_garde.so\n", LOCKED_OUT},
        {COMMON "auth required /nowhere/pam_garde.so\n", LOCKED_OUT},
        {COMMON "auth sufficient /nowhere/pam_garde.so\n", PASSWORD_ALONE},
        {"", LOCKED_OUT},
        {"account required pam_garde.so\n", LOCKED_OUT},
    };
    make_modules();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int found = judge_text(cases[i].text);
        ck_assert_msg(found == cases[i].found, "%s: %d, not %d", cases[i].text, found, cases[i].found);
    }
    drop_modules();
}
END_TEST

START_TEST(substacks_keep_their_ends_and_jumps_to_themselves)
{
    static const struct {
        const char *inner, *outer;
        int found;
    } cases[] = {
        /* "done" in a substack ends the substack alone; in an include, all */
        {"auth sufficient pam_unix.so\nauth requisite pam_deny.so\n",
         "auth substack inner\nauth required pam_garde.so\n", 0},
        {"auth sufficient pam_unix.so\nauth requisite pam_deny.so\n",
         "auth include inner\nauth required pam_garde.so\n", PASSWORD_ALONE},
        /* "die" too, but what it says stays */
        {"auth requisite pam_garde.so\n", COMMON "auth substack inner\nauth optional pam_permit.so\n", 0},
        /* a jump over one line is over a whole substack, and out of none */
        {"auth required pam_env.so\nauth required pam_garde.so\n",
         COMMON "auth [success=1 default=1] pam_permit.so\nauth substack inner\nauth optional pam_permit.so\n",
         PASSWORD_ALONE},
        {"auth [success=3 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n",
         "auth substack inner\nauth required pam_garde.so\n", LOCKED_OUT},
        /* "reset" goes back to the beginning of the substack */
        {"auth required pam_garde.so\nauth [default=reset] pam_permit.so\n", COMMON "auth substack inner\n",
         PASSWORD_ALONE},
    };
    make_modules();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pam_folder_write(&folder, "inner", cases[i].inner);
        int found = judge_text(cases[i].outer);
        ck_assert_msg(found == cases[i].found, "%s: %d, not %d", cases[i].outer, found, cases[i].found);
        pam_folder_remove(&folder, "inner");
    }
    drop_modules();
}
END_TEST

START_TEST(a_way_is_told_line_by_line)
{
    struct stack_way way = {.count = 0};
    stack_owner struct stack stack = {.count = 0};
    make_modules();
    pam_folder_write(&folder, "s", "account required pam_x.so\n" COMMON "auth optional pam_garde.so\n");
    ck_assert_int_eq(stack_load(&folder.places, "s", &stack), STATUS_OK);
    stack_modules_know(&folder.places, &stack);
    ck_assert_int_eq(stack_judge(&stack, &(struct stack_question){.password = true}, &way), STACK_A_WAY);
    ck_assert_uint_eq(way.count, 3);
    ck_assert_uint_eq(way.steps[0].line, 1);
    ck_assert_int_eq(way.steps[0].answer, ANSWER_SUCCESS);
    ck_assert_uint_eq(way.steps[1].line, 3);
    ck_assert_uint_eq(way.steps[2].line, 4);
    ck_assert_int_ne(way.steps[2].answer, ANSWER_SUCCESS);
    pam_folder_remove(&folder, "s");
    drop_modules();
}
END_TEST

START_TEST(the_longest_stack_is_judged_to_its_end)
{
    static char text[40000];
    size_t len = 0;
    make_modules();
    for (int i = 0; i < STACK_LINES_MAX - 1; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "auth [success=%d default=ok] pam_x.so\n", 1 + i % 3);
    (void)snprintf(text + len, sizeof text - len, "auth required pam_garde.so\n");
    ck_assert_int_eq(judge_text(text) & PASSWORD_ALONE, 0);
    drop_modules();
}
END_TEST

SUITE("stack_judge", good_stacks_let_nobody_in_without_the_code, each_way_round_the_code_is_found,
      substacks_keep_their_ends_and_jumps_to_themselves, a_way_is_told_line_by_line,
      the_longest_stack_is_judged_to_its_end)
