#include "codes.h"

#include <string.h>

bool otp_digits_fit(uint32_t digits)
{
    return digits >= OTP_DIGITS_MIN && digits <= OTP_DIGITS_MAX;
}

size_t otp_secret_len(enum factor_algorithm algorithm)
{
    switch (algorithm) {
    case ALGORITHM_SHA1:
        return 20;
    case ALGORITHM_SHA256:
        return 32;
    case ALGORITHM_SHA512:
        return 64;
    }
    return 0;
}

/* Dynamic truncation: four bytes at the place that the last one names, without the sign bit. */
static uint32_t truncate_hash(const uint8_t *hash, size_t len)
{
    const uint8_t *at = hash + (hash[len - 1] & 0x0f);
    return (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

enum status otp_write_code(struct crypto_mac *mac, uint32_t digits, uint64_t moving_factor,
                           uint8_t out_code[OTP_DIGITS_MAX])
{
    uint8_t message[8];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(moving_factor >> (56 - 8 * i));

    uint8_t hash[CRYPTO_HASH_MAX];
    size_t len = 0;
    enum status status = crypto_mac_sign(mac, message, sizeof message, hash, &len);
    if (status != STATUS_OK)
        return status;

    uint32_t number = truncate_hash(hash, len);
    memset(out_code, 0, OTP_DIGITS_MAX);
    for (uint32_t i = digits; i > 0; i--) {
        out_code[i - 1] = (uint8_t)('0' + number % 10);
        number /= 10;
    }
    secret_wipe(hash, sizeof hash);
    secret_wipe(&number, sizeof number);
    return STATUS_OK;
}

enum status otp_code(struct crypto *crypto, const struct secret *key, enum factor_algorithm algorithm, uint32_t digits,
                     uint64_t moving_factor, struct secret **out_code)
{
    if (!otp_digits_fit(digits))
        return STATUS_INVALID;

    crypto_mac_owner struct crypto_mac *mac = NULL;
    enum status status = crypto_mac_new(crypto, algorithm, key, &mac);
    if (status != STATUS_OK)
        return status;

    secret_owner struct secret *code = secret_new(OTP_DIGITS_MAX);
    if (code == NULL)
        return STATUS_NO_MEMORY;
    status = otp_write_code(mac, digits, moving_factor, secret_fill(code));
    if (status != STATUS_OK)
        return status;

    secret_shorten(code, digits);
    *out_code = code;
    code = NULL;
    return STATUS_OK;
}
