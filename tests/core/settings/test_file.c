#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <garde/settings.h>

static char folder[64];
static char path[96];
static struct settings settings;
static struct problem problem;

/* Every test runs in a process of its own. */
static void make_file(mode_t mode)
{
    strcpy(folder, "/tmp/garde-settings-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/garde.conf", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("[verifier]\ndigits = 7\n", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static enum status load_and_remove(const char *name)
{
    enum status status = settings_load(name, &settings, &problem);
    (void)unlink(name);
    (void)unlink(path);
    (void)rmdir(path);
    (void)rmdir(folder);
    return status;
}

START_TEST(a_good_file_is_read)
{
    make_file(0644);
    ck_assert_int_eq(load_and_remove(path), STATUS_OK);
    ck_assert_uint_eq(settings.digits, 7);
}
END_TEST

START_TEST(a_missing_file_is_not_found)
{
    ck_assert_int_eq(settings_load("/tmp/garde-no-such-file", &settings, &problem), STATUS_NOT_FOUND);
    ck_assert_int_eq(problem.kind, PROBLEM_MISSING);
    ck_assert_str_eq(problem.path, "/tmp/garde-no-such-file");
    ck_assert_int_eq(settings_load("/tmp/garde-no-such-file", &settings, NULL), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(a_folder_a_fifo_and_a_device_are_no_files)
{
    make_file(0644);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    ck_assert_int_eq(settings_load(path, &settings, &problem), STATUS_INVALID);
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(rmdir(path), 0);

    ck_assert_int_eq(mkfifo(path, 0644), 0);
    problem.kind = PROBLEM_NONE;
    ck_assert_int_eq(load_and_remove(path), STATUS_INVALID); /* and it does not wait for a writer */
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FILE);

    problem.kind = PROBLEM_NONE;
    ck_assert_int_eq(settings_load("/dev/null", &settings, &problem), STATUS_INVALID);
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FILE);
}
END_TEST

START_TEST(a_file_that_group_or_others_may_write_is_denied)
{
    static const mode_t bad[] = {0664, 0646, 0666, 0620, 0602};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        make_file(bad[i]);
        ck_assert_int_eq(load_and_remove(path), STATUS_DENIED);
        ck_assert_int_eq(problem.kind, PROBLEM_MODE);
        ck_assert_uint_eq(problem.have_mode, bad[i]);
        ck_assert_uint_eq(problem.want_mode, bad[i] & 0755);
    }
    make_file(0400);
    ck_assert_int_eq(load_and_remove(path), STATUS_OK);
}
END_TEST

static enum status load_as(uid_t uid)
{
    ck_assert_int_eq(seteuid(uid), 0);
    enum status status = settings_load(path, &settings, &problem);
    ck_assert_int_eq(seteuid(0), 0);
    return status;
}

START_TEST(a_file_of_somebody_else_is_denied_and_one_of_root_or_oneself_is_good)
{
    if (geteuid() != 0) {
        fprintf(stderr, "skipped, needs root: %s\n", __func__);
        return;
    }
    make_file(0644);
    ck_assert_int_eq(chown(path, 12345, 0), 0);
    ck_assert_int_eq(settings_load(path, &settings, &problem), STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_OWNER);
    ck_assert_uint_eq(problem.have_id, 12345);
    ck_assert_uint_eq(problem.want_id, 0);

    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert_int_eq(load_as(12345), STATUS_OK); /* one's own */
    ck_assert_int_eq(load_as(54321), STATUS_DENIED);
    ck_assert_uint_eq(problem.want_id, 54321);
    ck_assert_int_eq(chown(path, 0, 0), 0);
    ck_assert_int_eq(load_as(54321), STATUS_OK); /* root's */
    ck_assert_int_eq(load_and_remove(path), STATUS_OK);
}
END_TEST

START_TEST(a_file_that_may_not_be_read_is_denied)
{
    make_file(0600);
    ck_assert_int_eq(chmod(folder, 0755), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(12345), 0);
    else
        ck_assert_int_eq(chmod(path, 0), 0);
    enum status status = settings_load(path, &settings, &problem);
    ck_assert_int_eq(seteuid(getuid()), 0);
    (void)load_and_remove("/nonexistent");
    ck_assert_int_eq(status, STATUS_DENIED);
}
END_TEST

START_TEST(a_link_is_followed_and_the_file_behind_it_is_what_is_judged)
{
    char link[128];
    make_file(0644);
    (void)snprintf(link, sizeof link, "%s/link", folder);
    ck_assert_int_eq(symlink("garde.conf", link), 0);
    ck_assert_int_eq(settings_load(link, &settings, &problem), STATUS_OK);
    ck_assert_uint_eq(settings.digits, 7);
    ck_assert_int_eq(chmod(path, 0666), 0);
    ck_assert_int_eq(settings_load(link, &settings, &problem), STATUS_DENIED);
    ck_assert_str_eq(problem.path, link);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(load_and_remove(link), STATUS_NOT_FOUND); /* it leads nowhere */
}
END_TEST

SUITE("settings file", a_good_file_is_read, a_missing_file_is_not_found, a_folder_a_fifo_and_a_device_are_no_files,
      a_file_that_group_or_others_may_write_is_denied,
      a_file_of_somebody_else_is_denied_and_one_of_root_or_oneself_is_good, a_file_that_may_not_be_read_is_denied,
      a_link_is_followed_and_the_file_behind_it_is_what_is_judged)
