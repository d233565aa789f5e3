/* What a foreign file says of a factor keeps the promises of formats/incoming.h: whole or not at all, in range, clean, wiped.
 *
 * Input: a byte for the format, then the file. A key container gets a fixed AES key.
 * Target: enroll_tool/formats/google.c enroll_tool/formats/users_oath.c enroll_tool/formats/otpauth.c
 * Target: enroll_tool/formats/migration.c enroll_tool/formats/pskc.c enroll_tool/formats/pskc_tree.c
 * Target: enroll_tool/formats/pskc_lock.c enroll_tool/formats/pskc_name.c enroll_tool/formats/input.c
 */
#include "fuzz.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/format.h"
#include "text.h"

#define NOW_S         1800000000
#define ENTRIES_MAX   50 /* then the taker has had enough */
#define STEP_FARTHEST ((uint64_t)(NOW_S + 3600) + 3)

static const char *const names[] = {"google-authenticator", "users.oath", "otpauth", "otpauth-migration", "pskc"};

/* Complaints about whole files are not what is fuzzed here. */
void __wrap_tool_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void __wrap_tool_complain(const char *format, ...)
{
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    CLAIM(vsnprintf(text, sizeof text, format, arguments) >= 0);
    va_end(arguments);
}

struct seen {
    unsigned entries;
    bool enough;
};

static bool ends(const char *text, size_t size)
{
    return memchr(text, 0, size) != NULL;
}

static void keeps_its_promises(const struct incoming *entry)
{
    CLAIM(text_is_clean(entry->user) && text_is_clean(entry->label) && text_is_clean(entry->issuer));
    CLAIM(entry->digits >= 6 && entry->digits <= 8);
    CLAIM(entry->algorithm >= ALGORITHM_SHA1 && entry->algorithm <= ALGORITHM_SHA512);
    CLAIM(entry->secret != NULL && secret_len(entry->secret) >= FACTOR_SECRET_WEAK_MIN);
    CLAIM(secret_len(entry->secret) <= FACTOR_SECRET_MAX);
    CLAIM(entry->not_after_s == 0 || entry->not_after_s > entry->not_before_s);
    if (entry->kind == FACTOR_TOTP) {
        CLAIM(entry->period_s >= 1 && entry->period_s <= FACTOR_PERIOD_MAX_S && entry->counter <= STEP_FARTHEST);
        CLAIM((int64_t)entry->offset_steps * entry->period_s <= 3600 &&
              (int64_t)entry->offset_steps * entry->period_s >= -3600);
    } else {
        CLAIM(entry->kind == FACTOR_HOTP && entry->period_s == 0 && entry->offset_steps == 0);
        CLAIM(entry->counter <= INT64_MAX / 2);
    }
}

static bool take(struct incoming *entry, void *context)
{
    struct seen *seen = context;

    CLAIM(!seen->enough);
    CLAIM(ends(entry->user, sizeof entry->user) && ends(entry->label, sizeof entry->label));
    CLAIM(ends(entry->issuer, sizeof entry->issuer) && ends(entry->serial, sizeof entry->serial));
    CLAIM((unsigned)entry->fault < INCOMING_FAULTS && incoming_fault_text(entry->fault) != NULL);
    incoming_check(entry, NOW_S);
    if (entry->fault == INCOMING_GOOD)
        keeps_its_promises(entry);
    seen->enough = ++seen->entries == ENTRIES_MAX;
    return !seen->enough;
}

/* A file in memory, and its path. */
static int put(const void *bytes, size_t len, char path[32])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    CLAIM(fd >= 0 && (len == 0 || write(fd, bytes, len) == (ssize_t)len));
    (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char key[] = "000102030405060708090a0b0c0d0e0f\n";
    char path[32], key_path[32];
    struct seen seen = {.entries = 0};

    if (size == 0)
        return 0;
    const char *name = names[data[0] % (sizeof names / sizeof names[0])];
    const struct format *format = format_find(name);
    CLAIM(format != NULL);
    int fd = put(data + 1, size - 1, path);
    int key_fd = put(key, sizeof key - 1, key_path);
    const struct format_request request = {.path = path,
                                           .user = (format->takes & FORMAT_USER) != 0 ? "alice" : NULL,
                                           .key_file = (format->takes & FORMAT_KEY) != 0 ? key_path : NULL,
                                           .now_s = NOW_S};
    enum tool_exit done = format->read(&request, take, &seen);
    CLAIM(done == TOOL_DONE || done == TOOL_REFUSED);
    (void)close(fd);
    (void)close(key_fd);
    return 0;
}
