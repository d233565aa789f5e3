#include <garde/secret.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One mapping per secret: locking, dumping and forking are properties of pages, so nothing else may share them. */
struct secret {
    size_t len;
    size_t mapped;
    uint8_t bytes[];
};

struct secret *secret_new(size_t len)
{
    if (len > SECRET_MAX)
        return NULL;

    size_t mapped = sizeof(struct secret) + len + 1;
    void *page = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;

    (void)mlock(page, mapped); /* see the contract: the limit is the caller's */
    (void)madvise(page, mapped, MADV_DONTDUMP);
    (void)madvise(page, mapped, MADV_WIPEONFORK);

    struct secret *secret = page;
    secret->len = len;
    secret->mapped = mapped;
    return secret;
}

struct secret *secret_copy(const void *bytes, size_t len)
{
    struct secret *secret = secret_new(len);
    if (secret != NULL && len > 0)
        memcpy(secret->bytes, bytes, len);
    return secret;
}

void secret_free(struct secret *secret)
{
    if (secret == NULL)
        return;

    size_t mapped = secret->mapped;
    explicit_bzero(secret, mapped);
    (void)munmap(secret, mapped);
}

size_t secret_len(const struct secret *secret)
{
    return secret->len;
}

const uint8_t *secret_read(const struct secret *secret)
{
    return secret->bytes;
}

uint8_t *secret_fill(struct secret *secret)
{
    return secret->bytes;
}

void secret_shorten(struct secret *secret, size_t len)
{
    if (len >= secret->len)
        return;
    explicit_bzero(secret->bytes + len, secret->len - len);
    secret->len = len;
}

void secret_wipe(void *bytes, size_t len)
{
    explicit_bzero(bytes, len);
}

void secret_drop(struct secret **secret)
{
    secret_free(*secret);
    *secret = NULL;
}
