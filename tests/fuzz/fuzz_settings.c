/* Settings that load keep every range that settings.h gives, and written out plainly they load as the same again.
 *
 * Input: the file.
 * Target: core/settings/load.c core/settings/rules.c core/settings/sections.c core/settings/values.c core/ground/number.c core/ground/problem.c
 */
#include "fuzz.h"

#include <inttypes.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <garde/settings.h>

#define UNTOUCHED 0xa5
#define TEXT_SIZE 262144

static enum status load(const void *bytes, size_t len, struct settings *out_settings, struct problem *out_problem)
{
    char path[64];
    int fd = memfd_create("garde-fuzz", MFD_CLOEXEC);
    CLAIM(fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, bytes, len) == (ssize_t)len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum status status = settings_load(path, out_settings, out_problem);
    (void)close(fd);
    return status;
}

static bool is_text(const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
            return false;
    return len > 0 && len < size;
}

static bool is_name(const char *text, size_t size)
{
    return is_text(text, size) && strpbrk(text, " \t/:[]") == NULL && text[0] != '-';
}

static bool is_rule(const struct unenrolled_rule *rule)
{
    bool plain = rule->answer == UNENROLLED_REFUSE || rule->answer == UNENROLLED_ALLOW;
    return plain ? rule->until_s == 0
                 : rule->answer == UNENROLLED_ALLOW_UNTIL && rule->until_s > 0 && rule->until_s % 86400 == 0;
}

static bool is_said(const struct settings_said *said)
{
    return said->given ? is_rule(&said->rule) : said->rule.answer == UNENROLLED_REFUSE && said->rule.until_s == 0;
}

static bool is_section(const struct settings_section *says)
{
    return is_said(&says->unenrolled) && is_said(&says->pending);
}

static bool is_group(const char *text, size_t size)
{
    return is_text(text, size) && strpbrk(text, "\t:,[]") == NULL && text[0] != '-' && text[0] != ' ' &&
           text[strlen(text) - 1] != ' ';
}

static bool lets_through(struct unenrolled_rule rule, int64_t at_s)
{
    return rule.answer == UNENROLLED_ALLOW || (rule.answer == UNENROLLED_ALLOW_UNTIL && at_s < rule.until_s);
}

/* Whoever asks, wherever: the loosest rule lets through whom any other does. */
static void keep_a_bound(const struct settings *settings, const char *service, uint64_t groups, int64_t at_s)
{
    const struct settings_rules rules = settings_rules(settings, service, groups);
    const struct settings_rules loosest = settings_loosest_rules(settings, service);
    CLAIM(!lets_through(rules.unenrolled, at_s) || lets_through(loosest.unenrolled, at_s));
    CLAIM(!lets_through(rules.pending, at_s) || lets_through(loosest.pending, at_s));
    CLAIM(is_rule(&rules.unenrolled) && is_rule(&rules.pending));
}

static void keep_bounds(const struct settings *settings)
{
    static const uint64_t some[] = {0, 1, 2, 3, 5, 6, 7, UINT64_MAX};
    static const int64_t when[] = {0, 1798758000, 4102444800};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        for (size_t at = 0; at < sizeof when / sizeof when[0]; at++) {
            keep_a_bound(settings, NULL, some[i], when[at]);
            keep_a_bound(settings, settings->services[0].name, some[i], when[at]);
            keep_a_bound(settings, settings->exceptions[0].service, some[i], when[at]);
        }
}

static void keep_their_ranges(const struct settings *settings)
{
    CLAIM(settings->socket_folder[0] == '/' && is_text(settings->socket_folder, sizeof settings->socket_folder));
    CLAIM(settings->key_ring[0] == '/' && is_text(settings->key_ring, sizeof settings->key_ring));
    CLAIM(settings->store[0] == '/' && is_text(settings->store, sizeof settings->store));
    CLAIM(is_name(settings->user, sizeof settings->user));
    CLAIM(settings->language == LANGUAGE_EN || settings->language == LANGUAGE_FR);
    CLAIM(settings->log == SETTINGS_LOG_SYSTEM || settings->log == SETTINGS_LOG_STDERR);
    CLAIM(settings->digits >= 6 && settings->digits <= 8 && settings->window_steps <= 2);
    CLAIM(settings->lock_for_s >= 60 && settings->lock_for_s <= 86400);
    CLAIM(settings->pending_for_s >= 60 && settings->pending_for_s <= 90 * 86400);
    CLAIM(is_text(settings->issuer, sizeof settings->issuer) && strchr(settings->issuer, ':') == NULL);
    CLAIM(settings->help_desk[0] == '\0' || is_text(settings->help_desk, sizeof settings->help_desk));
    CLAIM(is_rule(&settings->unenrolled) && is_rule(&settings->pending));
    CLAIM(settings->service_count <= SETTINGS_SERVICES_MAX && settings->peer_count <= SETTINGS_PEERS_MAX);
    CLAIM(settings->group_count <= SETTINGS_GROUPS_MAX && settings->exception_count <= SETTINGS_EXCEPTIONS_MAX);
}

