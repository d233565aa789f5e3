/* The seed of a hardware token, as its maker's list has it. */
#ifndef GARDE_TOOL_TOKEN_KEY_H
#define GARDE_TOOL_TOKEN_KEY_H

#include <garde/secret.h>
#include <garde/status.h>

enum token_key_form {
    TOKEN_KEY_NONE,
    TOKEN_KEY_BASE32,
    TOKEN_KEY_HEX,
};

/* Hexadecimal in either case, with blanks, dashes or colons between its pairs and nowhere else; Base32 as otp_base32_decode.
 * STATUS_INVALID: another text, or none; how long a key may be is the caller's to judge. The caller owns the key. */
enum status token_key_decode(enum token_key_form form, const struct secret *text,
                             struct secret **out_key) GARDE_MUST_CHECK;

#endif
