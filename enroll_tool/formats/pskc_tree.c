#include "pskc_tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlmemory.h>

#include <garde/number.h>

#include "../moment.h"
#include "../text.h"
#include "wiping.h"

#define PSKC_NAMESPACE "urn:ietf:params:xml:ns:keyprov:pskc"

struct pskc_tree {
    xmlDoc *doc;
    xmlNode *at; /* the package that was read last */
    unsigned long count;
};

static void say_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

void pskc_tree_prepare(void)
{
    (void)xmlMemSetup(wiping_free, wiping_malloc, wiping_realloc, wiping_strdup);
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, say_nothing); /* what it says quotes the file */
}

/* -- reading */

static void refuse_type(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    xmlParserCtxt *parser = context;

    (void)name;
    (void)external;
    (void)system;
    *(bool *)parser->_private = true;
    xmlStopParser(parser);
}

static enum tool_exit tell(const struct input *input, unsigned long line, const char *text)
{
    char shown[1024];
    text_show(shown, sizeof shown, input->path);
    if (line != 0)
        tool_complain("%s:%lu: %s", shown, line, text);
    else
        tool_complain("%s: %s", shown, text);
    return TOOL_REFUSED;
}

static bool is_container(const xmlDoc *doc)
{
    const xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);
    return root != NULL && strcmp((const char *)root->name, "KeyContainer") == 0 && root->ns != NULL &&
           strcmp((const char *)root->ns->href, PSKC_NAMESPACE) == 0;
}

static enum tool_exit feed(xmlParserCtxt *parser, struct input *input, const bool *has_type)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    enum input_found found = INPUT_LINE;

    while ((found = input_bytes(input, &bytes, &len)) == INPUT_LINE)
        if (xmlParseChunk(parser, (const char *)bytes, (int)len, 0) != 0)
            break;
    if (found == INPUT_END)
        (void)xmlParseChunk(parser, NULL, 0, 1);
    else if (found != INPUT_LINE)
        return input_tell(input, found);
    if (*has_type)
        return tell(input, 0, _("it has a document type (DOCTYPE), which a key container never needs"));
    if (parser->wellFormed == 0 || parser->myDoc == NULL)
        return tell(input, parser->lastError.line > 0 ? (unsigned long)parser->lastError.line : 0,
                    _("this is no well-formed XML"));
    if (!is_container(parser->myDoc))
        return tell(input, 0, _("this is no key container of RFC 6030"));
    return TOOL_DONE;
}

enum tool_exit pskc_tree_read(struct input *input, struct pskc_tree **out_tree)
{
    bool has_type = false;
    pskc_tree_owner struct pskc_tree *tree = calloc(1, sizeof *tree);
    xmlParserCtxt *parser = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    enum tool_exit done = TOOL_REFUSED;

    if (tree == NULL || parser == NULL) {
        (void)tell(input, 0, _("there is no memory for it"));
    } else {
        (void)xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
                                            XML_PARSE_BIG_LINES);
        parser->_private = &has_type;
        parser->sax->internalSubset = refuse_type;
        done = feed(parser, input, &has_type);
        tree->doc = parser->myDoc;
    }
    if (parser != NULL)
        xmlFreeParserCtxt(parser);
    if (done != TOOL_DONE)
        return done;
    *out_tree = tree;
    tree = NULL;
    return TOOL_DONE;
}

void pskc_tree_free(struct pskc_tree *tree)
{
    if (tree == NULL)
        return;
    xmlFreeDoc(tree->doc);
    free(tree);
}

void pskc_tree_drop(struct pskc_tree **tree)
{
    pskc_tree_free(*tree);
    *tree = NULL;
}

/* -- looking around: elements are known by their local name, since documents differ in which of the names have a namespace */

static xmlNode *next_named(xmlNode *node, const char *name)
{
    while (node != NULL && (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name) != 0))
        node = node->next;
    return node;
}

static xmlNode *child(const xmlNode *node, const char *name)
{
    return node == NULL ? NULL : next_named(node->children, name);
}

static bool is_twice(const xmlNode *node, const char *name)
{
    xmlNode *first = child(node, name);
    return first != NULL && next_named(first->next, name) != NULL;
}

/* The text of an element without the blanks around it; NULL: none, or too long. */
static struct secret *text_of(xmlNode *node)
{
    xmlChar *content = node == NULL ? NULL : xmlNodeGetContent(node);
    if (content == NULL)
        return NULL;
    const char *text = (const char *)content + strspn((const char *)content, " \t\r\n");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    struct secret *copy = secret_copy(text, len);
    xmlFree(content);
    return copy;
}

