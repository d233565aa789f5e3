/* A new file for a picture of a secret, or for a sheet.
 *
 * MUST 1  It is made, never opened: an existing file, link or device is not touched, and no link is followed.
 * MUST 2  Nobody but its owner can read it at any moment.
 * MUST 3  Unless it is kept, it goes away again, also when the process is killed: until it is placed, whole, it has no name. (Some
 *         file systems have no files without a name: there it has one from the start.)
 */
#ifndef GARDE_TOOL_PICTURE_FILE_H
#define GARDE_TOOL_PICTURE_FILE_H

#include <stdbool.h>

#include "qr.h"
#include "sheet.h"
#include "tool.h"

struct picture_file {
    const char *path;
    int fd;     /* -1: none */
    bool named; /* it is there under its path */
};
#define PICTURE_FILE_NONE                                                                                              \
    {                                                                                                                  \
        NULL, -1, false                                                                                                \
    }

/* path NULL: none wanted. Tells what is wrong: TOOL_REFUSED. */
enum tool_exit picture_file_open(struct picture_file *file, const char *path) GARDE_MUST_CHECK;
/* Removes it, if it is still open; nothing otherwise. */
void picture_file_drop(struct picture_file *file);
#define picture_file_owner __attribute__((cleanup(picture_file_drop)))

enum picture_format {
    PICTURE_PNG,
    PICTURE_SVG,
};
/* Writes the picture and makes sure of it. Tells what is wrong: TOOL_REFUSED. */
enum tool_exit picture_file_write(struct picture_file *file, enum picture_format format,
                                  const struct qr *qr) GARDE_MUST_CHECK;
enum tool_exit picture_file_write_sheet(struct picture_file *file, const struct sheet *sheet) GARDE_MUST_CHECK;
/* Puts what was written under its path and makes sure of that. Tells what is wrong: TOOL_REFUSED. It is kept only by picture_file_keep. */
enum tool_exit picture_file_place(struct picture_file *file) GARDE_MUST_CHECK;
/* Closes it and leaves it there. */
void picture_file_keep(struct picture_file *file);

#endif
