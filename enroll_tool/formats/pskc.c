/* Key containers (RFC 6030): what a package means, by libpskc. It gets each alone, plain, and without what it reads loosely
 * (pskc_tree.h).
 *
 * MUST 1  The library's copies of a secret are wiped before it frees them, which it does without.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pskc/pskc.h>

#include "../text.h"
#include "format.h"
#include "input.h"
#include "pskc_lock.h"
#include "pskc_map.h"
#include "pskc_name.h"
#include "pskc_tree.h"

static void drop_container(pskc_t **container)
{
    if (*container != NULL)
        pskc_done(*container);
}
#define container_owner __attribute__((cleanup(drop_container)))

static void wipe(const char *bytes, size_t len)
{
    if (bytes != NULL)
        secret_wipe((void *)(uintptr_t)bytes, len);
}

static enum incoming_fault take_secret(struct incoming *entry, pskc_key_t *key)
{
    size_t len = 0;
    const char *text = pskc_get_key_data_b64secret(key);
    const char *bytes = pskc_get_key_data_secret(key, &len);
    enum incoming_fault fault = INCOMING_GOOD;

    if (bytes == NULL || len == 0)
        fault = text == NULL || text[0] == '\0' ? INCOMING_NO_SECRET : INCOMING_BAD_SECRET;
    else if (len > FACTOR_SECRET_MAX)
        fault = INCOMING_SECRET_LONG;
    else
        entry->secret = secret_copy(bytes, len);
    wipe(bytes, len);
    wipe(text, text == NULL ? 0 : strlen(text));
    return fault;
}

/* "urn:ietf:params:xml:ns:keyprov:pskc:totp"; drafts had a '#' in front of the last word. */
static enum factor_kind kind_of(const char *algorithm)
{
    static const char start[] = "urn:ietf:params:xml:ns:keyprov:pskc";
    size_t len = sizeof start - 1;

    if (algorithm == NULL || strncasecmp(algorithm, start, len) != 0 ||
        (algorithm[len] != ':' && algorithm[len] != '#'))
        return 0;
    if (strcasecmp(algorithm + len + 1, "totp") == 0)
        return FACTOR_TOTP;
    return strcasecmp(algorithm + len + 1, "hotp") == 0 ? FACTOR_HOTP : 0;
}

static enum factor_algorithm algorithm_of(const char *suite)
{
    static const struct {
        const char *name;
        enum factor_algorithm algorithm;
    } names[] = {{"HMAC-SHA1", ALGORITHM_SHA1}, {"HMAC-SHA256", ALGORITHM_SHA256}, {"HMAC-SHA512", ALGORITHM_SHA512},
                 {"HmacSHA1", ALGORITHM_SHA1},  {"HmacSHA256", ALGORITHM_SHA256},  {"HmacSHA512", ALGORITHM_SHA512},
                 {"SHA1", ALGORITHM_SHA1},      {"SHA256", ALGORITHM_SHA256},      {"SHA512", ALGORITHM_SHA512},
                 {"SHA-1", ALGORITHM_SHA1},     {"SHA-256", ALGORITHM_SHA256},     {"SHA-512", ALGORITHM_SHA512}};

    if (suite == NULL || suite[0] == '\0')
        return ALGORITHM_SHA1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(suite, names[i].name) == 0)
            return names[i].algorithm;
    return 0;
}

static enum incoming_fault take_response(struct incoming *entry, pskc_key_t *key)
{
    int has_length = 0, has_encoding = 0, has_check = 0;
    uint32_t length = pskc_get_key_algparm_resp_length(key, &has_length);
    pskc_valueformat encoding = pskc_get_key_algparm_resp_encoding(key, &has_encoding);
    int check = pskc_get_key_algparm_resp_checkdigits(key, &has_check);

    entry->digits = has_length ? length : 6;
    if ((has_encoding && encoding != PSKC_VALUEFORMAT_DECIMAL) || (has_check && check != 0))
        return INCOMING_DIGITS;
    return INCOMING_GOOD;
}

/* Time is the step at which the device was seen last, so the one behind it is the first that counts. */
static void take_moving_factor(struct incoming *entry, pskc_key_t *key)
{
    int present = 0;

    if (entry->kind == FACTOR_HOTP) {
        entry->counter = pskc_get_key_data_counter(key, &present);
        return;
    }
    uint32_t period_s = pskc_get_key_data_timeinterval(key, &present);
    entry->period_s = present && period_s != 0 ? period_s : 30;
    uint32_t step = pskc_get_key_data_time(key, &present);
    entry->counter = present && step != 0 ? (uint64_t)step + 1 : 0;
    entry->offset_steps = (int32_t)pskc_get_key_data_timedrift(key, &present);
}

static enum incoming_fault check_policy(pskc_key_t *key)
{
    int has_usage = 0, has_pin = 0;
    int usages = pskc_get_key_policy_keyusages(key, &has_usage);
    pskc_pinusagemode pin = pskc_get_key_policy_pinusagemode(key, &has_pin);

    if (has_usage && (usages & PSKC_KEYUSAGE_OTP) == 0)
        return INCOMING_KIND;
    return has_pin && pin != PSKC_PINUSAGEMODE_LOCAL ? INCOMING_PIN : INCOMING_GOOD;
}

