#include "context.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>

struct crypto_mac {
    EVP_MAC_CTX *context;
};

const char *crypto_digest_name(enum factor_algorithm hash)
{
    switch (hash) {
    case ALGORITHM_SHA1:
        return OSSL_DIGEST_NAME_SHA1;
    case ALGORITHM_SHA256:
        return OSSL_DIGEST_NAME_SHA2_256;
    case ALGORITHM_SHA512:
        return OSSL_DIGEST_NAME_SHA2_512;
    }
    return NULL;
}

enum status crypto_mac_new(struct crypto *crypto, enum factor_algorithm hash, const struct secret *key,
                           struct crypto_mac **out_mac)
{
    const char *name = crypto_digest_name(hash);
    if (name == NULL)
        return STATUS_INVALID;

    crypto_mac_owner struct crypto_mac *mac = calloc(1, sizeof *mac);
    if (mac == NULL)
        return STATUS_NO_MEMORY;
    mac->context = EVP_MAC_CTX_new(crypto->hmac);
    if (mac->context == NULL)
        return STATUS_NO_MEMORY;

    const OSSL_PARAM params[] = {crypto_text(OSSL_MAC_PARAM_DIGEST, name), OSSL_PARAM_construct_end()};
    bool done = EVP_MAC_init(mac->context, secret_read(key), secret_len(key), params) == 1;
    crypto_wipe_stack();
    if (!done)
        return STATUS_FAILED;

    *out_mac = mac;
    mac = NULL;
    return STATUS_OK;
}

void crypto_mac_free(struct crypto_mac *mac)
{
    if (mac == NULL)
        return;
    EVP_MAC_CTX_free(mac->context);
    free(mac);
}

void crypto_mac_drop(struct crypto_mac **mac)
{
    crypto_mac_free(*mac);
    *mac = NULL;
}

enum status crypto_mac_sign(struct crypto_mac *mac, const void *message, size_t len, uint8_t *out_bytes,
                            size_t *out_len)
{
    uint8_t bytes[CRYPTO_HASH_MAX];
    size_t bytes_len = 0;

    /* Without a key it starts anew with the one it has. */
    bool done = EVP_MAC_init(mac->context, NULL, 0, NULL) == 1 && EVP_MAC_update(mac->context, message, len) == 1 &&
                EVP_MAC_final(mac->context, bytes, &bytes_len, sizeof bytes) == 1;
    if (done) {
        memcpy(out_bytes, bytes, bytes_len);
        *out_len = bytes_len;
    }
    secret_wipe(bytes, sizeof bytes);
    crypto_wipe_stack();
    return done ? STATUS_OK : STATUS_FAILED;
}
