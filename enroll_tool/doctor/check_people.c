#include <stdio.h>
#include <string.h>

#include "asking.h"
#include "checkup.h"
#include "people.h"
#include "standing.h"
#include "text.h"

#define WAIT_MS   600000
#define NAMES     5 /* first ones that are named */
#define LIST_SIZE 1024

struct census {
    struct people people;
    int64_t now_s;
    unsigned long usable;  /* confirmed factors, of whomever */
    unsigned long pending; /* factors that can still be confirmed */
    unsigned long lapsed;
    unsigned digits;       /* that logins here ask for; 0: not known */
    unsigned long other;   /* factors with codes of another length ... */
    unsigned long set_off; /* ... which can be set off from the password all the same */
};

/* Not one that is over, or whose row the verifier does not believe. */
static bool is_usable(const struct wire_factor *factor, int64_t now_s)
{
    bool is_over = factor->not_after_s != 0 && factor->not_after_s <= now_s;
    bool is_confirmed = factor->state == FACTOR_ACTIVE || factor->state == FACTOR_SUSPENDED;
    return is_confirmed && !is_over && factor->tampered == 0;
}

/* Also those that the person has not used yet: they are told at the first login otherwise. */
static void count_length(struct census *census, const struct wire_factor *factor)
{
    bool is_live =
        is_usable(factor, census->now_s) ||
        (factor->state == FACTOR_PENDING && factor->pending_until_s > census->now_s && factor->tampered == 0);

    if (!is_live || census->digits == 0 || factor->digits == census->digits)
        return;
    census->other++;
    census->set_off += factor->digits == TEMPORARY_CODE_LEN ? 1 : 0;
}

static void take_factor(const struct wire_message *row, void *context)
{
    struct census *census = context;
    const struct wire_factor *factor = &row->factor;

    if (row->type != WIRE_FACTOR || !standing_has_device(factor))
        return;
    count_length(census, factor);
    if (factor->state == FACTOR_PENDING) {
        if (factor->pending_until_s > census->now_s)
            census->pending++;
        else
            census->lapsed++;
    } else if (is_usable(factor, census->now_s)) {
        census->usable++;
        struct person *person = people_find(&census->people, factor->user);
        if (person != NULL)
            person->confirmed = true;
    }
}

enum who {
    WHO_ROOT,
    WHO_ADMIN,
    WHO_OTHERS,
};

static bool is_among(const struct person *person, enum who who)
{
    if (person->confirmed)
        return false;
    if (who == WHO_ROOT)
        return person->is_root;
    return !person->is_root && person->is_admin == (who == WHO_ADMIN);
}

/* How many, and the first few by name. */
static unsigned long list(const struct people *people, enum who who, char out[LIST_SIZE])
{
    unsigned long count = 0;
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < people->count; i++) {
        char shown[TEXT_SHOWN_SIZE(32)];
        if (!is_among(&people->all[i], who))
            continue;
        if (count++ < NAMES)
            len += (size_t)snprintf(out + len, LIST_SIZE - len, "%s%s", len == 0 ? "" : ", ",
                                    text_show(shown, sizeof shown, people->all[i].name));
        else if (count == NAMES + 1)
            len += (size_t)snprintf(out + len, LIST_SIZE - len, ", ...");
    }
    return count;
}

static struct finding *add(struct checkup *checkup, enum finding_level level, enum finding_effect effect,
                           const char *id)
{
    return finding_add(&checkup->findings, SUBJECT_PEOPLE, level, effect, id);
}

static void tell_people(struct checkup *checkup, const struct people *people)
{
    char names[LIST_SIZE];
    enum finding_effect effect = checkup->has_settings && checkup->tool->settings.unenrolled.answer != UNENROLLED_REFUSE
                                     ? EFFECT_LETS_IN
                                     : EFFECT_LOCKS_OUT;

    unsigned long count = list(people, WHO_ADMIN, names);
    if (count > 0) {
        struct finding *admins = add(checkup, LEVEL_WARNING, effect, "admins-without-factor");
        finding_what(admins,
                     ngettext("%lu admin (sudo, wheel) without a confirmed factor: %s",
                              "%lu admins (sudo, wheel) without a confirmed factor: %s", count),
                     count, names);
        finding_mend(admins, "garde enroll USER");
    }
    if (list(people, WHO_ROOT, names) > 0) {
        struct finding *root = add(checkup, LEVEL_NOTE, effect, "root-without-factor");
        finding_what(root, _("uid 0 without a confirmed factor: %s"), names);
        finding_mend(root, _("garde enroll root, if root is to log in by itself"));
    }
    count = list(people, WHO_OTHERS, names);
    if (count > 0) {
        struct finding *others = add(checkup, LEVEL_NOTE, effect, "users-without-factor");
        finding_what(others,
                     ngettext("%lu user with a shell in /etc/passwd and no confirmed factor: %s",
                              "%lu users with a shell in /etc/passwd and no confirmed factor: %s", count),
                     count, names);
        finding_mend(others, _("garde coverage lists them all"));
    }
}

