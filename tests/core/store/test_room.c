#include "suite.h"

#include <signal.h>
#include <sys/wait.h>

#include "full_disk.h"
#include "place.h"

#define USERS  500
#define LOGINS 3000 /* with valgrind, too; tests/system/test_full_disk.py has ten thousand */
#define STEP   (256 * 1024)

static off_t size_of(const struct place *place, const char *ending)
{
    char path[192];
    struct stat have;
    snprintf(path, sizeof path, "%s%s", place->store, ending);
    ck_assert_int_eq(stat(path, &have), 0);
    return have.st_size;
}

static struct store_room look(struct store *store)
{
    struct store_room room;
    OK(store_look_at_room(store, &room));
    return room;
}

static unsigned refill(struct store *store)
{
    unsigned steps = 0;
    for (bool more = true; more; steps++)
        OK(store_refill(store, &more));
    return steps;
}

static void name_user(char *out, size_t size, uint64_t number)
{
    snprintf(out, size, "user%04u", (unsigned)(number % USERS));
}

/* What a login writes: the mark, the origin, an entry and the head. */
static enum status login(struct store *store, uint64_t seq)
{
    char user[USER_SIZE];
    name_user(user, sizeof user, seq);
    struct factor factor = a_factor((int64_t)(seq % USERS) + 1, user);
    struct origin origin = an_origin(user, "ip:192.0.2.7");
    struct entry entry = an_entry(seq, user, 1000 + (int64_t)seq);
    struct entry_head head = {.count = seq, .key_id = 1};

    factor.mark = seq;
    snprintf(entry.actor, sizeof entry.actor, "uid=0 tty=ssh");
    enum status status = store_begin(store);
    if (status == STATUS_OK)
        status = store_put_factor(store, &factor);
    if (status == STATUS_OK)
        status = store_put_origin(store, &origin);
    if (status == STATUS_OK)
        status = store_add_entry(store, &entry);
    if (status == STATUS_OK)
        status = store_put_head(store, &head);
    if (status == STATUS_OK)
        status = store_commit(store);
    store_drop(store);
    return status;
}

static void log_in(struct store *store, uint64_t first, uint64_t last)
{
    for (uint64_t seq = first; seq <= last; seq++) {
        ck_assert_msg(login(store, seq) == STATUS_OK, "login %u of a full disk", (unsigned)seq);
        if (store_checkpoint_is_due(store))
            OK(store_checkpoint(store));
    }
}

/* A store with its users, and with log and reserve. */
static struct store *open_filled(const struct place *place)
{
    struct store *store = open_new(place);
    OK(store_begin(store));
    for (uint64_t i = 0; i < USERS; i++) {
        char user[USER_SIZE];
        name_user(user, sizeof user, i);
        struct account account = an_account(user, (uint32_t)i);
        struct factor factor = a_factor((int64_t)i + 1, user);
        OK(store_put_account(store, &account));
        OK(store_put_factor(store, &factor));
    }
    OK(store_commit(store));
    OK(store_checkpoint(store));
    (void)refill(store);
    return store;
}

static void check_entries(struct store *store, uint64_t last)
{
    struct entry entries[64];
    struct entry_head head;
    uint64_t seq = 0;
    size_t count = 1;

    OK(store_begin(store));
    while (count > 0) {
        OK(store_page_entries(store, seq, 0, entries, 64, &count));
        for (size_t i = 0; i < count; i++)
            ck_assert_uint_eq(entries[i].seq, ++seq);
    }
    ck_assert_uint_eq(seq, last);
    OK(store_get_head(store, &head));
    ck_assert_uint_eq(head.count, last);
    OK(store_commit(store));
    OK(store_examine(store));
}

static void await_kill(pid_t child)
{
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL);
}

