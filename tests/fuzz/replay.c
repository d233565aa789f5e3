/* Gives a harness each file of the folders and files that are named: the place of libFuzzer in a normal build. */
#include <dirent.h>
#include <unistd.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static unsigned replayed;

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_MAX);
    CLAIM(file != NULL && bytes != NULL);
    size_t len = fread(bytes, 1, INPUT_MAX, file);
    CLAIM(ferror(file) == 0 && len < INPUT_MAX);
    (void)fclose(file);

    /* Memory of just that length, so that a step too far is seen. */
    uint8_t *exact = malloc(len > 0 ? len : 1);
    CLAIM(exact != NULL);
    memcpy(exact, bytes, len);
    free(bytes);
    (void)fprintf(stderr, "%s\n", path); /* the last one is the one that broke it */
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    replayed++;
}

static void replay(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        replay_file(path);
        return;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        CLAIM((size_t)snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < sizeof name);
        replay_file(name);
    }
    (void)closedir(folder);
}

int main(int argc, char **argv)
{
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    (void)fprintf(stderr, "%u files replayed\n", replayed);
    return replayed > 0 ? 0 : 1;
}
