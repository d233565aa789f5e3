/* 1. Only a whole, well-formed message of the type that the protocol has at this place MUST count; anything else is
 *    "unavailable", which is a failure.
 * 2. A verdict MUST have come after the code was sent.
 * 3. SKIP MUST count only as the first answer of the verifier, before anything was asked of the person; or as the answer to an empty
 *    ANSWER that the PROMPT of the same connection allowed. Each has its own reason, and the other's does not count.
 */
#include "verifier_client.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#define FIRST_FREE_FD 3

static const char *name_of(enum status status)
{
    switch (status) {
    case STATUS_NOT_FOUND:
        return "nobody listens";
    case STATUS_DENIED:
        return "access denied";
    case STATUS_TIMEOUT:
        return "no answer in time";
    case STATUS_CLOSED:
        return "the connection was closed";
    case STATUS_INVALID:
        return "an unexpected message";
    case STATUS_NO_MEMORY:
        return "no memory or no descriptors";
    case STATUS_OK:
    case STATUS_EXISTS:
    case STATUS_TAMPERED:
    case STATUS_NO_SPACE:
    case STATUS_FAILED:
        break;
    }
    return "the connection failed";
}

static enum outcome unavailable(struct verifier_client *client, const char *trouble)
{
    client->trouble = trouble;
    return OUTCOME_UNAVAILABLE;
}

static enum outcome failed(struct verifier_client *client, enum status status)
{
    return status == STATUS_NO_MEMORY ? OUTCOME_NO_MEMORY : unavailable(client, name_of(status));
}

enum outcome verifier_client_odd(struct verifier_client *client)
{
    return failed(client, STATUS_INVALID);
}

static void hang_up(struct verifier_client *client)
{
    if (client->fd >= 0)
        (void)close(client->fd);
    client->fd = -1;
    client->may_be_empty = false;
}

void verifier_client_close(struct verifier_client *client)
{
    hang_up(client);
    secret_drop(&client->packet);
}

/* A caller that runs with stdin, stdout or stderr closed would get the socket under that number, and its next line of
 * output would go to the verifier. */
static enum status keep_off_standard_streams(struct verifier_client *client)
{
    if (client->fd >= FIRST_FREE_FD)
        return STATUS_OK;
    int higher = fcntl(client->fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    hang_up(client);
    client->fd = higher;
    return higher >= 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status connect_by(struct verifier_client *client, int64_t deadline_ms)
{
    if (client->packet == NULL)
        client->packet = secret_new(WIRE_PACKET_MAX);
    if (client->packet == NULL)
        return STATUS_NO_MEMORY;
    hang_up(client);
    enum status status = wire_connect(client->socket, deadline_ms, &client->fd);
    return status == STATUS_OK ? keep_off_standard_streams(client) : status;
}

static enum status exchange(const struct verifier_client *client, const struct wire_message *request,
                            int64_t deadline_ms, struct wire_message *out_reply)
{
    enum status status = wire_send_by(client->fd, request, client->packet, deadline_ms);
    return status == STATUS_OK ? wire_receive_by(client->fd, client->packet, deadline_ms, out_reply) : status;
}

static enum outcome refused(struct verifier_client *client, enum wire_refuse_why why)
{
    switch (why) {
    case WIRE_REFUSE_DENIED:
        return OUTCOME_REFUSED;
    case WIRE_REFUSE_BUSY:
        return unavailable(client, "it is busy");
    case WIRE_REFUSE_LOOKUP:
        return unavailable(client, "its look-up of the name failed");
    }
    return failed(client, STATUS_INVALID);
}

static enum outcome request_by(struct verifier_client *client, const struct wire_message *request, int64_t deadline_ms,
                               struct wire_prompt *out_prompt)
{
    wire_owner struct wire_message reply = {0};

    enum status status = connect_by(client, deadline_ms);
    if (status == STATUS_OK)
        status = exchange(client, request, deadline_ms, &reply);
    if (status != STATUS_OK)
        return failed(client, status);

    if (reply.type == WIRE_SKIP && reply.skip.why == WIRE_SKIP_UNENROLLED)
        return OUTCOME_SKIPPED;
    if (reply.type == WIRE_REFUSE)
        return refused(client, reply.refuse.why);
    if (reply.type != WIRE_PROMPT)
        return failed(client, STATUS_INVALID);
    client->may_be_empty = reply.prompt.may_be_empty == 1;
    *out_prompt = reply.prompt;
    return OUTCOME_UNDECIDED;
}

static enum outcome ask_by(struct verifier_client *client, const struct wire_ask *ask, int64_t deadline_ms,
                           struct wire_prompt *out_prompt)
{
    const struct wire_message request = {.type = WIRE_ASK, .ask = *ask};
    return request_by(client, &request, deadline_ms, out_prompt);
}

enum outcome verifier_client_look(struct verifier_client *client, const struct wire_ask *ask,
                                  struct wire_prompt *out_prompt)
{
    const struct wire_message request = {.type = WIRE_LOOK, .look = {*ask}};
    enum outcome outcome = request_by(client, &request, wire_deadline_ms(client->timeout_ms), out_prompt);
    verifier_client_close(client);
    return outcome;
}

enum outcome verifier_client_ask(struct verifier_client *client, const struct wire_ask *ask,
                                 struct wire_prompt *out_prompt)
{
    return ask_by(client, ask, wire_deadline_ms(client->timeout_ms), out_prompt);
}

/* STATUS_TIMEOUT: the verifier waits for the answer, and has said nothing since its prompt. */
static enum status listen_for_early_words(const struct verifier_client *client)
{
    wire_owner struct wire_message early = {0};
    enum status status = wire_receive_by(client->fd, client->packet, 0, &early);
    return status == STATUS_OK ? STATUS_INVALID : status;
}

/* OUTCOME_UNDECIDED: there is a connection whose verifier waits for the answer. */
static enum outcome make_ready(struct verifier_client *client, const struct wire_ask *ask, int64_t deadline_ms)
{
    enum status status = listen_for_early_words(client);
    if (status == STATUS_CLOSED) {
        struct wire_prompt prompt;
        enum outcome outcome = ask_by(client, ask, deadline_ms, &prompt);
        if (outcome != OUTCOME_UNDECIDED)
            return outcome == OUTCOME_SKIPPED ? failed(client, STATUS_INVALID) : outcome;
        status = listen_for_early_words(client);
    }
    return status == STATUS_TIMEOUT ? OUTCOME_UNDECIDED : failed(client, status);
}

enum outcome verifier_client_answer(struct verifier_client *client, const struct wire_ask *ask, struct secret *code)
{
    int64_t deadline_ms = wire_deadline_ms(client->timeout_ms);
    enum outcome outcome = make_ready(client, ask, deadline_ms);
    if (outcome != OUTCOME_UNDECIDED)
        return outcome;
    bool is_empty = secret_len(code) == 0;
    if (is_empty && !client->may_be_empty)
        return OUTCOME_NO_CODE;

    const struct wire_message request = {.type = WIRE_ANSWER, .answer = {.code = code, .at_once = client->at_once}};
    wire_owner struct wire_message reply = {0};
    enum status status = exchange(client, &request, deadline_ms, &reply);
    if (status != STATUS_OK)
        return failed(client, status);
    if (is_empty && reply.type == WIRE_SKIP && reply.skip.why == WIRE_SKIP_PENDING)
        return OUTCOME_SKIPPED;
    if (reply.type != WIRE_VERDICT)
        return failed(client, STATUS_INVALID);
    return reply.verdict.verdict == VERDICT_ACCEPTED ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
}