static bool has_number(xmlNode *node, uint64_t min, uint64_t max, uint64_t *out_number)
{
    secret_owner struct secret *text = text_of(node);
    return text != NULL && number_parse((const char *)secret_read(text), min, max, out_number) == STATUS_OK;
}

/* The part of an attribute behind the last '#': what the URIs of algorithms differ in. "" if there is none. */
static void algorithm_of(xmlNode *node, char out[64])
{
    xmlChar *value = node == NULL ? NULL : xmlGetNoNsProp(node, (const xmlChar *)"Algorithm");
    const char *hash = value == NULL ? NULL : strrchr((const char *)value, '#');
    if (hash == NULL || !text_copy(out, 64, hash + 1))
        out[0] = '\0';
    xmlFree(value);
}

/* -- the lock */

static enum factor_algorithm hmac_named(const char *name)
{
    static const struct {
        const char *name;
        enum factor_algorithm hash;
    } names[] = {{"hmac-sha1", ALGORITHM_SHA1},        {"hmac-sha256", ALGORITHM_SHA256},
                 {"hmac-sha512", ALGORITHM_SHA512},    {"hmacWithSHA1", ALGORITHM_SHA1},
                 {"hmacWithSHA256", ALGORITHM_SHA256}, {"hmacWithSHA512", ALGORITHM_SHA512}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i].name) == 0)
            return names[i].hash;
    return 0;
}

/* Bytes of the key of a cipher in mode CBC; 0: another cipher. */
static size_t cipher_key_len(xmlNode *value)
{
    char name[64];
    algorithm_of(child(value, "EncryptionMethod"), name);
    return strcmp(name, "aes128-cbc") == 0   ? 16
           : strcmp(name, "aes192-cbc") == 0 ? 24
           : strcmp(name, "aes256-cbc") == 0 ? 32
                                             : 0;
}

static struct secret *cipher_text(xmlNode *value)
{
    return text_of(child(child(value, "CipherData"), "CipherValue"));
}

static enum status read_derivation(xmlNode *derived, struct pskc_lock *lock)
{
    char name[64];
    xmlNode *method = child(derived, "KeyDerivationMethod"), *params = child(method, "PBKDF2-params");
    secret_owner struct secret *salt = text_of(child(child(params, "Salt"), "Specified"));
    secret_owner struct secret *bytes = NULL;
    uint64_t key_len = 0;

    algorithm_of(method, name);
    if (strcmp(name, "pbkdf2") != 0 || salt == NULL || crypto_base64_decode(salt, &bytes) != STATUS_OK ||
        secret_len(bytes) == 0 || secret_len(bytes) > sizeof lock->salt ||
        !has_number(child(params, "IterationCount"), 1, CRYPTO_ITERATIONS_MAX, &lock->iterations) ||
        !has_number(child(params, "KeyLength"), 16, 32, &key_len))
        return STATUS_INVALID;
    memcpy(lock->salt, secret_read(bytes), secret_len(bytes));
    lock->salt_len = secret_len(bytes);
    lock->key_len = (size_t)key_len;
    lock->stretching = ALGORITHM_SHA1; /* RFC 8018 A.2: where it is not said */
    algorithm_of(child(params, "PRF"), name);
    if (name[0] != '\0')
        lock->stretching = hmac_named(name);
    return lock->stretching == 0 ? STATUS_INVALID : STATUS_OK;
}

static enum status read_mac(xmlNode *method, struct pskc_lock *lock)
{
    char name[64];
    xmlNode *key = child(method, "MACKey");

    algorithm_of(method, name);
    lock->mac = hmac_named(name);
    if (key == NULL)
        return lock->mac == 0 ? STATUS_INVALID : STATUS_OK;
    lock->locked_mac_key = cipher_text(key);
    lock->locked_mac_key_len = cipher_key_len(key);
    return lock->mac == 0 || lock->locked_mac_key == NULL || lock->locked_mac_key_len == 0 ? STATUS_INVALID : STATUS_OK;
}

enum status pskc_tree_lock(const struct pskc_tree *tree, struct pskc_lock *lock)
{
    const xmlNode *root = xmlDocGetRootElement(tree->doc);
    xmlNode *key = child(root, "EncryptionKey"), *method = child(root, "MACMethod");
    xmlNode *derived = child(key, "DerivedKey");
    enum status status = STATUS_OK;

