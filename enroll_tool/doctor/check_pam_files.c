#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkup.h"
#include "text.h"

#define PATH_SIZE 512

/* Who can write here decides who gets in, with or without a code. What is not there, or may not be looked at, is told elsewhere. */
static void look(struct checkup *checkup, const char *path)
{
    struct stat found;
    char shown[TEXT_SHOWN_SIZE(PATH_SIZE)];

    if (stat(path, &found) != 0 || (found.st_uid == 0 && (found.st_mode & 022) == 0))
        return;
    text_show(shown, sizeof shown, path);
    struct finding *open =
        finding_add(&checkup->findings, SUBJECT_PAM, LEVEL_DANGER, EFFECT_LETS_IN, "pam-file-writable");
    finding_what(open, _("%s: others than root can change it (uid %u, mode %04o)"), shown, (unsigned)found.st_uid,
                 (unsigned)found.st_mode & 07777U);
    finding_mend(open, "chown root:root %s; chmod go-w %s", shown, shown);
    finding_done(&checkup->findings);
}

static void look_at_folder(struct checkup *checkup, const char *folder)
{
    char path[PATH_SIZE];
    DIR *entries = opendir(folder);

    if (entries == NULL)
        return;
    look(checkup, folder);
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && len > 0 && (size_t)len < sizeof path)
            look(checkup, path);
    }
    (void)closedir(entries);
}

static bool is_in_a_folder_of_services(const struct checkup *checkup, const char *folder)
{
    for (size_t i = 0; checkup->places->services[i] != NULL; i++)
        if (strcmp(checkup->places->services[i], folder) == 0)
            return true;
    return false;
}

void check_pam_files_of(struct checkup *checkup, const struct stack *stack)
{
    const char *before = NULL;

    for (size_t i = 0; i < stack->count; i++) {
        const char *file = stack->lines[i].file, *slash = strrchr(file, '/');
        char folder[PATH_SIZE];
        if (file == before || slash == NULL || (size_t)(slash - file) >= sizeof folder)
            continue;
        before = file;
        (void)snprintf(folder, sizeof folder, "%.*s", slash == file ? 1 : (int)(slash - file), file);
        if (is_in_a_folder_of_services(checkup, folder))
            continue;
        look(checkup, folder);
        look(checkup, file);
    }
}

void check_pam_files(struct checkup *checkup)
{
    for (size_t i = 0; checkup->places->services[i] != NULL; i++)
        look_at_folder(checkup, checkup->places->services[i]);
    if (checkup->places->single != NULL)
        look(checkup, checkup->places->single);
}
