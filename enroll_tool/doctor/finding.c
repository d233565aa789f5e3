#include "finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finding *finding_add(struct findings *findings, enum finding_subject subject, enum finding_level level,
                            enum finding_effect effect, const char *id)
{
    static struct finding lost;

    if (findings->count == findings->room) {
        size_t room = findings->room == 0 ? 16 : 2 * findings->room;
        struct finding *all = realloc(findings->all, room * sizeof *all);
        if (all == NULL) {
            findings->lost = true;
            return &lost;
        }
        findings->all = all;
        findings->room = room;
    }
    struct finding *finding = &findings->all[findings->count++];
    *finding = (struct finding){.level = level, .subject = subject, .effect = effect, .id = id};
    return finding;
}

void finding_place(struct finding *finding, const char *place)
{
    (void)snprintf(finding->place, sizeof finding->place, "%s", place);
}

void finding_what(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->what, sizeof finding->what, format, arguments);
    va_end(arguments);
}

void finding_mend(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->mend, sizeof finding->mend, format, arguments);
    va_end(arguments);
}

static bool is_the_same(const struct finding *a, const struct finding *b)
{
    return strcmp(a->id, b->id) == 0 && a->level == b->level && strcmp(a->what, b->what) == 0 &&
           strcmp(a->mend, b->mend) == 0;
}

static void join(struct finding *older, const char *place)
{
    size_t len = strlen(older->place);
    if (len + strlen(place) + 8 < sizeof older->place)
        (void)snprintf(older->place + len, sizeof older->place - len, ", %s", place);
    else if (len + 6 < sizeof older->place && strstr(older->place, ", ...") == NULL)
        (void)snprintf(older->place + len, sizeof older->place - len, ", ...");
}

void finding_done(struct findings *findings)
{
    if (findings->count == 0)
        return;
    const struct finding *last = &findings->all[findings->count - 1];
    for (size_t i = 0; i + 1 < findings->count; i++) {
        if (!is_the_same(&findings->all[i], last))
            continue;
        if (last->place[0] != '\0')
            join(&findings->all[i], last->place);
        findings->count--;
        return;
    }
}

enum finding_level findings_worst(const struct findings *findings)
{
    enum finding_level worst = LEVEL_OK;
    for (size_t i = 0; i < findings->count; i++)
        if (findings->all[i].level > worst)
            worst = findings->all[i].level;
    return worst;
}

bool findings_has(const struct findings *findings, enum finding_subject subject, enum finding_level at_least)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->all[i].subject == subject && findings->all[i].level >= at_least)
            return true;
    return false;
}

size_t findings_count(const struct findings *findings, enum finding_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->all[i].level == level ? 1 : 0;
    return count;
}

void findings_drop(struct findings *findings)
{
    free(findings->all);
    *findings = (struct findings){.count = 0};
}

const char *finding_level_name(enum finding_level level)
{
    static const char *const names[] = {"ok", "note", "warning", "danger"};
    return names[level];
}

const char *finding_subject_name(enum finding_subject subject)
{
    static const char *const names[SUBJECTS] = {"configuration", "files", "verifier", "clock", "pam", "sshd", "people"};
    return names[subject];
}

const char *finding_effect_name(enum finding_effect effect)
{
    static const char *const names[] = {"", "lets-in", "locks-out", "not-looked-at"};
    return names[effect];
}
