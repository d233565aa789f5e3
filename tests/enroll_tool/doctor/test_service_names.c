#include "suite.h"

#include "doctor/service_names.h"
#include "pam_folder.h"

static void assert_names(const struct service_names *names, const char *expected)
{
    char all[1024] = "";
    for (size_t i = 0; i < names->count; i++)
        (void)snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", names->names[i]);
    ck_assert_str_eq(all, expected);
}

/* libpam asks for names in small letters alone. */
START_TEST(services_are_files_that_are_no_parts_and_no_copies)
{
    static const char *const files[] = {"sshd",        "login",       "common-auth", "sudo~", ".sshd.swp",
                                        "su.dpkg-old", "system-auth", "su",          "SSHD",  "Gdm"};
    struct pam_folder vendor, folder;
    pam_folder_make(&folder);
    pam_folder_make(&vendor);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        pam_folder_write(&folder, files[i], "");
    pam_folder_write(&vendor, "polkit-1", "");
    pam_folder_write(&vendor, "sshd", "");
    folder.places.services[1] = vendor.path;

    service_names_owner struct service_names names;
    service_names_find(&folder.places, &names);
    assert_names(&names, "login polkit-1 sshd su ");
    ck_assert(!names.single && !names.unseen && !names.too_many);
    pam_folder_remove(&vendor, "sshd");
    pam_folder_remove(&vendor, "polkit-1");
    pam_folder_drop(&vendor);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        pam_folder_remove(&folder, files[i]);
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(one_file_for_all_counts_where_there_is_no_folder)
{
    struct pam_folder folder;
    char path[128];
    pam_folder_make(&folder);
    pam_folder_write(&folder, "pam.conf",
                     "sshd auth required a.so\n# x\nlogin auth required b.so\nsshd account required c.so\n");
    pam_folder_name(&folder, "pam.conf", path);
    const struct stack_places places = {.services = {"/nowhere", NULL}, .single = path};

    service_names_owner struct service_names names;
    service_names_find(&places, &names);
    assert_names(&names, "login sshd ");
    ck_assert(names.single);
    pam_folder_remove(&folder, "pam.conf");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(more_services_than_anybody_has_are_said_to_be_too_many)
{
    struct pam_folder folder;
    pam_folder_make(&folder);
    for (int i = 0; i <= SERVICE_NAMES_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "s%d", i);
        pam_folder_write(&folder, name, "");
    }
    service_names_owner struct service_names names;
    service_names_find(&folder.places, &names);
    ck_assert_uint_eq(names.count, SERVICE_NAMES_MAX);
    ck_assert(names.too_many);
    for (int i = 0; i <= SERVICE_NAMES_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "s%d", i);
        pam_folder_remove(&folder, name);
    }
    pam_folder_drop(&folder);
}
END_TEST

SUITE("service_names", services_are_files_that_are_no_parts_and_no_copies,
      one_file_for_all_counts_where_there_is_no_folder, more_services_than_anybody_has_are_said_to_be_too_many)
