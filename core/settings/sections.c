#include "sections.h"

#include <stdbool.h>
#include <string.h>

#include <garde/number.h>

#include "values.h"

struct key {
    enum section section;
    const char *name;
    bool (*read)(const char *text, struct value_limits limits, void *out_member);
    size_t offset; /* in struct settings, in what a service, group or exception says, or in the peer */
    struct value_limits limits;
};

#define AT(member) offsetof(struct settings, member)
#define ARRAY(name)                                                                                                    \
    AT(name),                                                                                                          \
    {                                                                                                                  \
        0, sizeof(((struct settings *)0)->name)                                                                        \
    }

#define SAYS(section, name, member)                                                                                    \
    {                                                                                                                  \
        (section), (name), value_said, offsetof(struct settings_section, member),                                      \
        {                                                                                                              \
            0, 0                                                                                                       \
        }                                                                                                              \
    }

static const struct key keys[] = {
    {SECTION_VERIFIER, "socket_folder", value_path, ARRAY(socket_folder)},
    {SECTION_VERIFIER, "key_ring", value_path, ARRAY(key_ring)},
    {SECTION_VERIFIER, "store", value_path, ARRAY(store)},
    {SECTION_VERIFIER, "user", value_name, ARRAY(user)},
    {SECTION_VERIFIER, "language", value_language, AT(language), {0, 0}},
    {SECTION_VERIFIER, "digits", value_number, AT(digits), {6, 8}},
    {SECTION_VERIFIER, "log", value_log, AT(log), {0, 0}},
    {SECTION_POLICY, "window", value_number, AT(window_steps), {0, 2}},
    {SECTION_POLICY, "lock_for", value_duration, AT(lock_for_s), {60, 86400}},
    {SECTION_POLICY, "pending_for", value_duration, AT(pending_for_s), {60, 90 * 86400}},
    {SECTION_POLICY, "un_enrolled", value_rule, AT(unenrolled), {0, 0}},
    {SECTION_POLICY, "pending", value_rule, AT(pending), {0, 0}},
    {SECTION_ENROLMENT, "issuer", value_title, ARRAY(issuer)},
    {SECTION_ENROLMENT, "help_desk", value_text, ARRAY(help_desk)},
    SAYS(SECTION_SERVICE, "un_enrolled", unenrolled),
    SAYS(SECTION_SERVICE, "pending", pending),
    SAYS(SECTION_GROUP, "un_enrolled", unenrolled),
    SAYS(SECTION_GROUP, "pending", pending),
    SAYS(SECTION_EXCEPTION, "un_enrolled", unenrolled),
    SAYS(SECTION_EXCEPTION, "pending", pending),
    {SECTION_PEER, "service", value_name, offsetof(struct settings_peer, service), {0, SERVICE_SIZE}},
};
_Static_assert(sizeof keys / sizeof keys[0] <= 64, "a bit of `seen` each");

void sections_begin(struct sections *sections, struct settings *settings)
{
    *settings = (struct settings){.socket_folder = "/run/garde",
                                  .key_ring = "/etc/garde/master.key",
                                  .store = "/var/lib/garde/garde.db",
                                  .user = "garde",
                                  .language = LANGUAGE_EN,
                                  .digits = 6,
                                  .log = SETTINGS_LOG_SYSTEM,
                                  .window_steps = 1,
                                  .lock_for_s = 15 * 60,
                                  .pending_for_s = 15 * 60,
                                  .issuer = "garde",
                                  .unenrolled = {.answer = UNENROLLED_REFUSE},
                                  .pending = {.answer = UNENROLLED_REFUSE}};
    *sections = (struct sections){.settings = settings};
}

/* libpam lower-cases the service's name before anybody sees it. */
static void lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

static bool read_service(const char *text, char out_name[SERVICE_SIZE])
{
    if (!value_name(text, (struct value_limits){0, SERVICE_SIZE}, out_name))
        return false;
    lower(out_name);
    return true;
}

