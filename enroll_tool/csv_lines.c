#include "csv_lines.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

struct csv_lines {
    FILE *file;
    unsigned long number;
    unsigned char separator; /* 0: not known yet */
    char line[CSV_LINE_MAX + 1];
    char fields[CSV_LINE_MAX + CSV_FIELDS_MAX + 1]; /* each with its final zero */
    size_t used;
    struct csv_line *out;
};

static enum status status_of(int error)
{
    return error == ENOENT ? STATUS_NOT_FOUND : error == EACCES ? STATUS_DENIED : STATUS_FAILED;
}

enum status csv_lines_open(const char *path, struct csv_lines **out_lines)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return status_of(errno);
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        (void)close(fd);
        errno = EISDIR;
        return STATUS_FAILED;
    }

    struct csv_lines *lines = calloc(1, sizeof *lines);
    if (lines != NULL)
        lines->file = fdopen(fd, "r");
    if (lines == NULL || lines->file == NULL) {
        free(lines);
        (void)close(fd);
        return STATUS_NO_MEMORY;
    }
    *out_lines = lines;
    return STATUS_OK;
}

void csv_lines_close(struct csv_lines **lines)
{
    if (*lines == NULL)
        return;
    (void)fclose((*lines)->file);
    free(*lines);
    *lines = NULL;
}

/* The next line without its end. *out_len: how much of it there is, CSV_LINE_MAX + 1 for too much. false: there is none. */
static bool read_line(struct csv_lines *lines, size_t *out_len, bool *out_is_ended)
{
    size_t len = 0;
    int c = 0;

    while ((c = getc_unlocked(lines->file)) != EOF && c != '\n') {
        if (len <= CSV_LINE_MAX)
            lines->line[len] = (char)c;
        len += len <= CSV_LINE_MAX ? 1 : 0;
    }
    *out_is_ended = c == '\n';
    if (len > 0 && len <= CSV_LINE_MAX && lines->line[len - 1] == '\r')
        len--;
    if (len <= CSV_LINE_MAX)
        lines->line[len] = '\0';
    *out_len = len;
    return *out_is_ended || len > 0;
}

static size_t cut_mark_off(char *line, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (len < 3 || memcmp(line, mark, 3) != 0)
        return len;
    memmove(line, line + 3, len - 3 + 1);
    return len - 3;
}

static enum csv_fault look_at_characters(const char *line, size_t len)
{
    enum csv_fault fault = CSV_GOOD;

    if (strlen(line) < len)
        return CSV_CONTROL;
    while (*line != '\0') {
        uint32_t c = 0;
        size_t step = text_character(line, &c);
        if (step == 0)
            return CSV_ENCODING;
        if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            fault = CSV_CONTROL;
        line += step;
    }
    return fault;
}

static unsigned char find_separator(const char *line)
{
    size_t commas = 0, semicolons = 0;
    for (; *line != '\0'; line++) {
        commas += *line == ',' ? 1 : 0;
        semicolons += *line == ';' ? 1 : 0;
    }
    return semicolons > commas ? ';' : ',';
}

static void take_field(void *bytes, size_t len, void *context)
{
    struct csv_lines *lines = context;

    if (lines->out->count == CSV_FIELDS_MAX) {
        lines->out->fault = CSV_MANY;
        return;
    }
    char *field = lines->fields + lines->used;
    if (len > 0)
        memcpy(field, bytes, len);
    field[len] = '\0';
    lines->used += len + 1;
    lines->out->fields[lines->out->count++] = field;
}

static void end_record(int c, void *context)
{
    (void)c;
    (void)context;
}

static enum status split(struct csv_lines *lines, size_t len)
{
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return STATUS_NO_MEMORY;
    csv_set_delim(&parser, lines->separator);
    lines->used = 0;
    bool whole = csv_parse(&parser, lines->line, len, take_field, end_record, lines) == len &&
                 csv_fini(&parser, take_field, end_record, lines) == 0;
    bool no_memory = !whole && csv_error(&parser) == CSV_ENOMEM;
    csv_free(&parser);
    if (no_memory)
        return STATUS_NO_MEMORY;
    if (!whole)
        lines->out->fault = CSV_QUOTING;
    return STATUS_OK;
}

static bool is_blank(const struct csv_line *line)
{
    if (line->fault != CSV_GOOD)
        return false;
    for (size_t i = 0; i < line->count; i++)
        if (line->fields[i][0] != '\0')
            return false;
    return true;
}

enum status csv_lines_next(struct csv_lines *lines, struct csv_line *out_line)
{
    lines->out = out_line;
    do {
        size_t len = 0;
        errno = 0;
        *out_line = (struct csv_line){.number = ++lines->number};
        if (!read_line(lines, &len, &out_line->is_ended))
            return ferror(lines->file) != 0 ? STATUS_FAILED : STATUS_CLOSED;
        if (len > CSV_LINE_MAX) {
            out_line->fault = CSV_LONG;
            return STATUS_OK;
        }
        if (lines->number == 1)
            len = cut_mark_off(lines->line, len);
        out_line->fault = look_at_characters(lines->line, len);
        if (out_line->fault != CSV_GOOD)
            return STATUS_OK;
        if (lines->separator == 0 && len > 0)
            lines->separator = find_separator(lines->line);
        enum status status = split(lines, len);
        if (status != STATUS_OK)
            return status;
    } while (is_blank(out_line));
    if (out_line->fault != CSV_GOOD)
        out_line->count = 0;
    return STATUS_OK;
}
