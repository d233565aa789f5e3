/* A folder of sheets, one for each user.
 *
 * MUST 1  It is made 0700 if it is missing, and used only if nobody but its owner (us, or root) can write to it. It is opened once: what is put where its
 *         path was does not matter.
 * MUST 2  A sheet is 0600 at any moment, whole, and on disk together with its name before sheet_folder_put returns.
 * MUST 3  A user's name leads to one file in the folder and to no other place; two names never lead to the same file.
 *
 * The folder is locked while it is open, so that two lists do not write over each other's sheets. A sheet takes the place of what has its name, which is
 * an older one of the same user. What a killed run left half written is taken away.
 */
#ifndef GARDE_TOOL_SHEET_FOLDER_H
#define GARDE_TOOL_SHEET_FOLDER_H

#include <limits.h>
#include <stdbool.h>

#include "sheet.h"
#include "tool.h"

#define SHEET_FILE_SIZE (NAME_MAX + 1)

struct sheet_folder {
    const char *path;
    int fd; /* -1: none */
};
#define SHEET_FOLDER_NONE                                                                                              \
    {                                                                                                                  \
        NULL, -1                                                                                                       \
    }

/* Tells what is wrong: TOOL_REFUSED. The path must live as long. */
enum tool_exit sheet_folder_open(struct sheet_folder *folder, const char *path) GARDE_MUST_CHECK;
void sheet_folder_close(struct sheet_folder *folder);

/* "alice.html"; what is neither letter, digit, nor one of "_@+-." becomes %XX, and so does a leading dot or dash. false: too long for a file. */
bool sheet_folder_name(const char *user, char out[SHEET_FILE_SIZE]);

/* Tells what is wrong: TOOL_REFUSED, and there is no half sheet. */
enum tool_exit sheet_folder_put(struct sheet_folder *folder, const char *name,
                                const struct sheet *sheet) GARDE_MUST_CHECK;
/* Takes a sheet away whose factor was not made. */
void sheet_folder_remove(struct sheet_folder *folder, const char *name);

#endif