static enum problem_kind open_service(struct sections *sections, const char *name)
{
    struct settings *settings = sections->settings;
    char lowered[SERVICE_SIZE];
    if (!read_service(name, lowered))
        return PROBLEM_VALUE;

    size_t at = 0;
    while (at < settings->service_count && strcmp(settings->services[at].name, lowered) != 0)
        at++;
    if (at == SETTINGS_SERVICES_MAX)
        return PROBLEM_VALUE;
    if (at == settings->service_count) {
        memcpy(settings->services[at].name, lowered, sizeof lowered);
        settings->service_count++;
    }
    sections->section = SECTION_SERVICE;
    sections->at = at;
    return PROBLEM_NONE;
}

/* Which of the groups it is; a new one is added. false: it can be no group's name, or there are too many. */
static bool find_group(struct settings *settings, const char *name, size_t *out_at)
{
    char copy[SETTINGS_GROUP_SIZE];
    if (!value_group(name, (struct value_limits){0, sizeof copy}, copy))
        return false;

    size_t at = 0;
    while (at < settings->group_count && strcmp(settings->groups[at].name, copy) != 0)
        at++;
    if (at == SETTINGS_GROUPS_MAX)
        return false;
    if (at == settings->group_count) {
        memcpy(settings->groups[at].name, copy, sizeof copy);
        settings->group_count++;
    }
    *out_at = at;
    return true;
}

static enum problem_kind open_group(struct sections *sections, const char *name)
{
    if (!find_group(sections->settings, name, &sections->at))
        return PROBLEM_VALUE;
    sections->section = SECTION_GROUP;
    return PROBLEM_NONE;
}

static enum problem_kind open_exception(struct sections *sections, const char *service, const char *group)
{
    struct settings *settings = sections->settings;
    char lowered[SERVICE_SIZE];
    size_t group_at = 0;
    if (!read_service(service, lowered) || !find_group(settings, group, &group_at))
        return PROBLEM_VALUE;

    size_t at = 0;
    while (at < settings->exception_count &&
           (settings->exceptions[at].group != group_at || strcmp(settings->exceptions[at].service, lowered) != 0))
        at++;
    if (at == SETTINGS_EXCEPTIONS_MAX)
        return PROBLEM_VALUE;
    if (at == settings->exception_count) {
        memcpy(settings->exceptions[at].service, lowered, sizeof lowered);
        settings->exceptions[at].group = group_at;
        settings->exception_count++;
    }
    sections->section = SECTION_EXCEPTION;
    sections->at = at;
    return PROBLEM_NONE;
}

/* Root needs no permission, and a name that looks like a number but is none would never match. */
static bool is_peer_name(const char *name)
{
    uint64_t uid = 0;
    if (strspn(name, "0123456789") == strlen(name))
        return number_parse(name, 1, NO_UID - 1, &uid) == STATUS_OK && uid != OVERFLOW_UID;
    return strcmp(name, "root") != 0;
}

static enum problem_kind open_peer(struct sections *sections, const char *name, unsigned line)
{
    struct settings *settings = sections->settings;
    char copy[SETTINGS_NAME_SIZE];
    if (!value_name(name, (struct value_limits){0, sizeof copy}, copy) || !is_peer_name(name))
        return PROBLEM_VALUE;

    size_t at = 0;
    while (at < settings->peer_count && strcmp(settings->peers[at].name, copy) != 0)
        at++;
    if (at == SETTINGS_PEERS_MAX)
        return PROBLEM_VALUE;
    if (at == settings->peer_count) {
        memcpy(settings->peers[at].name, copy, sizeof copy);
        sections->peer_line[at] = line;
        settings->peer_count++;
    }
    sections->section = SECTION_PEER;
    sections->at = at;
    return PROBLEM_NONE;
}

