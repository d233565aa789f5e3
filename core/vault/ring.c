/* MUST 1  Keys, in hex or not, are only ever in the file and in a struct secret: no stdio, no buffer on the stack.
 * MUST 2  The file is checked through the descriptor that it is read from.
 */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <garde/number.h>

#define FIRST_LINE "garde-key-ring 1"
#define HEX_SIZE   (2 * CRYPTO_KEY_SIZE)

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
#define fd_owner __attribute__((cleanup(close_fd)))

/* ---- the text ---- */

struct reader {
    const char *at;
    size_t left;
    const char *path;
    unsigned line; /* of what was read last */
};

static enum status bad_line(const struct reader *reader, enum problem_kind kind, const char *item,
                            struct problem *out_problem)
{
    problem_set(out_problem, kind, reader->path, reader->line, item);
    return STATUS_INVALID;
}

/* False at the end, and for a last line without its newline: that one was cut off. */
static bool next_line(struct reader *reader, const char **out_line, size_t *out_len)
{
    const char *end = reader->left == 0 ? NULL : memchr(reader->at, '\n', reader->left);
    reader->line++;
    if (end == NULL)
        return false;
    *out_line = reader->at;
    *out_len = (size_t)(end - reader->at);
    reader->left -= *out_len + 1;
    reader->at = end + 1;
    return true;
}

