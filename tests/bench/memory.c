/* How much anonymous memory a login adds to the process that called PAM.
 *
 *   memory SERVICE USER CODE
 *
 * Writes "RESULT BEFORE_KIB PROMPT_KIB AFTER_KIB": Anonymous of /proc/self/smaps_rollup before pam_start, at the prompt (0: there
 * was none) and between pam_authenticate and pam_end.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <garde/number.h>

#include "once.h"

#define LOOKS_MAX 3

/* Read here, counted later: reading must not need memory of its own. */
static char looks[LOOKS_MAX][4096];
static int look_count;

static void look(void)
{
    int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || look_count == LOOKS_MAX)
        return;
    ssize_t got = read(fd, looks[look_count], sizeof looks[0] - 1);
    looks[look_count++][got < 0 ? 0 : got] = '\0';
    (void)close(fd);
}

static uint64_t anonymous_kib(const char *text)
{
    uint64_t kib = 0;
    const char *at = strstr(text, "\nAnonymous:");
    if (at == NULL)
        return 0;
    at += strlen("\nAnonymous:");
    at += strspn(at, " ");
    char digits[24] = "";
    size_t len = strspn(at, "0123456789");
    if (len >= sizeof digits)
        return 0;
    memcpy(digits, at, len);
    return number_parse(digits, 0, INT64_MAX, &kib) == STATUS_OK ? kib : 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: memory SERVICE USER CODE\n");
        return 2;
    }
    for (int i = 0; i < LOOKS_MAX; i++)
        memset(looks[i], 1, sizeof looks[0]); /* touched before anything is counted */
    look();
    int result = once(argv[1], argv[2], argv[3], look);
    unsigned long long prompt = look_count == LOOKS_MAX ? anonymous_kib(looks[1]) : 0;
    (void)printf("%d %llu %llu %llu\n", result, (unsigned long long)anonymous_kib(looks[0]), prompt,
                 (unsigned long long)anonymous_kib(looks[look_count - 1]));
    return 0;
}
