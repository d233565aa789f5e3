#include "conf.h"
#include "suite.h"

#include <stdbool.h>

/* date -d '2027-01-01 UTC' +%s, '2027-07-01 UTC': the first second that is no longer let through */
#define WINTER 1798761600
#define SUMMER 1814400000

static const struct unenrolled_rule refuse = {.answer = UNENROLLED_REFUSE}, allow = {.answer = UNENROLLED_ALLOW},
                                    winter = {UNENROLLED_ALLOW_UNTIL, WINTER},
                                    summer = {UNENROLLED_ALLOW_UNTIL, SUMMER};

static struct settings settings;

static void load(const char *text)
{
    setenv("TZ", "UTC", 1);
    settings = loaded(text);
}

/* The bits of these groups, whose names are separated by commas. */
static uint64_t bits(const char *names)
{
    char copy[256];
    uint64_t found = 0;
    (void)snprintf(copy, sizeof copy, "%s", names);
    for (char *rest = copy, *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ","))
        for (size_t i = 0; i < settings.group_count; i++)
            if (strcmp(settings.groups[i].name, name) == 0)
                found |= UINT64_C(1) << i;
    return found;
}

static bool same(struct unenrolled_rule a, struct unenrolled_rule b)
{
    return a.answer == b.answer && a.until_s == b.until_s;
}

START_TEST(the_stricter_of_two_rules_is_the_one_that_ends_first)
{
    const struct unenrolled_rule in_order[] = {refuse, winter, summer, allow};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            ck_assert(same(settings_stricter(in_order[i], in_order[j]), in_order[i < j ? i : j]));
    const struct unenrolled_rule odd = {(enum unenrolled)7, INT64_MAX};
    ck_assert(same(settings_stricter(odd, winter), odd)); /* it lets nobody through, policy_skips says */
}
END_TEST

START_TEST(the_strictest_of_what_service_and_groups_say_holds_and_an_exception_beats_both)
{
    load("[policy]\nun_enrolled = allow-until 2026-12-31\n"
         "[service sshd]\nun_enrolled = allow-until 2027-06-30\n"
         "[service sudo]\nun_enrolled = refuse\n"
         "[service login]\npending = allow\n"
         "[group cardiology]\nun_enrolled = allow-until 2026-12-31\n"
         "[group admins]\nun_enrolled = refuse\n"
         "[group guests]\nun_enrolled = allow\n"
         "[service sudo group on call]\nun_enrolled = allow\n"
         "[service SUDO group cardiology]\nun_enrolled = allow-until 2027-06-30\n"
         "[service sshd group night]\npending = allow\n");
    static const struct {
        const char *service, *groups;
        const struct unenrolled_rule *rule;
    } rows[] = {
        /* nobody says anything: the general one */
        {"su", "", &winter},
        {"login", "", &winter}, /* it says something, but not about this */
        {NULL, "", &winter},
        {"", "", &winter},
        {"sshd", "night", &summer},
        {"su", "on call", &winter},
        /* one says something */
        {"sshd", "", &summer},
        {"SSHD", "", &summer},
        {"sudo", "", &refuse},
        {"su", "guests", &allow},
        {"su", "admins", &refuse},
        {NULL, "guests", &allow},
        /* several do: the strictest */
        {"su", "guests,cardiology", &winter},
        {"su", "guests,cardiology,admins", &refuse},
        {"sshd", "guests", &summer},
        {"sshd", "cardiology", &winter},
        {"sshd", "admins", &refuse},
        {"sudo", "guests", &refuse},
        /* exceptions: beat both, the strictest of them among each other, and only at their service */
        {"sudo", "on call", &allow},
        {"sudo", "on call,admins", &allow},
        {"sudo", "on call,cardiology", &summer},
        {"sudo", "cardiology,admins", &summer},
        {"sshd", "on call,admins", &refuse},
        {"sshd", "on call", &summer},
        {NULL, "on call", &winter},
        {NULL, "cardiology", &winter},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct settings_rules rules = settings_rules(&settings, rows[i].service, bits(rows[i].groups));
        ck_assert_msg(same(rules.unenrolled, *rows[i].rule), "%s, %s: %d %lld", rows[i].service, rows[i].groups,
                      (int)rules.unenrolled.answer, (long long)rules.unenrolled.until_s);
    }
}
END_TEST

