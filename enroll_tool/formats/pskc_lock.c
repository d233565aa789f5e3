#include "pskc_lock.h"

#include <string.h>

#include "../ask.h"
#include "hex.h"
#include "input.h"

void pskc_lock_drop(struct pskc_lock *lock)
{
    secret_free(lock->locked_mac_key);
    secret_free(lock->key);
    secret_free(lock->mac_key);
    crypto_free(lock->crypto);
    *lock = (struct pskc_lock){.is_locked = false};
}

/* The one line of a file. */
static enum tool_exit read_file(const char *path, struct secret **out_line)
{
    input_owner struct input input = INPUT_NONE;

    enum tool_exit done = input_open(&input, path, INPUT_LINE_MAX);
    if (done == TOOL_DONE && input_line(&input, out_line) != INPUT_LINE) {
        tool_complain(_("the file of the key or passphrase holds no line of text."));
        done = TOOL_REFUSED;
    }
    return done;
}

static enum tool_exit read_line(const char *path, const char *question, bool after_input, struct secret **out_line)
{
    if (path != NULL)
        return read_file(path, out_line);
    if (ask_line(question, ASK_HIDDEN, after_input, PSKC_PASSPHRASE_MAX, out_line) == STATUS_OK)
        return TOOL_DONE;
    tool_complain(_("no answer, so nothing was done."));
    return TOOL_REFUSED;
}

enum tool_exit pskc_lock_read_key(const struct pskc_keeper *keeper, struct secret **out_key)
{
    secret_owner struct secret *text = NULL;
    secret_owner struct secret *key = NULL;

    enum tool_exit done =
        read_line(keeper->key_file, _("AES key in hexadecimal (not shown): "), keeper->after_input, &text);
    if (done != TOOL_DONE)
        return done;
    if (hex_decode((const char *)secret_read(text), secret_len(text), &key) != STATUS_OK ||
        (secret_len(key) != 16 && secret_len(key) != 24 && secret_len(key) != 32)) {
        tool_complain(_("an AES key has 32, 48 or 64 hexadecimal digits."));
        return TOOL_REFUSED;
    }
    *out_key = key;
    key = NULL;
    return TOOL_DONE;
}

enum tool_exit pskc_lock_read_passphrase(const struct pskc_keeper *keeper, struct secret **out_text)
{
    return read_line(keeper->passphrase_file, _("Passphrase (not shown): "), keeper->after_input, out_text);
}

static enum tool_exit stretch(struct pskc_lock *lock, const struct secret *passphrase)
{
    enum status status = crypto_stretch(lock->crypto, lock->stretching, passphrase, lock->salt, lock->salt_len,
                                        lock->iterations, lock->key_len, &lock->key);
    if (status == STATUS_OK)
        return TOOL_DONE;
    tool_complain(_("this container's key cannot be made from a passphrase here."));
    return TOOL_REFUSED;
}

enum tool_exit pskc_lock_fetch(struct pskc_lock *lock, const struct pskc_keeper *keeper)
{
    secret_owner struct secret *passphrase = NULL;

    if (lock->crypto == NULL && crypto_new(&lock->crypto) != STATUS_OK) {
        tool_complain(_("the system's cryptographic library cannot be used."));
        return TOOL_REFUSED;
    }
    if (!lock->by_passphrase && keeper->passphrase_file != NULL) {
        tool_complain(_("this container is encrypted with an AES key: --key-file FILE"));
        return TOOL_REFUSED;
    }
    if (!lock->by_passphrase || keeper->key_file != NULL)
        return pskc_lock_read_key(keeper, &lock->key);
    enum tool_exit done = pskc_lock_read_passphrase(keeper, &passphrase);
    return done == TOOL_DONE ? stretch(lock, passphrase) : done;
}

static enum incoming_fault fault_of(enum status status)
{
    return status == STATUS_OK ? INCOMING_GOOD : status == STATUS_TAMPERED ? INCOMING_LOCKED : INCOMING_CIPHER;
}

/* The key of the MACs, once for the container. Its own MAC is there nowhere: a wrong one shows in each value. */
static enum incoming_fault open_mac_key(struct pskc_lock *lock)
{
    secret_owner struct secret *bytes = NULL;

    if (lock->mac_key != NULL)
        return INCOMING_GOOD;
    if (lock->locked_mac_key == NULL) {
        lock->mac_key = secret_copy(secret_read(lock->key), secret_len(lock->key));
        return lock->mac_key == NULL ? INCOMING_LOCKED : INCOMING_GOOD;
    }
    if (secret_len(lock->key) != lock->locked_mac_key_len)
        return INCOMING_LOCKED;
    if (crypto_base64_decode(lock->locked_mac_key, &bytes) != STATUS_OK)
        return INCOMING_CIPHER;
    return fault_of(crypto_cbc_decrypt(lock->crypto, lock->key, secret_read(bytes), secret_len(bytes), &lock->mac_key));
}

static enum incoming_fault check_mac(struct pskc_lock *lock, const struct secret *bytes, const struct secret *mac)
{
    crypto_mac_owner struct crypto_mac *hmac = NULL;
    uint8_t have[CRYPTO_HASH_MAX];
    size_t len = 0;

    if (crypto_mac_new(lock->crypto, lock->mac, lock->mac_key, &hmac) != STATUS_OK ||
        crypto_mac_sign(hmac, secret_read(bytes), secret_len(bytes), have, &len) != STATUS_OK)
        return INCOMING_CIPHER;
    return secret_len(mac) == len && crypto_equal(have, secret_read(mac), len) ? INCOMING_GOOD : INCOMING_FORGED;
}

enum incoming_fault pskc_lock_open(struct pskc_lock *lock, size_t cipher_len, const struct secret *value,
                                   const struct secret *mac, struct secret **out_plain)
{
    secret_owner struct secret *bytes = NULL;
    secret_owner struct secret *mac_bytes = NULL;

    if (lock->key == NULL || cipher_len != secret_len(lock->key))
        return INCOMING_LOCKED;
    if (lock->mac == 0 || mac == NULL)
        return INCOMING_FORGED;
    if (crypto_base64_decode(value, &bytes) != STATUS_OK || crypto_base64_decode(mac, &mac_bytes) != STATUS_OK)
        return INCOMING_CIPHER;
    enum incoming_fault fault = open_mac_key(lock);
    if (fault == INCOMING_GOOD)
        fault = check_mac(lock, bytes, mac_bytes);
    if (fault != INCOMING_GOOD)
        return fault;
    return fault_of(crypto_cbc_decrypt(lock->crypto, lock->key, secret_read(bytes), secret_len(bytes), out_plain));
}
