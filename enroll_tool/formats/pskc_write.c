#include "pskc_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "../moment.h"
#include "../text.h"
#include "pskc_lock.h"
#include "pskc_name.h"
#include "pskc_tree.h"

#define PSKC    "urn:ietf:params:xml:ns:keyprov:pskc"
#define XMLDSIG "http://www.w3.org/2000/09/xmldsig#"
#define XMLENC  "http://www.w3.org/2001/04/xmlenc#"
#define XENC11  "http://www.w3.org/2009/xmlenc11#"
#define PKCS5   "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
#define HMAC    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"

#define SALT_LEN    16
#define MAC_KEY_LEN 32
#define SEALED_MAX  (FACTOR_SECRET_MAX + 2 * CRYPTO_BLOCK_SIZE)

struct pskc_writer {
    xmlTextWriter *xml;
    struct crypto *crypto;
    struct secret *key;
    struct secret *mac_key;
    struct crypto_mac *mac;
    bool failed; /* what the XML library could not write */
};

static void begin(struct pskc_writer *writer, const char *name)
{
    writer->failed = writer->failed || xmlTextWriterStartElement(writer->xml, (const xmlChar *)name) < 0;
}

static void end(struct pskc_writer *writer)
{
    writer->failed = writer->failed || xmlTextWriterEndElement(writer->xml) < 0;
}

static void attribute(struct pskc_writer *writer, const char *name, const char *value)
{
    writer->failed =
        writer->failed || xmlTextWriterWriteAttribute(writer->xml, (const xmlChar *)name, (const xmlChar *)value) < 0;
}

static void element(struct pskc_writer *writer, const char *name, const char *text)
{
    writer->failed =
        writer->failed || xmlTextWriterWriteElement(writer->xml, (const xmlChar *)name, (const xmlChar *)text) < 0;
}

static void number(struct pskc_writer *writer, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    element(writer, name, text);
}

static void method(struct pskc_writer *writer, const char *name, const char *algorithm)
{
    begin(writer, name);
    attribute(writer, "Algorithm", algorithm);
    end(writer);
}

/* Base64 of bytes that are no secret any more. */
static enum status base64(struct pskc_writer *writer, const char *name, const void *bytes, size_t len)
{
    secret_owner struct secret *plain = secret_copy(bytes, len);
    secret_owner struct secret *text = NULL;
    enum status status = plain == NULL ? STATUS_NO_MEMORY : crypto_base64_encode(plain, &text);
    if (status == STATUS_OK)
        element(writer, name, (const char *)secret_read(text));
    return status;
}

/* The cipher's name and what it made, inside of the element at hand. */
static enum status sealed(struct pskc_writer *writer, const struct secret *plain, uint8_t out_bytes[SEALED_MAX],
                          size_t *out_len)
{
    char cipher[64];
    (void)snprintf(cipher, sizeof cipher, XMLENC "aes%zu-cbc", 8 * secret_len(writer->key));

    enum status status = crypto_cbc_encrypt(writer->crypto, writer->key, plain, out_bytes, SEALED_MAX, out_len);
    if (status != STATUS_OK)
        return status;
    method(writer, "xenc:EncryptionMethod", cipher);
    begin(writer, "xenc:CipherData");
    status = base64(writer, "xenc:CipherValue", out_bytes, *out_len);
    end(writer);
    return status;
}

static enum status write_derivation(struct pskc_writer *writer, const uint8_t salt[SALT_LEN])
{
    begin(writer, "xenc11:DerivedKey");
    begin(writer, "xenc11:KeyDerivationMethod");
    attribute(writer, "Algorithm", PKCS5 "pbkdf2");
    begin(writer, "pkcs5:PBKDF2-params");
    begin(writer, "Salt");
    attribute(writer, "xmlns", ""); /* as in RFC 6030, figure 7: these have no namespace */
    enum status status = base64(writer, "Specified", salt, SALT_LEN);
    end(writer);
    begin(writer, "IterationCount");
    attribute(writer, "xmlns", "");
    writer->failed = writer->failed || xmlTextWriterWriteFormatString(writer->xml, "%d", PSKC_ITERATIONS) < 0;
    end(writer);
    begin(writer, "KeyLength");
    attribute(writer, "xmlns", "");
    writer->failed = writer->failed || xmlTextWriterWriteFormatString(writer->xml, "%d", CRYPTO_KEY_SIZE) < 0;
    end(writer);
    begin(writer, "PRF");
    attribute(writer, "xmlns", "");
    attribute(writer, "Algorithm", HMAC);
    end(writer);
    end(writer);
    end(writer);
    element(writer, "xenc11:MasterKeyName", "passphrase");
    end(writer);
    return status;
}

