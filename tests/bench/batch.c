/* What the store alone can record: per attempt one factor's row and one audit entry, 64 attempts a change.
 *
 *   batch STORE SECONDS     on a copy of a store, whose tags do not hold afterwards; becomes its owner
 *
 * Writes "ATTEMPTS NANOSECONDS".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <garde/number.h>
#include <garde/store.h>

#define AT_ONCE 64
#define FACTORS 20000 /* rows that are changed in turn */
#define STRIDE  7919  /* a prime: neighbours in a batch are far apart in the file */

static struct factor factors[FACTORS];
static size_t factor_count;

static void die(const char *what)
{
    (void)fprintf(stderr, "batch: %s\n", what);
    _exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static struct store *open_store(const char *path)
{
    struct store *store = NULL;
    struct problem problem = {0};
    struct stat found;

    if (stat(path, &found) != 0 || setresgid(found.st_gid, found.st_gid, found.st_gid) != 0 ||
        setresuid(found.st_uid, found.st_uid, found.st_uid) != 0 || store_open(path, &store, &problem) != STATUS_OK)
        die("no store");
    return store;
}

static void read_factors(struct store *store)
{
    char after_user[USER_SIZE] = "";
    int64_t after_id = 0;
    size_t got = AT_ONCE;

    if (store_begin(store) != STATUS_OK)
        die("no change");
    while (got == AT_ONCE && factor_count + AT_ONCE <= FACTORS) {
        struct factor *page = &factors[factor_count];
        if (store_page_factors(store, NULL, after_user, after_id, page, AT_ONCE, &got) != STATUS_OK)
            die("no factors");
        factor_count += got;
        if (got > 0) {
            memcpy(after_user, page[got - 1].user, sizeof after_user);
            after_id = page[got - 1].id;
        }
    }
    store_drop(store);
    if (factor_count == 0)
        die("an empty store");
}

static void record(struct store *store, struct entry_head *head, struct factor *factor)
{
    struct entry entry = {.seq = ++head->count,
                          .time_ms = (int64_t)time(NULL) * 1000,
                          .event = EVENT_LOGIN,
                          .verdict = VERDICT_ACCEPTED,
                          .uid = factor->uid,
                          .factor_id = factor->id,
                          .service = "bench",
                          .origin = "local:0",
                          .actor = "uid=0",
                          .count = 1,
                          .key_id = 1};
    memcpy(entry.user, factor->user, sizeof entry.user);
    factor->mark++;
    if (store_put_factor(store, factor) != STATUS_OK || store_add_entry(store, &entry) != STATUS_OK)
        die("not recorded");
}

static uint64_t record_batch(struct store *store, uint64_t done)
{
    struct entry_head head;

    if (store_begin(store) != STATUS_OK || store_get_head(store, &head) != STATUS_OK)
        die("no change");
    for (uint64_t i = 0; i < AT_ONCE; i++)
        record(store, &head, &factors[(done + i) * STRIDE % factor_count]);
    if (store_put_head(store, &head) != STATUS_OK || store_commit(store) != STATUS_OK)
        die("not committed");
    if (store_checkpoint_is_due(store) && store_checkpoint(store) != STATUS_OK)
        die("no checkpoint");
    return done + AT_ONCE;
}

int main(int argc, char **argv)
{
    uint64_t seconds = 0, done = 0;

    if (argc != 3 || number_parse(argv[2], 1, 60, &seconds) != STATUS_OK) {
        (void)fprintf(stderr, "usage: batch STORE SECONDS\n");
        return 2;
    }
    struct store *store = open_store(argv[1]);
    read_factors(store);
    uint64_t began_ns = now_ns();
    while (now_ns() - began_ns < seconds * 1000000000U)
        done = record_batch(store, done);
    (void)printf("%" PRIu64 " %" PRIu64 "\n", done, now_ns() - began_ns);
    store_close(store);
    return 0;
}
