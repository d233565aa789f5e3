#include "suite.h"

#include <string.h>

#include "sheet_folder.h"

static const char *name_of(const char *user)
{
    static char name[SHEET_FILE_SIZE];
    return sheet_folder_name(user, name) ? name : NULL;
}

START_TEST(sheet_folder_names_stay_in_their_folder)
{
    ck_assert_str_eq(name_of("alice.martin-2_x@chu+y"), "alice.martin-2_x@chu+y.html");
    ck_assert_str_eq(name_of("."), "%2E.html");
    ck_assert_str_eq(name_of("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd.html");
    ck_assert_str_eq(name_of("-rf"), "%2Drf.html");
    ck_assert_str_eq(name_of("CHU\\\xc3\xa9 %"), "CHU%5C%C3%A9%20%25.html");
    for (int c = 1; c < 256; c++) {
        char user[3] = {(char)c, 'x', '\0'};
        const char *name = name_of(user);
        ck_assert_msg(strchr(name, '/') == NULL && name[0] != '.' && name[0] != '-', "%d", c);
        for (const char *at = name; *at != '\0'; at++)
            ck_assert_msg(*at > ' ' && *at < 127, "%d", c);
    }
}
END_TEST

START_TEST(sheet_folder_names_are_the_same_for_no_two_users)
{
    static const char *const users[] = {"a", "a.html", "%61", "%2E", ".", "%.", "..", "a b", "a%20b", "A"};
    char names[10][SHEET_FILE_SIZE];
    for (size_t i = 0; i < 10; i++) {
        ck_assert(sheet_folder_name(users[i], names[i]));
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(names[i], names[j]);
    }
}
END_TEST

START_TEST(sheet_folder_names_that_no_file_can_have_are_refused)
{
    char user[USER_SIZE], name[SHEET_FILE_SIZE] = "kept";
    memset(user, 'x', sizeof user);
    user[247] = '\0';
    ck_assert(sheet_folder_name(user, name));
    ck_assert_uint_eq(strlen(name), 247 + 5);
    user[247] = 'x';
    user[255] = '\0';
    memcpy(name, "kept", 5);
    ck_assert(!sheet_folder_name(user, name));
    ck_assert_str_eq(name, "kept");
    memset(user, '%', 100);
    user[100] = '\0';
    ck_assert(!sheet_folder_name(user, name));
}
END_TEST

SUITE("sheet_folder", sheet_folder_names_stay_in_their_folder, sheet_folder_names_are_the_same_for_no_two_users,
      sheet_folder_names_that_no_file_can_have_are_refused)
