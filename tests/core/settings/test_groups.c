#include "conf.h"
#include "suite.h"

START_TEST(names_of_groups_may_have_blanks_inside_and_are_not_cut)
{
    static const char *const bad[] = {"group -x", "group a:b", "group a,b", "group a[b", "group a ", "group a\tb"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128], item[64];
        (void)snprintf(text, sizeof text, "[%s]\n", bad[i]);
        (void)snprintf(item, sizeof item, "%s", bad[i]);
        for (char *at = item; *at != '\0'; at++)
            *at = *at == '\t' ? '?' : *at;
        refused(text, PROBLEM_VALUE, 1, item);
    }
    char name[SETTINGS_GROUP_SIZE + 1], text[128];
    text_with(name, "", SETTINGS_GROUP_SIZE - 1);
    (void)snprintf(text, sizeof text, "[service sshd group %s]\n", name);
    struct settings settings = loaded(text);
    ck_assert_str_eq(settings.groups[0].name, name);
    text_with(name, "", SETTINGS_GROUP_SIZE);
    (void)snprintf(text, sizeof text, "group %s", name);
    char file[160];
    (void)snprintf(file, sizeof file, "[%s]\n", text);
    refused(file, PROBLEM_VALUE, 1, text);
    (void)snprintf(file, sizeof file, "[service %s group x]\n", name); /* and so is the service's in this place */
    (void)snprintf(text, sizeof text, "service %s group x", name);
    refused(file, PROBLEM_VALUE, 1, text);
}
END_TEST

START_TEST(there_is_room_for_so_many_groups_and_exceptions_and_one_more_is_an_error)
{
    char *text = NULL;
    size_t len = 0;
    unsigned line = 0;
    FILE *file = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(file);
    for (unsigned service = 0; service < SETTINGS_EXCEPTIONS_MAX / SETTINGS_GROUPS_MAX; service++)
        for (unsigned group = 0; group < SETTINGS_GROUPS_MAX; group++, line++)
            (void)fprintf(file, "[service s%u group g%u]\n", service, group);
    (void)fflush(file);
    struct settings settings = loaded(text);
    ck_assert_uint_eq(settings.group_count, SETTINGS_GROUPS_MAX);
    ck_assert_uint_eq(settings.exception_count, SETTINGS_EXCEPTIONS_MAX);
    long end = ftell(file);
    (void)fprintf(file, "[group one too many]\n");
    (void)fflush(file);
    refused(text, PROBLEM_VALUE, line + 1, "group one too many");
    ck_assert_int_eq(fseek(file, end, SEEK_SET), 0);
    (void)fprintf(file, "[service more group g0]\n");
    ck_assert_int_eq(fclose(file), 0);
    refused(text, PROBLEM_VALUE, line + 1, "service more group g0");
    free(text);
}
END_TEST

SUITE("settings/groups", names_of_groups_may_have_blanks_inside_and_are_not_cut,
      there_is_room_for_so_many_groups_and_exceptions_and_one_more_is_an_error)
