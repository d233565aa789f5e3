#include "known.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OK(call) CLAIM((call) == STATUS_OK)

static const char ring[] = "garde-key-ring 1\n"
                           "key 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
                           "key 5 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f\n";

static struct known known;
static char folder[200];

/* In place of the system's generator (linked with --wrap), so that an input gives the same file in each process. */
int __wrap_RAND_bytes_ex(void *library, unsigned char *out, size_t len, unsigned strength);
int __wrap_RAND_bytes_ex(void *library, unsigned char *out, size_t len, unsigned strength)
{
    static uint8_t next;
    (void)library, (void)strength;
    for (size_t i = 0; i < len; i++)
        out[i] = next++;
    return 1;
}

static void remove_beside(const char *ending)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s%s", known.path, ending);
    (void)unlink(path);
}

static void clean_up(void)
{
    vault_keys_free(known.keys);
    vault_close(known.vault);
    crypto_free(known.crypto);
    remove_beside("");
    remove_beside("-wal");
    remove_beside("-journal");
    (void)rmdir(folder);
}

static void open_vault(void)
{
    struct problem problem;
    char path[300];
    (void)snprintf(path, sizeof path, "%s/master.key", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    CLAIM(fd >= 0 && write(fd, ring, strlen(ring)) == (ssize_t)strlen(ring) && close(fd) == 0);
    OK(crypto_new(&known.crypto));
    OK(vault_open(known.crypto, path, geteuid(), &known.vault, &problem));
    CLAIM(unlink(path) == 0);
    OK(vault_keys_new(known.vault, known.store_id, &known.keys));
}

/* ---- rows ---- */

static void make_accounts(void)
{
    static const struct account rows[KNOWN_ACCOUNTS] = {
        {.user = "alice", .uid = 1001, .live_factors = 2, .confirmed_s = 1790000000},
        {.user = "bob", .uid = 1002, .live_factors = 1, .confirmed_s = 1790000100, .other_failures = 7},
        {.user = "carol", .uid = 1003},
    };
    for (size_t i = 0; i < KNOWN_ACCOUNTS; i++) {
        known.accounts[i] = rows[i];
        OK(vault_tag_account(known.keys, &known.accounts[i]));
    }
}

static void make_factors(void)
{
    static const struct factor rows[KNOWN_FACTORS] = {
        {.id = 1,
         .user = "alice",
         .uid = 1001,
         .label = "phone",
         .kind = FACTOR_TOTP,
         .algorithm = ALGORITHM_SHA1,
         .digits = 6,
         .period_s = 30,
         .state = FACTOR_ACTIVE,
         .created_s = 1790000000,
         .confirmed_s = 1790000000,
         .mark = 59666667},
        {.id = 2,
         .user = "alice",
         .uid = 1001,
         .label = "tablet",
         .kind = FACTOR_TOTP,
         .algorithm = ALGORITHM_SHA256,
         .digits = 8,
         .period_s = 60,
         .state = FACTOR_PENDING,
         .created_s = 1790000000,
         .pending_until_s = 1791000000},
        {.id = 3,
         .user = "bob",
         .uid = 1002,
         .label = "token",
         .kind = FACTOR_HOTP,
         .algorithm = ALGORITHM_SHA512,
         .digits = 7,
         .state = FACTOR_ACTIVE,
         .created_s = 1790000000,
         .confirmed_s = 1790000100,
         .mark = 12},
        {.id = 4,
         .user = "carol",
         .uid = 1003,
         .label = "lost",
         .kind = FACTOR_TOTP,
         .algorithm = ALGORITHM_SHA1,
         .digits = 6,
         .period_s = 30,
         .state = FACTOR_REVOKED,
         .created_s = 1780000000,
         .mark = 59400000},
    };
    for (size_t i = 0; i < KNOWN_FACTORS; i++) {
        struct secret *secret = secret_copy("0123456789abcdefghijABCD", FACTOR_SECRET_MIN + i);
        struct factor *factor = &known.factors[i];
        CLAIM(secret != NULL);
        known.secret[i] = secret;
        *factor = rows[i];
        OK(vault_seal(known.keys, secret, factor));
        if (factor->state == FACTOR_REVOKED) {
            factor->sealed_len = 0;
            memset(factor->sealed, 0, sizeof factor->sealed);
        }
        OK(vault_tag_factor(known.keys, factor));
    }
}

static void make_origins(void)
{
    static const struct origin rows[KNOWN_ORIGINS] = {
        {.user = "alice", .name = "ip:192.0.2.7", .last_success_s = 1790000000},
        {.user = "alice", .name = "local:1001", .failures = 4, .last_failure_s = 1790000500},
        {.user = "bob", .name = "host:desk7", .failures = 11, .last_failure_s = 1790000600},
    };
    for (size_t i = 0; i < KNOWN_ORIGINS; i++) {
        known.origins[i] = rows[i];
        OK(vault_tag_origin(known.keys, &known.origins[i]));
    }
}

static void make_entries(void)
{
    static const struct entry rows[KNOWN_ENTRIES] = {
        {.event = EVENT_STORE_MADE, .time_ms = 1780000000000, .uid = NO_UID, .actor = "uid=0", .count = 1},
        {.event = EVENT_ENROLLED, .time_ms = 1780000000000, .user = "alice", .uid = 1001, .factor_id = 1, .count = 1},
        {.event = EVENT_LOGIN,
         .verdict = VERDICT_ACCEPTED,
         .time_ms = 1790000000000,
         .user = "alice",
         .uid = 1001,
         .factor_id = 1,
         .service = "sshd",
         .origin = "ip:192.0.2.7",
         .actor = "uid=0 tty=ssh",
         .count = 1},
        {.event = EVENT_UNKNOWN, .reason = REASON_UNENROLLED, .time_ms = 1790000001000, .uid = NO_UID, .count = 9},
    };
    struct crypto_mac *mac = NULL;
    uint32_t key_id = 0;
    OK(vault_audit_mac(known.keys, 0, &key_id, &mac));
    for (size_t i = 0; i < KNOWN_ENTRIES; i++) {
        known.entries[i] = rows[i];
        OK(audit_append(mac, key_id, &known.head, &known.entries[i]));
    }
}

static void make_rows_head(void)
{
    struct rows_sum sum = {0};
    for (size_t i = 0; i < KNOWN_ACCOUNTS; i++)
        OK(vault_sum_add(known.keys, known.accounts[i].tag, &sum));
    for (size_t i = 0; i < KNOWN_FACTORS; i++)
        OK(vault_sum_add(known.keys, known.factors[i].tag, &sum));
    for (size_t i = 0; i < KNOWN_ORIGINS; i++)
        OK(vault_sum_add(known.keys, known.origins[i].tag, &sum));
    memcpy(known.rows_head.last_entry, known.head.last_tag, TAG_SIZE);
    OK(vault_seal_head(known.keys, &sum, &known.rows_head));
}

static void put_all(struct store *store)
{
    OK(store_begin(store));
    for (size_t i = 0; i < KNOWN_ACCOUNTS; i++)
        OK(store_put_account(store, &known.accounts[i]));
    for (size_t i = 0; i < KNOWN_FACTORS; i++)
        OK(store_put_factor(store, &known.factors[i]));
    for (size_t i = 0; i < KNOWN_ORIGINS; i++)
        OK(store_put_origin(store, &known.origins[i]));
    for (size_t i = 0; i < KNOWN_ENTRIES; i++)
        OK(store_add_entry(store, &known.entries[i]));
    OK(store_put_head(store, &known.head));
    OK(store_put_rows_head(store, &known.rows_head));
    OK(store_commit(store));
}

const struct known *known_store(void)
{
    struct problem problem;
    if (known.path[0] != '\0')
        return &known;

    const char *above = secure_getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/garde-fuzz-store-XXXXXX", above != NULL ? above : "/tmp");
    CLAIM(mkdtemp(folder) != NULL && atexit(clean_up) == 0);
    (void)snprintf(known.path, sizeof known.path, "%s/garde.db", folder);
    memcpy(known.store_id, "a store of tests", STORE_ID_SIZE);
    open_vault();
    make_accounts();
    make_factors();
    make_origins();
    make_entries();
    make_rows_head();
    OK(store_create(known.path, known.store_id, geteuid(), getegid(), &problem));
    store_owner struct store *store = NULL;
    OK(store_open(known.path, &store, &problem));
    put_all(store);
    return &known;
}

void known_write_file(const uint8_t *bytes, size_t len)
{
    remove_beside("-wal");
    remove_beside("-journal");
    int fd = open(known.path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    CLAIM(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0);
}
