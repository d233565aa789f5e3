/* What the doctor finds: one thing each, with what it would do to people and how to mend it.
 *
 * Findings of one kind with the same words are one, of several places: a line of common-auth is told once, for all services that include it.
 */
#ifndef GARDE_TOOL_DOCTOR_FINDING_H
#define GARDE_TOOL_DOCTOR_FINDING_H

#include <stdbool.h>
#include <stddef.h>

enum finding_level {
    LEVEL_OK = 0,
    LEVEL_NOTE,
    LEVEL_WARNING,
    LEVEL_DANGER,
};

enum finding_subject {
    SUBJECT_CONFIGURATION = 0,
    SUBJECT_FILES,
    SUBJECT_VERIFIER,
    SUBJECT_CLOCK,
    SUBJECT_PAM,
    SUBJECT_SSHD,
    SUBJECT_PEOPLE,
    SUBJECTS
};

enum finding_effect {
    EFFECT_NONE = 0,
    EFFECT_LETS_IN,   /* somebody gets in without a code */
    EFFECT_LOCKS_OUT, /* somebody does not get in who should */
    EFFECT_UNSEEN,    /* could not be looked at */
};

#define FINDING_PLACE_SIZE 512
#define FINDING_TEXT_SIZE  2048

struct finding {
    enum finding_level level;
    enum finding_subject subject;
    enum finding_effect effect;
    const char *id;                   /* for programs, in English; never translated */
    char place[FINDING_PLACE_SIZE];   /* services, a file ...; "" */
    char what[FINDING_TEXT_SIZE];     /* both in the language of the caller, safe to show */
    char mend[FINDING_TEXT_SIZE / 2]; /* "": nothing to mend */
};

struct findings {
    struct finding *all;
    size_t count, room;
    bool lost; /* no memory for one */
};

/* A new one without words. Never NULL: without memory it is a place that is written over. */
struct finding *finding_add(struct findings *findings, enum finding_subject subject, enum finding_level level,
                            enum finding_effect effect, const char *id);
/* Names and paths that go into them are made safe by the caller (text_show). */
void finding_place(struct finding *finding, const char *place);
void finding_what(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_mend(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* After its words are complete: joins it with an older one that has the same. */
void finding_done(struct findings *findings);

enum finding_level findings_worst(const struct findings *findings);
bool findings_has(const struct findings *findings, enum finding_subject subject, enum finding_level at_least);
size_t findings_count(const struct findings *findings, enum finding_level level);
void findings_drop(struct findings *findings);

/* For programs: "ok", "note", "warning", "danger"; "configuration", "files" ...; "", "lets-in", "locks-out", "not-looked-at". */
const char *finding_level_name(enum finding_level level);
const char *finding_subject_name(enum finding_subject subject);
const char *finding_effect_name(enum finding_effect effect);

#endif
