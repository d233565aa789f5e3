/* MUST 1  Every moving factor asked for is computed and compared, whether or not an earlier one matched.
 * MUST 2  No branch and no address depends on what was typed (its length apart) or on whether it matched.
 * MUST 3  What was typed matches only a code of the same length.
 */
#include "codes.h"

#include <string.h>

/* Both sides are padded to one length, so that a wrong length is compared like a right one. */
static void pad(const struct secret *typed, uint8_t out[OTP_DIGITS_MAX])
{
    size_t len = secret_len(typed);
    memset(out, 0, OTP_DIGITS_MAX);
    memcpy(out, secret_read(typed), len < OTP_DIGITS_MAX ? len : OTP_DIGITS_MAX);
}

enum status otp_match(struct crypto *crypto, const struct secret *key, enum factor_algorithm algorithm, uint32_t digits,
                      uint64_t first, unsigned count, const struct secret *typed, uint64_t *out_matches)
{
    if (!otp_digits_fit(digits) || count == 0 || count > OTP_SPAN_MAX || first > UINT64_MAX - (count - 1))
        return STATUS_INVALID;

    crypto_mac_owner struct crypto_mac *mac = NULL;
    enum status status = crypto_mac_new(crypto, algorithm, key, &mac);
    if (status != STATUS_OK)
        return status;

    uint8_t offered[OTP_DIGITS_MAX], code[OTP_DIGITS_MAX];
    pad(typed, offered);
    const uint64_t right_length = secret_len(typed) == digits;
    uint64_t matches = 0;
    for (unsigned i = 0; i < count && status == STATUS_OK; i++) {
        status = otp_write_code(mac, digits, first + i, code);
        matches |= (right_length & (uint64_t)crypto_equal(offered, code, OTP_DIGITS_MAX)) << i;
    }
    secret_wipe(offered, sizeof offered);
    secret_wipe(code, sizeof code);
    if (status == STATUS_OK)
        *out_matches = matches;
    return status;
}
