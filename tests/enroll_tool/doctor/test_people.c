#include "suite.h"

#include "doctor/people.h"
#include "pam_folder.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
                             "daemon:x:1:1::/:/usr/sbin/nologin\n"
                             "not a line\n"
                             "sync:x:4:65534:sync:/bin:/bin/sync\n"
                             "bob:x:1001:27::/home/bob:/bin/sh\n"
                             "alice:x:1000:1000::/home/alice:\n"
                             "carol:x:1002:1002::/home/carol:/bin/zsh\n"
                             "ftp:x:1003:1003::/:/bin/false\n";
static const char group[] = "root:x:0:\nsudo:x:27:carol,nobody\nwheel:x:99:daemon\nusers:x:100:alice\n";

START_TEST(people_have_a_shell_and_admins_are_in_their_groups)
{
    struct pam_folder folder;
    char passwd_path[128], group_path[128];
    pam_folder_make(&folder);
    pam_folder_write(&folder, "passwd", passwd);
    pam_folder_write(&folder, "group", group);
    pam_folder_name(&folder, "passwd", passwd_path);
    pam_folder_name(&folder, "group", group_path);

    people_owner struct people people;
    people_read(passwd_path, group_path, &people);
    ck_assert(!people.unread);
    ck_assert_uint_eq(people.count, 4);
    static const struct {
        const char *name;
        bool is_admin, is_root;
    } expected[] = {{"alice", false, false}, {"bob", true, false}, {"carol", true, false}, {"root", false, true}};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(people.all[i].name, expected[i].name);
        ck_assert_int_eq(people.all[i].is_admin, expected[i].is_admin);
        ck_assert_int_eq(people.all[i].is_root, expected[i].is_root);
        ck_assert_ptr_eq(people_find(&people, expected[i].name), &people.all[i]);
    }
    ck_assert_ptr_null(people_find(&people, "daemon"));
    pam_folder_remove(&folder, "passwd");
    pam_folder_remove(&folder, "group");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_told)
{
    people_owner struct people people;
    people_read("/nowhere/passwd", "/etc/group", &people);
    ck_assert(people.unread);
    ck_assert_ptr_null(people_find(&people, "root"));
    people_owner struct people others;
    people_read("/etc/passwd", "/nowhere/group", &others);
    ck_assert(others.unread);
}
END_TEST

SUITE("people", people_have_a_shell_and_admins_are_in_their_groups, a_file_that_is_not_there_is_told)
