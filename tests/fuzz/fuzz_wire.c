/* A packet is a message of this version in just one way: what decodes encodes to the same bytes, through a socket too.
 *
 * Input: where one byte of the decoded message is changed (2 bytes), its new value, and the packet.
 * Target: core/wire/codec.c core/wire/tables.c core/wire/socket.c
 */
#include "fuzz.h"

#include <sys/socket.h>

#include <garde/wire.h>

#define UNTOUCHED 0xa5

static bool is_all(const void *bytes, size_t len, uint8_t value)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++)
        if (at[i] != value)
            return false;
    return true;
}

static void encodes_to(const struct wire_message *message, const uint8_t *packet, size_t len)
{
    secret_owner struct secret *again = secret_new(WIRE_PACKET_MAX);
    CLAIM(again != NULL);
    CLAIM(wire_encode(message, again) == STATUS_OK);
    CLAIM(secret_len(again) == len && memcmp(secret_read(again), packet, len) == 0);
}

static bool carries_a_secret(const struct wire_message *message)
{
    return message->type == WIRE_ANSWER || message->type == WIRE_ENROL || message->type == WIRE_CONFIRM ||
           message->type == WIRE_TRY;
}

/* A message with any value in it is refused, or goes over and comes back as it was. */
static void change_a_byte(const struct wire_message *message, size_t at, uint8_t value)
{
    struct wire_message changed = *message;
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    wire_owner struct wire_message back = {0};

    CLAIM(packet != NULL);
    if (carries_a_secret(message))
        return;
    ((uint8_t *)&changed)[at % sizeof changed] = value;
    if (carries_a_secret(&changed)) /* it was the type that changed, and its pointer is not one */
        return;
    if (wire_encode(&changed, packet) != STATUS_OK)
        return;
    CLAIM(wire_decode(secret_read(packet), secret_len(packet), &back) == STATUS_OK);
    encodes_to(&back, secret_read(packet), secret_len(packet));
}

static enum status receive(const uint8_t *packet, size_t len, struct wire_message *out_message)
{
    static int pair[2] = {-1, -1};
    if (pair[0] < 0)
        CLAIM(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    CLAIM(send(pair[0], packet, len, MSG_DONTWAIT) == (ssize_t)len);
    return wire_receive(pair[1], out_message, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t at = (size_t)input_number(&input, 2);
    uint8_t value = input_byte(&input);
    struct wire_message message, received;

    memset(&message, UNTOUCHED, sizeof message);
    memset(&received, UNTOUCHED, sizeof received);
    enum status status = wire_decode(input.at, input.left, &message);
    if (input.left > 0)
        CLAIM(receive(input.at, input.left, &received) == status);
    if (status != STATUS_OK) {
        CLAIM(status == STATUS_INVALID);
        CLAIM(is_all(&message, sizeof message, UNTOUCHED));
        CLAIM(is_all(&received, sizeof received, UNTOUCHED));
        return 0;
    }
    CLAIM(input.left <= WIRE_PACKET_MAX);
    encodes_to(&message, input.at, input.left);
    encodes_to(&received, input.at, input.left);
    change_a_byte(&message, at, value);
    wire_wipe(&message);
    wire_wipe(&received);
    CLAIM(is_all(&message, sizeof message, 0));
    return 0;
}