/* "service sshd" -> "sshd"; NULL if the header is not `word` and a name. */
static const char *name_behind(const char *header, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(header, word, len) != 0)
        return NULL;
    size_t blanks = strspn(header + len, " \t");
    return blanks > 0 && header[len + blanks] != '\0' ? header + len + blanks : NULL;
}

/* "sshd", or "sshd group admins" */
static enum problem_kind open_service_or_exception(struct sections *sections, const char *names)
{
    size_t len = strcspn(names, " \t");
    const char *group = name_behind(names + len + strspn(names + len, " \t"), "group");
    char service[SERVICE_SIZE];

    if (names[len] == '\0' || group == NULL)
        return open_service(sections, names);
    if (len >= sizeof service)
        return PROBLEM_VALUE;
    memcpy(service, names, len);
    service[len] = '\0';
    return open_exception(sections, service, group);
}

enum problem_kind sections_open(struct sections *sections, const char *header, unsigned line)
{
    static const struct {
        const char *name;
        enum section section;
    } plain[] = {{"verifier", SECTION_VERIFIER}, {"policy", SECTION_POLICY}, {"enrolment", SECTION_ENROLMENT}};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(header, plain[i].name) == 0) {
            sections->section = plain[i].section;
            return PROBLEM_NONE;
        }

    const char *service = name_behind(header, "service");
    const char *group = name_behind(header, "group");
    const char *peer = name_behind(header, "peer");
    if (service != NULL)
        return open_service_or_exception(sections, service);
    if (group != NULL)
        return open_group(sections, group);
    if (peer != NULL)
        return open_peer(sections, peer, line);
    return PROBLEM_UNKNOWN_SECTION;
}

static const struct key *find_key(enum section section, const char *name)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].section == section && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

/* NULL: the section is one that says nothing about logins. */
static struct settings_section *what_it_says(const struct sections *sections)
{
    struct settings *settings = sections->settings;
    if (sections->section == SECTION_SERVICE)
        return &settings->services[sections->at].says;
    if (sections->section == SECTION_GROUP)
        return &settings->groups[sections->at].says;
    return sections->section == SECTION_EXCEPTION ? &settings->exceptions[sections->at].says : NULL;
}

static void *member_of(const struct sections *sections, const struct key *key)
{
    void *base = what_it_says(sections);
    if (base == NULL)
        base = sections->section == SECTION_PEER ? (void *)&sections->settings->peers[sections->at]
                                                 : (void *)sections->settings;
    return (char *)base + key->offset;
}

static bool was_given(const struct sections *sections, const struct key *key)
{
    if (what_it_says(sections) != NULL)
        return ((const struct settings_said *)member_of(sections, key))->given;
    if (sections->section == SECTION_PEER)
        return sections->settings->peers[sections->at].service[0] != '\0';
    return (sections->seen >> (key - keys) & 1) != 0;
}

enum problem_kind sections_set(struct sections *sections, const char *name, const char *value)
{
    if (sections->section == SECTION_NONE)
        return PROBLEM_SYNTAX;
    const struct key *key = find_key(sections->section, name);
    if (key == NULL)
        return PROBLEM_UNKNOWN_KEY;
    if (was_given(sections, key))
        return PROBLEM_REPEATED;
    if (value[0] == '\0')
        return PROBLEM_EMPTY;
    if (!key->read(value, key->limits, member_of(sections, key)))
        return PROBLEM_VALUE;
    sections->seen |= UINT64_C(1) << (key - keys);
    return PROBLEM_NONE;
}

enum problem_kind sections_end(struct sections *sections, unsigned *out_line, const char **out_item)
{
    const struct settings *settings = sections->settings;
    for (size_t i = 0; i < settings->peer_count; i++) {
        if (settings->peers[i].service[0] != '\0')
            continue;
        *out_line = sections->peer_line[i];
        *out_item = "service";
        return PROBLEM_EMPTY;
    }
    return PROBLEM_NONE;
}
