/* The lock of an encrypted key container (RFC 6030 6): where its key comes from, and how a value is opened.
 *
 * MUST 1  A key or passphrase comes from a file or is typed, never from the command line.
 * MUST 2  No value is decrypted before its MAC was found right.
 */
#ifndef GARDE_TOOL_PSKC_LOCK_H
#define GARDE_TOOL_PSKC_LOCK_H

#include <garde/crypto.h>

#include "../tool.h"
#include "incoming.h"

#define PSKC_SALT_MAX       64
#define PSKC_ITERATIONS     600000 /* of our own exports */
#define PSKC_PASSPHRASE_MIN 12     /* bytes, of our own exports */
#define PSKC_PASSPHRASE_MAX 512

struct pskc_lock {
    /* As the container has it; filled in by pskc_tree.c. */
    bool is_locked;
    bool by_passphrase;
    uint8_t salt[PSKC_SALT_MAX];
    size_t salt_len;
    uint64_t iterations;
    size_t key_len;
    enum factor_algorithm stretching; /* hash of PBKDF2 */
    enum factor_algorithm mac;        /* 0: the container names none */
    struct secret *locked_mac_key;    /* NULL: it is the key itself */
    size_t locked_mac_key_len;        /* bytes of the key of its cipher */

    struct crypto *crypto;
    struct secret *key;
    struct secret *mac_key;
};

void pskc_lock_drop(struct pskc_lock *lock);

/* Where a key is kept; NULL: it is asked for. after_input: standard input is the container. */
struct pskc_keeper {
    const char *key_file;
    const char *passphrase_file;
    bool after_input;
};

/* A key of 16, 24 or 32 bytes in hexadecimal; a passphrase. Tells what is wrong: TOOL_REFUSED. */
enum tool_exit pskc_lock_read_key(const struct pskc_keeper *keeper, struct secret **out_key) GARDE_MUST_CHECK;
enum tool_exit pskc_lock_read_passphrase(const struct pskc_keeper *keeper, struct secret **out_text) GARDE_MUST_CHECK;

/* Gets the key that a locked container wants. Tells what is wrong: TOOL_REFUSED. */
enum tool_exit pskc_lock_fetch(struct pskc_lock *lock, const struct pskc_keeper *keeper) GARDE_MUST_CHECK;

/* Opens one value: what a cipher with a key of cipher_len bytes made, in Base64, and its MAC. */
enum incoming_fault pskc_lock_open(struct pskc_lock *lock, size_t cipher_len, const struct secret *value,
                                   const struct secret *mac, struct secret **out_plain) GARDE_MUST_CHECK;

#endif
