#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <garde/factor.h>

#include "actor.h"

static uint32_t of(const char *text)
{
    char path[] = "/tmp/garde-test-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    uint32_t uid = actor_login_uid(path);
    ck_assert_int_eq(unlink(path), 0);
    return uid;
}

START_TEST(the_login_uid_is_a_whole_number_or_none)
{
    ck_assert_uint_eq(of("1000"), 1000);
    ck_assert_uint_eq(of("0"), 0);
    ck_assert_uint_eq(of("1000\n"), 1000);
    ck_assert_uint_eq(of("4294967294"), 4294967294U);
    static const char *const none[] = {"",   "\n",    "4294967295", "4294967296",
                                       "-1", "1000x", " 1000",      "99999999999999999999"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_uint_eq(of(none[i]), NO_UID);
    ck_assert_uint_eq(actor_login_uid("/nonexistent/loginuid"), NO_UID);
}
END_TEST

SUITE("actor", the_login_uid_is_a_whole_number_or_none)
