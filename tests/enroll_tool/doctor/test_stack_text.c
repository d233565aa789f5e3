#include "suite.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "doctor/stack_text.h"

static struct stack_text text_of(const char *bytes)
{
    return (struct stack_text){.bytes = bytes, .len = strlen(bytes)};
}

START_TEST(lines_are_cut_and_joined_as_libpam_does)
{
    static const struct {
        const char *file, *line;
        unsigned number;
    } cases[] = {
        {"auth required x\n", "auth required x\n", 1},
        {"auth required x", "auth required x", 1},
        {"\n  \t\n# no\n   # no\nauth x\n", "auth x\n", 5},
        {"auth x # rest\n", "auth x ", 1},
        {"auth x # goes not on \\\nauth y\n", "auth x ", 1},
        {"auth \\\n required \\  \n x\n", "auth   required   x\n", 1},
        {"auth \\\n# not this one\n\n required\n", "auth   required\n", 1},
        {"auth [success=1#2] x\n", "auth [success=1", 1},
        {"\rauth x\r\n", "\rauth x\r\n", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stack_text text = text_of(cases[i].file);
        char line[STACK_LINE_SIZE];
        unsigned number = 0;
        ck_assert_int_eq(stack_text_next(&text, line, &number), STACK_TEXT_LINE);
        ck_assert_str_eq(line, cases[i].line);
        ck_assert_uint_eq(number, cases[i].number);
    }
}
END_TEST

START_TEST(a_file_ends_or_breaks_off_in_its_last_line)
{
    static const struct {
        const char *file;
        enum stack_text_end end;
    } cases[] = {
        {"", STACK_TEXT_END},
        {"\n\n", STACK_TEXT_END},
        {"# only\n", STACK_TEXT_END},
        {"# only \\\n", STACK_TEXT_END},
        {"x \\\n", STACK_TEXT_UNFINISHED},
        {"\\", STACK_TEXT_UNFINISHED},
        {"x \\\n# y\n", STACK_TEXT_UNFINISHED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stack_text text = text_of(cases[i].file);
        char line[STACK_LINE_SIZE];
        unsigned number = 0;
        ck_assert_int_eq(stack_text_next(&text, line, &number), cases[i].end);
    }
}
END_TEST

START_TEST(a_line_that_fills_the_buffer_is_the_longest)
{
    char file[2 * STACK_LINE_SIZE], line[STACK_LINE_SIZE];
    unsigned number = 0;

    for (size_t len = STACK_LINE_SIZE - 2; len <= STACK_LINE_SIZE + 1; len++) {
        memset(file, 'x', sizeof file);
        struct stack_text text = {.bytes = file, .len = len};
        bool fits = len < STACK_LINE_SIZE;
        ck_assert_int_eq(stack_text_next(&text, line, &number), fits ? STACK_TEXT_LINE : STACK_TEXT_TOO_LONG);
        ck_assert_uint_eq(number, 1);
    }
    /* A continued one that fills it to the last byte leaves no room for a next line. */
    memset(file, 'x', sizeof file);
    file[STACK_LINE_SIZE - 3] = '\\';
    file[STACK_LINE_SIZE - 2] = '\n';
    struct stack_text text = {.bytes = file, .len = STACK_LINE_SIZE + 10};
    ck_assert_int_eq(stack_text_next(&text, line, &number), STACK_TEXT_TOO_LONG);
}
END_TEST

START_TEST(bytes_behind_a_zero_are_not_seen)
{
    static const char file[] = "auth\0 x\\\nnext\n";
    struct stack_text text = {.bytes = file, .len = sizeof file - 1};
    char line[STACK_LINE_SIZE];
    unsigned number = 0;

    ck_assert_int_eq(stack_text_next(&text, line, &number), STACK_TEXT_LINE);
    ck_assert_str_eq(line, "auth");
    ck_assert_int_eq(stack_text_next(&text, line, &number), STACK_TEXT_LINE);
    ck_assert_str_eq(line, "next\n");
    ck_assert_uint_eq(number, 2);
}
END_TEST

START_TEST(words_are_between_blanks_or_brackets)
{
    static const struct {
        const char *line;
        const char *words[5];
    } cases[] = {
        {"auth required  x.so\ta=b \n", {"auth", "required", "x.so", "a=b"}},
        {"  \n", {NULL}},
        {"auth [success=1 default=die] x", {"auth", "success=1 default=die", "x"}},
        {"auth [a]x", {"auth", "a", "x"}},
        {"x [a\\]b[c] d", {"x", "a]b[c", "d"}},
        {"x [never closed", {"x", "never closed"}},
        {"x [] y", {"x", "", "y"}},
        {"x\r y\v z", {"x\r", "y\v", "z"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "%s", cases[i].line);
        char *rest = line;
        for (size_t k = 0; cases[i].words[k] != NULL; k++) {
            const char *word = stack_text_word(&rest);
            ck_assert_ptr_nonnull(word);
            ck_assert_str_eq(word, cases[i].words[k]);
        }
        ck_assert_ptr_null(stack_text_word(&rest));
        ck_assert_ptr_null(stack_text_word(&rest));
    }
}
END_TEST

SUITE("stack_text", lines_are_cut_and_joined_as_libpam_does, a_file_ends_or_breaks_off_in_its_last_line,
      a_line_that_fills_the_buffer_is_the_longest, bytes_behind_a_zero_are_not_seen,
      words_are_between_blanks_or_brackets)
