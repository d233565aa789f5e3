#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "doctor/finding.h"

static void add(struct findings *findings, enum finding_level level, const char *place, const char *what)
{
    struct finding *finding = finding_add(findings, SUBJECT_PAM, level, EFFECT_LETS_IN, "x");
    finding_place(finding, place);
    finding_what(finding, "%s", what);
    finding_done(findings);
}

START_TEST(findings_with_the_same_words_are_one_of_several_places)
{
    struct findings findings = {.count = 0};
    add(&findings, LEVEL_DANGER, "login", "a");
    add(&findings, LEVEL_DANGER, "sshd", "b");
    add(&findings, LEVEL_DANGER, "su", "a");
    add(&findings, LEVEL_NOTE, "su", "a");
    ck_assert_uint_eq(findings.count, 3);
    ck_assert_str_eq(findings.all[0].place, "login, su");
    ck_assert_int_eq(findings_worst(&findings), LEVEL_DANGER);
    ck_assert_uint_eq(findings_count(&findings, LEVEL_DANGER), 2);
    ck_assert(findings_has(&findings, SUBJECT_PAM, LEVEL_WARNING));
    ck_assert(!findings_has(&findings, SUBJECT_SSHD, LEVEL_OK));
    findings_drop(&findings);
}
END_TEST

START_TEST(more_places_than_there_is_room_for_are_said_to_be_more)
{
    struct findings findings = {.count = 0};
    for (int i = 0; i < 200; i++) {
        char place[32];
        (void)snprintf(place, sizeof place, "service-%d", i);
        add(&findings, LEVEL_NOTE, place, "a");
    }
    ck_assert_uint_eq(findings.count, 1);
    ck_assert_str_eq(findings.all[0].place + strlen(findings.all[0].place) - 5, ", ...");
    findings_drop(&findings);
}
END_TEST

START_TEST(no_finding_is_no_trouble)
{
    struct findings findings = {.count = 0};
    finding_done(&findings);
    ck_assert_int_eq(findings_worst(&findings), LEVEL_OK);
    findings_drop(&findings);
}
END_TEST

SUITE("finding", findings_with_the_same_words_are_one_of_several_places,
      more_places_than_there_is_room_for_are_said_to_be_more, no_finding_is_no_trouble)