static enum status write_head(struct pskc_writer *writer, const uint8_t *salt)
{
    uint8_t bytes[SEALED_MAX];
    size_t len = 0;
    enum status status = STATUS_OK;

    writer->failed =
        xmlTextWriterSetIndent(writer->xml, 1) < 0 || xmlTextWriterStartDocument(writer->xml, NULL, "UTF-8", NULL) < 0;
    begin(writer, "KeyContainer");
    attribute(writer, "Version", "1.0");
    attribute(writer, "xmlns", PSKC);
    attribute(writer, "xmlns:ds", XMLDSIG);
    attribute(writer, "xmlns:xenc", XMLENC);
    attribute(writer, "xmlns:xenc11", XENC11);
    attribute(writer, "xmlns:pkcs5", PKCS5);
    begin(writer, "EncryptionKey");
    if (salt != NULL)
        status = write_derivation(writer, salt);
    else
        element(writer, "ds:KeyName", "Pre-shared-key");
    end(writer);
    begin(writer, "MACMethod");
    attribute(writer, "Algorithm", HMAC);
    begin(writer, "MACKey");
    if (status == STATUS_OK)
        status = sealed(writer, writer->mac_key, bytes, &len);
    end(writer);
    end(writer);
    return status;
}

static enum status make_keys(struct pskc_writer *writer, const struct secret *key, const struct secret *passphrase,
                             uint8_t salt[SALT_LEN])
{
    enum status status = crypto_new(&writer->crypto);
    if (status == STATUS_OK)
        status = crypto_random(writer->crypto, salt, SALT_LEN);
    if (status == STATUS_OK && key != NULL) {
        writer->key = secret_copy(secret_read(key), secret_len(key));
        status = writer->key == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    } else if (status == STATUS_OK) {
        status = crypto_stretch(writer->crypto, ALGORITHM_SHA256, passphrase, salt, SALT_LEN, PSKC_ITERATIONS,
                                CRYPTO_KEY_SIZE, &writer->key);
    }
    if (status == STATUS_OK)
        status = crypto_random_secret(writer->crypto, MAC_KEY_LEN, &writer->mac_key);
    return status == STATUS_OK ? crypto_mac_new(writer->crypto, ALGORITHM_SHA256, writer->mac_key, &writer->mac)
                               : status;
}

enum status pskc_writer_open(int fd, const struct secret *key, const struct secret *passphrase,
                             struct pskc_writer **out_writer)
{
    uint8_t salt[SALT_LEN];
    pskc_writer_owner struct pskc_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        return STATUS_NO_MEMORY;
    pskc_tree_prepare();
    xmlOutputBuffer *out = xmlOutputBufferCreateFd(fd, NULL);
    writer->xml = out == NULL ? NULL : xmlNewTextWriter(out);
    if (writer->xml == NULL)
        return STATUS_NO_MEMORY;
    enum status status = make_keys(writer, key, passphrase, salt);
    if (status == STATUS_OK)
        status = write_head(writer, passphrase == NULL ? NULL : salt);
    if (status != STATUS_OK || writer->failed)
        return status == STATUS_OK ? STATUS_FAILED : status;
    *out_writer = writer;
    writer = NULL;
    return STATUS_OK;
}

static enum status write_secret(struct pskc_writer *writer, const struct secret *plain)
{
    uint8_t bytes[SEALED_MAX], mac[CRYPTO_HASH_MAX];
    size_t len = 0, mac_len = 0;

