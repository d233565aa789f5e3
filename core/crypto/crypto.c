#include "context.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/conf.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#define STRENGTH_BITS 256
#define STACK_WIPED   8192 /* the library goes 3.5 KiB deep (OpenSSL 3.0, whatever the processor has) */

OSSL_PARAM crypto_octets(const char *name, const void *bytes, size_t len)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes, len);
}

OSSL_PARAM crypto_text(const char *name, const char *text)
{
    return OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)text, 0);
}

/* A context of our own starts without configuration, and so without the FIPS provider that a site has set up. A
 * configuration that is there and cannot be read must not end in other algorithms than the site asked for. */
static bool load_configuration(OSSL_LIB_CTX *library)
{
    return CONF_modules_load_file_ex(library, NULL, NULL, CONF_MFLAGS_IGNORE_MISSING_FILE) > 0;
}

enum status crypto_new(struct crypto **out_crypto)
{
    crypto_owner struct crypto *crypto = calloc(1, sizeof *crypto);
    if (crypto == NULL)
        return STATUS_NO_MEMORY;

    crypto->library = OSSL_LIB_CTX_new();
    if (crypto->library == NULL)
        return STATUS_NO_MEMORY;
    if (!load_configuration(crypto->library))
        return STATUS_FAILED;

    crypto->hmac = EVP_MAC_fetch(crypto->library, OSSL_MAC_NAME_HMAC, NULL);
    crypto->hkdf = EVP_KDF_fetch(crypto->library, OSSL_KDF_NAME_HKDF, NULL);
    crypto->gcm = EVP_CIPHER_fetch(crypto->library, "AES-256-GCM", NULL);
    if (crypto->hmac == NULL || crypto->hkdf == NULL || crypto->gcm == NULL)
        return STATUS_FAILED;

    *out_crypto = crypto;
    crypto = NULL;
    return STATUS_OK;
}

void crypto_free(struct crypto *crypto)
{
    if (crypto == NULL)
        return;
    EVP_CIPHER_free(crypto->gcm);
    EVP_KDF_free(crypto->hkdf);
    EVP_MAC_free(crypto->hmac);
    OSSL_LIB_CTX_free(crypto->library);
    free(crypto);
}

void crypto_drop(struct crypto **crypto)
{
    crypto_free(*crypto);
    *crypto = NULL;
}

/* Its frame lies where those of the library lay. */
__attribute__((noinline)) void crypto_wipe_stack(void)
{
    uint8_t left[STACK_WIPED];
    secret_wipe(left, sizeof left);
}

enum status crypto_random(struct crypto *crypto, void *out_bytes, size_t len)
{
    if (len > INT_MAX)
        return STATUS_INVALID;
    return RAND_bytes_ex(crypto->library, out_bytes, len, STRENGTH_BITS) == 1 ? STATUS_OK : STATUS_FAILED;
}

enum status crypto_random_secret(struct crypto *crypto, size_t len, struct secret **out_secret)
{
    secret_owner struct secret *secret = secret_new(len);
    if (secret == NULL)
        return STATUS_NO_MEMORY;
    bool done = RAND_priv_bytes_ex(crypto->library, secret_fill(secret), len, STRENGTH_BITS) == 1;
    crypto_wipe_stack();
    if (!done)
        return STATUS_FAILED;

    *out_secret = secret;
    secret = NULL;
    return STATUS_OK;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

static void drop_kdf(EVP_KDF_CTX **context)
{
    EVP_KDF_CTX_free(*context);
    crypto_wipe_stack();
}

enum status crypto_derive(struct crypto *crypto, const struct secret *key, const void *salt, size_t salt_len,
                          const char *info, struct secret **out_key)
{
    secret_owner struct secret *derived = secret_new(CRYPTO_KEY_SIZE);
    __attribute__((cleanup(drop_kdf))) EVP_KDF_CTX *context = EVP_KDF_CTX_new(crypto->hkdf);
    if (derived == NULL || context == NULL)
        return STATUS_NO_MEMORY;

    OSSL_PARAM params[5] = {
        crypto_text(OSSL_KDF_PARAM_DIGEST, OSSL_DIGEST_NAME_SHA2_256),
        crypto_octets(OSSL_KDF_PARAM_KEY, secret_read(key), secret_len(key)),
        crypto_octets(OSSL_KDF_PARAM_INFO, info, strlen(info)),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };
    if (salt_len > 0)
        params[3] = crypto_octets(OSSL_KDF_PARAM_SALT, salt, salt_len);
    if (EVP_KDF_derive(context, secret_fill(derived), CRYPTO_KEY_SIZE, params) != 1)
        return STATUS_FAILED;

    *out_key = derived;
    derived = NULL;
    return STATUS_OK;
}
