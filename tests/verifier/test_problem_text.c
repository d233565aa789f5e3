#include "suite.h"

#include <errno.h>
#include <string.h>

#include "problem_text.h"

static const char *text_of(const struct problem *problem)
{
    static char text[PROBLEM_TEXT_SIZE];
    problem_text(problem, text, sizeof text);
    return text;
}

START_TEST(a_wrong_owner_is_told_with_the_command_that_mends_it)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_OWNER, "/etc/garde/master.key", 0, NULL);
    problem.have_id = 4242;
    problem.want_mode = 0400;
    ck_assert_str_eq(text_of(&problem), "/etc/garde/master.key belongs to 4242, not to root; mend it: "
                                        "chown root:root /etc/garde/master.key && chmod 0400 /etc/garde/master.key");
    problem.want_mode = 0;
    problem.want_id = 4343;
    ck_assert_str_eq(text_of(&problem),
                     "/etc/garde/master.key belongs to 4242, not to 4343; mend it: chown 4343: /etc/garde/master.key");
}
END_TEST

START_TEST(a_wrong_mode_is_told_with_the_command_that_mends_it)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_MODE, "/var/lib/garde/garde.db", 0, NULL);
    problem.have_mode = 0100644;
    problem.want_mode = 0600;
    ck_assert_str_eq(text_of(&problem), "/var/lib/garde/garde.db has mode 0644, at most 0600 is allowed; mend it: "
                                        "chmod 0600 /var/lib/garde/garde.db");
}
END_TEST

START_TEST(a_path_for_the_shell_is_quoted_where_it_must_be)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_MODE, "/a b;reboot", 0, NULL);
    ck_assert_ptr_nonnull(strstr(text_of(&problem), "chmod 0000 '/a b;reboot'"));
}
END_TEST

START_TEST(a_line_of_the_configuration_is_named)
{
    struct problem problem;
    problem_set(&problem, PROBLEM_UNKNOWN_KEY, "/etc/garde/garde.conf", 7, "windov");
    ck_assert_str_eq(text_of(&problem),
                     "/etc/garde/garde.conf:7: `windov` is no key of this section; see garde.conf(5)");
    problem_set(&problem, PROBLEM_REPEATED, "/etc/garde/garde.conf", 9, "window");
    ck_assert_str_eq(text_of(&problem), "/etc/garde/garde.conf:9: `window` was given before; remove one of the two");
}
END_TEST

START_TEST(a_failed_call_is_told_with_its_reason)
{
    struct problem problem;
    problem_set_errno(&problem, "/var/lib/garde/garde.db", EIO);
    ck_assert_str_eq(text_of(&problem), "/var/lib/garde/garde.db: Input/output error");
    problem_set_errno(&problem, "/var/lib/garde/garde.db", ENOENT);
    ck_assert_str_eq(text_of(&problem), "/var/lib/garde/garde.db is not there");
}
END_TEST

START_TEST(every_kind_of_problem_has_words_of_its_own)
{
    char texts[PROBLEM_MEMORY + 1][PROBLEM_TEXT_SIZE];
    for (int kind = 0; kind <= PROBLEM_MEMORY; kind++) {
        struct problem problem;
        problem_set(&problem, (enum problem_kind)kind, "/x", 0, "item");
        strcpy(texts[kind], text_of(&problem));
        ck_assert_ptr_null(strstr(texts[kind], "is not as it must be"));
        for (int other = 0; other < kind; other++)
            ck_assert_str_ne(texts[other], texts[kind]);
    }
}
END_TEST

START_TEST(the_longest_problem_does_not_overrun)
{
    struct problem problem;
    char path[PROBLEM_PATH_SIZE], text[PROBLEM_TEXT_SIZE], small[20];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    problem_set(&problem, PROBLEM_OWNER, path, 1, NULL);
    problem.want_mode = 0400;
    problem_text(&problem, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "chmod 0400 ppp"));
    problem_text(&problem, small, sizeof small);
    ck_assert_uint_eq(strlen(small), sizeof small - 1);
}
END_TEST

SUITE("problem_text", a_wrong_owner_is_told_with_the_command_that_mends_it,
      a_wrong_mode_is_told_with_the_command_that_mends_it, a_path_for_the_shell_is_quoted_where_it_must_be,
      a_line_of_the_configuration_is_named, a_failed_call_is_told_with_its_reason,
      every_kind_of_problem_has_words_of_its_own, the_longest_problem_does_not_overrun)
