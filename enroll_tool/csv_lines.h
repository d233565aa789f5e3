/* A file of comma separated values, line by line. The tool's only user of libcsv.
 *
 * No field of ours holds a line end, so a record is a line (RFC 4180 would let a quoted one go on): a quote that somebody forgot spoils its own line
 * and no other. The first line says by what it holds more of whether ',' or ';' (as French Excel writes) is the separator. A byte order mark, CRLF
 * and lines without anything in them are passed over; blanks around a field are not part of it. What cannot be used is marked, and the next line is as good as any.
 */
#ifndef GARDE_TOOL_CSV_LINES_H
#define GARDE_TOOL_CSV_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <garde/status.h>

#define CSV_LINE_MAX   4096 /* bytes */
#define CSV_FIELDS_MAX 16

enum csv_fault {
    CSV_GOOD,
    CSV_LONG,     /* more than CSV_LINE_MAX bytes */
    CSV_CONTROL,  /* a control character, a zero byte among them */
    CSV_ENCODING, /* not UTF-8 */
    CSV_QUOTING,  /* a quote that is not closed, or with something behind it */
    CSV_MANY,     /* more than CSV_FIELDS_MAX fields */
};

struct csv_line {
    unsigned long number; /* 1 is the first */
    enum csv_fault fault; /* then there are no fields */
    bool is_ended;        /* by a line end, not by that of the file */
    size_t count;
    const char *fields[CSV_FIELDS_MAX]; /* until the next line is read; "" for an empty one */
};

struct csv_lines;

/* STATUS_NOT_FOUND, STATUS_DENIED, STATUS_FAILED with errno; STATUS_NO_MEMORY. The caller closes it. */
enum status csv_lines_open(const char *path, struct csv_lines **out_lines) GARDE_MUST_CHECK;
void csv_lines_close(struct csv_lines **lines);
#define csv_lines_owner __attribute__((cleanup(csv_lines_close)))

/* STATUS_CLOSED: the end; STATUS_FAILED with errno: the file cannot be read on; STATUS_NO_MEMORY. */
enum status csv_lines_next(struct csv_lines *lines, struct csv_line *out_line) GARDE_MUST_CHECK;

#endif
