#include "office.h"
#include "suite.h"

#include <stdio.h>

static struct office office;

static enum reason unknown(const char *user, const char *origin)
{
    return office_log_in(&office, user, origin, secret_copy("123456", 6));
}

static void write_counts(bool all)
{
    struct job *job = job_new(JOB_COUNTS);
    job->last = all;
    office_run(&office, job);
    office_free(job);
}

START_TEST(counts_make_one_entry_per_origin_and_minute)
{
    office_open(&office);
    size_t before = office.told_count;
    ck_assert_int_eq(unknown("mallory", "ip:192.0.2.1"), REASON_UNENROLLED);
    office.now_s += 10;
    ck_assert_int_eq(unknown("trudy", "ip:192.0.2.1"), REASON_UNENROLLED);
    ck_assert_int_eq(unknown("mallory", "ip:192.0.2.2"), REASON_UNENROLLED);
    write_counts(false);
    ck_assert_uint_eq(office.told_count, before); /* the minute is not over */

    office.now_s += 50;
    ck_assert_int_eq(unknown("mallory", "ip:192.0.2.1"), REASON_UNENROLLED);
    write_counts(false);
    ck_assert_uint_eq(office.told_count, before + 2);
    const struct entry *entry = &office.told[before];
    ck_assert_int_eq(entry->event, EVENT_UNKNOWN);
    ck_assert_str_eq(entry->origin, "ip:192.0.2.1");
    ck_assert_str_eq(entry->service, "sshd");
    ck_assert_str_eq(entry->user, "");
    ck_assert_uint_eq(entry->uid, NO_UID);
    ck_assert_uint_eq(entry->count, 2);
    ck_assert_int_eq(entry->time_ms, OFFICE_START_S * INT64_C(1000));
    ck_assert_uint_eq(office.told[before + 1].count, 1);

    write_counts(true);
    ck_assert_uint_eq(office.told_count, before + 3);
    write_counts(true);
    ck_assert_uint_eq(office.told_count, before + 3);
    office_close(&office);
}
END_TEST

START_TEST(counts_of_more_than_one_service_or_actor_name_none)
{
    office_open(&office);
    struct job *job = office_attempt("mallory", "ip:192.0.2.1", secret_copy("1", 1));
    office_run(&office, job);
    memcpy(job->caller.service, "sudo", 5);
    office_run(&office, job);
    office_free(job);
    write_counts(true);
    ck_assert_str_eq(office_last(&office)->service, "");
    ck_assert_str_eq(office_last(&office)->actor, "uid=0");
    ck_assert_uint_eq(office_last(&office)->count, 2);

    job = office_attempt("mallory", "ip:192.0.2.1", secret_copy("1", 1));
    office_run(&office, job);
    memcpy(job->caller.actor, "uid=4242", 9);
    office_run(&office, job);
    office_free(job);
    write_counts(true);
    ck_assert_str_eq(office_last(&office)->service, "sshd");
    ck_assert_str_eq(office_last(&office)->actor, "");
    ck_assert_uint_eq(office_last(&office)->count, 2);
    office_close(&office);
}
END_TEST

START_TEST(counts_keep_reasons_apart)
{
    office_open(&office);
    struct job *job = office_attempt("mallory", "ip:192.0.2.1", NULL);
    job->kind = JOB_NOTE;
    job->reason = REASON_BUSY;
    office_run(&office, job);
    ck_assert_int_eq(job->reason, REASON_BUSY);
    office_run(&office, job);
    job->reason = REASON_LOOKUP;
    office_run(&office, job);
    office_free(job);
    write_counts(true);
    ck_assert_uint_eq(office_count_told(&office, EVENT_DENIED, REASON_BUSY), 1);
    ck_assert_uint_eq(office_count_told(&office, EVENT_DENIED, REASON_LOOKUP), 1);
    ck_assert_uint_eq(office.told[office.told_count - 2].count, 2);
    office_close(&office);
}
END_TEST

START_TEST(counts_write_the_oldest_early_when_there_are_too_many)
{
    office_open(&office);
    size_t before = office.told_count;
    for (int i = 0; i < 300; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "ip:10.0.%d.%d", i / 256, i % 256);
        ck_assert_int_eq(unknown("mallory", origin), REASON_UNENROLLED);
    }
    ck_assert_uint_eq(office.told_count, before + 300 - 256);
    ck_assert_str_eq(office.told[before].origin, "ip:10.0.0.0");
    write_counts(true);
    ck_assert_uint_eq(office.told_count, before + 300);
    office_close(&office);
}
END_TEST

START_TEST(counts_store_nothing_of_an_unknown_name)
{
    office_open(&office);
    ck_assert_int_eq(unknown("mallory", "ip:192.0.2.1"), REASON_UNENROLLED);
    ck_assert_int_eq(office_ask(&office, office_change(WIRE_UNLOCK, "mallory", 0)).code, WIRE_NO_USER);
    write_counts(true);
    for (size_t i = 0; i < office.told_count; i++)
        ck_assert_str_eq(office.told[i].user, "");
    office_close(&office);
}
END_TEST

START_TEST(counts_are_written_also_after_the_clock_went_back)
{
    office_open(&office);
    size_t before = office.told_count;
    ck_assert_int_eq(unknown("mallory", "ip:192.0.2.1"), REASON_UNENROLLED);
    office.now_s -= 86400;
    write_counts(false);
    ck_assert_uint_eq(office.told_count, before + 1);
    office_close(&office);
}
END_TEST

SUITE("counts", counts_make_one_entry_per_origin_and_minute, counts_of_more_than_one_service_or_actor_name_none,
      counts_keep_reasons_apart, counts_write_the_oldest_early_when_there_are_too_many,
      counts_store_nothing_of_an_unknown_name, counts_are_written_also_after_the_clock_went_back)
