#include "ring.h"

#include <string.h>

void vault_message_bytes(struct message *message, const void *bytes, size_t len)
{
    if (!message->whole || len > sizeof message->bytes - 4 || message->len > sizeof message->bytes - 4 - len) {
        message->whole = false;
        return;
    }
    uint8_t *at = message->bytes + message->len;
    for (size_t i = 0; i < 4; i++)
        at[i] = (uint8_t)(len >> (24 - 8 * i));
    if (len > 0)
        memcpy(at + 4, bytes, len);
    message->len += 4 + len;
}

/* What the message is about comes first, so that no row can stand for one of another kind. */
void vault_message_start(struct message *message, const char *what)
{
    message->len = 0;
    message->whole = true;
    vault_message_bytes(message, what, strlen(what));
}

void vault_message_text(struct message *message, const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    if (len == size)
        message->whole = false;
    vault_message_bytes(message, text, len);
}

void vault_message_number(struct message *message, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    vault_message_bytes(message, bytes, sizeof bytes);
}

void vault_message_signed(struct message *message, int64_t number)
{
    vault_message_number(message, (uint64_t)number);
}
