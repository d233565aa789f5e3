/* MUST  What is not said anywhere is the general rule, and what no rule says is refuse: no number that is out of its range lets anybody through.
 */
#include <garde/settings.h>

#include <strings.h>

/* The last second that is let through, so to speak. */
static int64_t looseness(const struct unenrolled_rule *rule)
{
    if (rule->answer == UNENROLLED_ALLOW)
        return INT64_MAX;
    return rule->answer == UNENROLLED_ALLOW_UNTIL ? rule->until_s : INT64_MIN;
}

struct unenrolled_rule settings_stricter(struct unenrolled_rule one, struct unenrolled_rule other)
{
    return looseness(&one) <= looseness(&other) ? one : other;
}

static struct unenrolled_rule looser(struct unenrolled_rule one, struct unenrolled_rule other)
{
    return looseness(&one) >= looseness(&other) ? one : other;
}

static void hear(struct settings_said *heard, const struct settings_said *said)
{
    if (!said->given)
        return;
    heard->rule = heard->given ? settings_stricter(heard->rule, said->rule) : said->rule;
    heard->given = true;
}

static void hear_section(struct settings_section *heard, const struct settings_section *says)
{
    hear(&heard->unenrolled, &says->unenrolled);
    hear(&heard->pending, &says->pending);
}

static bool is_in(uint64_t groups, size_t group)
{
    return (groups >> group & 1) != 0;
}

static struct settings_section exceptions_say(const struct settings *settings, const char *service, uint64_t groups)
{
    struct settings_section heard = {.unenrolled = {.given = false}};
    for (size_t i = 0; service != NULL && i < settings->exception_count; i++) {
        const struct settings_exception *exception = &settings->exceptions[i];
        if (is_in(groups, exception->group) && strcasecmp(exception->service, service) == 0)
            hear_section(&heard, &exception->says);
    }
    return heard;
}

static struct settings_section sections_say(const struct settings *settings, const char *service, uint64_t groups)
{
    struct settings_section heard = {.unenrolled = {.given = false}};
    for (size_t i = 0; service != NULL && i < settings->service_count; i++)
        if (strcasecmp(settings->services[i].name, service) == 0)
            hear_section(&heard, &settings->services[i].says);
    for (size_t i = 0; i < settings->group_count; i++)
        if (is_in(groups, i))
            hear_section(&heard, &settings->groups[i].says);
    return heard;
}

static struct unenrolled_rule first_said(const struct settings_said *exception, const struct settings_said *section,
                                         const struct unenrolled_rule *general)
{
    if (exception->given)
        return exception->rule;
    return section->given ? section->rule : *general;
}

struct settings_rules settings_rules(const struct settings *settings, const char *service, uint64_t groups)
{
    const struct settings_section exceptions = exceptions_say(settings, service, groups);
    const struct settings_section sections = sections_say(settings, service, groups);

    return (struct settings_rules){
        .unenrolled = first_said(&exceptions.unenrolled, &sections.unenrolled, &settings->unenrolled),
        .pending = first_said(&exceptions.pending, &sections.pending, &settings->pending),
    };
}

/* One more group only makes the sections stricter, and the exceptions among each other; so nobody is better off than a member of one
 * group, or of none. */
struct settings_rules settings_loosest_rules(const struct settings *settings, const char *service)
{
    struct settings_rules loosest = settings_rules(settings, service, 0);
    for (size_t i = 0; i < settings->group_count; i++) {
        const struct settings_rules of_one = settings_rules(settings, service, UINT64_C(1) << i);
        loosest.unenrolled = looser(loosest.unenrolled, of_one.unenrolled);
        loosest.pending = looser(loosest.pending, of_one.pending);
    }
    return loosest;
}
