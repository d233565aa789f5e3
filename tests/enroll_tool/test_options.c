#include "suite.h"

#include <string.h>

#include "options.h"

static const struct option_row table[] = {
    {"json", NULL, ""},
    {"user", "USER", ""},
    {NULL, NULL, NULL},
};

static struct options begin(struct tool *tool, int argc, const char *const *argv)
{
    return (struct options){
        .tool = tool, .command = "test", .table = table, .argc = argc, .argv = (char **)(uintptr_t)argv};
}

START_TEST(options_are_taken_in_any_place_and_both_forms)
{
    const char *const argv[] = {"alice", "--user", "bob", "--json", "--config=/a/b", "x"};
    struct tool tool = {.config = "default"};
    struct options options = begin(&tool, 6, argv);
    const char *value = NULL;
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_WORD);
    ck_assert_str_eq(value, "alice");
    ck_assert_int_eq(options_next(&options, &value), 1);
    ck_assert_str_eq(value, "bob");
    ck_assert_int_eq(options_next(&options, &value), 0);
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_WORD);
    ck_assert_str_eq(value, "x");
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_END);
    ck_assert_str_eq(tool.config, "/a/b");
}
END_TEST

START_TEST(quiet_is_every_commands_and_takes_no_value)
{
    const char *const argv[] = {"--quiet", "x", "--quiet", "--quiet=1"};
    struct tool tool = {.config = "default"};
    struct options options = begin(&tool, 4, argv);
    const char *value = NULL;
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_WORD);
    ck_assert(tool.quiet);
    ck_assert_str_eq(tool.config, "default");
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_WRONG);
}
END_TEST

START_TEST(options_end_at_two_dashes)
{
    const char *const argv[] = {"--", "--json", "--"};
    struct tool tool = {.config = "default"};
    struct options options = begin(&tool, 3, argv);
    const char *value = NULL;
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_WORD);
    ck_assert_str_eq(value, "--json");
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_WORD);
    ck_assert_str_eq(value, "--");
    ck_assert_int_eq(options_next(&options, &value), OPTIONS_END);
}
END_TEST

START_TEST(options_that_are_not_quite_right_are_refused)
{
    static const char *const bad[][2] = {{"--jso", NULL},    {"--jsonx", NULL}, {"-j", NULL},        {"--json=1", NULL},
                                         {"--user", NULL},   {"--user=", NULL}, {"--user", ""},      {"---json", NULL},
                                         {"--config", NULL}, {"--=x", NULL},    {"--json", "--json"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct tool tool = {.config = "default"};
        struct options options = begin(&tool, bad[i][1] == NULL ? 1 : 2, bad[i]);
        const char *value = NULL;
        int which = options_next(&options, &value);
        if (which == 0)
            which = options_next(&options, &value);
        ck_assert_msg(which == OPTIONS_WRONG, "%s: %d", bad[i][0], which);
    }
}
END_TEST

START_TEST(words_are_counted_from_least_to_most)
{
    const char *const argv[] = {"alice", "3", "4"};
    struct tool tool = {.config = "default"};
    const char *words[2];
    struct options options = begin(&tool, 1, argv);
    ck_assert_int_eq(options_words(&options, 1, 2, words), TOOL_DONE);
    ck_assert_str_eq(words[0], "alice");
    ck_assert_ptr_null(words[1]);
    options = begin(&tool, 3, argv);
    ck_assert_int_eq(options_words(&options, 1, 2, words), TOOL_USAGE);
    const char *const flags[] = {"--json"};
    options = begin(&tool, 1, flags);
    ck_assert_int_eq(options_words(&options, 0, 0, NULL), TOOL_DONE);
    ck_assert_uint_eq(options.seen, 1);
    options = begin(&tool, 0, argv);
    ck_assert_int_eq(options_words(&options, 1, 2, words), TOOL_USAGE);
}
END_TEST

SUITE("options", options_are_taken_in_any_place_and_both_forms, quiet_is_every_commands_and_takes_no_value,
      options_end_at_two_dashes, options_that_are_not_quite_right_are_refused, words_are_counted_from_least_to_most)