/* The store goes on in a child, which is killed. */
static void crash_after(const struct place *place, uint64_t first, uint64_t last)
{
    pid_t child = fork();
    if (child == 0) {
        struct problem problem;
        struct store *store = NULL;
        if (store_open(place->store, &store, &problem) != STATUS_OK)
            _exit(1);
        for (uint64_t seq = first; seq <= last; seq++)
            if (login(store, seq) != STATUS_OK ||
                (store_checkpoint_is_due(store) && store_checkpoint(store) != STATUS_OK))
                _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    await_kill(child);
}

START_TEST(log_and_reserve_are_made_in_small_flushed_steps_until_they_are_full)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    ck_assert_uint_lt(look(store).reserve_bytes, STEP);
    disk.added_max = 0;
    unsigned steps = refill(store);
    ck_assert_uint_gt(steps, 80);
    ck_assert_uint_le(disk.added_max, 2 * STEP); /* and this only while there is little */
    ck_assert_uint_gt(look(store).reserve_bytes, STORE_RESERVE_BYTES - STEP);
    ck_assert_uint_le(look(store).reserve_bytes, STORE_RESERVE_BYTES);
    ck_assert_int_eq(size_of(&place, "-wal"), 32 + 4096 * (24 + 4096));
    ck_assert(!look(store).low);
    uint64_t added = disk.added;
    ck_assert_uint_eq(refill(store), 1);
    ck_assert_uint_eq(disk.added, added);

    store_close(store);
    store = reopen(&place);
    ck_assert_uint_gt(look(store).reserve_bytes, STORE_RESERVE_BYTES - STEP);
    ck_assert_uint_eq(refill(store), 1);
    ck_assert_uint_eq(disk.added, added);
    OK(store_examine(store));
    store_close(store);
}
END_TEST

START_TEST(thousands_of_logins_go_on_without_a_free_block_through_a_crash_and_a_restart)
{
    place_owner struct place place = place_new();
    struct store *store = open_filled(&place);
    off_t file = size_of(&place, ""), log = size_of(&place, "-wal");
    disk.full = true;
    log_in(store, 1, LOGINS / 3);
    ck_assert(look(store).low);
    store_close(store);

    crash_after(&place, LOGINS / 3 + 1, 2 * LOGINS / 3);
    store = reopen(&place);
    check_entries(store, 2 * LOGINS / 3);
    bool more = false;
    ck_assert_int_eq(store_refill(store, &more), STATUS_NO_SPACE);
    log_in(store, 2 * LOGINS / 3 + 1, LOGINS);
    check_entries(store, LOGINS);
    ck_assert_int_eq(size_of(&place, ""), file);
    ck_assert_int_eq(size_of(&place, "-wal"), log);
    ck_assert_uint_lt(look(store).reserve_bytes, STORE_RESERVE_BYTES - STEP); /* where the entries are */

    disk.full = false;
    (void)refill(store);
    ck_assert_uint_gt(look(store).reserve_bytes, STORE_RESERVE_BYTES - STEP);
    store_close(store);
}
END_TEST

START_TEST(a_used_up_reserve_refuses_a_change_and_the_store_goes_on_when_there_is_room)
{
    place_owner struct place place = place_new();
    struct store *store = open_filled(&place);
    uint64_t seq = 1;
    store_close(store);
    ck_assert_int_eq(truncate(place.store, size_of(&place, "") - STORE_RESERVE_BYTES + 2 * STEP), 0);
    disk.full = true;
    store = reopen(&place);
    ck_assert(look(store).low);
    enum status status = STATUS_OK;
    for (; status == STATUS_OK && seq < 1000000; seq++) {
        status = login(store, seq);
        if (store_checkpoint_is_due(store))
            OK(store_checkpoint(store));
    }
    ck_assert_int_eq(status, STATUS_NO_SPACE);
    seq--; /* was not recorded */
    ck_assert_int_eq(login(store, seq), STATUS_NO_SPACE);
    OK(store_checkpoint(store));
    check_entries(store, seq - 1);
    ck_assert_uint_eq(look(store).reserve_bytes, 0);
    store_close(store);

    store = reopen(&place);
    check_entries(store, seq - 1);
    ck_assert_int_eq(login(store, seq), STATUS_NO_SPACE);
    disk.full = false;
    bool more = false;
    OK(store_refill(store, &more));
    ck_assert(more);
    log_in(store, seq, seq + 500);
    check_entries(store, seq + 500);
    store_close(store);
}
END_TEST

