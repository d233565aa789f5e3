#include "office.h"
#include "suite.h"

#include <stdio.h>

#define DESK "ip:192.0.2.7"

static const struct office_token alice = {.user = "alice", .uid = 1000, .seed = 0x11};
static const struct office_token bob = {.user = "bob", .uid = 1001, .seed = 0x22};

static struct office office;
static size_t told;
static char last_told[USER_SIZE + WHAT_SIZE];

static void tell(const char *user, const char *what, void *context)
{
    ck_assert_ptr_eq(context, &office);
    told++;
    (void)snprintf(last_told, sizeof last_told, "%s %s", user, what);
}

static void open_both(void)
{
    office_open(&office);
    office_give(&office, alice);
    office_give(&office, bob);
    office.now_s += 60;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
}

static struct desk_survey survey(void)
{
    struct desk_survey found = {.rows = 0};
    told = 0;
    ck_assert_int_eq(desk_survey_rows(office.desk, tell, &office, &found), STATUS_OK);
    ck_assert_uint_eq(found.bad_rows, told);
    return found;
}

static struct entry take(void)
{
    struct entry entry;
    struct desk_survey shown = survey();
    ck_assert_int_eq(desk_accept_rows(office.desk, &shown, office.now_s * 1000, "uid=0 sudo=ann", &entry), STATUS_OK);
    return entry;
}

static enum status examine(char item[PROBLEM_ITEM_SIZE])
{
    struct problem problem = {0};
    enum status status = desk_examine(office.desk, office.store, &problem);
    memcpy(item, problem.item, PROBLEM_ITEM_SIZE);
    return status;
}

START_TEST(survey_tells_rows_that_differ_from_a_head_that_is_missing_or_another_audits)
{
    static const struct {
        const char *sql;
        enum desk_rows found;
        const char *item;
    } edits[] = {
        {"DELETE FROM origin WHERE 0", DESK_ROWS_ADD_UP, ""},
        {"DELETE FROM origin", DESK_ROWS_DIFFER, "all rows together (4 rows, 5 expected)"},
        {"DELETE FROM rows_head", DESK_ROWS_WITHOUT_HEAD, "the head over all rows"},
        {"UPDATE rows_head SET key_id = 9", DESK_ROWS_WITHOUT_HEAD, "the head over all rows"},
        {"UPDATE head SET count = count - 1", DESK_ROWS_OF_ANOTHER_AUDIT, "head after entry 6"},
    };
    char item[PROBLEM_ITEM_SIZE];
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        open_both();
        office_sql(&office, "%s", edits[i].sql);
        ck_assert_msg(survey().found == edits[i].found, "%s", edits[i].sql);
        ck_assert_uint_eq(told, 0);
        ck_assert_int_eq(examine(item), i == 0 ? STATUS_OK : STATUS_TAMPERED);
        ck_assert_str_eq(item, edits[i].item);
        office_close(&office);
    }
}
END_TEST

START_TEST(accepted_rows_add_up_and_the_audit_says_by_whom)
{
    open_both();
    office_sql(&office, "DELETE FROM origin; DELETE FROM rows_head");
    struct entry entry = take();
    ck_assert_int_eq(entry.event, EVENT_ROWS_ACCEPTED);
    ck_assert_str_eq(entry.actor, "uid=0 sudo=ann");
    ck_assert_uint_eq(entry.seq, 7);
    ck_assert_int_eq(survey().found, DESK_ROWS_ADD_UP);
    ck_assert_int_eq(office_ask(&office, office_admin(WIRE_AUDIT_VERIFY)).code, WIRE_OK);
    office.now_s += 60;
    ck_assert_int_eq(office_log_in(&office, "alice", DESK, office_code(&office, alice, 0)), ACCEPTED);
    ck_assert_int_eq(survey().found, DESK_ROWS_ADD_UP); /* it goes on from there */
    office_sql(&office, "DELETE FROM origin");
    ck_assert_int_eq(survey().found, DESK_ROWS_DIFFER);
    office_close(&office);
}
END_TEST

START_TEST(rows_that_were_changed_since_they_were_shown_are_not_accepted)
{
    static const char *const edits[] = {"DELETE FROM factor WHERE user = 'bob'", "UPDATE factor SET mark = 7",
                                        "UPDATE account SET user = 'bobby' WHERE user = 'bob'"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct entry entry = {.seq = 0};
        open_both();
        office_sql(&office, "DELETE FROM origin");
        struct desk_survey shown = survey();
        office_sql(&office, "%s", edits[i]);
        ck_assert_int_eq(desk_accept_rows(office.desk, &shown, office.now_s * 1000, "uid=0", &entry), STATUS_TAMPERED);
        ck_assert_uint_eq(entry.seq, 0);
        ck_assert_int_eq(survey().found, DESK_ROWS_DIFFER);
        shown.counted.rows++; /* nor is a survey that the desk did not make */
        ck_assert_int_eq(desk_accept_rows(office.desk, &shown, office.now_s * 1000, "uid=0", &entry), STATUS_TAMPERED);
        office_close(&office);
    }
}
END_TEST

START_TEST(a_row_that_does_not_hold_is_accepted_as_it_is_and_no_other_for_it)
{
    static const char *const others[] = {"UPDATE factor SET mark = 8 WHERE user = 'bob'",
                                         "UPDATE factor SET tag = zeroblob(32) WHERE user = 'bob'",
                                         "DELETE FROM factor WHERE user = 'bob'"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        open_both();
        office_sql(&office, "UPDATE factor SET mark = 7 WHERE user = 'bob'");
        ck_assert_int_eq(survey().found, DESK_ROWS_DIFFER);
        ck_assert_str_eq(last_told, "bob factor 2");
        (void)take();
        ck_assert_int_eq(survey().found, DESK_ROWS_ADD_UP);
        ck_assert_uint_eq(told, 1);
        ck_assert_int_eq(office_log_in(&office, "bob", DESK, office_code(&office, bob, 0)), REASON_TAMPERED);
        ck_assert_int_eq(survey().found, DESK_ROWS_ADD_UP);
        office_sql(&office, "%s", others[i]);
        ck_assert_msg(survey().found == DESK_ROWS_DIFFER, "%s", others[i]);
        office_close(&office);
    }
}
END_TEST

START_TEST(examine_names_an_origin_of_nobody_that_does_not_hold)
{
    char item[PROBLEM_ITEM_SIZE];
    open_both();
    office_sql(&office, "UPDATE origin SET user = 'zed'");
    ck_assert_int_eq(examine(item), STATUS_TAMPERED);
    ck_assert_str_eq(item, "origin " DESK " zed");
    office_close(&office);
}
END_TEST

SUITE("survey", survey_tells_rows_that_differ_from_a_head_that_is_missing_or_another_audits,
      accepted_rows_add_up_and_the_audit_says_by_whom, rows_that_were_changed_since_they_were_shown_are_not_accepted,
      a_row_that_does_not_hold_is_accepted_as_it_is_and_no_other_for_it,
      examine_names_an_origin_of_nobody_that_does_not_hold)