static void keep_their_groups(const struct settings *settings)
{
    for (size_t i = 0; i < settings->group_count; i++) {
        CLAIM(is_group(settings->groups[i].name, SETTINGS_GROUP_SIZE) && is_section(&settings->groups[i].says));
        for (size_t before = 0; before < i; before++)
            CLAIM(strcmp(settings->groups[before].name, settings->groups[i].name) != 0);
    }
    for (size_t i = 0; i < settings->exception_count; i++) {
        const struct settings_exception *exception = &settings->exceptions[i];
        CLAIM(is_name(exception->service, SERVICE_SIZE) && is_section(&exception->says));
        CLAIM(exception->group < settings->group_count);
        for (size_t before = 0; before < i; before++)
            CLAIM(settings->exceptions[before].group != exception->group ||
                  strcmp(settings->exceptions[before].service, exception->service) != 0);
    }
}

static void keep_their_names(const struct settings *settings)
{
    for (size_t i = 0; i < settings->service_count; i++) {
        const struct settings_service *service = &settings->services[i];
        CLAIM(is_name(service->name, sizeof service->name) && is_section(&service->says));
        CLAIM(strpbrk(service->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL);
        for (size_t before = 0; before < i; before++)
            CLAIM(strcmp(settings->services[before].name, service->name) != 0);
        const struct unenrolled_rule *said =
            service->says.unenrolled.given ? &service->says.unenrolled.rule : &settings->unenrolled;
        struct unenrolled_rule rule = settings_rules(settings, service->name, 0).unenrolled;
        CLAIM(rule.answer == said->answer && rule.until_s == said->until_s);
    }
    for (size_t i = 0; i < settings->peer_count; i++) {
        const struct settings_peer *peer = &settings->peers[i];
        CLAIM(is_name(peer->name, sizeof peer->name) && is_name(peer->service, sizeof peer->service));
        CLAIM(strcmp(peer->name, "root") != 0 && strspn(peer->name, "0") < strlen(peer->name));
        for (size_t before = 0; before < i; before++)
            CLAIM(strcmp(settings->peers[before].name, peer->name) != 0);
    }
}

/* ---- written out ---- */

static void put_rule(FILE *out, const char *key, const struct unenrolled_rule *rule)
{
    time_t last = (time_t)rule->until_s - 1;
    char day[32];
    if (rule->answer != UNENROLLED_ALLOW_UNTIL) {
        (void)fprintf(out, "%s=%s\n", key, rule->answer == UNENROLLED_ALLOW ? "allow" : "refuse");
        return;
    }
    (void)strftime(day, sizeof day, "%Y-%m-%d", gmtime(&last));
    (void)fprintf(out, "%s=allow-until %s\n", key, day);
}

static void put_section(FILE *out, const struct settings_section *says)
{
    if (says->unenrolled.given)
        put_rule(out, "un_enrolled", &says->unenrolled.rule);
    if (says->pending.given)
        put_rule(out, "pending", &says->pending.rule);
}

static void put_sections(FILE *out, const struct settings *settings)
{
    for (size_t i = 0; i < settings->service_count; i++) {
        (void)fprintf(out, "[service %s]\n", settings->services[i].name);
        put_section(out, &settings->services[i].says);
    }
    for (size_t i = 0; i < settings->group_count; i++) {
        (void)fprintf(out, "[group %s]\n", settings->groups[i].name);
        put_section(out, &settings->groups[i].says);
    }
    for (size_t i = 0; i < settings->exception_count; i++) {
        const struct settings_exception *exception = &settings->exceptions[i];
        (void)fprintf(out, "[service %s group %s]\n", exception->service, settings->groups[exception->group].name);
        put_section(out, &exception->says);
    }
}

static size_t write_out(const struct settings *settings, char text[TEXT_SIZE])
{
    FILE *out = fmemopen(text, TEXT_SIZE, "w");
    CLAIM(out != NULL);
    (void)fprintf(out, "[policy]\nwindow=%" PRIu32 "\nlock_for=%" PRId64 "s\npending_for=%" PRId64 "s\n",
                  settings->window_steps, settings->lock_for_s, settings->pending_for_s);
    put_rule(out, "un_enrolled", &settings->unenrolled);
    put_rule(out, "pending", &settings->pending);
    put_sections(out, settings);
    for (size_t i = 0; i < settings->peer_count; i++)
        (void)fprintf(out, "[peer %s]\nservice=%s\n", settings->peers[i].name, settings->peers[i].service);
    (void)fprintf(out,
                  "[verifier]\nsocket_folder=%s\nkey_ring=%s\nstore=%s\nuser=%s\nlanguage=%s\ndigits=%" PRIu32 "\n",
                  settings->socket_folder, settings->key_ring, settings->store, settings->user,
                  settings->language == LANGUAGE_FR ? "fr" : "en", settings->digits);
    (void)fprintf(out, "log=%s\n[enrolment]\nissuer=%s\n", settings->log == SETTINGS_LOG_STDERR ? "stderr" : "system",
                  settings->issuer);
    if (settings->help_desk[0] != '\0')
        (void)fprintf(out, "help_desk=%s\n", settings->help_desk);
    long len = ftell(out);
    CLAIM(len > 0 && fclose(out) == 0);
    return (size_t)len;
}

static void are_equal_rules(const struct unenrolled_rule *a, const struct unenrolled_rule *b)
{
    CLAIM(a->answer == b->answer && a->until_s == b->until_s);
}

static void are_equal_sections(const struct settings_section *a, const struct settings_section *b)
{
    CLAIM(a->unenrolled.given == b->unenrolled.given && a->pending.given == b->pending.given);
    are_equal_rules(&a->unenrolled.rule, &b->unenrolled.rule);
    are_equal_rules(&a->pending.rule, &b->pending.rule);
}

static void have_equal_sections(const struct settings *a, const struct settings *b)
{
    CLAIM(a->service_count == b->service_count && a->group_count == b->group_count);
    CLAIM(a->exception_count == b->exception_count);
    for (size_t i = 0; i < a->service_count; i++) {
        CLAIM(strcmp(a->services[i].name, b->services[i].name) == 0);
        are_equal_sections(&a->services[i].says, &b->services[i].says);
    }
    for (size_t i = 0; i < a->group_count; i++) {
        CLAIM(strcmp(a->groups[i].name, b->groups[i].name) == 0);
        are_equal_sections(&a->groups[i].says, &b->groups[i].says);
    }
    for (size_t i = 0; i < a->exception_count; i++) {
        CLAIM(strcmp(a->exceptions[i].service, b->exceptions[i].service) == 0);
        CLAIM(a->exceptions[i].group == b->exceptions[i].group);
        are_equal_sections(&a->exceptions[i].says, &b->exceptions[i].says);
    }
}

static void are_equal(const struct settings *a, const struct settings *b)
{
    CLAIM(strcmp(a->socket_folder, b->socket_folder) == 0 && strcmp(a->key_ring, b->key_ring) == 0);
    CLAIM(strcmp(a->store, b->store) == 0 && strcmp(a->user, b->user) == 0 && strcmp(a->issuer, b->issuer) == 0);
    CLAIM(strcmp(a->help_desk, b->help_desk) == 0);
    CLAIM(a->language == b->language && a->digits == b->digits && a->log == b->log);
    CLAIM(a->window_steps == b->window_steps && a->lock_for_s == b->lock_for_s);
    CLAIM(a->pending_for_s == b->pending_for_s);
    are_equal_rules(&a->unenrolled, &b->unenrolled);
    are_equal_rules(&a->pending, &b->pending);
    have_equal_sections(a, b);
    CLAIM(a->peer_count == b->peer_count);
    for (size_t i = 0; i < a->peer_count; i++)
        CLAIM(strcmp(a->peers[i].name, b->peers[i].name) == 0 && strcmp(a->peers[i].service, b->peers[i].service) == 0);
}

static void is_told(const struct problem *problem, const uint8_t *data, size_t size)
{
    unsigned lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' ? 1 : 0;
    CLAIM(problem->kind != PROBLEM_NONE && problem->kind != PROBLEM_SYSTEM && problem->kind != PROBLEM_MEMORY);
    CLAIM(problem->line >= 1 && problem->line <= lines);
    CLAIM(problem->item[0] == '\0' || is_text(problem->item, sizeof problem->item));
    CLAIM(strchr(problem->item, '\t') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings, untouched, again;
    static char text[TEXT_SIZE];
    struct problem problem = {0};

    CLAIM(setenv("TZ", "UTC", 1) == 0);
    memset(&settings, UNTOUCHED, sizeof settings);
    memset(&untouched, UNTOUCHED, sizeof untouched);
    enum status status = load(data, size, &settings, &problem);
    if (status != STATUS_OK) {
        CLAIM(status == STATUS_INVALID);
        CLAIM(memcmp(&settings, &untouched, sizeof settings) == 0);
        is_told(&problem, data, size);
        return 0;
    }
    keep_their_ranges(&settings);
    keep_their_names(&settings);
    keep_their_groups(&settings);
    keep_bounds(&settings);
    CLAIM(load(text, write_out(&settings, text), &again, &problem) == STATUS_OK);
    are_equal(&settings, &again);
    return 0;
}
