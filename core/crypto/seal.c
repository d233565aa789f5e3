/* MUST 1  Each sealing draws its own nonce; no caller can give one.
 * MUST 2  Plain bytes leave crypto_unseal only after the tag was found right.
 * MUST 3  No cipher context outlives its call.
 */
#include "context.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>

#define SEAL_OVERHEAD (CRYPTO_NONCE_SIZE + CRYPTO_AEAD_TAG_SIZE)

static void drop_cipher(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
    crypto_wipe_stack();
}
#define cipher_owner __attribute__((cleanup(drop_cipher)))

static bool sizes_fit(const struct secret *key, size_t aad_len)
{
    return secret_len(key) == CRYPTO_KEY_SIZE && aad_len <= INT_MAX;
}

enum status crypto_seal(struct crypto *crypto, const struct secret *key, const void *aad, size_t aad_len,
                        const struct secret *plain, uint8_t *out_sealed, size_t size, size_t *out_len)
{
    size_t len = secret_len(plain);
    if (!sizes_fit(key, aad_len) || size < len + SEAL_OVERHEAD)
        return STATUS_INVALID;

    uint8_t sealed[SECRET_MAX + SEAL_OVERHEAD];
    uint8_t *cipher_text = sealed + CRYPTO_NONCE_SIZE;
    enum status status = crypto_random(crypto, sealed, CRYPTO_NONCE_SIZE);
    if (status != STATUS_OK)
        return status;

    cipher_owner EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL)
        return STATUS_NO_MEMORY;
    const OSSL_PARAM *no_params = NULL;
    int done = 0;
    if (EVP_EncryptInit_ex2(context, crypto->gcm, secret_read(key), sealed, no_params) != 1 ||
        (aad_len > 0 && EVP_EncryptUpdate(context, NULL, &done, aad, (int)aad_len) != 1) ||
        EVP_EncryptUpdate(context, cipher_text, &done, secret_read(plain), (int)len) != 1 ||
        EVP_EncryptFinal_ex(context, cipher_text + len, &done) != 1)
        return STATUS_FAILED;

    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, cipher_text + len, CRYPTO_AEAD_TAG_SIZE),
        OSSL_PARAM_construct_end()};
    if (EVP_CIPHER_CTX_get_params(context, tag) != 1)
        return STATUS_FAILED;

    memcpy(out_sealed, sealed, len + SEAL_OVERHEAD);
    *out_len = len + SEAL_OVERHEAD;
    return STATUS_OK;
}

enum status crypto_unseal(struct crypto *crypto, const struct secret *key, const void *aad, size_t aad_len,
                          const uint8_t *sealed, size_t len, struct secret **out_plain)
{
    if (!sizes_fit(key, aad_len))
        return STATUS_INVALID;
    if (len < SEAL_OVERHEAD || len > SECRET_MAX + SEAL_OVERHEAD)
        return STATUS_TAMPERED;

    size_t plain_len = len - SEAL_OVERHEAD;
    const uint8_t *cipher_text = sealed + CRYPTO_NONCE_SIZE;
    secret_owner struct secret *plain = secret_new(plain_len);
    cipher_owner EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (plain == NULL || context == NULL)
        return STATUS_NO_MEMORY;

    const OSSL_PARAM tag[] = {crypto_octets(OSSL_CIPHER_PARAM_AEAD_TAG, cipher_text + plain_len, CRYPTO_AEAD_TAG_SIZE),
                              OSSL_PARAM_construct_end()};
    int done = 0;
    if (EVP_DecryptInit_ex2(context, crypto->gcm, secret_read(key), sealed, tag) != 1 ||
        (aad_len > 0 && EVP_DecryptUpdate(context, NULL, &done, aad, (int)aad_len) != 1) ||
        EVP_DecryptUpdate(context, secret_fill(plain), &done, cipher_text, (int)plain_len) != 1)
        return STATUS_FAILED;

    uint8_t rest[1];
    if (EVP_DecryptFinal_ex(context, rest, &done) != 1)
        return STATUS_TAMPERED;

    *out_plain = plain;
    plain = NULL;
    return STATUS_OK;
}
