/* A good store, its rows as garded would have written them, and the keys for it. */
#ifndef GARDE_TESTS_KNOWN_H
#define GARDE_TESTS_KNOWN_H

#include "fuzz.h"

#include <garde/audit.h>
#include <garde/crypto.h>
#include <garde/store.h>
#include <garde/vault.h>

#define KNOWN_ACCOUNTS 3
#define KNOWN_FACTORS  4
#define KNOWN_ORIGINS  3
#define KNOWN_ENTRIES  4
#define KNOWN_ROWS     (KNOWN_ACCOUNTS + KNOWN_FACTORS + KNOWN_ORIGINS)

struct known {
    char path[256]; /* of the store's file */
    struct crypto *crypto;
    struct vault *vault;
    uint8_t store_id[STORE_ID_SIZE];
    struct vault_keys *keys; /* for that id */
    const struct secret *secret[KNOWN_FACTORS];
    struct account accounts[KNOWN_ACCOUNTS];
    struct factor factors[KNOWN_FACTORS];
    struct origin origins[KNOWN_ORIGINS];
    struct entry entries[KNOWN_ENTRIES];
    struct entry_head head;
    struct rows_head rows_head;
};

/* Made once, in a folder of its own below TMPDIR that is removed at the end of the process; its file is closed. */
const struct known *known_store(void);

/* The file anew, with no log beside it. */
void known_write_file(const uint8_t *bytes, size_t len);

#endif
