#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "journal_queue.h"

static int log_out;

/* Standard error becomes a pipe that takes a page and that nobody reads. */
static void open_stuck_log(void)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_gt(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
    ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    (void)close(ends[1]);
    log_out = ends[0];
    ck_assert_int_eq(journal_start(), STATUS_OK);
}

static void say_numbers(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        journal_say(LOG_INFO, "line %u", i);
}

/* "garded: line N" for the next N, or the number of lines that are missing. */
static unsigned long read_numbers(FILE *log, unsigned *next)
{
    char line[256], wanted[256];
    unsigned long missing = 0;

    ck_assert_ptr_nonnull(fgets(line, sizeof line, log));
    if (sscanf(line, "garded: %lu lines are missing", &missing) == 1)
        return missing;
    (void)snprintf(wanted, sizeof wanted, "garded: line %u\n", (*next)++);
    ck_assert_str_eq(line, wanted);
    return 0;
}

START_TEST(a_log_that_hangs_keeps_nobody_waiting_and_tells_what_it_missed)
{
    unsigned next = 0, read = 0;

    open_stuck_log();
    say_numbers(JOURNAL_QUEUE_MAX + 1000); /* would wait for ever */
    FILE *log = fdopen(log_out, "r");
    while (next < JOURNAL_QUEUE_MAX + 1000) { /* each line is there or told as missing, in its place */
        unsigned missing = (unsigned)read_numbers(log, &next);
        next += missing;
        read += missing == 0 ? 1 : 0;
    }
    ck_assert_uint_eq(next, JOURNAL_QUEUE_MAX + 1000);
    ck_assert_uint_ge(read, JOURNAL_QUEUE_MAX);
    ck_assert_uint_lt(read, JOURNAL_QUEUE_MAX + 1000);
    journal_end();
    (void)fclose(log);
}
END_TEST

START_TEST(the_end_waits_until_all_is_written)
{
    unsigned next = 0;

    open_stuck_log();
    say_numbers(50);
    journal_end();
    journal_say(LOG_INFO, "line 50"); /* written by ourselves again */
    FILE *log = fdopen(log_out, "r");
    while (next < 51)
        ck_assert_uint_eq(read_numbers(log, &next), 0);
    (void)fclose(log);
}
END_TEST

START_TEST(the_end_does_not_wait_for_ever_for_a_log_that_hangs)
{
    unsigned next = 0;

    open_stuck_log();
    say_numbers(1000);
    journal_end();
    FILE *log = fdopen(log_out, "r");
    while (next < 1000)
        ck_assert_uint_eq(read_numbers(log, &next), 0);
    journal_end();
    (void)fclose(log);
}
END_TEST

START_TEST(lines_entries_and_notices_are_written_whole_and_in_order)
{
    const struct entry entry = {.seq = 5, .event = EVENT_LOGIN, .uid = NO_UID, .user = "alice", .count = 1};
    const struct notice notice = {.kind = NOTICE_SCAN_PASSED, .number = 42};
    static const char *const wanted[] = {"garded: one\n", "garded: login user=alice ",
                                         "garded: scan-passed: ", "garded: two\n"};
    char line[1024] = "";

    open_stuck_log();
    journal_say(LOG_INFO, "one");
    journal_entry(&entry, NULL);
    journal_notice(&notice, NULL);
    journal_say(LOG_INFO, "two");
    FILE *log = fdopen(log_out, "r");
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        ck_assert_ptr_nonnull(fgets(line, sizeof line, log));
        ck_assert_int_eq(strncmp(line, wanted[i], strlen(wanted[i])), 0);
        ck_assert(i != 2 || strstr(line, " rows=42\n") != NULL);
    }
    journal_end();
    (void)fclose(log);
}
END_TEST

SUITE("journal queue", lines_entries_and_notices_are_written_whole_and_in_order,
      a_log_that_hangs_keeps_nobody_waiting_and_tells_what_it_missed, the_end_waits_until_all_is_written,
      the_end_does_not_wait_for_ever_for_a_log_that_hangs)
