/* The same secrets in a program that is linked as garded is. */
#include "pages.h"
#include "suite.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT_MAX 128 /* of core/ground/pages/kept.c */

START_TEST(secret_in_a_kept_page_is_like_a_fresh_one)
{
    char most[SECRET_MAX];
    memset(most, 'x', sizeof most);
    struct secret *first = secret_copy(most, sizeof most);
    const uint8_t *bytes = secret_read(first);
    secret_shorten(first, 10);
    secret_free(first);
    for (size_t i = 0; i <= SECRET_MAX; i++)
        ck_assert_uint_eq(bytes[i], 0);

    secret_owner struct secret *second = secret_new(20);
    ck_assert_ptr_eq(secret_read(second), bytes);
    ck_assert_uint_eq(secret_len(second), 20);
    ck_assert(is_kept_from_others(second));
    secret_owner struct secret *third = secret_new(20);
    ck_assert_ptr_ne(secret_read(third), bytes);
}
END_TEST

static long count_faults(void)
{
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

START_TEST(secret_in_a_kept_page_costs_no_page_fault)
{
    enum { ROUNDS = 1000 };
    long before = count_faults();
    for (int i = 0; i < ROUNDS; i++)
        secret_free(secret_copy("123456", 6));
    ck_assert_int_lt(count_faults() - before, ROUNDS / 2);
}
END_TEST

START_TEST(secret_pages_are_kept_up_to_a_bound)
{
    enum { MORE = 2 * KEPT_MAX };
    static struct secret *secrets[MORE];
    static const uint8_t *bytes[MORE];
    int mapped = 0;

    for (size_t i = 0; i < MORE; i++) {
        secrets[i] = secret_copy("123456", 6);
        bytes[i] = secret_read(secrets[i]);
    }
    for (size_t i = 0; i < MORE; i++)
        secret_free(secrets[i]);
    for (size_t i = 0; i < MORE; i++)
        mapped += is_mapped(bytes[i]);
    ck_assert_int_eq(mapped, KEPT_MAX);
}
END_TEST

static int judge_in_child(void)
{
    secret_owner struct secret *secret = secret_copy("654321", 6);
    return secret != NULL && memcmp(secret_read(secret), "654321", 7) == 0 && is_kept_from_others(secret) ? 0 : 1;
}

START_TEST(secret_made_by_a_forked_child_is_in_a_page_of_its_own)
{
    secret_free(secret_copy("123456", 6));
    secret_owner struct secret *inherited = secret_copy("123456", 6);
    secret_free(secret_copy("123456", 6));
    pid_t child = fork();
    if (child == 0) {
        secret_drop(&inherited);
        _exit(judge_in_child());
    }
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state) && WEXITSTATUS(state) == 0);
}
END_TEST

static void *make_and_free(void *own)
{
    uint8_t *letter = own;
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t text[32];
        memset(text, *letter, sizeof text);
        secret_owner struct secret *one = secret_copy(text, sizeof text);
        secret_owner struct secret *other = secret_copy(text, 1 + i % sizeof text);
        if (memcmp(secret_read(one), text, sizeof text) != 0 || secret_read(one)[sizeof text] != 0 ||
            memcmp(secret_read(other), text, secret_len(other)) != 0 || secret_read(other)[secret_len(other)] != 0)
            return NULL;
    }
    return own;
}

START_TEST(secret_pages_are_never_shared_by_threads)
{
    pthread_t threads[4];
    uint8_t letters[] = "abcd";

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_and_free, &letters[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        ck_assert_ptr_eq(result, &letters[i]);
    }
}
END_TEST

SUITE("kept pages", secret_in_a_kept_page_is_like_a_fresh_one, secret_in_a_kept_page_costs_no_page_fault,
      secret_pages_are_kept_up_to_a_bound, secret_made_by_a_forked_child_is_in_a_page_of_its_own,
      secret_pages_are_never_shared_by_threads)
