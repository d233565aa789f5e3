#include "suite.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names.h"

struct answer {
    unsigned times;
    enum names_result result;
    char canonical[USER_SIZE];
    uint32_t uid;
    uint64_t groups, missing;
};

static sd_event *event;
static struct timers timers;
static struct names *names;

static void open_names(uint64_t time_us)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    ck_assert_int_ge(sd_event_new(&event), 0);
    ck_assert_int_eq(names_new(event, &timers, NAMES_CHILD, time_us, &names), STATUS_OK);
}

static void close_names(void)
{
    names_free(names);
    sd_event_unref(event);
    timers_free(&timers);
}

static void take(enum names_result result, const struct names_found *found, void *context)
{
    struct answer *answer = context;
    answer->times++;
    answer->result = result;
    ck_assert_int_eq(found != NULL, result == NAMES_FOUND);
    if (found == NULL)
        return;
    answer->uid = found->uid;
    answer->groups = found->groups;
    answer->missing = found->missing;
    snprintf(answer->canonical, sizeof answer->canonical, "%s", found->canonical);
}

static struct lookup *begin(const char *name, uint32_t uid, struct answer *answer)
{
    const struct names_question question = {.name = name, .uid = uid, .answer = take, .context = answer};
    struct lookup *lookup = NULL;
    ck_assert_int_eq(names_find(names, &question, &lookup), STATUS_OK);
    return lookup;
}

static void wait_for(const struct answer *answer)
{
    while (answer->times == 0)
        ck_assert_int_gt(timers_turn(&timers, event, 20000000), 0);
}

static struct answer find_for(uint32_t uid, const char *name)
{
    struct answer answer = {0};
    (void)begin(name, uid, &answer);
    ck_assert_uint_eq(answer.times, 0);
    wait_for(&answer);
    ck_assert_uint_eq(answer.times, 1);
    return answer;
}

static struct answer find(const char *name)
{
    return find_for(NAMES_TRUSTED, name);
}

START_TEST(a_name_is_found_with_its_uid)
{
    open_names(10000000);
    struct answer answer = find("root");
    ck_assert_int_eq(answer.result, NAMES_FOUND);
    ck_assert_str_eq(answer.canonical, "root");
    ck_assert_uint_eq(answer.uid, 0);
    close_names();
}
END_TEST

START_TEST(a_name_that_nobody_has_is_told_from_a_failure)
{
    static const char *const nobody[] = {"no-such-user", "--help", "-", "root\n", "root ", "../root", "a'b\"c$(id)"};
    open_names(10000000);
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
        ck_assert_int_eq(find(nobody[i]).result, NAMES_NO_SUCH_NAME);
    close_names();
}
END_TEST

