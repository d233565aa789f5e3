#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "complete.h"

static const struct option_row code_options[] = {
    {"for", "TIME", "how long"}, {"uses", "N", "how often"}, {"json", NULL, "as JSON"}, {NULL, NULL, NULL}};
static const struct option_row list_options[] = {{"from", "FILE", "a list"},
                                                 {"sheets", "FOLDER", "sheets"},
                                                 {"json", NULL, "as JSON"},
                                                 {"csv", NULL, "as CSV"},
                                                 {NULL, NULL, NULL}};

static const struct command first = {.name = "code",
                                     .arguments = "USER --for TIME [--uses N] [one|other] [--json]",
                                     .summary = "make a code",
                                     .options = code_options};
static const struct command second = {.name = "many",
                                      .arguments = "red|green|--from FILE [--json | --csv]",
                                      .summary = "make many",
                                      .options = list_options};
static const struct command third = {.name = "help-me", .arguments = "[--json] | COMMAND", .summary = "x"};
static const struct command fourth = {.name = "take", .arguments = "red|blue FILE", .summary = "x"};
static const struct command *const commands[] = {&first, &second, &third, &fourth, NULL};

#define WORD_SIZE 32

/* What the tool prints for these words. Check runs each test in a process of its own. */
static const char *printed(int argc, char words[][WORD_SIZE])
{
    char *argv[16];
    static char text[4096];
    struct tool tool = {.config = "/nonexistent/garde.conf"};
    int kept = dup(STDOUT_FILENO);
    int file = memfd_create("printed", MFD_CLOEXEC);

    for (int i = 0; i < argc; i++)
        argv[i] = words[i];
    ck_assert(kept >= 0 && file >= 0 && fflush(stdout) == 0 && dup2(file, STDOUT_FILENO) >= 0);
    ck_assert_int_eq(complete_run(&tool, commands, argc, argv), TOOL_DONE);
    ck_assert(fflush(stdout) == 0 && dup2(kept, STDOUT_FILENO) >= 0);
    ssize_t len = pread(file, text, sizeof text - 1, 0);
    ck_assert_int_ge(len, 0);
    text[len] = '\0';
    (void)close(kept);
    (void)close(file);
    return text;
}

#define OFFERS(expected, ...)                                                                                          \
    do {                                                                                                               \
        char words[][WORD_SIZE] = {"--", __VA_ARGS__};                                                                 \
        ck_assert_str_eq(printed((int)(sizeof words / sizeof words[0]), words), expected);                             \
    } while (0)

/* These, and what every command takes. */
static const char *and_everywhere(const char *options)
{
    static char text[4096];
    int len = snprintf(text, sizeof text, "%s", options);

    for (const struct option_row *row = options_everywhere; row->name != NULL; row++)
        len += snprintf(text + len, sizeof text - (size_t)len, "--%s\t%s\n", row->name, row->help);
    (void)snprintf(text + len, sizeof text - (size_t)len, "--help\tthis list, or the help of one command\n");
    return text;
}

START_TEST(words_are_told_from_values_of_options_in_a_usage_line)
{
    OFFERS("one\t\nother\t\n", "code", "alice", "");
    OFFERS("one\t\nother\t\n", "code", "--for", "8h", "alice", "");
    OFFERS("one\t\nother\t\n", "code", "--for=8h", "alice", "");
    OFFERS("", "code", "--for", "");
    OFFERS("", "code", "alice", "--uses", "");
    OFFERS("other\t\n", "code", "alice", "ot");
    OFFERS(and_everywhere("--for\thow long\n--uses\thow often\n--json\tas JSON\n"), "code", "alice", "one", "");
    OFFERS("", "code", "alice", "one", "--", "");
}
END_TEST

START_TEST(behind_a_bar_is_another_way_to_call_it)
{
    OFFERS("red\t\ngreen\t\n", "many", "");
    OFFERS("--csv\tas CSV\n", "many", "--from", "list", "--c", "--cs");
    OFFERS(COMPLETE_FILE "\n", "many", "--from", "");
    OFFERS(COMPLETE_FILE "\n", "many", "--sheets=");
    OFFERS("red\t\n", "take", "r");
    OFFERS(COMPLETE_FILE "\n", "take", "red", "");
}
END_TEST

START_TEST(a_command_without_words_offers_its_options)
{
    OFFERS(and_everywhere(""), "help-me", "");
}
END_TEST

START_TEST(each_command_of_the_table_is_offered)
{
    OFFERS("code\tmake a code\nmany\tmake many\nhelp-me\tx\ntake\tx\nhelp\tthis list, or the help of one command\n",
           "");
    OFFERS("many\tmake many\n", "--config", "x", "m");
    OFFERS("many\tmake many\n", "--config=x", "m");
    OFFERS("take\tx\n", "help", "t");
}
END_TEST

SUITE("complete", words_are_told_from_values_of_options_in_a_usage_line, behind_a_bar_is_another_way_to_call_it,
      a_command_without_words_offers_its_options, each_command_of_the_table_is_offered)
