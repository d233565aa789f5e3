#include <garde/secret.h>

#include <string.h>

#include "pages/pages.h"

/* A page for each: locking, dumping and forking are properties of pages, so nothing else may share them. */
struct secret {
    size_t len;
    size_t
        size; /* from here to the zero byte behind the last one; 0 in a forked child, which finds nothing but zeroes */
    uint8_t bytes[];
};
_Static_assert(sizeof(struct secret) + SECRET_MAX + 1 <= PAGE_USED, "a page holds any secret");

struct secret *secret_new(size_t len)
{
    struct secret *secret = len <= SECRET_MAX ? secret_page_take() : NULL;
    if (secret == NULL)
        return NULL;
    secret->len = len;
    secret->size = sizeof(struct secret) + len + 1;
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

    if (secret->size == 0) { /* inherited by a fork */
        secret_page_unmap(secret);
        return;
    }
    explicit_bzero(secret, secret->size);
    secret_page_give(secret);
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
