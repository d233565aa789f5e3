/* What key containers of other systems are made with (RFC 6030 6). Nothing of garde's own is kept this way.
 *
 * MUST 1  Each encryption draws its own first block; no caller can give one.
 * MUST 2  What CBC gives back was changed by nobody only if its MAC was right: the caller checks that first.
 */
#include "context.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>

static void drop_cipher(EVP_CIPHER **cipher)
{
    EVP_CIPHER_free(*cipher);
}
static void drop_context(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
    crypto_wipe_stack();
}
#define cipher_owner  __attribute__((cleanup(drop_cipher)))
#define context_owner __attribute__((cleanup(drop_context)))

/* Fetched where it is needed: the verifier has no use for it. NULL: no key of AES. */
static EVP_CIPHER *fetch_cbc(struct crypto *crypto, size_t key_len)
{
    switch (key_len) {
    case 16:
        return EVP_CIPHER_fetch(crypto->library, "AES-128-CBC", NULL);
    case 24:
        return EVP_CIPHER_fetch(crypto->library, "AES-192-CBC", NULL);
    case 32:
        return EVP_CIPHER_fetch(crypto->library, "AES-256-CBC", NULL);
    default:
        return NULL;
    }
}

static bool is_key(const struct secret *key)
{
    return secret_len(key) == 16 || secret_len(key) == 24 || secret_len(key) == 32;
}

enum status crypto_cbc_encrypt(struct crypto *crypto, const struct secret *key, const struct secret *plain,
                               uint8_t *out_bytes, size_t size, size_t *out_len)
{
    size_t len = secret_len(plain), padded = (len / CRYPTO_BLOCK_SIZE + 1) * CRYPTO_BLOCK_SIZE;
    if (!is_key(key) || len > SECRET_MAX - CRYPTO_BLOCK_SIZE || size < CRYPTO_BLOCK_SIZE + padded)
        return STATUS_INVALID;

    cipher_owner EVP_CIPHER *cipher = fetch_cbc(crypto, secret_len(key));
    context_owner EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (cipher == NULL || context == NULL)
        return STATUS_FAILED;
    uint8_t sealed[CRYPTO_BLOCK_SIZE + SECRET_MAX + CRYPTO_BLOCK_SIZE];
    enum status status = crypto_random(crypto, sealed, CRYPTO_BLOCK_SIZE);
    if (status != STATUS_OK)
        return status;
    int first = 0, last = 0;
    if (EVP_EncryptInit_ex2(context, cipher, secret_read(key), sealed, NULL) != 1 ||
        EVP_EncryptUpdate(context, sealed + CRYPTO_BLOCK_SIZE, &first, secret_read(plain), (int)len) != 1 ||
        EVP_EncryptFinal_ex(context, sealed + CRYPTO_BLOCK_SIZE + first, &last) != 1)
        return STATUS_FAILED;

    memcpy(out_bytes, sealed, CRYPTO_BLOCK_SIZE + padded);
    *out_len = CRYPTO_BLOCK_SIZE + padded;
    return STATUS_OK;
}

/* XML Encryption 5.2: the last byte says how many were filled in, and the others may be anything. */
static enum status strip_padding(struct secret *plain)
{
    size_t len = secret_len(plain);
    uint8_t filled = secret_read(plain)[len - 1];
    if (filled == 0 || filled > CRYPTO_BLOCK_SIZE)
        return STATUS_TAMPERED;
    secret_shorten(plain, len - filled);
    return STATUS_OK;
}

enum status crypto_cbc_decrypt(struct crypto *crypto, const struct secret *key, const uint8_t *bytes, size_t len,
                               struct secret **out_plain)
{
    if (!is_key(key) || len < (size_t)2 * CRYPTO_BLOCK_SIZE || len % CRYPTO_BLOCK_SIZE != 0 || len > SECRET_MAX)
        return STATUS_INVALID;

    size_t plain_len = len - CRYPTO_BLOCK_SIZE;
    secret_owner struct secret *plain = secret_new(plain_len);
    cipher_owner EVP_CIPHER *cipher = fetch_cbc(crypto, secret_len(key));
    context_owner EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (plain == NULL)
        return STATUS_NO_MEMORY;
    int done = 0;
    if (cipher == NULL || context == NULL || EVP_DecryptInit_ex2(context, cipher, secret_read(key), bytes, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
        EVP_DecryptUpdate(context, secret_fill(plain), &done, bytes + CRYPTO_BLOCK_SIZE, (int)plain_len) != 1 ||
        (size_t)done != plain_len)
        return STATUS_FAILED;
    enum status status = strip_padding(plain);
    if (status != STATUS_OK)
        return status;

    *out_plain = plain;
    plain = NULL;
    return STATUS_OK;
}

static void drop_kdf(EVP_KDF **kdf)
{
    EVP_KDF_free(*kdf);
}
static void drop_kdf_context(EVP_KDF_CTX **context)
{
    EVP_KDF_CTX_free(*context);
    crypto_wipe_stack();
}

enum status crypto_stretch(struct crypto *crypto, enum factor_algorithm hash, const struct secret *passphrase,
                           const void *salt, size_t salt_len, uint64_t iterations, size_t key_len,
                           struct secret **out_key)
{
    const char *digest = crypto_digest_name(hash);
    if (digest == NULL || iterations == 0 || iterations > CRYPTO_ITERATIONS_MAX || salt_len == 0)
        return STATUS_INVALID;

    secret_owner struct secret *key = secret_new(key_len);
    __attribute__((cleanup(drop_kdf))) EVP_KDF *kdf = EVP_KDF_fetch(crypto->library, OSSL_KDF_NAME_PBKDF2, NULL);
    if (key == NULL)
        return STATUS_NO_MEMORY;
    if (kdf == NULL)
        return STATUS_FAILED;
    __attribute__((cleanup(drop_kdf_context))) EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    if (context == NULL)
        return STATUS_NO_MEMORY;

    int as_in_the_file = 1; /* a salt or count of others may be under what SP 800-132 asks for */
    OSSL_PARAM params[] = {crypto_text(OSSL_KDF_PARAM_DIGEST, digest),
                           crypto_octets(OSSL_KDF_PARAM_PASSWORD, secret_read(passphrase), secret_len(passphrase)),
                           crypto_octets(OSSL_KDF_PARAM_SALT, salt, salt_len),
                           OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
                           OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &as_in_the_file),
                           OSSL_PARAM_construct_end()};
    if (EVP_KDF_derive(context, secret_fill(key), key_len, params) != 1)
        return STATUS_FAILED;

    *out_key = key;
    key = NULL;
    return STATUS_OK;
}
