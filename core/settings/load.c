/* inih splits a line into key and value; what it does beyond that is kept from happening here, because it is silent: it cuts
 * long lines, long headers and comments behind a value, takes an indented line as more of the value before, and goes on
 * after an error. So it is handed one checked line at a time, and headers are read here.
 */
#include <garde/settings.h>

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sections.h"

struct reading {
    FILE *file;
    const char *path;
    unsigned line;
    struct sections sections;
    struct problem problem; /* the first one; nothing is read after it */
};

static void found(struct reading *reading, enum problem_kind kind, const char *item)
{
    if (reading->problem.kind == PROBLEM_NONE && kind != PROBLEM_NONE)
        problem_set(&reading->problem, kind, reading->path, reading->line, item);
}

/* One line without its end. false: there is none, or it is a problem. */
static bool read_line(struct reading *reading, char *out, size_t size)
{
    size_t used = 0;
    int byte = getc(reading->file);
    if (byte == EOF)
        return false;

    reading->line++;
    for (; byte != EOF && byte != '\n'; byte = getc(reading->file)) {
        if (used + 1 >= size) {
            found(reading, PROBLEM_LINE_TOO_LONG, NULL);
            return false;
        }
        out[used++] = (char)byte;
    }
    if (used > 0 && out[used - 1] == '\r')
        used--;
    out[used] = '\0';
    for (size_t i = 0; i < used; i++)
        if (((unsigned char)out[i] < 0x20 && out[i] != '\t') || out[i] == 0x7f) {
            found(reading, PROBLEM_SYNTAX, NULL);
            return false;
        }
    return true;
}

static void read_header(struct reading *reading, char *text)
{
    size_t len = strlen(text);
    if (text[len - 1] != ']' || strchr(text, ']') != text + len - 1) {
        found(reading, PROBLEM_SYNTAX, NULL);
        return;
    }
    text[len - 1] = '\0';
    found(reading, sections_open(&reading->sections, text + 1, reading->line), text + 1);
    text[len - 1] = ']';
}

/* Behind a value there is no comment: it would be part of the value for the one who wrote it so, or for the one who did not. */
static bool has_comment_behind(const char *text)
{
    for (size_t i = 1; text[i] != '\0'; i++)
        if ((text[i] == ';' || text[i] == '#') && (text[i - 1] == ' ' || text[i - 1] == '\t'))
            return true;
    return false;
}

static void trim(char *text)
{
    size_t blanks = strspn(text, " \t");
    size_t len = strlen(text + blanks);
    while (len > 0 && (text[blanks + len - 1] == ' ' || text[blanks + len - 1] == '\t'))
        len--;
    memmove(text, text + blanks, len);
    text[len] = '\0';
}

/* ini_reader: the next line for inih, NULL to make it stop. */
static char *next_line(char *out, int size, void *context)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct reading *reading = context;
    if (reading->problem.kind != PROBLEM_NONE || !read_line(reading, out, (size_t)size))
        return NULL;

    if (reading->line == 1 && strncmp(out, mark, 3) == 0)
        memmove(out, out + 3, strlen(out + 3) + 1);
    trim(out);
    if (out[0] == '\0' || out[0] == '#' || out[0] == ';')
        out[0] = '\0';
    else if (out[0] == '[')
        read_header(reading, out);
    else if (out[0] == '=' || out[strcspn(out, "=:")] != '=' || has_comment_behind(out))
        found(reading, PROBLEM_SYNTAX, NULL);
    return reading->problem.kind == PROBLEM_NONE ? out : NULL;
}

/* ini_handler: 1 is good. */
static int take_value(void *context, const char *section, const char *name, const char *value)
{
    (void)section; /* cut at 50 bytes: ours is in `sections` */
    struct reading *reading = context;
    found(reading, sections_set(&reading->sections, name, value), name);
    return reading->problem.kind == PROBLEM_NONE;
}

/* A link is followed (configuration management makes them): what counts is the file it leads to, once it is open. */
static enum status check_file(int fd, const char *path, struct problem *out_problem)
{
    struct stat found_file;
    if (fstat(fd, &found_file) != 0)
        return problem_set_errno(out_problem, path, errno);

    struct problem problem;
    if (!S_ISREG(found_file.st_mode)) {
        problem_set(out_problem, PROBLEM_NOT_A_FILE, path, 0, NULL);
        return STATUS_INVALID;
    }
    if (found_file.st_uid != 0 && found_file.st_uid != geteuid()) {
        problem_set(&problem, PROBLEM_OWNER, path, 0, NULL);
        problem.have_id = found_file.st_uid;
        problem.want_id = geteuid();
    } else if ((found_file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        problem_set(&problem, PROBLEM_MODE, path, 0, NULL);
        problem.have_mode = found_file.st_mode & 07777;
        problem.want_mode = problem.have_mode & ~(mode_t)(S_IWGRP | S_IWOTH);
    } else {
        return STATUS_OK;
    }
    if (out_problem != NULL)
        *out_problem = problem;
    return STATUS_DENIED;
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

static enum status open_file(const char *path, FILE **out_file, struct problem *out_problem)
{
    /* O_NONBLOCK: a fifo must not hold us up */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return problem_set_errno(out_problem, path, errno);

    enum status status = check_file(fd, path, out_problem);
    FILE *file = status == STATUS_OK ? fdopen(fd, "r") : NULL;
    if (file == NULL) {
        if (status == STATUS_OK)
            status = problem_set_errno(out_problem, path, errno);
        (void)close(fd);
        return status;
    }
    *out_file = file;
    return STATUS_OK;
}

enum status settings_load(const char *path, struct settings *out_settings, struct problem *out_problem)
{
    FILE *file __attribute__((cleanup(close_file))) = NULL;
    enum status status = open_file(path, &file, out_problem);
    if (status != STATUS_OK)
        return status;

    struct settings settings;
    struct reading reading = {.file = file, .path = path};
    sections_begin(&reading.sections, &settings);
    int bad_line = ini_parse_stream(next_line, &reading, take_value, &reading);
    if (ferror(file))
        return problem_set_errno(out_problem, path, errno);
    if (bad_line != 0) /* something that inih alone does not like */
        found(&reading, PROBLEM_SYNTAX, NULL);

    if (reading.problem.kind == PROBLEM_NONE) {
        const char *item = NULL;
        enum problem_kind kind = sections_end(&reading.sections, &reading.line, &item);
        found(&reading, kind, item);
    }
    if (reading.problem.kind != PROBLEM_NONE) {
        if (out_problem != NULL)
            *out_problem = reading.problem;
        return STATUS_INVALID;
    }
    *out_settings = settings;
    return STATUS_OK;
}
