#include "codes.h"

#include <inttypes.h>
#include <stdio.h>

#include <garde/crypto.h>

#include "actor.h"
#include "admin_client.h"
#include "result.h"
#include "text.h"

#define FAIR_BYTES 250 /* of 256: as many for each digit */

static enum tool_exit no_random(void)
{
    tool_complain(_("the system gave no random numbers for a code."));
    return TOOL_REFUSED;
}

enum tool_exit codes_make_set(struct secret **out_codes)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's Base32 */
    crypto_owner struct crypto *crypto = NULL;
    struct secret *codes = NULL;

    if (crypto_new(&crypto) != STATUS_OK ||
        crypto_random_secret(crypto, (size_t)RECOVERY_CODES * RECOVERY_CODE_LEN, &codes) != STATUS_OK)
        return no_random();
    for (size_t i = 0; i < secret_len(codes); i++)
        secret_fill(codes)[i] = (uint8_t)alphabet[secret_read(codes)[i] & 31];
    *out_codes = codes;
    return TOOL_DONE;
}

/* Bytes that would make some digits likelier are thrown away. */
enum tool_exit codes_make_temporary(struct secret **out_code)
{
    crypto_owner struct crypto *crypto = NULL;
    secret_owner struct secret *code = secret_new(TEMPORARY_CODE_LEN);
    size_t have = 0;

    if (code == NULL || crypto_new(&crypto) != STATUS_OK)
        return no_random();
    while (have < TEMPORARY_CODE_LEN) {
        secret_owner struct secret *bytes = NULL;
        if (crypto_random_secret(crypto, (size_t)2 * TEMPORARY_CODE_LEN, &bytes) != STATUS_OK)
            return no_random();
        for (size_t i = 0; i < secret_len(bytes) && have < TEMPORARY_CODE_LEN; i++)
            if (secret_read(bytes)[i] < FAIR_BYTES)
                secret_fill(code)[have++] = (uint8_t)('0' + secret_read(bytes)[i] % 10);
    }
    *out_code = code;
    code = NULL;
    return TOOL_DONE;
}

void codes_put(struct sink *sink, const struct secret *codes, size_t at, size_t len, size_t group, const char *between)
{
    for (size_t i = 0; i < len; i += group) {
        if (i > 0)
            sink_text(sink, between);
        sink_put(sink, secret_read(codes) + at + i, len - i < group ? len - i : group);
    }
}

struct codes_hold codes_hold(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct codes_hold hold;
    sigset_t held;

    (void)sigemptyset(&hold.before);
    (void)sigemptyset(&held);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        (void)sigaddset(&held, ends[i]);
    (void)sigprocmask(SIG_BLOCK, &held, &hold.before);
    return hold;
}

void codes_release(struct codes_hold *hold)
{
    (void)sigprocmask(SIG_SETMASK, &hold->before, NULL);
}

void codes_take_back(struct tool *tool, const char *user, int64_t factor_id)
{
    struct wire_message request = {.type = WIRE_CHANGE,
                                   .change = {.actor = actor_find(), .change = WIRE_REVOKE, .factor_id = factor_id}};
    struct wire_result result = {.code = WIRE_OK};
    char shown[TEXT_SHOWN_SIZE(USER_SIZE)];
    (void)snprintf(request.change.user, sizeof request.change.user, "%s", user);
    text_show(shown, sizeof shown, user);

    enum tool_exit done = admin_client_ask(tool, &request, &result);
    if (done == TOOL_DONE)
        done = result_tell(&result, user);
    if (done == TOOL_DONE)
        tool_complain(_("the new codes could not be shown, so they were revoked; %s has none now."), shown);
    else
        tool_complain(_("the new codes could not be shown. Revoke them with: garde revoke %s %" PRId64), shown,
                      factor_id);
}
