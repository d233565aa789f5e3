/* One-time passwords: HOTP (RFC 4226), TOTP (RFC 6238), Base32 (RFC 4648 6) and the otpauth Key URI format.
 * Component; pure: no clock, no I/O, time is an argument.
 */
#ifndef GARDE_OTP_H
#define GARDE_OTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/crypto.h>
#include <garde/factor.h>
#include <garde/secret.h>
#include <garde/status.h>

#define OTP_DIGITS_MIN 6
#define OTP_DIGITS_MAX 8
#define OTP_SPAN_MAX   64 /* moving factors in one otp_match */

/* The recommended length of a secret in bytes, the hash's own: 20, 32, 64 (RFC 4226 R6, RFC 6238 5.1; Q1). */
size_t otp_secret_len(enum factor_algorithm algorithm);

/* The step of a second (RFC 6238 4.2, T0 = 0). now_s < 0 is step 0. period_s is not 0. */
uint64_t otp_step(int64_t now_s, uint32_t period_s);

/* The code for one moving factor: digits decimal characters (RFC 4226 5.3). The caller owns it. */
enum status otp_code(struct crypto *crypto, const struct secret *key, enum factor_algorithm algorithm, uint32_t digits,
                     uint64_t moving_factor, struct secret **out_code) GARDE_MUST_CHECK;

/* Compares what was typed with the codes for first, first+1, ... (count of them, 1..OTP_SPAN_MAX): all of them
 * are computed and compared, in constant time. Bit i of *out_matches: first+i matches. What was typed is compared
 * byte for byte; a length other than digits matches nothing and takes as long. STATUS_INVALID: also when the last of
 * them would be past 2^64-1. */
enum status otp_match(struct crypto *crypto, const struct secret *key, enum factor_algorithm algorithm, uint32_t digits,
                      uint64_t first, unsigned count, const struct secret *typed,
                      uint64_t *out_matches) GARDE_MUST_CHECK;

/* What was typed at a prompt for a code. */
enum otp_shape {
    OTP_SHAPE_OTHER = 0,    /* no code; it is compared as it is and fails */
    OTP_SHAPE_DIGITS = 1,   /* OTP_DIGITS_MIN..OTP_DIGITS_MAX decimal digits: of an app, a token or the help desk */
    OTP_SHAPE_RECOVERY = 2, /* RECOVERY_CODE_LEN characters of Crockford's Base32; so many digits are one, too */
};
#define OTP_TYPED_MAX 64 /* bytes; whatever is longer is no code */

/* Tidies what was typed. Dropped, wherever they stand: spaces and tabs, U+00A0, U+2000..U+200A (the thin ones), U+202F, '-', the dashes
 * U+2010..U+2015 and the minus U+2212. A recovery code then comes out in upper case, with 0 for O and 1 for I and L. What has neither shape comes
 * out as it went in. So does what is tidy. Dots are kept, since nothing shows codes with dots, and so are digits that are not ASCII, since no
 * keyboard for a login writes them: with either it is no code.
 * Its time tells the length of what was typed, and the length and shape of what comes out; not which characters they are, nor where those stood
 * that were dropped. The caller owns the code. STATUS_NO_MEMORY. */
enum status otp_tidy(const struct secret *typed, struct secret **out_code, enum otp_shape *out_shape) GARDE_MUST_CHECK;

/* Base32 without padding, upper case. The caller owns the result. */
enum status otp_base32_encode(const struct secret *bytes, struct secret **out_text) GARDE_MUST_CHECK;
/* Takes lower case, spaces and dashes between characters, and padding at the end; refuses the rest, impossible lengths and
 * non-zero bits behind the last byte. */
enum status otp_base32_decode(const struct secret *text, struct secret **out_bytes) GARDE_MUST_CHECK;

/* otpauth://TYPE/ISSUER:ACCOUNT?secret=...&issuer=...&algorithm=...&digits=...&period=...|counter=... (Q22) */
struct otp_uri {
    enum factor_kind kind;
    enum factor_algorithm algorithm;
    uint32_t digits;
    uint32_t period_s; /* HOTP: 0 */
    uint64_t counter;  /* HOTP: the next one; TOTP: 0 */
    char issuer[ISSUER_SIZE];
    char account[USER_SIZE];
    struct secret *key;
};

/* Percent-encoded UTF-8, issuer as label prefix and as parameter. Only what differs from SHA1/6/30 is spelled out,
 * except a counter, which always is. The caller owns the text. STATUS_INVALID: a value that otp_uri_decode would refuse, or a
 * period with HOTP, or a counter with TOTP. */
enum status otp_uri_encode(const struct otp_uri *uri, struct secret **out_text) GARDE_MUST_CHECK;
/* STATUS_INVALID: not otpauth, unknown type or algorithm, repeated or malformed parameter, no secret, a secret under
 * 128 bits (Q1) or over FACTOR_SECRET_MAX, period 0 or over 120 s (Q2), digits other than 6..8, HOTP without counter, label and
 * parameter issuer that contradict each other, control characters, bytes that are not UTF-8, white space or a fragment (so
 * the caller cuts off a line's end), no account, a ':' or (in front) a space in it, a counter over 2^63-1. Unknown parameters
 * are passed over, and so are known ones that say nothing for the type, if they are well-formed. On success the caller owns
 * out_uri->key (otp_uri_wipe). */
enum status otp_uri_decode(const struct secret *text, struct otp_uri *out_uri) GARDE_MUST_CHECK;
/* The same for URIs of other systems: a secret of key_min bytes is enough. Whether one so short may be used is the caller's to judge. */
enum status otp_uri_decode_from(const struct secret *text, size_t key_min, struct otp_uri *out_uri) GARDE_MUST_CHECK;
void otp_uri_wipe(struct otp_uri *uri);
#define otp_uri_owner __attribute__((cleanup(otp_uri_wipe)))

#endif