    if (key == NULL)
        return STATUS_OK;
    lock->is_locked = true;
    lock->by_passphrase = derived != NULL;
    if (derived == NULL && child(key, "KeyName") == NULL)
        return STATUS_INVALID; /* a key of a certificate, or wrapped in another */
    if (derived != NULL)
        status = read_derivation(derived, lock);
    return status == STATUS_OK && method != NULL ? read_mac(method, lock) : status;
}

/* -- a package */

static void put_text(xmlNode *value, const struct secret *text)
{
    xmlNode *plain = xmlNewChild(value, value->ns, (const xmlChar *)"PlainValue", NULL);
    if (plain != NULL)
        xmlNodeAddContentLen(plain, secret_read(text), (int)secret_len(text));
}

/* RFC 6030 4.2: an encrypted number is 4 or 8 bytes, highest first. */
static struct secret *number_text(const struct secret *plain)
{
    char text[24];
    uint64_t number = 0;

    if (secret_len(plain) != 4 && secret_len(plain) != 8)
        return NULL;
    for (size_t i = 0; i < secret_len(plain); i++)
        number = number << 8 | secret_read(plain)[i];
    int len = snprintf(text, sizeof text, "%" PRIu64, number);
    return secret_copy(text, (size_t)len);
}

/* Puts a plain value in the place of an encrypted one. */
static enum incoming_fault open_value(xmlNode *value, struct pskc_lock *lock)
{
    xmlNode *locked = child(value, "EncryptedValue"), *mac_node = child(value, "ValueMAC");
    secret_owner struct secret *sealed = NULL;
    secret_owner struct secret *mac = NULL;
    secret_owner struct secret *plain = NULL;
    secret_owner struct secret *text = NULL;

    if (locked == NULL)
        return INCOMING_GOOD;
    size_t key_len = cipher_key_len(locked);
    sealed = cipher_text(locked);
    mac = text_of(mac_node);
    if (key_len == 0 || sealed == NULL || child(value, "PlainValue") != NULL)
        return INCOMING_CIPHER;
    enum incoming_fault fault = pskc_lock_open(lock, key_len, sealed, mac, &plain);
    if (fault != INCOMING_GOOD)
        return fault;
    if (strcmp((const char *)value->name, "Secret") != 0)
        text = number_text(plain);
    else if (crypto_base64_encode(plain, &text) != STATUS_OK)
        return INCOMING_BAD_SECRET;
    if (text == NULL)
        return INCOMING_COUNTER;
    put_text(value, text);
    xmlUnlinkNode(locked);
    xmlFreeNode(locked);
    return INCOMING_GOOD;
}

/* libpskc does not tell a secret that is none from one that is missing. */
static bool is_base64(xmlNode *value)
{
    secret_owner struct secret *text = text_of(child(value, "PlainValue"));
    secret_owner struct secret *bytes = NULL;
    return text != NULL && crypto_base64_decode(text, &bytes) == STATUS_OK;
}

/* libpskc reads numbers loosely. */
static bool is_number(xmlNode *value, int64_t min, int64_t max)
{
    secret_owner struct secret *text = text_of(child(value, "PlainValue"));
    int64_t number = 0;

    if (value == NULL)
        return true;
    return text != NULL && incoming_signed((const char *)secret_read(text), max, &number) == STATUS_OK && number >= min;
}

static enum incoming_fault check_data(xmlNode *data, struct pskc_lock *lock)
{
    static const struct {
        const char *name;
        int64_t min, max;
        enum incoming_fault fault;
    } values[] = {{"Secret", 0, 0, INCOMING_BAD_SECRET},
                  {"Counter", 0, INT64_MAX / 2, INCOMING_COUNTER},
                  {"Time", 0, UINT32_MAX - 1, INCOMING_COUNTER},
                  {"TimeInterval", 0, FACTOR_PERIOD_MAX_S, INCOMING_PERIOD},
                  {"TimeDrift", -INT32_MAX, INT32_MAX, INCOMING_OFFSET}};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        xmlNode *value = child(data, values[i].name);
        if (is_twice(data, values[i].name) || is_twice(value, "PlainValue") || is_twice(value, "EncryptedValue"))
            return INCOMING_NOT_OF_FORMAT;
        /* A secret without a MAC is nobody's word where the others have one. */
        bool is_bare = i == 0 && lock->is_locked && child(value, "EncryptedValue") == NULL;
        enum incoming_fault fault = value == NULL ? INCOMING_GOOD : is_bare ? INCOMING_FORGED : open_value(value, lock);
        bool is_sound = i == 0 ? is_base64(value) : is_number(value, values[i].min, values[i].max);
        if (fault == INCOMING_GOOD && !is_sound)
            fault = values[i].fault;
        if (fault != INCOMING_GOOD)
            return fault;
    }
    return INCOMING_GOOD;
}

