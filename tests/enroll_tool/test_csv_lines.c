#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "csv_lines.h"

static struct csv_lines *opened(const void *bytes, size_t len)
{
    char path[32];
    struct csv_lines *lines = NULL;
    int fd = memfd_create("csv", MFD_CLOEXEC);
    ck_assert(write(fd, bytes, len) == (ssize_t)len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ck_assert_int_eq(csv_lines_open(path, &lines), STATUS_OK);
    ck_assert_int_eq(close(fd), 0);
    return lines;
}

/* Everything of a file: "1[a|b] 3!2" is line 1 with fields a and b, and line 3 with fault 2; '~' behind a line: it has no end. */
static const char *read_bytes(const void *bytes, size_t len)
{
    static char shown[2048];
    csv_lines_owner struct csv_lines *lines = opened(bytes, len);
    struct csv_line line;
    size_t used = 0;
    shown[0] = '\0';
    while (csv_lines_next(lines, &line) == STATUS_OK) {
        used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%lu", used > 0 ? " " : "", line.number);
        if (line.fault != CSV_GOOD) {
            ck_assert_uint_eq(line.count, 0);
            used += (size_t)snprintf(shown + used, sizeof shown - used, "!%d", (int)line.fault);
        }
        for (size_t i = 0; i < line.count; i++)
            used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s", i == 0 ? "[" : "|", line.fields[i]);
        used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s", line.count > 0 ? "]" : "",
                                 line.is_ended ? "" : "~");
    }
    return shown;
}

static const char *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

START_TEST(csv_lines_are_split_at_the_separator_that_the_first_line_has_more_of)
{
    ck_assert_str_eq(read_text("user,label\nalice,a;b\n"), "1[user|label] 2[alice|a;b]");
    ck_assert_str_eq(read_text("user;label\r\nalice;a,b\r\n"), "1[user|label] 2[alice|a,b]");
    ck_assert_str_eq(read_text("user\nalice\n"), "1[user] 2[alice]");
    ck_assert_str_eq(read_text("\xef\xbb\xbfuser;label;language\r\nbob;;fr"), "1[user|label|language] 2[bob||fr]~");
}
END_TEST

START_TEST(csv_lines_take_quotes_and_blanks_as_excel_writes_them)
{
    ck_assert_str_eq(read_text("a,b\n\"x\",\"y \"\"z\"\", w\"\n  p  ,q \n"), "1[a|b] 2[x|y \"z\", w] 3[p|q]");
    ck_assert_str_eq(read_text("a,b\n\n,\n \r\n\"\",\nx,y\n"), "1[a|b] 6[x|y]");
    ck_assert_str_eq(read_text(""), "");
    ck_assert_str_eq(read_text("\n\n"), "");
    ck_assert_str_eq(read_text("H\xc3\xb4pital,\xe6\x9d\xb1\xe4\xba\xac\n"),
                     "1[H\xc3\xb4pital|\xe6\x9d\xb1\xe4\xba\xac]");
}
END_TEST

START_TEST(csv_lines_with_a_fault_spoil_no_other)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum csv_fault fault;
    } bad[] = {
#define BAD(text, fault) {text, sizeof text - 1, fault}
        BAD("x,\"y", CSV_QUOTING),       BAD("x,\"y\"z", CSV_QUOTING),
        BAD("x\"y,z", CSV_QUOTING),      BAD("x,\0y", CSV_CONTROL),
        BAD("x,\x1b[31my", CSV_CONTROL), BAD("x\ty", CSV_CONTROL),
        BAD("x\ry", CSV_CONTROL),        BAD("x,\x7f", CSV_CONTROL),
        BAD("x,\xc2\x85", CSV_CONTROL),  BAD("x,\xe9", CSV_ENCODING),
        BAD("\xff\xfex", CSV_ENCODING),  BAD("x,\xed\xa0\x80", CSV_ENCODING),
        BAD("x,\xc3", CSV_ENCODING),     BAD("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", CSV_MANY),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char file[256], wanted[64];
        memcpy(file, "a,b\n", 4);
        memcpy(file + 4, bad[i].bytes, bad[i].len);
        memcpy(file + 4 + bad[i].len, "\ng,h\n", 5);
        (void)snprintf(wanted, sizeof wanted, "1[a|b] 2!%d 3[g|h]", (int)bad[i].fault);
        ck_assert_str_eq(read_bytes(file, 4 + bad[i].len + 5), wanted);
    }
}
END_TEST

START_TEST(csv_lines_have_a_greatest_length_and_the_next_goes_on)
{
    static char file[3 * CSV_LINE_MAX];
    memset(file, 'x', sizeof file);
    memcpy(file, "a\n", 2);
    file[2 + CSV_LINE_MAX + 1] = '\n';
    memcpy(file + 2 + CSV_LINE_MAX + 2, "b\n", 2);
    ck_assert_str_eq(read_bytes(file, 2 + CSV_LINE_MAX + 2 + 2), "1[a] 2!1 3[b]");
    file[2 + CSV_LINE_MAX] = '\n'; /* a byte less is one that fits */
    csv_lines_owner struct csv_lines *lines = opened(file, 2 + CSV_LINE_MAX + 1);
    struct csv_line line;
    ck_assert_int_eq(csv_lines_next(lines, &line), STATUS_OK);
    ck_assert_int_eq(csv_lines_next(lines, &line), STATUS_OK);
    ck_assert(line.count == 1 && strlen(line.fields[0]) == CSV_LINE_MAX);
    ck_assert_int_eq(csv_lines_next(lines, &line), STATUS_CLOSED);
}
END_TEST

START_TEST(csv_lines_tell_a_file_that_cannot_be_read)
{
    struct csv_lines *lines = NULL;
    ck_assert_int_eq(csv_lines_open("/no/such/file", &lines), STATUS_NOT_FOUND);
    ck_assert_int_eq(csv_lines_open("/", &lines), STATUS_FAILED);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_ptr_null(lines);
}
END_TEST

SUITE("csv_lines", csv_lines_are_split_at_the_separator_that_the_first_line_has_more_of,
      csv_lines_take_quotes_and_blanks_as_excel_writes_them, csv_lines_with_a_fault_spoil_no_other,
      csv_lines_have_a_greatest_length_and_the_next_goes_on, csv_lines_tell_a_file_that_cannot_be_read)
