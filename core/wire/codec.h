/* Internal to core/wire. */
#ifndef GARDE_CORE_WIRE_CODEC_H
#define GARDE_CORE_WIRE_CODEC_H

#include <garde/wire.h>

/* Into WIRE_PACKET_MAX bytes of a secret, which are zeroes again on failure: STATUS_INVALID, as wire_encode. */
enum status wire_encode_into(const struct wire_message *message, uint8_t *bytes, size_t *out_len) GARDE_MUST_CHECK;

#endif
