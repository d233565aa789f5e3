/* Test vectors are written in hex. */
#ifndef GARDE_TESTS_HEX_H
#define GARDE_TESTS_HEX_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include <garde/secret.h>

static inline size_t hex_bytes(const char *hex, uint8_t *out, size_t size)
{
    size_t len = strlen(hex) / 2;
    ck_assert_uint_le(len, size);
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

static inline struct secret *hex_secret(const char *hex)
{
    struct secret *secret = secret_new(strlen(hex) / 2);
    ck_assert_ptr_nonnull(secret);
    (void)hex_bytes(hex, secret_fill(secret), secret_len(secret));
    return secret;
}

#endif