    begin(writer, "Secret");
    begin(writer, "EncryptedValue");
    enum status status = sealed(writer, plain, bytes, &len);
    end(writer);
    if (status == STATUS_OK)
        status = crypto_mac_sign(writer->mac, bytes, len, mac, &mac_len);
    if (status == STATUS_OK)
        status = base64(writer, "ValueMAC", mac, mac_len);
    end(writer);
    return status;
}

static void value(struct pskc_writer *writer, const char *name, int64_t number_value)
{
    begin(writer, name);
    number(writer, "PlainValue", number_value);
    end(writer);
}

/* Time is the last step that was used, so that a reader begins behind it. */
static enum status write_data(struct pskc_writer *writer, const struct wire_secret *factor)
{
    begin(writer, "Data");
    enum status status = write_secret(writer, factor->secret);
    if (factor->kind == FACTOR_HOTP) {
        value(writer, "Counter", (int64_t)factor->counter);
    } else {
        if (factor->counter > 0)
            value(writer, "Time", (int64_t)factor->counter - 1);
        value(writer, "TimeInterval", (int64_t)factor->period_s);
        if (factor->offset_steps != 0)
            value(writer, "TimeDrift", factor->offset_steps);
    }
    end(writer);
    return status;
}

static void write_policy(struct pskc_writer *writer, const struct wire_secret *factor)
{
    char from[MOMENT_SIZE], until[MOMENT_SIZE];

    begin(writer, "Policy");
    if (factor->not_before_s != 0 && moment_utc(factor->not_before_s, from) != NULL)
        element(writer, "StartDate", from);
    if (factor->not_after_s != 0 && moment_utc(factor->not_after_s, until) != NULL)
        element(writer, "ExpiryDate", until);
    element(writer, "KeyUsage", "OTP");
    end(writer);
}

static void write_parameters(struct pskc_writer *writer, const struct wire_secret *factor)
{
    static const char *const suites[] = {"", "HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"};
    char digits[16];

    (void)snprintf(digits, sizeof digits, "%" PRIu32, factor->digits);
    begin(writer, "AlgorithmParameters");
    element(writer, "Suite", suites[(unsigned)factor->algorithm < 4 ? factor->algorithm : 0]);
    begin(writer, "ResponseFormat");
    attribute(writer, "Length", digits);
    attribute(writer, "Encoding", "DECIMAL");
    end(writer);
    end(writer);
}

enum status pskc_writer_put(struct pskc_writer *writer, const struct wire_secret *factor)
{
    char id[32], user[PSKC_NAME_SIZE];

    if (!text_is_clean(factor->user) || !text_is_clean(factor->label) || factor->secret == NULL)
        return STATUS_INVALID; /* no XML has room for it */
    (void)snprintf(id, sizeof id, "garde-%" PRId64, factor->id);
    pskc_name_encode(factor->user, user);
    begin(writer, "KeyPackage");
    begin(writer, "Key");
    attribute(writer, "Id", id);
    attribute(writer, "Algorithm", factor->kind == FACTOR_HOTP ? PSKC ":hotp" : PSKC ":totp");
    write_parameters(writer, factor);
    if (factor->label[0] != '\0')
        element(writer, "FriendlyName", factor->label);
    enum status status = write_data(writer, factor);
    element(writer, "UserId", user);
    write_policy(writer, factor);
    end(writer);
    end(writer);
    return status == STATUS_OK && writer->failed ? STATUS_FAILED : status;
}

enum status pskc_writer_finish(struct pskc_writer *writer)
{
    if (writer->failed || xmlTextWriterEndDocument(writer->xml) < 0 || xmlTextWriterFlush(writer->xml) < 0)
        return STATUS_FAILED;
    return STATUS_OK;
}

void pskc_writer_free(struct pskc_writer *writer)
{
    if (writer == NULL)
        return;
    xmlFreeTextWriter(writer->xml);
    crypto_mac_free(writer->mac);
    secret_free(writer->mac_key);
    secret_free(writer->key);
    crypto_free(writer->crypto);
    free(writer);
}

void pskc_writer_drop(struct pskc_writer **writer)
{
    pskc_writer_free(*writer);
    *writer = NULL;
}
