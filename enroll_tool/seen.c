#include "seen.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <garde/crypto.h>

struct seen {
    struct crypto *crypto;
    struct crypto_mac *mac;
    void *root; /* a tree of struct seen_row */
};

struct seen_row {
    uint8_t hash[CRYPTO_HASH_MAX];
    unsigned long line;
};

enum status seen_new(struct seen **out_seen)
{
    seen_owner struct seen *seen = calloc(1, sizeof *seen);
    secret_owner struct secret *key = NULL;

    if (seen == NULL)
        return STATUS_NO_MEMORY;
    enum status status = crypto_new(&seen->crypto);
    if (status == STATUS_OK)
        status = crypto_random_secret(seen->crypto, CRYPTO_KEY_SIZE, &key);
    if (status == STATUS_OK)
        status = crypto_mac_new(seen->crypto, ALGORITHM_SHA256, key, &seen->mac);
    if (status != STATUS_OK)
        return status;
    *out_seen = seen;
    seen = NULL;
    return STATUS_OK;
}

void seen_free(struct seen *seen)
{
    if (seen == NULL)
        return;
    tdestroy(seen->root, free);
    crypto_mac_free(seen->mac);
    crypto_free(seen->crypto);
    free(seen);
}

void seen_drop(struct seen **seen)
{
    seen_free(*seen);
    *seen = NULL;
}

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct seen_row *)a)->hash, ((const struct seen_row *)b)->hash, CRYPTO_HASH_MAX);
}

enum status seen_before(struct seen *seen, const void *bytes, size_t len, unsigned long line, unsigned long *out_line)
{
    struct seen_row *row = calloc(1, sizeof *row);
    size_t hash_len = 0;

    if (row == NULL)
        return STATUS_NO_MEMORY;
    enum status status = crypto_mac_sign(seen->mac, bytes, len, row->hash, &hash_len);
    row->line = line;
    struct seen_row **found = status == STATUS_OK ? tsearch(row, &seen->root, compare) : NULL;
    if (found == NULL || *found != row)
        free(row);
    if (found == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    *out_line = *found == row ? 0 : (*found)->line;
    return STATUS_OK;
}
