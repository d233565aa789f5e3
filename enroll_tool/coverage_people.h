/* The people of `garde coverage`, as the name service has them: who there is, and with which shell.
 *
 * A login shell is one of /etc/shells that is not nologin or false by its name, or none at all, which is /bin/sh (passwd(5)).
 */
#ifndef GARDE_TOOL_COVERAGE_PEOPLE_H
#define GARDE_TOOL_COVERAGE_PEOPLE_H

#include "coverage.h"
#include "tool.h"

#define COVERAGE_SERVICES_SIZE 128

struct coverage_people {
    const char *group; /* only its members; NULL: everybody */
    const char *file;  /* only those that it names, one a line, "-": standard input; NULL: everybody */
    /* Set by coverage_gather. */
    uint32_t gid;
    bool unlisted; /* everybody, but the name service has services that name nobody: whom they know is not known here */
    char services[COVERAGE_SERVICES_SIZE]; /* of /etc/nsswitch.conf, those */
};

/* Everybody that is to be looked at. Tells what is wrong: TOOL_REFUSED, or TOOL_USAGE for a line of the file (with its number; then nobody is
 * added for it, and nothing is printed of the rest). */
enum tool_exit coverage_gather(struct coverage_people *people, struct coverage *coverage) GARDE_MUST_CHECK;

/* Somebody whom only the verifier has named so far: asks the name service. *context is a struct coverage_meeting, whose `done` says what was wrong: then
 * nobody else is asked about. A coverage_person_told. */
struct coverage_meeting {
    const struct coverage_people *people;
    enum tool_exit done;
};
void coverage_meet(struct coverage_person *person, void *context);

#endif
