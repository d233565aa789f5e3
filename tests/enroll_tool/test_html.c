#include "suite.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "html.h"

static const char *escaped(const char *text)
{
    static char written[512];
    int fd = memfd_create("html", MFD_CLOEXEC);
    struct sink sink;
    sink_open(&sink, fd);
    html_text(&sink, text);
    ck_assert_int_eq(sink_close(&sink), STATUS_OK);
    ssize_t len = pread(fd, written, sizeof written - 1, 0);
    ck_assert_int_ge(len, 0);
    written[len] = '\0';
    ck_assert_int_eq(close(fd), 0);
    return written;
}

START_TEST(html_text_opens_no_element_ends_no_attribute_and_begins_no_entity)
{
    ck_assert_str_eq(escaped("<b onclick=\"x('&amp;')\">"), "&lt;b onclick=&quot;x(&#39;&amp;amp;&#39;)&quot;&gt;");
    for (int c = 1; c < 128; c++) {
        char text[2] = {(char)c, '\0'};
        const char *shown = escaped(text);
        ck_assert_msg(strpbrk(shown, "<>\"'") == NULL && (shown[0] == '&') == (strchr(shown, ';') != NULL && c != ';'),
                      "%d", c);
    }
}
END_TEST

START_TEST(html_text_leaves_words_of_any_language_as_they_are)
{
    static const char words[] = "Hôpital Édouard-Herriot\u00a0: 東京 \U0001f3e5 a+b@c_d\u202f?";
    ck_assert_str_eq(escaped(words), words);
    ck_assert_str_eq(escaped(""), "");
}
END_TEST

START_TEST(html_text_shows_that_something_was_there_instead_of_what_deceives)
{
    static const char *const bad[] = {"\x01",     "\x1b",   "\t",     "\n",           "\r",       "\x7f",
                                      "\xc2\x85", "\xff",   "\xc3",   "\xed\xa0\x80", "\xc0\xbc", "\u202e",
                                      "\u2066",   "\u200b", "\u00ad", "\ufeff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *shown = escaped(bad[i]);
        ck_assert_msg(strncmp(shown, "\ufffd", 3) == 0 && strstr(shown, bad[i]) == NULL, "%zu: %s", i, shown);
    }
    ck_assert_str_eq(escaped("a\xff<"), "a\ufffd&lt;");
}
END_TEST

SUITE("html", html_text_opens_no_element_ends_no_attribute_and_begins_no_entity,
      html_text_leaves_words_of_any_language_as_they_are,
      html_text_shows_that_something_was_there_instead_of_what_deceives)