START_TEST(a_helper_that_crashes_fails_or_talks_nonsense_is_not_believed)
{
    static const char *const bad[] = {"crashes",   "fails",       "babbles",         "lies", "is-silent", "has-no-end",
                                      "says-half", "is-nameless", "speaks-of-groups"};
    open_names(10000000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(find(bad[i]).result, NAMES_FAILED);
    close_names();
}
END_TEST

static struct answer find_with(const char *name, const char *const groups[], size_t count)
{
    struct answer answer = {0};
    struct lookup *lookup = NULL;
    const struct names_question question = {
        .name = name, .uid = NAMES_TRUSTED, .groups = groups, .group_count = count, .answer = take, .context = &answer};
    ck_assert_int_eq(names_find(names, &question, &lookup), STATUS_OK);
    wait_for(&answer);
    return answer;
}

START_TEST(a_users_groups_are_found_in_the_order_in_which_they_were_asked_for)
{
    static const char *const groups[] = {"daemon", "root", "no-such-group", "--help", "no such group"};
    open_names(10000000);
    struct answer answer = find_with("root", groups, 5);
    ck_assert_int_eq(answer.result, NAMES_FOUND);
    ck_assert_str_eq(answer.canonical, "root");
    ck_assert_uint_eq(answer.groups, 1 << 1); /* by its primary group */
    ck_assert_uint_eq(answer.missing, 1 << 2 | 1 << 3 | 1 << 4);
    ck_assert_int_eq(find_with("no-such-user", groups, 5).result, NAMES_NO_SUCH_NAME);
    close_names();
}
END_TEST

START_TEST(as_many_groups_are_asked_for_as_there_is_room_for_and_not_one_more)
{
    char name[64];
    const char *groups[NAMES_GROUPS_MAX + 1];
    memset(name, 'g', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i < NAMES_GROUPS_MAX + 1; i++)
        groups[i] = i == NAMES_GROUPS_MAX - 1 ? "root" : name;
    open_names(10000000);
    struct answer answer = find_with("root", groups, NAMES_GROUPS_MAX);
    ck_assert_uint_eq(answer.groups, UINT64_C(1) << (NAMES_GROUPS_MAX - 1));
    ck_assert_uint_eq(answer.missing, ~answer.groups);

    struct lookup *lookup = NULL;
    struct names_question question = {.name = "root", .groups = groups, .group_count = NAMES_GROUPS_MAX + 1};
    ck_assert_int_eq(names_find(names, &question, &lookup), STATUS_NO_MEMORY);
    groups[0] = ""; /* would end the list of names, or shift it */
    question.group_count = 1;
    ck_assert_int_eq(names_find(names, &question, &lookup), STATUS_NO_MEMORY);
    question = (struct names_question){.name = ""};
    ck_assert_int_eq(names_find(names, &question, &lookup), STATUS_NO_MEMORY);
    close_names();
}
END_TEST

START_TEST(an_answer_about_other_groups_than_were_asked_for_is_not_believed)
{
    static const char *const groups[] = {"root", "daemon"};
    static const char *const bad[] = {"speaks-of-no-groups", "speaks-of-groups", "speaks-of-three", "speaks-on",
                                      "speaks-in-riddles"};
    open_names(10000000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(find_with(bad[i], groups, 2).result, NAMES_FAILED);
    close_names();
}
END_TEST

START_TEST(a_helper_that_hangs_is_given_up_killed_and_reaped)
{
    open_names(30000);
    ck_assert_int_eq(find("hangs").result, NAMES_FAILED);
    while (waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0)
        ck_assert_int_ge(timers_turn(&timers, event, 5000000), 0);
    close_names();
}
END_TEST

START_TEST(a_missing_helper_is_a_failure)
{
    open_names(10000000);
    names_free(names);
    ck_assert_int_eq(names_new(event, &timers, "/nonexistent/garded", 10000000, &names), STATUS_OK);
    ck_assert_int_eq(find("root").result, NAMES_FAILED);
    close_names();
}
END_TEST

START_TEST(hanging_lookups_of_strangers_leave_places_for_trusted_callers)
{
    struct answer strangers[NAMES_RUNNING_MAX * 2] = {0};
    open_names(10000000);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        (void)begin("hangs", (uint32_t)(1000 + i), &strangers[i]);
    ck_assert_int_eq(find("root").result, NAMES_FOUND);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        ck_assert_uint_eq(strangers[i].times, 0);
    close_names();
}
END_TEST

START_TEST(hanging_lookups_of_one_uid_leave_places_for_other_uids)
{
    struct answer hanging[NAMES_PUBLIC_MAX * 2] = {0};
    open_names(10000000);
    for (size_t i = 0; i < sizeof hanging / sizeof hanging[0]; i++)
        (void)begin("hangs", 1000, &hanging[i]);
    ck_assert_int_eq(find_for(1001, "root").result, NAMES_FOUND);
    ck_assert_uint_eq(hanging[0].times, 0);
    close_names();
}
END_TEST

START_TEST(uids_whose_lookups_hung_leave_a_place_for_the_others)
{
    enum { UIDS = 12 };
    struct answer hanging[UIDS] = {0};
    open_names(10000000);
    for (uint32_t uid = 0; uid < UIDS; uid++) {
        names_cancel(begin("hangs", 1000 + uid, &hanging[uid])); /* it is killed, as at the end of its time */
        while (waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0)
            ck_assert_int_ge(timers_turn(&timers, event, 5000000), 0);
    }
    for (uint32_t uid = 0; uid < UIDS; uid++)
        (void)begin("hangs", 1000 + uid, &hanging[uid]);
    ck_assert_int_eq(find_for(2000, "root").result, NAMES_FOUND);
    for (uint32_t uid = 0; uid < UIDS; uid++)
        ck_assert_uint_eq(hanging[uid].times, 0);
    close_names();
}
END_TEST

START_TEST(more_lookups_than_places_all_get_their_answer)
{
    struct answer answers[NAMES_RUNNING_MAX * 4] = {0};
    open_names(30000000);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        (void)begin("root", i % 2 == 0 ? NAMES_TRUSTED : (uint32_t)(1000 + i % 3), &answers[i]);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        wait_for(&answers[i]);
        ck_assert_int_eq(answers[i].result, NAMES_FOUND);
    }
    close_names();
}
END_TEST

START_TEST(who_does_not_wait_any_more_is_told_nothing)
{
    struct answer gone = {0};
    open_names(10000000);
    names_cancel(begin("root", NAMES_TRUSTED, &gone));
    ck_assert_int_eq(find("root").result, NAMES_FOUND);
    ck_assert_uint_eq(gone.times, 0);
    close_names();
}
END_TEST

SUITE("names", a_users_groups_are_found_in_the_order_in_which_they_were_asked_for,
      as_many_groups_are_asked_for_as_there_is_room_for_and_not_one_more,
      an_answer_about_other_groups_than_were_asked_for_is_not_believed, a_name_is_found_with_its_uid,
      a_name_that_nobody_has_is_told_from_a_failure, a_helper_that_crashes_fails_or_talks_nonsense_is_not_believed,
      a_helper_that_hangs_is_given_up_killed_and_reaped, a_missing_helper_is_a_failure,
      hanging_lookups_of_strangers_leave_places_for_trusted_callers,
      hanging_lookups_of_one_uid_leave_places_for_other_uids, uids_whose_lookups_hung_leave_a_place_for_the_others,
      more_lookups_than_places_all_get_their_answer, who_does_not_wait_any_more_is_told_nothing)