/* Whom a directory knows may have a factor, too: so all are counted, and not only those of /etc/passwd. */
static void tell_nobody(struct checkup *checkup, const struct census *census)
{
    if (!checkup->is_asked || !checkup->has_settings || checkup->has_rule || census->usable > 0)
        return;
    struct finding *nobody = add(checkup, LEVEL_DANGER, EFFECT_LOCKS_OUT, "nobody-enrolled");
    finding_what(nobody, _("logins ask for a code, nobody has a confirmed factor, and no rule lets anybody through: "
                           "where a code is asked for, nobody is let in"));
    finding_mend(nobody, _("garde enroll USER; for all others un_enrolled = allow-until YYYY-MM-DD in [policy], then "
                           "systemctl reload garded"));
}

static void tell_factors(struct checkup *checkup, const struct census *census)
{
    if (census->pending > 0) {
        struct finding *pending = add(checkup, LEVEL_NOTE, EFFECT_LOCKS_OUT, "factors-pending");
        finding_what(pending,
                     ngettext("%lu factor was never confirmed and still can be",
                              "%lu factors were never confirmed and still can be", census->pending),
                     census->pending);
        finding_mend(pending, _("garde list shows them; garde confirm USER"));
    }
    if (census->lapsed > 0) {
        struct finding *lapsed = add(checkup, LEVEL_WARNING, EFFECT_LOCKS_OUT, "factors-lapsed");
        finding_what(lapsed,
                     ngettext("%lu factor was never confirmed and has lapsed",
                              "%lu factors were never confirmed and have lapsed", census->lapsed),
                     census->lapsed);
        finding_mend(lapsed, _("garde list shows them; garde enroll USER"));
    }
}

static void tell_lengths(struct checkup *checkup, const struct census *census)
{
    if (census->other == 0)
        return;
    struct finding *other = add(checkup, checkup->takes_code_off ? LEVEL_WARNING : LEVEL_NOTE,
                                checkup->takes_code_off ? EFFECT_LOCKS_OUT : EFFECT_NONE, "factors-of-other-length");
    finding_what(
        other,
        ngettext("%lu factor has codes of another length than %u digits (digits in garde.conf): services that "
                 "take the code off the password refuse it; %lu of them can be set off by a comma "
                 "(password,12345678)",
                 "%lu factors have codes of another length than %u digits (digits in garde.conf): services that "
                 "take the code off the password refuse them; %lu of them can be set off by a comma "
                 "(password,12345678)",
                 census->other),
        census->other, census->digits, census->set_off);
    finding_mend(other,
                 _("garde list --json shows which; give these people factors of %u digits: garde enroll USER "
                   "--replaces NUMBER"),
                 census->digits);
}

void check_people(struct checkup *checkup)
{
    const struct wire_message request = {.type = WIRE_LIST};
    struct wire_result result = {.code = WIRE_OK};
    struct census census = {.now_s = tool_now_s(),
                            .digits = checkup->has_settings ? checkup->tool->settings.digits : 0};
    char path[SETTINGS_SOCKET_FOLDER_SIZE + 32];

    (void)snprintf(path, sizeof path, "%s/%s", checkup->tool->settings.socket_folder, WIRE_ADMIN_SOCKET);
    people_read("/etc/passwd", "/etc/group", &census.people);
    bool known = checkup->answers && !census.people.unread &&
                 asking_ask(path, &request, WAIT_MS, take_factor, &census, &result) == STATUS_OK;
    if (known) {
        tell_nobody(checkup, &census);
        tell_people(checkup, &census.people);
        tell_factors(checkup, &census);
        tell_lengths(checkup, &census);
    } else {
        struct finding *unseen = add(checkup, LEVEL_NOTE, EFFECT_UNSEEN, "people-unseen");
        finding_what(unseen, _("who has a factor could not be asked for"));
    }
    if (known && !findings_has(&checkup->findings, SUBJECT_PEOPLE, LEVEL_NOTE)) {
        struct finding *good = add(checkup, LEVEL_OK, EFFECT_NONE, "people");
        finding_what(good, _("every user of /etc/passwd with a shell has a confirmed factor"));
    }
    people_drop(&census.people);
}