START_TEST(a_change_that_finds_no_block_for_the_log_is_dropped_and_nothing_else_is_lost)
{
    place_owner struct place place = place_new();
    struct store *store = open_new(&place);
    log_in(store, 1, 3);
    disk.full = true;
    disk.left = 5000; /* a frame and a bit: half of the change is written */
    ck_assert_int_eq(login(store, 4), STATUS_NO_SPACE);
    size_t touched = 1;
    (void)store_touches(store, &touched);
    ck_assert_uint_eq(touched, 0);
    check_entries(store, 3);
    ck_assert_int_eq(login(store, 4), STATUS_NO_SPACE);
    disk.full = false;
    log_in(store, 4, 5);
    store_close(store);
    store = reopen(&place);
    check_entries(store, 5);
    store_close(store);
}
END_TEST

START_TEST(what_was_half_written_into_the_log_is_nothing_after_a_crash)
{
    place_owner struct place place = place_new();
    create(&place);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = reopen(&place);
        bool right = login(store, 1) == STATUS_OK;
        disk.full = true;
        for (int64_t blocks = 0; blocks < 3 && right; blocks++) {
            disk.left = blocks * DISK_BLOCK;
            right = login(store, 2) == STATUS_NO_SPACE;
        }
        (void)kill(getpid(), right ? SIGKILL : SIGTERM);
    }
    await_kill(child);
    store_owner struct store *store = reopen(&place);
    check_entries(store, 1);
}
END_TEST

/* The blocks were there, and what they hold is not known: not the same as a change that was dropped. */
/* A step comes when the log, or the file, has grown since the last look. */
START_TEST(a_step_overwrites_nothing_that_was_recorded)
{
    for (uint64_t logins = 1; logins <= 7; logins++) {
        place_owner struct place place = place_new();
        create(&place);
        pid_t child = fork();
        if (child == 0) {
            struct store *store = reopen(&place);
            bool more = false, right = true;
            for (uint64_t seq = 1; seq <= logins && right; seq++)
                right = login(store, seq) == STATUS_OK && (seq < 5 || store_checkpoint(store) == STATUS_OK);
            for (int steps = 0; steps < 100 && right; steps++)
                right = store_refill(store, &more) == STATUS_OK;
            (void)kill(getpid(), right && !more ? SIGKILL : SIGTERM);
        }
        await_kill(child);
        store_owner struct store *store = reopen(&place);
        check_entries(store, logins);
    }
}
END_TEST

START_TEST(a_flush_that_finds_the_disk_full_is_a_failed_commit)
{
    place_owner struct place place = place_new();
    struct store *store = open_filled(&place);
    disk.flush_error = ENOSPC;
    ck_assert_int_eq(login(store, 1), STATUS_FAILED);
    disk.flush_error = 0;
    ck_assert_int_eq(store_begin(store), STATUS_FAILED);
    struct store_room room;
    bool more = false;
    ck_assert_int_eq(store_look_at_room(store, &room), STATUS_FAILED);
    ck_assert_int_eq(store_refill(store, &more), STATUS_FAILED);
    store_close(store);
}
END_TEST

START_TEST(a_step_for_which_there_are_too_few_blocks_leaves_the_file_as_it_was)
{
    static const int errors[] = {ENOSPC, EDQUOT};
    for (size_t i = 0; i < 2; i++) {
        place_owner struct place place = place_new();
        struct store *store = open_filled(&place);
        disk.full = true;
        log_in(store, 1, 2000);
        disk.error = errors[i];
        disk.lies = true;
        disk.left = STEP / 2;
        off_t before = size_of(&place, "");
        bool more = true;
        uint64_t added = disk.added;
        ck_assert_int_eq(store_refill(store, &more), STATUS_NO_SPACE);
        ck_assert_uint_gt(disk.added, added);
        ck_assert_int_eq(size_of(&place, ""), before);
        ck_assert(look(store).low);
        log_in(store, 2001, 2100);
        disk.lies = disk.full = false;
        (void)refill(store);
        ck_assert(!look(store).low);
        check_entries(store, 2100);
        store_close(store);
    }
}
END_TEST