/* Takes a date out of the policy: libpskc passes over its time zone. */
static enum incoming_fault cut_date(xmlNode *policy, const char *name, int64_t *out_s)
{
    xmlNode *node = child(policy, name);
    secret_owner struct secret *text = text_of(node);
    int64_t ms = 0;

    if (node == NULL)
        return INCOMING_GOOD;
    if (text == NULL || memchr(secret_read(text), 'T', secret_len(text)) == NULL ||
        moment_parse_since((const char *)secret_read(text), 0, &ms) != STATUS_OK || is_twice(policy, name))
        return INCOMING_DATES;
    *out_s = ms / 1000;
    xmlUnlinkNode(node);
    xmlFreeNode(node);
    return INCOMING_GOOD;
}

static enum incoming_fault check_package(xmlNode *package, struct pskc_lock *lock, struct incoming *entry)
{
    static const char *const once[] = {"Issuer", "AlgorithmParameters", "FriendlyName", "Data", "UserId", "Policy"};
    xmlNode *key = child(package, "Key");

    if (is_twice(package, "Key") || is_twice(package, "DeviceInfo"))
        return INCOMING_NOT_OF_FORMAT;
    if (key == NULL || child(child(key, "Data"), "Secret") == NULL)
        return INCOMING_NO_SECRET;
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        if (is_twice(key, once[i]))
            return INCOMING_NOT_OF_FORMAT;
    enum incoming_fault fault = cut_date(child(key, "Policy"), "StartDate", &entry->not_before_s);
    if (fault == INCOMING_GOOD)
        fault = cut_date(child(key, "Policy"), "ExpiryDate", &entry->not_after_s);
    return fault == INCOMING_GOOD ? check_data(child(key, "Data"), lock) : fault;
}

/* A container around this package alone. */
static bool write_alone(xmlNode *package, char **out_text, size_t *out_len)
{
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root = xmlNewNode(NULL, (const xmlChar *)"KeyContainer");
    xmlNode *copy = xmlDocCopyNode(package, doc, 1);
    xmlChar *text = NULL;
    int len = 0;

    if (doc == NULL || root == NULL || copy == NULL) {
        xmlFreeNode(root);
        xmlFreeNode(copy);
        xmlFreeDoc(doc);
        return false;
    }
    xmlSetNs(root, xmlNewNs(root, (const xmlChar *)PSKC_NAMESPACE, NULL));
    (void)xmlNewProp(root, (const xmlChar *)"Version", (const xmlChar *)"1.0");
    (void)xmlDocSetRootElement(doc, root);
    (void)xmlAddChild(root, copy);
    (void)xmlReconciliateNs(doc, copy);
    xmlDocDumpMemory(doc, &text, &len);
    xmlFreeDoc(doc);
    if (text == NULL || len <= 0) {
        xmlFree(text);
        return false;
    }
    *out_text = (char *)text;
    *out_len = (size_t)len;
    return true;
}

bool pskc_tree_next(struct pskc_tree *tree, struct pskc_lock *lock, struct incoming *entry, char **out_text,
                    size_t *out_len)
{
    xmlNode *root = xmlDocGetRootElement(tree->doc);
    xmlNode *package = next_named(tree->at == NULL ? root->children : tree->at->next, "KeyPackage");

    *out_text = NULL;
    if (package == NULL)
        return false;
    tree->at = package;
    long line = xmlGetLineNo(package);
    entry->line = line > 0 ? (unsigned long)line : 0;
    entry->item = ++tree->count;
    entry->fault = check_package(package, lock, entry);
    if (entry->fault == INCOMING_GOOD && !write_alone(package, out_text, out_len))
        entry->fault = INCOMING_NOT_OF_FORMAT;
    return true;
}

void pskc_tree_free_text(char *text)
{
    xmlFree(text);
}
