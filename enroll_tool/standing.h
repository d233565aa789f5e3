/* How a factor stands now, as people see it: its state, and what time and use have made of it. */
#ifndef GARDE_TOOL_STANDING_H
#define GARDE_TOOL_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/status.h>
#include <garde/wire.h>

#include "colour.h"

enum standing {
    STANDING_PENDING,
    STANDING_LAPSED, /* pending, and too late */
    STANDING_ACTIVE,
    STANDING_NOT_YET,
    STANDING_EXPIRED,
    STANDING_USED_UP,
    STANDING_SUSPENDED,
    STANDING_REVOKED,
    STANDING_TAMPERED,
};

/* Has it a secret and a device: is it TOTP or HOTP? */
bool standing_has_device(const struct wire_factor *factor);

enum standing standing_of(const struct wire_factor *factor, int64_t now_s);

/* Translated, at most 10 columns. */
const char *standing_text(enum standing standing);
enum colour standing_colour(enum standing standing);

/* Stable names, for options: "pending", "not-yet" ... STATUS_INVALID: none of them. Tampered ones have none: garde status is for them. */
enum status standing_parse(const char *name, enum standing *out_standing) GARDE_MUST_CHECK;
#define STANDING_NAMES "pending|lapsed|active|not-yet|expired|used-up|suspended|revoked"

/* How far the device's clock is ahead, in seconds; 0: it is right, it has none, or no device can be so far off. */
int64_t standing_clock_s(const struct wire_factor *factor);

#endif