START_TEST(a_step_cut_off_by_a_crash_or_a_power_cut_does_no_harm)
{
    for (off_t lost = 1; lost < 2 * STEP; lost = 3 * lost + 1000) {
        place_owner struct place place = place_new();
        struct store *store = open_filled(&place);
        log_in(store, 1, 10);
        store_close(store);
        ck_assert_int_eq(truncate(place.store, size_of(&place, "") - lost), 0);
        store = reopen(&place);
        log_in(store, 11, 20);
        (void)refill(store);
        disk.full = true;
        log_in(store, 21, 2000);
        check_entries(store, 2000);
        store_close(store);
        disk.full = false;
    }
}
END_TEST

START_TEST(an_open_flushes_the_file_before_it_counts_on_its_length)
{
    place_owner struct place place = place_new();
    char log[192];
    store_close(open_filled(&place));
    snprintf(log, sizeof log, "%s-wal", place.store);
    ck_assert_int_eq(unlink(log), 0); /* else the log is moved into the file, which is flushed for that */
    uint64_t before = disk.flushes;
    struct problem problem;
    struct store *store = NULL;
    disk.flush_error = EIO;
    ck_assert_int_eq(store_open(place.store, &store, &problem), STATUS_FAILED);
    ck_assert_int_eq(problem.kind, PROBLEM_SYSTEM);
    ck_assert_uint_gt(disk.flushes, before);
}
END_TEST

START_TEST(a_disk_with_less_than_a_reserve_is_low_and_one_with_more_is_not)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_filled(&place);
    disk.full = true;
    disk.left = STORE_RESERVE_BYTES - DISK_BLOCK;
    ck_assert(look(store).low);
    ck_assert_uint_eq(look(store).disk_bytes, STORE_RESERVE_BYTES - DISK_BLOCK);
    disk.left = STORE_RESERVE_BYTES;
    ck_assert(!look(store).low);
}
END_TEST

START_TEST(a_disk_with_room_takes_a_change_of_any_size_without_a_reserve)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    OK(store_begin(store));
    for (uint64_t seq = 1; seq <= 20000; seq++) {
        struct entry entry = an_entry(seq, "alice", 1);
        OK(store_add_entry(store, &entry));
    }
    OK(store_commit(store));
    OK(store_checkpoint(store));
    OK(store_examine(store));
}
END_TEST

START_TEST(room_is_looked_at_and_made_outside_of_a_change_only)
{
    place_owner struct place place = place_new();
    store_owner struct store *store = open_new(&place);
    struct store_room room;
    bool more = false;
    OK(store_begin(store));
    ck_assert_int_eq(store_look_at_room(store, &room), STATUS_FAILED);
    ck_assert_int_eq(store_refill(store, &more), STATUS_FAILED);
    OK(store_commit(store));
    OK(store_refill(store, &more));
}
END_TEST

SUITE("store room", log_and_reserve_are_made_in_small_flushed_steps_until_they_are_full,
      thousands_of_logins_go_on_without_a_free_block_through_a_crash_and_a_restart,
      a_used_up_reserve_refuses_a_change_and_the_store_goes_on_when_there_is_room,
      a_change_that_finds_no_block_for_the_log_is_dropped_and_nothing_else_is_lost,
      what_was_half_written_into_the_log_is_nothing_after_a_crash, a_step_overwrites_nothing_that_was_recorded,
      a_flush_that_finds_the_disk_full_is_a_failed_commit,
      a_step_for_which_there_are_too_few_blocks_leaves_the_file_as_it_was,
      a_step_cut_off_by_a_crash_or_a_power_cut_does_no_harm, an_open_flushes_the_file_before_it_counts_on_its_length,
      a_disk_with_less_than_a_reserve_is_low_and_one_with_more_is_not,
      a_disk_with_room_takes_a_change_of_any_size_without_a_reserve,
      room_is_looked_at_and_made_outside_of_a_change_only)