static bool copy(char *out, size_t size, const char *text)
{
    return text == NULL || text_copy(out, size, text);
}

static enum incoming_fault take_names(struct incoming *entry, pskc_key_t *key)
{
    const char *user = pskc_get_key_userid(key), *name = pskc_get_key_friendlyname(key);
    const char *serial = pskc_get_device_serialno(key);

    if (user == NULL)
        user = pskc_get_device_userid(key);
    if (serial == NULL)
        serial = pskc_get_key_id(key);
    if (!copy(entry->serial, sizeof entry->serial, serial) || !copy(entry->label, sizeof entry->label, name) ||
        (user != NULL && !pskc_name_decode(user, entry->user)))
        return INCOMING_BAD_TEXT;
    return INCOMING_GOOD;
}

static enum incoming_fault take_key(struct incoming *entry, pskc_key_t *key)
{
    enum incoming_fault fault = take_names(entry, key);
    entry->kind = kind_of(pskc_get_key_algorithm(key));
    entry->algorithm = algorithm_of(pskc_get_key_algparm_suite(key));
    enum incoming_fault secret_fault = take_secret(entry, key); /* always, since it wipes */

    if (fault == INCOMING_GOOD && entry->kind == 0)
        fault = INCOMING_KIND;
    if (fault == INCOMING_GOOD)
        fault = take_response(entry, key);
    if (fault == INCOMING_GOOD)
        fault = check_policy(key);
    if (fault == INCOMING_GOOD)
        take_moving_factor(entry, key);
    return fault == INCOMING_GOOD ? secret_fault : fault;
}

static enum incoming_fault take_package(struct incoming *entry, const char *text, size_t len)
{
    container_owner pskc_t *container = NULL;

    if (pskc_init(&container) != PSKC_OK)
        return INCOMING_NOT_OF_FORMAT;
    /* PSKC_PARSE_ERROR is also what it says of elements that it does not know. */
    int result = pskc_parse_from_memory(container, len, text);
    pskc_key_t *key = result == PSKC_OK || result == PSKC_PARSE_ERROR ? pskc_get_keypackage(container, 0) : NULL;
    return key == NULL ? INCOMING_NOT_OF_FORMAT : take_key(entry, key);
}

struct reading {
    const struct format_request *request;
    struct pskc_map *map;
    struct pskc_tree *tree;
    struct pskc_lock lock;
};

static void drop_reading(struct reading *reading)
{
    pskc_lock_drop(&reading->lock);
    pskc_tree_free(reading->tree);
    pskc_map_free(reading->map);
}
#define reading_owner __attribute__((cleanup(drop_reading)))

static void find_user(const struct reading *reading, struct incoming *entry)
{
    const char *user = reading->map == NULL ? NULL : pskc_map_user(reading->map, entry->serial);
    if (user != NULL)
        (void)text_copy(entry->user, sizeof entry->user, user);
}

static enum tool_exit begin(struct reading *reading, struct input *input)
{
    const struct format_request *request = reading->request;
    const struct pskc_keeper keeper = {request->key_file, request->passphrase_file, input->is_stdin};

    enum tool_exit done = pskc_tree_read(input, &reading->tree);
    if (done == TOOL_DONE && pskc_tree_lock(reading->tree, &reading->lock) != STATUS_OK) {
        tool_complain(_("the container is encrypted in a way that garde does not know. It knows AES keys, and "
                        "passphrases by PBKDF2."));
        done = TOOL_REFUSED;
    }
    if (done != TOOL_DONE)
        return done;
    if (reading->lock.is_locked)
        return pskc_lock_fetch(&reading->lock, &keeper);
    if (keeper.key_file == NULL && keeper.passphrase_file == NULL)
        return TOOL_DONE;
    tool_complain(_("this container is not encrypted: is it the right one? Who changed it may have "
                    "taken the lock away."));
    return TOOL_REFUSED;
}

static void each(struct reading *reading, incoming_take *take, void *context)
{
    for (;;) {
        incoming_owner struct incoming entry = {.path = reading->request->path};
        char *text = NULL;
        size_t len = 0;

        if (!pskc_tree_next(reading->tree, &reading->lock, &entry, &text, &len))
            return;
        if (text != NULL)
            entry.fault = take_package(&entry, text, len);
        pskc_tree_free_text(text);
        find_user(reading, &entry);
        if (!take(&entry, context))
            return;
    }
}

enum tool_exit format_pskc(const struct format_request *request, incoming_take *take, void *context)
{
    input_owner struct input input = INPUT_NONE;
    reading_owner struct reading reading = {.request = request};

    pskc_tree_prepare();
    if (pskc_global_init() != PSKC_OK) {
        tool_complain(_("the library for key containers cannot be used."));
        return TOOL_REFUSED;
    }
    enum tool_exit done = input_open(&input, request->path, PSKC_BYTES_MAX);
    if (done == TOOL_DONE && request->map != NULL)
        done = pskc_map_read(request->map, &reading.map);
    if (done == TOOL_DONE)
        done = begin(&reading, &input);
    if (done == TOOL_DONE)
        each(&reading, take, context);
    return done;
}
