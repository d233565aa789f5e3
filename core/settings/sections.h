/* What sections and keys there are, and where their values go. Internal to core/settings. */
#ifndef GARDE_CORE_SETTINGS_SECTIONS_H
#define GARDE_CORE_SETTINGS_SECTIONS_H

#include <stddef.h>
#include <stdint.h>

#include <garde/problem.h>
#include <garde/settings.h>

enum section {
    SECTION_NONE = 0, /* before the first header */
    SECTION_VERIFIER,
    SECTION_POLICY,
    SECTION_ENROLMENT,
    SECTION_SERVICE,
    SECTION_GROUP,
    SECTION_EXCEPTION,
    SECTION_PEER,
};

/* How far the file has been read. */
struct sections {
    struct settings *settings;
    enum section section;
    size_t at;                              /* of services, groups, exceptions or peers: which one */
    uint64_t seen;                          /* keys of sections that are there once: a bit each, if it was given */
    unsigned peer_line[SETTINGS_PEERS_MAX]; /* of their header */
};

/* The defaults of everything. */
void sections_begin(struct sections *sections, struct settings *settings);
/* A header, without its brackets. PROBLEM_NONE, or what is wrong with it. */
enum problem_kind sections_open(struct sections *sections, const char *header, unsigned line);
enum problem_kind sections_set(struct sections *sections, const char *key, const char *value);
/* After the last line. Not PROBLEM_NONE: *out_line and *out_item (a constant) say where. */
enum problem_kind sections_end(struct sections *sections, unsigned *out_line, const char **out_item);

#endif