START_TEST(each_of_the_two_rules_is_found_without_the_other)
{
    load("[policy]\nun_enrolled = allow\npending = allow-until 2026-12-31\n"
         "[service sshd]\nun_enrolled = refuse\n"
         "[group wards]\npending = allow-until 2027-06-30\n"
         "[service sshd group wards]\nun_enrolled = allow\n");
    ck_assert_uint_eq(settings.group_count, 1);
    struct settings_rules rules = settings_rules(&settings, "sshd", 0);
    ck_assert(same(rules.unenrolled, refuse));
    ck_assert(same(rules.pending, winter));
    rules = settings_rules(&settings, "sshd", 1);
    ck_assert(same(rules.unenrolled, allow));
    ck_assert(same(rules.pending, summer));
    rules = settings_rules(&settings, "su", 1);
    ck_assert(same(rules.unenrolled, allow));
    ck_assert(same(rules.pending, summer));
}
END_TEST

START_TEST(without_a_word_in_the_file_everybody_is_refused)
{
    load("[service sshd]\n[group wards]\n[service sshd group wards]\n");
    const struct settings_rules rules = settings_rules(&settings, "sshd", 1),
                                loosest = settings_loosest_rules(&settings, "sshd");
    ck_assert(same(rules.unenrolled, refuse) && same(rules.pending, refuse));
    ck_assert(same(loosest.unenrolled, refuse) && same(loosest.pending, refuse));
}
END_TEST

START_TEST(the_loosest_rule_is_that_of_the_luckiest_member)
{
    load("[policy]\nun_enrolled = refuse\n"
         "[service sudo]\nun_enrolled = refuse\n"
         "[service su]\nun_enrolled = allow\n"
         "[group cardiology]\nun_enrolled = allow-until 2026-12-31\n"
         "[group guests]\nun_enrolled = allow-until 2027-06-30\n"
         "[service sudo group admins]\nun_enrolled = allow-until 2026-12-31\n");
    ck_assert(same(settings_loosest_rules(&settings, "sshd").unenrolled, summer));
    ck_assert(same(settings_loosest_rules(&settings, "sudo").unenrolled, winter));
    ck_assert(same(settings_loosest_rules(&settings, "su").unenrolled, allow));
    ck_assert(same(settings_loosest_rules(&settings, NULL).unenrolled, summer));
    ck_assert(same(settings_loosest_rules(&settings, "sshd").pending, refuse));
}
END_TEST

/* ---- against a model that is written another way: each section's word a number from 0 (refuse) to 3 (allow), 4: none ---- */

enum { NONE = 4, SECTIONS = 6 }; /* policy, service, group A, group B, exception A, exception B */

static void say(struct settings_said *said, unsigned word)
{
    const struct unenrolled_rule words[] = {refuse, winter, summer, allow};
    *said = (struct settings_said){.given = word != NONE};
    if (said->given)
        said->rule = words[word];
}

static unsigned lower(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned model(const unsigned words[SECTIONS], unsigned groups)
{
    unsigned exceptions = lower((groups & 1) != 0 ? words[4] : NONE, (groups & 2) != 0 ? words[5] : NONE);
    unsigned sections =
        lower(words[1], lower((groups & 1) != 0 ? words[2] : NONE, (groups & 2) != 0 ? words[3] : NONE));
    if (exceptions != NONE)
        return exceptions;
    return sections != NONE ? sections : words[0];
}

START_TEST(all_sets_of_rules_for_two_groups_are_as_the_model_has_them)
{
    const struct unenrolled_rule answers[] = {refuse, winter, summer, allow};
    load("[service s]\n[group a]\n[group b]\n[service s group a]\n[service s group b]\n");
    for (unsigned number = 0; number < 4 * 5 * 5 * 5 * 5 * 5; number++) {
        unsigned words[SECTIONS] = {number % 4};
        for (unsigned i = 1, rest = number / 4; i < SECTIONS; i++, rest /= 5)
            words[i] = rest % 5;
        settings.unenrolled = answers[words[0]];
        say(&settings.services[0].says.unenrolled, words[1]);
        say(&settings.groups[0].says.unenrolled, words[2]);
        say(&settings.groups[1].says.unenrolled, words[3]);
        say(&settings.exceptions[0].says.unenrolled, words[4]);
        say(&settings.exceptions[1].says.unenrolled, words[5]);
        unsigned loosest = 0;
        for (unsigned groups = 0; groups < 4; groups++) {
            unsigned expected = model(words, groups);
            loosest = expected > loosest ? expected : loosest;
            ck_assert(same(settings_rules(&settings, "s", groups).unenrolled, answers[expected]));
        }
        ck_assert(same(settings_loosest_rules(&settings, "s").unenrolled, answers[loosest]));
    }
}
END_TEST

SUITE("settings/rules", the_stricter_of_two_rules_is_the_one_that_ends_first,
      the_strictest_of_what_service_and_groups_say_holds_and_an_exception_beats_both,
      each_of_the_two_rules_is_found_without_the_other, without_a_word_in_the_file_everybody_is_refused,
      the_loosest_rule_is_that_of_the_luckiest_member, all_sets_of_rules_for_two_groups_are_as_the_model_has_them)
