/* The key ring's file beside a second reader of the format in vault.h: both take the same files, for the same keys.
 *
 * Input: the file.
 * Target: core/vault/ring.c
 */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/vault/ring.h"

#define FILE_MAX 3000

static char path[256];

static void remove_file(void)
{
    (void)unlink(path);
}

static void make_file(const uint8_t *data, size_t size)
{
    if (path[0] == '\0') {
        const char *folder = secure_getenv("TMPDIR");
        (void)snprintf(path, sizeof path, "%s/garde-fuzz-ring-XXXXXX", folder != NULL ? folder : "/tmp");
        int made = mkstemp(path);
        CLAIM(made >= 0 && fchmod(made, 0600) == 0 && close(made) == 0);
        CLAIM(atexit(remove_file) == 0);
    }
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
}

struct plain {
    size_t count;
    uint32_t ids[RING_MAX + 1];
    const char *keys[RING_MAX + 1]; /* 64 digits */
};

static bool is_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") >= 64;
}

/* One line of "key ID HEX\n"; NULL: it is none. */
static const char *read_line(const char *at, struct plain *plain)
{
    unsigned long id = 0;
    if (strncmp(at, "key ", 4) != 0 || at[4] < '1' || at[4] > '9')
        return NULL;
    for (at += 4; *at >= '0' && *at <= '9' && id <= INT32_MAX; at++)
        id = id * 10 + (unsigned long)(*at - '0');
    if (id > INT32_MAX || *at != ' ' || !is_hex(at + 1) || at[65] != '\n')
        return NULL;
    if (plain->count > 0 && id <= plain->ids[plain->count - 1])
        return NULL;
    for (size_t i = 0; i < plain->count; i++)
        if (memcmp(plain->keys[i], at + 1, 64) == 0)
            return NULL;
    plain->ids[plain->count] = (uint32_t)id;
    plain->keys[plain->count++] = at + 1;
    return plain->count > RING_MAX ? NULL : at + 66;
}

static bool read_plainly(const char *text, size_t len, struct plain *out)
{
    static const char first[] = "garde-key-ring 1\n";
    *out = (struct plain){0};
    if (strlen(text) != len || strncmp(text, first, strlen(first)) != 0)
        return false;
    const char *at = text + strlen(first);
    while (at != NULL && *at != '\0')
        at = read_line(at, out);
    return at != NULL && out->count > 0;
}

static void holds_what_the_file_says(const struct vault *vault, const struct plain *plain)
{
    CLAIM(vault->count == plain->count);
    for (size_t i = 0; i < plain->count; i++) {
        char hex[2 * CRYPTO_KEY_SIZE + 1];
        CLAIM(vault->ring[i].id == plain->ids[i]);
        CLAIM(secret_len(vault->ring[i].bytes) == CRYPTO_KEY_SIZE);
        for (size_t byte = 0; byte < CRYPTO_KEY_SIZE; byte++)
            (void)snprintf(hex + 2 * byte, 3, "%02x", secret_read(vault->ring[i].bytes)[byte]);
        CLAIM(memcmp(hex, plain->keys[i], 64) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypto *crypto;
    static char text[FILE_MAX + 1];
    static struct plain plain;
    struct problem problem = {0};
    struct vault *vault = NULL;

    if (crypto == NULL)
        CLAIM(crypto_new(&crypto) == STATUS_OK);
    size = size > FILE_MAX ? FILE_MAX : size;
    memcpy(text, data, size);
    text[size] = '\0';
    make_file(data, size);

    bool good = read_plainly(text, size, &plain);
    enum status status = vault_open(crypto, path, geteuid(), &vault, &problem);
    CLAIM(status == (good ? STATUS_OK : STATUS_INVALID));
    CLAIM((vault != NULL) == good);
    if (good) {
        holds_what_the_file_says(vault, &plain);
        vault_close(vault);
        return 0;
    }
    CLAIM(problem.kind != PROBLEM_NONE && problem.kind != PROBLEM_SYSTEM && strcmp(problem.path, path) == 0);
    CLAIM(problem.line <= size + 2); /* one behind the last */
    for (const char *at = problem.item; *at != '\0'; at++)
        CLAIM((unsigned char)*at >= 0x20 && *at != 0x7f);
    return 0;
}
