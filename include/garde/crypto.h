/* Tools layer: the only door to OpenSSL's libcrypto (EVP with fetched algorithms, in a library context of our own,
 * so that a FIPS provider works).
 *
 * A struct crypto holds no key. Objects with a key (struct crypto_mac) live as short as their owner can make it: the
 * library keeps raw keys on the heap while they live, and wipes them when they are freed.
 * A struct crypto and what was made from it belongs to one thread.
 */
#ifndef GARDE_CRYPTO_H
#define GARDE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/factor.h>
#include <garde/secret.h>
#include <garde/status.h>

#define CRYPTO_KEY_SIZE      32
#define CRYPTO_NONCE_SIZE    12
#define CRYPTO_AEAD_TAG_SIZE 16
#define CRYPTO_HASH_MAX      64

struct crypto;

/* Fetches everything once. STATUS_FAILED: the library offers no such algorithm. */
enum status crypto_new(struct crypto **out_crypto) GARDE_MUST_CHECK;
void crypto_free(struct crypto *crypto);
void crypto_drop(struct crypto **crypto);
#define crypto_owner __attribute__((cleanup(crypto_drop)))

/* len bytes from the system's generator. */
enum status crypto_random(struct crypto *crypto, void *out_bytes, size_t len) GARDE_MUST_CHECK;
/* A fresh secret of len bytes. The caller owns it. */
enum status crypto_random_secret(struct crypto *crypto, size_t len, struct secret **out_secret) GARDE_MUST_CHECK;

/* Constant time in len; equal lengths are the caller's business. */
bool crypto_equal(const void *a, const void *b, size_t len);

/* HKDF-SHA-256 (RFC 5869), extract and expand: CRYPTO_KEY_SIZE bytes for one purpose, named by info. */
enum status crypto_derive(struct crypto *crypto, const struct secret *key, const void *salt, size_t salt_len,
                          const char *info, struct secret **out_key) GARDE_MUST_CHECK;

/* HMAC (RFC 2104) with a key that is set once and used for many messages. */
struct crypto_mac;
enum status crypto_mac_new(struct crypto *crypto, enum factor_algorithm hash, const struct secret *key,
                           struct crypto_mac **out_mac) GARDE_MUST_CHECK;
void crypto_mac_free(struct crypto_mac *mac);
void crypto_mac_drop(struct crypto_mac **mac);
#define crypto_mac_owner __attribute__((cleanup(crypto_mac_drop)))
/* One whole message. out_mac has room for CRYPTO_HASH_MAX bytes; *out_len: 20, 32 or 64. */
enum status crypto_mac_sign(struct crypto_mac *mac, const void *message, size_t len, uint8_t *out_bytes,
                            size_t *out_len) GARDE_MUST_CHECK;

/* AES-256-GCM (NIST SP 800-38D). seal: a random nonce, then out = nonce, ciphertext, tag; *out_len is
 * plain's length + CRYPTO_NONCE_SIZE + CRYPTO_AEAD_TAG_SIZE and must fit size. One key seals fewer than 2^32 times. */
enum status crypto_seal(struct crypto *crypto, const struct secret *key, const void *aad, size_t aad_len,
                        const struct secret *plain, uint8_t *out_sealed, size_t size, size_t *out_len) GARDE_MUST_CHECK;
/* STATUS_TAMPERED: key, associated data or sealed bytes are not those of the sealing. */
enum status crypto_unseal(struct crypto *crypto, const struct secret *key, const void *aad, size_t aad_len,
                          const uint8_t *sealed, size_t len, struct secret **out_plain) GARDE_MUST_CHECK;

/* What other systems' key containers are made with (RFC 6030 6, XML Encryption 5.2); nothing of garde's own is kept this way.
 *
 * AES-CBC with a key of 16, 24 or 32 bytes. encrypt: a random first block, then the bytes and their padding, which must fit size.
 * decrypt proves nothing: who calls it has checked a MAC over the bytes before. STATUS_TAMPERED: no padding there. */
#define CRYPTO_BLOCK_SIZE 16
enum status crypto_cbc_encrypt(struct crypto *crypto, const struct secret *key, const struct secret *plain,
                               uint8_t *out_bytes, size_t size, size_t *out_len) GARDE_MUST_CHECK;
enum status crypto_cbc_decrypt(struct crypto *crypto, const struct secret *key, const uint8_t *bytes, size_t len,
                               struct secret **out_plain) GARDE_MUST_CHECK;
/* PBKDF2 (RFC 8018 5.2) with HMAC over this hash: a key from a passphrase. */
#define CRYPTO_ITERATIONS_MAX 10000000
enum status crypto_stretch(struct crypto *crypto, enum factor_algorithm hash, const struct secret *passphrase,
                           const void *salt, size_t salt_len, uint64_t iterations, size_t key_len,
                           struct secret **out_key) GARDE_MUST_CHECK;
/* Base64 (RFC 4648 4) with padding. decode takes white space anywhere and refuses every other foreign character. */
enum status crypto_base64_encode(const struct secret *bytes, struct secret **out_text) GARDE_MUST_CHECK;
enum status crypto_base64_decode(const struct secret *text, struct secret **out_bytes) GARDE_MUST_CHECK;

#endif
