#include "pages.h"
#include "suite.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <garde/problem.h>
#include <garde/secret.h>

START_TEST(secret_starts_as_zeroes_with_a_zero_behind)
{
    secret_owner struct secret *secret = secret_new(20);
    ck_assert_ptr_nonnull(secret);
    ck_assert_uint_eq(secret_len(secret), 20);
    for (size_t i = 0; i <= 20; i++)
        ck_assert_uint_eq(secret_read(secret)[i], 0);
}
END_TEST

START_TEST(secret_holds_its_full_length_and_no_more)
{
    secret_owner struct secret *most = secret_new(SECRET_MAX);
    ck_assert_ptr_nonnull(most);
    memset(secret_fill(most), 0xff, SECRET_MAX);
    ck_assert_ptr_null(secret_new(SECRET_MAX + 1));
}
END_TEST

START_TEST(secret_shortened_wipes_what_is_cut_off)
{
    secret_owner struct secret *secret = secret_copy("123456", 6);
    secret_shorten(secret, 2);
    ck_assert_uint_eq(secret_len(secret), 2);
    ck_assert_mem_eq(secret_read(secret), "12\0\0\0\0", 6);
    secret_shorten(secret, 9);
    ck_assert_uint_eq(secret_len(secret), 2);
}
END_TEST

START_TEST(secret_is_empty_in_a_forked_child)
{
    secret_owner struct secret *secret = secret_copy("123456", 6);
    pid_t child = fork();
    if (child == 0)
        _exit(secret_read(secret)[0] == 0 ? 0 : 1);
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    ck_assert_mem_eq(secret_read(secret), "123456", 6);
}
END_TEST

START_TEST(secret_works_where_nothing_may_be_locked)
{
    struct rlimit none = {0, 0};
    ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &none), 0);
    secret_owner struct secret *secret = secret_copy("123456", 6);
    ck_assert_ptr_nonnull(secret);
    ck_assert_mem_eq(secret_read(secret), "123456", 6);
}
END_TEST

START_TEST(secret_is_locked_undumpable_and_wiped_by_fork)
{
    secret_owner struct secret *secret = secret_copy("123456", 6);
    ck_assert(is_kept_from_others(secret));
}
END_TEST

START_TEST(secret_freed_leaves_no_page)
{
    struct secret *secret = secret_copy("123456", 6);
    const uint8_t *bytes = secret_read(secret);
    secret_free(secret);
    ck_assert(!is_mapped(bytes));
}
END_TEST

START_TEST(problem_replaces_control_bytes_and_cuts_to_size)
{
    struct problem problem;
    char longer[300];
    memset(longer, 'k', sizeof longer);
    longer[299] = '\0';
    problem_set(&problem, PROBLEM_UNKNOWN_KEY, "a\x1b[31mb\n", 3, longer);
    ck_assert_str_eq(problem.path, "a?[31mb?");
    ck_assert_uint_eq(strlen(problem.item), PROBLEM_ITEM_SIZE - 1);
    ck_assert_uint_eq(problem.line, 3);
    problem_set(NULL, PROBLEM_EMPTY, "x", 1, "y");
}
END_TEST

START_TEST(problem_of_an_errno_tells_its_status_too)
{
    static const struct {
        int error;
        enum problem_kind kind;
        enum status status;
    } rows[] = {{ENOENT, PROBLEM_MISSING, STATUS_NOT_FOUND}, {EACCES, PROBLEM_SYSTEM, STATUS_DENIED},
                {EROFS, PROBLEM_SYSTEM, STATUS_DENIED},      {ENOSPC, PROBLEM_SYSTEM, STATUS_NO_SPACE},
                {ENOMEM, PROBLEM_SYSTEM, STATUS_NO_MEMORY},  {EIO, PROBLEM_SYSTEM, STATUS_FAILED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem problem;
        ck_assert_int_eq(problem_set_errno(&problem, "/x", rows[i].error), rows[i].status);
        ck_assert_int_eq(problem.kind, rows[i].kind);
        ck_assert_int_eq(problem.error, rows[i].error);
    }
    ck_assert_int_eq(problem_set_errno(NULL, "/x", ENOENT), STATUS_NOT_FOUND);
}
END_TEST

SUITE("secret", secret_starts_as_zeroes_with_a_zero_behind, secret_holds_its_full_length_and_no_more,
      secret_shortened_wipes_what_is_cut_off, secret_is_empty_in_a_forked_child,
      secret_works_where_nothing_may_be_locked, secret_is_locked_undumpable_and_wiped_by_fork,
      secret_freed_leaves_no_page, problem_replaces_control_bytes_and_cuts_to_size,
      problem_of_an_errno_tells_its_status_too)
