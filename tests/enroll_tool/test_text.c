#include "suite.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static void speak_utf8(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

/* What a function wrote into a stream; the caller frees it. */
static char *cell_of(const char *shown, int columns, bool to_the_right)
{
    char *written = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&written, &len);
    text_cell(out, shown, columns, to_the_right);
    ck_assert_int_eq(fclose(out), 0);
    return written;
}

static char *wrapped(const char *text, int column, int indent)
{
    char *written = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&written, &len);
    text_wrap(out, text, column, indent);
    ck_assert_int_eq(fclose(out), 0);
    return written;
}

START_TEST(text_from_outside_cannot_steer_a_terminal)
{
    static const char *const cases[][2] = {
        {"alice", "alice"},
        {"DOM\\alice", "DOM\\alice"},
        {"\x1b[31mred\x07", "\\x1b[31mred\\x07"},
        {"a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f"},
        {"\xc2\x9b"
         "1m",
         "\\xc2\\x9b1m"}, /* CSI as one C1 character */
        {"a\xe2\x80\xae"
         "cod",
         "a\\xe2\\x80\\xaecod"}, /* right-to-left override */
        {"a\xe2\x80\x8b"
         "b",
         "a\\xe2\\x80\\x8bb"},      /* zero width space */
        {"\xff\xc3", "\\xff\\xc3"}, /* no UTF-8 */
        {"H\xc3\xb4pital", "H\xc3\xb4pital"},
        {"", ""},
    };
    speak_utf8();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[128];
        ck_assert_str_eq(text_show(out, sizeof out, cases[i][0]), cases[i][1]);
    }
}
END_TEST

START_TEST(text_that_does_not_fit_is_cut_between_characters)
{
    char out[8];
    speak_utf8();
    for (size_t size = 1; size <= sizeof out; size++) {
        memset(out, 'x', sizeof out);
        text_show(out, size, "\xc3\xa9\xc3\xa9\xc3\xa9\x1b\x1b");
        ck_assert_uint_lt(strlen(out), size);
        ck_assert(text_is_clean(out));
        ck_assert_str_eq(text_utf8(out, size, "\xff\xff\xff"), size > 4 ? "\\xff" : "");
    }
}
END_TEST

START_TEST(text_cells_have_their_columns_in_any_alphabet)
{
    static const char *const texts[] = {
        "",
        "abc",
        "abcdefgh",
        "abcdefghi",
        "\xc3\xa9t\xc3\xa9",
        "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2", /* 漢字漢字漢: 10 columns */
        ("e\xcc\x81"
         "e\xcc\x81")};
    speak_utf8();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *left = cell_of(texts[i], 8, false), *right = cell_of(texts[i], 8, true);
        ck_assert_int_eq(text_columns(left), 8);
        ck_assert_int_eq(text_columns(right), 8);
        free(left);
        free(right);
    }
    char *cut = cell_of("abcdefghi", 8, false);
    ck_assert_str_eq(cut, "abcdefg\xe2\x80\xa6");
    free(cut);
}
END_TEST

START_TEST(text_without_a_utf8_locale_is_cut_and_escaped_in_ascii)
{
    char out[64];
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C"));
    ck_assert_str_eq(text_show(out, sizeof out, "\xc3\xa9"), "\\xc3\\xa9");
    char *cut = cell_of("abcdefghi", 8, false);
    ck_assert_str_eq(cut, "abcdefg~");
    free(cut);
}
END_TEST

START_TEST(text_wraps_at_eighty_columns_behind_its_indent)
{
    char long_text[400] = "";
    speak_utf8();
    for (size_t used = 0; used + 9 < sizeof long_text; used += 8)
        (void)snprintf(long_text + used, sizeof long_text - used, "\xc3\xa9l\xc3\xa8ve ");
    char *written = wrapped(long_text, 20, 22);
    bool first = true;
    for (char *at = written, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        *end = '\0';
        ck_assert_int_le(text_columns(at) + (first ? 20 : 0), TEXT_COLUMNS);
        ck_assert(first || strncmp(at, "                      \xc3\xa9", 24) == 0);
        first = false;
    }
    ck_assert(!first);
    free(written);
}
END_TEST

START_TEST(text_for_json_is_utf8_whatever_comes)
{
    static const char *const cases[][2] = {
        {"H\xc3\xb4pital", "H\xc3\xb4pital"},         {"a\xff", "a\\xff"}, {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},                            /* overlong, surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, {"\x1b", "\x1b"}, /* JSON escapes these itself */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64];
        ck_assert_str_eq(text_utf8(out, sizeof out, cases[i][0]), cases[i][1]);
    }
}
END_TEST

START_TEST(text_for_labels_has_no_control_characters)
{
    ck_assert(text_is_clean("Hôpital №1"));
    ck_assert(!text_is_clean("a\nb"));
    ck_assert(!text_is_clean("a\x7f"));
    ck_assert(!text_is_clean("\xc2\x85"));
    ck_assert(!text_is_clean("\xff"));
}
END_TEST

START_TEST(text_is_copied_whole_or_not_at_all)
{
    char out[4] = "old";
    ck_assert(!text_copy(out, sizeof out, "1234"));
    ck_assert_str_eq(out, "old");
    ck_assert(text_copy(out, sizeof out, "123"));
    ck_assert_str_eq(out, "123");
}
END_TEST

SUITE("text", text_from_outside_cannot_steer_a_terminal, text_that_does_not_fit_is_cut_between_characters,
      text_cells_have_their_columns_in_any_alphabet, text_without_a_utf8_locale_is_cut_and_escaped_in_ascii,
      text_wraps_at_eighty_columns_behind_its_indent, text_for_json_is_utf8_whatever_comes,
      text_for_labels_has_no_control_characters, text_is_copied_whole_or_not_at_all)
