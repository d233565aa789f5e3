/* Inside core/crypto: what the files share. */
#ifndef GARDE_CRYPTO_CONTEXT_H
#define GARDE_CRYPTO_CONTEXT_H

#include <garde/crypto.h>

#include <openssl/evp.h>

struct crypto {
    OSSL_LIB_CTX *library;
    EVP_MAC *hmac;
    EVP_KDF *hkdf;
    EVP_CIPHER *gcm;
};

/* A parameter for the library, which takes a pointer to non-const and only reads from it. */
OSSL_PARAM crypto_octets(const char *name, const void *bytes, size_t len);

#endif
