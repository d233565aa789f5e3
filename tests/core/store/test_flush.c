#include "suite.h"

#include <errno.h>
#include <sys/syscall.h>

#include "place.h"

/* The library's flushes of a file come by here: the program's own symbol comes before the C library's. */
static unsigned flushes;
static int failing; /* errno of the next ones, or 0 */

static int flush(long call, int fd)
{
    flushes++;
    if (failing != 0) {
        errno = failing;
        return -1;
    }
    return (int)syscall(call, fd);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    return flush(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    return flush(SYS_fdatasync, fd);
}

static void put(struct store *store, const char *user, uint32_t uid)
{
    struct account account = an_account(user, uid);
    OK(store_begin(store));
    OK(store_put_account(store, &account));
}

START_TEST(a_commit_returns_after_a_flush)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    for (uint32_t i = 0; i < 20; i++) {
        char user[16];
        (void)snprintf(user, sizeof user, "user%u", i);
        put(store, user, 1000 + i);
        unsigned before = flushes;
        OK(store_commit(store));
        ck_assert_uint_gt(flushes, before);
        if (i == 10)
            OK(store_checkpoint(store));
    }
}
END_TEST

START_TEST(a_commit_whose_flush_fails_is_none_and_the_last_that_is_tried)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    put(store, "alice", 1000);
    OK(store_commit(store));
    put(store, "bob", 1001);
    failing = EIO;
    ck_assert_int_ne(store_commit(store), STATUS_OK);
    failing = 0;
    unsigned before = flushes;
    ck_assert_int_eq(store_commit(store), STATUS_FAILED);
    ck_assert_int_eq(store_begin(store), STATUS_FAILED);
    ck_assert_int_eq(store_checkpoint(store), STATUS_FAILED);
    store_close(store);
    ck_assert_uint_eq(flushes, before);
}
END_TEST

START_TEST(a_new_store_is_flushed_with_its_folder_before_it_is_there)
{
    place_owner struct place place = place_new();
    unsigned before = flushes;
    create(&place);
    ck_assert_uint_ge(flushes, before + 2);
}
END_TEST

SUITE("flush", a_commit_returns_after_a_flush, a_commit_whose_flush_fails_is_none_and_the_last_that_is_tried,
      a_new_store_is_flushed_with_its_folder_before_it_is_there)
