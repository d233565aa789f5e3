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

/* Parameters for the library, which takes pointers to non-const and only reads from them. */
OSSL_PARAM crypto_octets(const char *name, const void *bytes, size_t len);
OSSL_PARAM crypto_text(const char *name, const char *text);

/* The library's name of a hash; NULL if it is none of ours. */
const char *crypto_digest_name(enum factor_algorithm hash);

/* The library works on the stack and wipes only what it counts as a key: the words that a hash makes of a padded key stay
 * where they were, and from them the key can be had. Called after each call of the library that saw something secret. */
void crypto_wipe_stack(void);

#endif