static int nibble(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

static bool decode_key(const char *hex, struct secret *key)
{
    uint8_t *bytes = secret_fill(key);
    for (size_t i = 0; i < CRYPTO_KEY_SIZE; i++) {
        int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The number between "key " and " HEX", as text without leading zeros. */
static bool read_id(const char *line, size_t len, char out_text[11], uint32_t *out_id)
{
    static const char word[] = "key ";
    size_t fixed = strlen(word) + 1 + HEX_SIZE;
    uint64_t id = 0;

    if (len <= fixed || len > fixed + 10 || memcmp(line, word, strlen(word)) != 0 || line[len - HEX_SIZE - 1] != ' ')
        return false;
    memcpy(out_text, line + strlen(word), len - fixed);
    out_text[len - fixed] = '\0';
    if (out_text[0] == '0' || strlen(out_text) != len - fixed || number_parse(out_text, 1, INT32_MAX, &id) != STATUS_OK)
        return false;
    *out_id = (uint32_t)id;
    return true;
}

static enum status add_key(struct vault *vault, const struct reader *reader, const char *line, size_t len,
                           struct problem *out_problem)
{
    char text[11];
    uint32_t id = 0;

    if (!read_id(line, len, text, &id))
        return bad_line(reader, PROBLEM_SYNTAX, NULL, out_problem);
    for (size_t i = 0; i < vault->count; i++)
        if (vault->ring[i].id == id)
            return bad_line(reader, PROBLEM_REPEATED, text, out_problem);
    if (vault->count > 0 && id < vault->ring[vault->count - 1].id)
        return bad_line(reader, PROBLEM_VALUE, text, out_problem);
    if (vault->count == RING_MAX)
        return bad_line(reader, PROBLEM_VALUE, "key", out_problem);

    secret_owner struct secret *key = secret_new(CRYPTO_KEY_SIZE);
    if (key == NULL) {
        problem_set(out_problem, PROBLEM_MEMORY, reader->path, 0, NULL);
        return STATUS_NO_MEMORY;
    }
    if (!decode_key(line + len - HEX_SIZE, key))
        return bad_line(reader, PROBLEM_SYNTAX, NULL, out_problem);
    for (size_t i = 0; i < vault->count; i++)
        if (crypto_equal(secret_read(vault->ring[i].bytes), secret_read(key), CRYPTO_KEY_SIZE))
            return bad_line(reader, PROBLEM_REPEATED, text, out_problem);
    vault->ring[vault->count++] = (struct ring_key){.id = id, .bytes = key};
    key = NULL;
    return STATUS_OK;
}

static enum status parse(struct vault *vault, const struct secret *text, const char *path, struct problem *out_problem)
{
    struct reader reader = {.at = (const char *)secret_read(text), .left = secret_len(text), .path = path};
    const char *line = NULL;
    size_t len = 0;

    if (!next_line(&reader, &line, &len))
        return bad_line(&reader, PROBLEM_SYNTAX, NULL, out_problem);
    if (len != strlen(FIRST_LINE) || memcmp(line, FIRST_LINE, len) != 0) {
        bool other_version = len > strlen(FIRST_LINE) - 1 && memcmp(line, FIRST_LINE, strlen(FIRST_LINE) - 1) == 0;
        return bad_line(&reader, other_version ? PROBLEM_FOREIGN : PROBLEM_SYNTAX, NULL, out_problem);
    }
    while (next_line(&reader, &line, &len)) {
        enum status status = add_key(vault, &reader, line, len, out_problem);
        if (status != STATUS_OK)
            return status;
    }
    if (reader.left > 0)
        return bad_line(&reader, PROBLEM_SYNTAX, NULL, out_problem);
    if (vault->count == 0)
        return bad_line(&reader, PROBLEM_EMPTY, "key", out_problem);
    return STATUS_OK;
}

/* ---- the file ---- */

static enum status check_file(int fd, uid_t owner, const char *path, struct problem *out_problem)
{
    struct stat have;
    mode_t too_much = 0177;
    if (fstat(fd, &have) != 0)
        return problem_set_errno(out_problem, path, errno);
    if (!S_ISREG(have.st_mode) || have.st_nlink != 1) {
        problem_set(out_problem, PROBLEM_NOT_A_FILE, path, 0, NULL);
        return STATUS_DENIED;
    }
    /* We could open it, so an access list lets us: then its mask stands where the group's rights do otherwise. */
    if (owner == 0 && geteuid() != 0 && have.st_gid == 0)
        too_much = 0137;
    if (have.st_uid == owner && (have.st_mode & too_much) == 0)
        return STATUS_OK;
    problem_set(out_problem, have.st_uid != owner ? PROBLEM_OWNER : PROBLEM_MODE, path, 0, NULL);
    if (out_problem != NULL) {
        out_problem->have_id = have.st_uid;
        out_problem->want_id = owner;
        out_problem->have_mode = have.st_mode & 07777;
        out_problem->want_mode = 0400;
    }
    return STATUS_DENIED;
}

static enum status read_file(int fd, const char *path, struct secret **out_text, struct problem *out_problem)
{
    secret_owner struct secret *text = secret_new(SECRET_MAX);
    size_t len = 0;
    if (text == NULL)
        return problem_set_errno(out_problem, path, ENOMEM);

    while (len < SECRET_MAX) {
        ssize_t got = read(fd, secret_fill(text) + len, SECRET_MAX - len);
        if (got < 0 && errno != EINTR)
            return problem_set_errno(out_problem, path, errno);
        if (got == 0)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    if (len == SECRET_MAX) {
        problem_set(out_problem, PROBLEM_VALUE, path, 0, "size");
        return STATUS_INVALID;
    }
    secret_shorten(text, len);
    *out_text = text;
    text = NULL;
    return STATUS_OK;
}

enum status vault_open(struct crypto *crypto, const char *path, uid_t owner, struct vault **out_vault,
                       struct problem *out_problem)
{
    secret_owner struct secret *text = NULL;
    vault_owner struct vault *vault = NULL;
    fd_owner int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 && errno == ELOOP) {
        problem_set(out_problem, PROBLEM_NOT_A_FILE, path, 0, NULL);
        return STATUS_DENIED;
    }
    if (fd < 0)
        return problem_set_errno(out_problem, path, errno);
    enum status status = check_file(fd, owner, path, out_problem);
    if (status == STATUS_OK)
        status = read_file(fd, path, &text, out_problem);
    if (status != STATUS_OK)
        return status;

    vault = calloc(1, sizeof *vault);
    if (vault == NULL)
        return problem_set_errno(out_problem, path, ENOMEM);
    vault->crypto = crypto;
    status = parse(vault, text, path, out_problem);
    if (status != STATUS_OK)
        return status;
    *out_vault = vault;
    vault = NULL;
    return STATUS_OK;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL)
        return;
    for (size_t i = 0; i < vault->count; i++)
        secret_free(vault->ring[i].bytes);
    free(vault);
}

void vault_drop(struct vault **vault)
{
    vault_close(*vault);
    *vault = NULL;
}

/* ---- a new key ring ---- */

static enum status make_text(struct crypto *crypto, struct secret **out_text)
{
    static const char start[] = FIRST_LINE "\nkey 1 ", digits[] = "0123456789abcdef";
    secret_owner struct secret *key = NULL;
    enum status status = crypto_random_secret(crypto, CRYPTO_KEY_SIZE, &key);
    if (status != STATUS_OK)
        return status;

    struct secret *text = secret_new(strlen(start) + HEX_SIZE + 1);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    uint8_t *at = secret_fill(text);
    memcpy(at, start, strlen(start));
    at += strlen(start);
    for (size_t i = 0; i < CRYPTO_KEY_SIZE; i++) {
        *at++ = (uint8_t)digits[secret_read(key)[i] >> 4];
        *at++ = (uint8_t)digits[secret_read(key)[i] & 0xf];
    }
    *at = '\n';
    *out_text = text;
    return STATUS_OK;
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno != EINTR)
            return -1;
        if (done > 0) {
            bytes += done;
            len -= (size_t)done;
        }
    }
    return 0;
}

static int flush_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == path ? 1 : slash == NULL ? 0 : (size_t)(slash - path);
    char folder[PATH_MAX] = ".";
    if (len >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (len > 0) {
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    fd_owner int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -1 : fsync(fd);
}

enum status vault_create(struct crypto *crypto, const char *path, struct problem *out_problem)
{
    secret_owner struct secret *text = NULL;
    enum status status = make_text(crypto, &text);
    if (status != STATUS_OK) {
        problem_set(out_problem, status == STATUS_NO_MEMORY ? PROBLEM_MEMORY : PROBLEM_SYSTEM, path, 0, NULL);
        return status;
    }

    fd_owner int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (fd < 0 && errno == EEXIST) {
        problem_set(out_problem, PROBLEM_EXISTS, path, 0, NULL);
        return STATUS_EXISTS;
    }
    if (fd < 0)
        return problem_set_errno(out_problem, path, errno);
    if (fchmod(fd, 0400) == 0 && write_all(fd, secret_read(text), secret_len(text)) == 0 && fsync(fd) == 0 &&
        flush_folder(path) == 0)
        return STATUS_OK;
    int error = errno;
    (void)unlink(path);
    return problem_set_errno(out_problem, path, error);
}
