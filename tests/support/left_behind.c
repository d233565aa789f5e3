/* A test that fails ends before it tidies up. So each unit test program notes what mkdtemp and mkstemp make in it (the
 * linker leads them here), and takes away at its end what is still there. */
#include <ftw.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MADE_MAX  1024
#define PATH_SIZE 64

/* Shared with the children that Check runs the tests in. */
struct made {
    atomic_size_t count;
    pid_t owner;
    char paths[MADE_MAX][PATH_SIZE];
};
static struct made *made;

char *__real_mkdtemp(char *template);
char *__wrap_mkdtemp(char *template);
int __real_mkstemp(char *template);
int __wrap_mkstemp(char *template);

__attribute__((constructor)) static void begin(void)
{
    void *page = mmap(NULL, sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        abort();
    made = page;
    made->owner = getpid();
}

static void note(const char *path)
{
    size_t at = atomic_fetch_add(&made->count, 1);
    if (at >= MADE_MAX || strlen(path) >= PATH_SIZE)
        abort();
    memcpy(made->paths[at], path, strlen(path) + 1);
}

char *__wrap_mkdtemp(char *template)
{
    char *path = __real_mkdtemp(template);
    if (path != NULL)
        note(path);
    return path;
}

int __wrap_mkstemp(char *template)
{
    int fd = __real_mkstemp(template);
    if (fd >= 0)
        note(template);
    return fd;
}

static int take_away(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    (void)remove(path);
    return 0;
}

__attribute__((destructor)) static void end(void)
{
    if (getpid() != made->owner)
        return;
    for (size_t i = 0; i < made->count; i++)
        (void)nftw(made->paths[i], take_away, 16, FTW_DEPTH | FTW_PHYS);
}
