/* Inside core/otp: what reading and writing an otpauth URI share. */
#ifndef GARDE_OTP_URI_H
#define GARDE_OTP_URI_H

#include <garde/otp.h>

#define URI_SCHEME "otpauth://"

/* The rules that hold for every URI, read or written (otp_uri_decode), with a key of key_min bytes or more. */
bool uri_is_sound(const struct otp_uri *uri, size_t key_min);

/* Valid UTF-8 (RFC 3629) without control characters (U+0000..1F, 7F..9F) and without ':', zero-terminated within size. */
bool uri_text_is_sound(const char *text, size_t size);

#endif
