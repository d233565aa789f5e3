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

static void take(enum names_result result, const char *canonical, uint32_t uid, void *context)
{
    struct answer *answer = context;
    answer->times++;
    answer->result = result;
    answer->uid = uid;
    snprintf(answer->canonical, sizeof answer->canonical, "%s", canonical == NULL ? "" : canonical);
}

static void wait_for(const struct answer *answer)
{
    while (answer->times == 0)
        ck_assert_int_gt(timers_turn(&timers, event, 20000000), 0);
}

static struct answer find_for(uint32_t uid, const char *name)
{
    struct answer answer = {0};
    struct lookup *lookup = NULL;
    ck_assert_int_eq(names_find(names, name, uid, take, &answer, &lookup), STATUS_OK);
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
    static const char *const bad[] = {"crashes", "fails", "babbles", "lies", "is-silent", "has-no-end"};
    open_names(10000000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(find(bad[i]).result, NAMES_FAILED);
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
    struct lookup *lookup = NULL;
    open_names(10000000);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        ck_assert_int_eq(names_find(names, "hangs", (uint32_t)(1000 + i), take, &strangers[i], &lookup), STATUS_OK);
    ck_assert_int_eq(find("root").result, NAMES_FOUND);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        ck_assert_uint_eq(strangers[i].times, 0);
    close_names();
}
END_TEST

START_TEST(hanging_lookups_of_one_uid_leave_places_for_other_uids)
{
    struct answer hanging[NAMES_PUBLIC_MAX * 2] = {0};
    struct lookup *lookup = NULL;
    open_names(10000000);
    for (size_t i = 0; i < sizeof hanging / sizeof hanging[0]; i++)
        ck_assert_int_eq(names_find(names, "hangs", 1000, take, &hanging[i], &lookup), STATUS_OK);
    ck_assert_int_eq(find_for(1001, "root").result, NAMES_FOUND);
    ck_assert_uint_eq(hanging[0].times, 0);
    close_names();
}
END_TEST

START_TEST(uids_whose_lookups_hung_leave_a_place_for_the_others)
{
    enum { UIDS = 12 };
    struct answer hanging[UIDS] = {0};
    struct lookup *lookup = NULL;
    open_names(10000000);
    for (uint32_t uid = 0; uid < UIDS; uid++) {
        ck_assert_int_eq(names_find(names, "hangs", 1000 + uid, take, &hanging[uid], &lookup), STATUS_OK);
        names_cancel(lookup); /* it is killed, as at the end of its time */
        while (waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0)
            ck_assert_int_ge(timers_turn(&timers, event, 5000000), 0);
    }
    for (uint32_t uid = 0; uid < UIDS; uid++)
        ck_assert_int_eq(names_find(names, "hangs", 1000 + uid, take, &hanging[uid], &lookup), STATUS_OK);
    ck_assert_int_eq(find_for(2000, "root").result, NAMES_FOUND);
    for (uint32_t uid = 0; uid < UIDS; uid++)
        ck_assert_uint_eq(hanging[uid].times, 0);
    close_names();
}
END_TEST

START_TEST(more_lookups_than_places_all_get_their_answer)
{
    struct answer answers[NAMES_RUNNING_MAX * 4] = {0};
    struct lookup *lookup = NULL;
    open_names(30000000);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        ck_assert_int_eq(names_find(names, "root", i % 2 == 0 ? NAMES_TRUSTED : (uint32_t)(1000 + i % 3), take,
                                    &answers[i], &lookup),
                         STATUS_OK);
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
    struct lookup *lookup = NULL;
    open_names(10000000);
    ck_assert_int_eq(names_find(names, "root", NAMES_TRUSTED, take, &gone, &lookup), STATUS_OK);
    names_cancel(lookup);
    ck_assert_int_eq(find("root").result, NAMES_FOUND);
    ck_assert_uint_eq(gone.times, 0);
    close_names();
}
END_TEST

SUITE("names", a_name_is_found_with_its_uid, a_name_that_nobody_has_is_told_from_a_failure,
      a_helper_that_crashes_fails_or_talks_nonsense_is_not_believed, a_helper_that_hangs_is_given_up_killed_and_reaped,
      a_missing_helper_is_a_failure, hanging_lookups_of_strangers_leave_places_for_trusted_callers,
      hanging_lookups_of_one_uid_leave_places_for_other_uids, uids_whose_lookups_hung_leave_a_place_for_the_others,
      more_lookups_than_places_all_get_their_answer, who_does_not_wait_any_more_is_told_nothing)
