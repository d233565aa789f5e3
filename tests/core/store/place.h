/* A folder of its own for each test, a new store in it, and rows to put into it. */
#ifndef GARDE_TESTS_STORE_PLACE_H
#define GARDE_TESTS_STORE_PLACE_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <garde/store.h>

#define OK(call) ck_assert_int_eq(call, STATUS_OK)

struct place {
    char folder[96];
    char store[160];
};
#define place_owner __attribute__((cleanup(place_remove)))

static inline struct place place_new(void)
{
    struct place place = {.folder = "/tmp/garde-store.XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(place.folder));
    snprintf(place.store, sizeof place.store, "%s/garde.db", place.folder);
    return place;
}

static inline void place_remove(struct place *place)
{
    DIR *folder = opendir(place->folder);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0)
            (void)unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
    closedir(folder);
    (void)rmdir(place->folder);
}

static const uint8_t an_id[STORE_ID_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static inline void create(const struct place *place)
{
    struct problem problem;
    OK(store_create(place->store, an_id, geteuid(), getegid(), &problem));
}

static inline struct store *reopen(const struct place *place)
{
    struct problem problem;
    struct store *store = NULL;
    OK(store_open(place->store, &store, &problem));
    return store;
}

static inline struct store *open_new(const struct place *place)
{
    create(place);
    return reopen(place);
}

/* Each member has a value of its own, so that two columns that were mixed up show. */
static inline struct factor a_factor(int64_t id, const char *user)
{
    struct factor factor = {.id = id,
                            .uid = 1001,
                            .label = "phone \xc3\xa9",
                            .kind = FACTOR_HOTP,
                            .algorithm = ALGORITHM_SHA512,
                            .digits = 8,
                            .period_s = 31,
                            .state = FACTOR_ACTIVE,
                            .created_s = 101,
                            .pending_until_s = 102,
                            .confirmed_s = 103,
                            .not_before_s = 104,
                            .not_after_s = 105,
                            .last_used_s = 106,
                            .mark = 107,
                            .offset_steps = -7,
                            .key_id = 108,
                            .sealed_len = 48};
    snprintf(factor.user, sizeof factor.user, "%s", user);
    memset(factor.sealed, 0x5a, factor.sealed_len);
    memset(factor.tag, 0x7a, sizeof factor.tag);
    memcpy(factor.fingerprint, &id, sizeof id);
    return factor;
}

static inline struct account an_account(const char *user, uint32_t uid)
{
    struct account account = {
        .uid = uid, .live_factors = 2, .confirmed_s = 201, .other_failures = 3, .other_refilled_s = 202, .key_id = 203};
    snprintf(account.user, sizeof account.user, "%s", user);
    memset(account.tag, 0x7b, sizeof account.tag);
    return account;
}

static inline struct origin an_origin(const char *user, const char *name)
{
    struct origin origin = {.failures = 4, .last_failure_s = 301, .last_success_s = 302, .key_id = 303};
    snprintf(origin.user, sizeof origin.user, "%s", user);
    snprintf(origin.name, sizeof origin.name, "%s", name);
    memset(origin.tag, 0x7c, sizeof origin.tag);
    return origin;
}

static inline struct entry an_entry(uint64_t seq, const char *user, int64_t time_ms)
{
    struct entry entry = {.seq = seq,
                          .time_ms = time_ms,
                          .event = EVENT_LOGIN,
                          .verdict = VERDICT_ACCEPTED,
                          .reason = REASON_REPLAYED,
                          .uid = NO_UID,
                          .factor_id = 401,
                          .service = "sshd",
                          .origin = "ip:192.0.2.7",
                          .actor = "uid=0",
                          .count = 402,
                          .key_id = 403};
    snprintf(entry.user, sizeof entry.user, "%s", user);
    memset(entry.tag, 0x7d, sizeof entry.tag);
    return entry;
}

#endif
