#include "../failing.h"

#include <openssl/conf.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

FAILING(OSSL_LIB_CTX *, OSSL_LIB_CTX_new, (void), (), NULL)
FAILING(int, CONF_modules_load_file_ex,
        (OSSL_LIB_CTX * library, const char *file, const char *name, unsigned long flags), (library, file, name, flags),
        0)
FAILING(EVP_MAC *, EVP_MAC_fetch, (OSSL_LIB_CTX * library, const char *name, const char *wanted),
        (library, name, wanted), NULL)
FAILING(EVP_KDF *, EVP_KDF_fetch, (OSSL_LIB_CTX * library, const char *name, const char *wanted),
        (library, name, wanted), NULL)
FAILING(EVP_CIPHER *, EVP_CIPHER_fetch, (OSSL_LIB_CTX * library, const char *name, const char *wanted),
        (library, name, wanted), NULL)
FAILING(EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX * library, const char *name, const char *wanted), (library, name, wanted),
        NULL)
FAILING(int, RAND_bytes_ex, (OSSL_LIB_CTX * library, unsigned char *out, size_t len, unsigned strength),
        (library, out, len, strength), 0)
FAILING(int, RAND_priv_bytes_ex, (OSSL_LIB_CTX * library, unsigned char *out, size_t len, unsigned strength),
        (library, out, len, strength), 0)

FAILING(EVP_MAC_CTX *, EVP_MAC_CTX_new, (EVP_MAC * mac), (mac), NULL)
FAILING(EVP_MAC_CTX *, EVP_MAC_CTX_dup, (const EVP_MAC_CTX *context), (context), NULL)
FAILING(int, EVP_MAC_init, (EVP_MAC_CTX * context, const unsigned char *key, size_t len, const OSSL_PARAM *parameters),
        (context, key, len, parameters), 0)
FAILING(int, EVP_MAC_update, (EVP_MAC_CTX * context, const unsigned char *bytes, size_t len), (context, bytes, len), 0)
FAILING(int, EVP_MAC_final, (EVP_MAC_CTX * context, unsigned char *out, size_t *out_len, size_t size),
        (context, out, out_len, size), 0)

FAILING(EVP_KDF_CTX *, EVP_KDF_CTX_new, (EVP_KDF * kdf), (kdf), NULL)
FAILING(int, EVP_KDF_derive, (EVP_KDF_CTX * context, unsigned char *out, size_t len, const OSSL_PARAM *parameters),
        (context, out, len, parameters), 0)

FAILING(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, (void), (), NULL)
FAILING(int, EVP_EncryptInit_ex2,
        (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *nonce,
         const OSSL_PARAM *parameters),
        (context, cipher, key, nonce, parameters), 0)
FAILING(int, EVP_EncryptUpdate,
        (EVP_CIPHER_CTX * context, unsigned char *out, int *out_len, const unsigned char *bytes, int len),
        (context, out, out_len, bytes, len), 0)
FAILING(int, EVP_EncryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char *out, int *out_len), (context, out, out_len),
        0)
FAILING(int, EVP_CIPHER_CTX_get_params, (EVP_CIPHER_CTX * context, OSSL_PARAM *parameters), (context, parameters), 0)
FAILING(int, EVP_DecryptInit_ex2,
        (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *nonce,
         const OSSL_PARAM *parameters),
        (context, cipher, key, nonce, parameters), 0)
FAILING(int, EVP_DecryptUpdate,
        (EVP_CIPHER_CTX * context, unsigned char *out, int *out_len, const unsigned char *bytes, int len),
        (context, out, out_len, bytes, len), 0)
FAILING(int, EVP_DecryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char *out, int *out_len), (context, out, out_len),
        0)
