/* A temporary /etc/pam.d, and the stacks in it. */
#ifndef GARDE_TESTS_DOCTOR_PAM_FOLDER_H
#define GARDE_TESTS_DOCTOR_PAM_FOLDER_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/stack.h"
#include "doctor/stack_modules.h"

struct pam_folder {
    char path[64];
    struct stack_places places;
};

static inline void pam_folder_make(struct pam_folder *folder)
{
    (void)snprintf(folder->path, sizeof folder->path, "/tmp/garde-pam-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder->path));
    folder->places = (struct stack_places){
        .services = {folder->path, NULL}, .includes = folder->path, .modules = {folder->path, NULL}};
}

static inline void pam_folder_name(const struct pam_folder *folder, const char *name, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", folder->path, name);
}

static inline void pam_folder_write_bytes(const struct pam_folder *folder, const char *name, const void *bytes,
                                          size_t len)
{
    char path[128];
    pam_folder_name(folder, name, path);
    (void)unlink(path); /* some file systems flush a file that is cut to nothing and written again */
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void pam_folder_write(const struct pam_folder *folder, const char *name, const char *text)
{
    pam_folder_write_bytes(folder, name, text, strlen(text));
}

static inline void pam_folder_remove(const struct pam_folder *folder, const char *name)
{
    char path[128];
    pam_folder_name(folder, name, path);
    ck_assert_int_eq(unlink(path), 0);
}

static inline void pam_folder_drop(const struct pam_folder *folder)
{
    ck_assert_int_eq(rmdir(folder->path), 0);
}

#endif
