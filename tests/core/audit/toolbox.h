/* What the tests of audit share: a MAC under a fixed key, and an entry with something in every column. */
#ifndef GARDE_TESTS_AUDIT_TOOLBOX_H
#define GARDE_TESTS_AUDIT_TOOLBOX_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include <garde/audit.h>

#define KEY_ID 7

/* The caller drops both, the MAC first. */
static inline void open_mac(struct crypto **out_crypto, struct crypto_mac **out_mac)
{
    secret_owner struct secret *key = secret_copy("an audit key of thirty-two bytes", 32);
    ck_assert_int_eq(crypto_new(out_crypto), STATUS_OK);
    ck_assert_int_eq(crypto_mac_new(*out_crypto, ALGORITHM_SHA256, key, out_mac), STATUS_OK);
}

static inline struct entry full_entry(void)
{
    struct entry entry = {.time_ms = 1798671600123,
                          .event = EVENT_LOGIN,
                          .verdict = VERDICT_ACCEPTED,
                          .reason = REASON_NONE,
                          .user = "alice",
                          .uid = 1000,
                          .factor_id = 12,
                          .service = "sshd",
                          .origin = "ip:192.0.2.7",
                          .actor = "uid=0",
                          .note = "left=2",
                          .count = 1};
    return entry;
}

#endif
