#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complete_line.h"

#define BREAKS " \t\n\"'@><=;|&(:"

/* What bash has to insert for a candidate, or "-" where nothing is to be offered. The caller frees it. */
static char *inserted(const char *text, const char *candidate)
{
    static struct complete_line line;
    char *written = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&written, &len);

    if (!complete_line_read(text, BREAKS, &line) || line.cannot_go_on)
        fputc('-', out);
    else
        complete_line_write(&line, candidate, out);
    ck_assert_int_eq(fclose(out), 0);
    written[strcspn(written, "\n")] = '\0';
    return written;
}

/* Each case: a line, a candidate, and what is inserted. */
static void inserts(const char *const (*cases)[3], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *found = inserted(cases[i][0], cases[i][1]);
        ck_assert_str_eq(found, cases[i][2]);
        free(found);
    }
}

static void reads(const char *text, int count, const char *last)
{
    static struct complete_line line;
    ck_assert_msg(complete_line_read(text, BREAKS, &line), "%s", text);
    ck_assert_msg(line.count == count, "%s: %d words", text, line.count);
    ck_assert_str_eq(line.words[count - 1], last);
}

START_TEST(words_are_read_as_bash_reads_them)
{
    reads("garde", 1, "garde");
    reads("garde ", 2, "");
    reads("garde  show\talice", 3, "alice");
    reads("garde show \"alice b\" 'c \\d' e\\ f", 5, "e f");
    reads("garde show 'c \\d'", 3, "c \\d");
    reads("garde show \"a\\\"b\\$c\\d", 3, "a\"b$c\\d");
    reads("garde show 'it'\\''s", 3, "it's");
    reads("garde show ''", 3, "");
    reads("garde show \"ph", 3, "ph");
    reads("garde show ph\\", 3, "ph");
    reads("garde list > file --js", 3, "--js");
    reads("garde show \xc3\xa9lodie", 3, "\xc3\xa9lodie");
}
END_TEST

START_TEST(a_line_that_is_no_simple_command_is_not_read)
{
    static const char *const lines[] = {"garde list | x", "garde list; x", "garde list &",
                                        "garde (x",       "garde a\nb",    "garde # x"};
    static struct complete_line line;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert_msg(!complete_line_read(lines[i], BREAKS, &line), "%s", lines[i]);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_not_read)
{
    static struct complete_line line;
    static char text[2 * COMPLETE_LINE_SIZE];

    memset(text, 'x', COMPLETE_LINE_SIZE / 2 - 1);
    ck_assert(complete_line_read(text, BREAKS, &line));
    text[COMPLETE_LINE_SIZE / 2 - 1] = 'x';
    ck_assert(!complete_line_read(text, BREAKS, &line));
    memset(text, 0, sizeof text);
    for (int i = 0; i < COMPLETE_WORDS_MAX; i++)
        (void)strcat(text, " x");
    ck_assert(complete_line_read(text, BREAKS, &line));
    ck_assert_int_eq(line.count, COMPLETE_WORDS_MAX);
    (void)strcat(text, " x");
    ck_assert(!complete_line_read(text, BREAKS, &line));
}
END_TEST

START_TEST(the_target_of_a_redirection_is_a_file)
{
    static struct complete_line line;
    ck_assert(complete_line_read("garde list > fi", BREAKS, &line) && line.wants_file);
    ck_assert(complete_line_read("garde list >", BREAKS, &line) && line.wants_file);
    ck_assert(complete_line_read("garde list '>' fi", BREAKS, &line) && !line.wants_file);
    ck_assert(complete_line_read("garde list > fi ", BREAKS, &line) && !line.wants_file);
}
END_TEST

START_TEST(what_is_inserted_is_quoted_as_the_word_began)
{
    static const char *const cases[][3] = {
        {"garde revoke alice ph", "phone of \"bob\"", "phone\\ of\\ \\\"bob\\\""},
        {"garde revoke alice phone\\ o", "phone of \"bob\"", "phone\\ of\\ \\\"bob\\\""},
        {"garde revoke alice \"ph", "phone of \"bob\"", "\"phone of \\\"bob\\\"\""},
        {"garde revoke alice 'ph", "phone of \"bob\"", "'phone of \"bob\"'"},
        {"garde revoke alice 'i", "it's", "'it'\\''s'"},
        {"garde revoke alice ", "$(touch x)", "\\$\\(touch\\ x\\)"},
        {"garde revoke alice \"", "$(touch x)", "\"\\$(touch x)\""},
        {"garde revoke alice \"", "`touch x`", "\"\\`touch x\\`\""},
        {"garde revoke alice '", "$(touch x)", "'$(touch x)'"},
        {"garde revoke alice ", "~root !! {a} * a\\b #c", "\\~root\\ \\!\\!\\ \\{a\\}\\ \\*\\ a\\\\b\\ \\#c"},
        {"garde revoke alice \"", "a!b", "\"a\"\\!\"b\""},
        {"garde show \xc3\xa9", "\xc3\xa9lodie", "\xc3\xa9lodie"},
    };
    inserts(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

START_TEST(what_stands_before_a_break_is_not_inserted_again)
{
    static const char *const cases[][3] = {
        {"garde enroll --type=to", "--type=totp", "totp"},
        {"garde enroll --type=", "--type=totp", "totp"},
        {"garde enroll --type=\"to", "--type=totp", "\"totp\""},
        {"garde show dom:al", "dom:alice", "alice"},
        {"garde show dom\\:al", "dom:alice", "dom:alice"},
        {"garde show 'dom:al", "dom:alice", "'dom:alice'"},
        {"garde show al@", "al@example", "example"},
    };
    inserts(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

START_TEST(a_word_that_the_shell_would_change_is_left_alone)
{
    static const char *const lines[] = {"garde show $HO",     "garde show `x", "garde show \"$x",   "garde show al*",
                                        "garde show ~al",     "garde show a?", "garde show \"al\"", "garde show 'a'b",
                                        "garde show a\"b\"c", "garde show [a", "garde show {a",     "garde show \"`x"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char *found = inserted(lines[i], "x");
        ck_assert_msg(strcmp(found, "-") == 0, "%s: %s", lines[i], found);
        free(found);
    }
    static struct complete_line line;
    ck_assert(complete_line_read("garde show $x al", BREAKS, &line) && !line.cannot_go_on);
}
END_TEST

SUITE("complete_line", words_are_read_as_bash_reads_them, a_line_that_is_no_simple_command_is_not_read,
      a_line_that_is_too_long_is_not_read, the_target_of_a_redirection_is_a_file,
      what_is_inserted_is_quoted_as_the_word_began, what_stands_before_a_break_is_not_inserted_again,
      a_word_that_the_shell_would_change_is_left_alone)
