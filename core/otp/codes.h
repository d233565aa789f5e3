/* Inside core/otp: one code, under a MAC that is set up once for many moving factors. */
#ifndef GARDE_OTP_CODES_H
#define GARDE_OTP_CODES_H

#include <garde/otp.h>

/* RFC 4226 5.3: digits characters, then zeros up to OTP_DIGITS_MAX. The caller has checked digits, and wipes out_code. */
enum status otp_write_code(struct crypto_mac *mac, uint32_t digits, uint64_t moving_factor,
                           uint8_t out_code[OTP_DIGITS_MAX]) GARDE_MUST_CHECK;

bool otp_digits_fit(uint32_t digits);

#endif
