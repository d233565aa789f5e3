/* Who can log in here, from /etc/passwd and /etc/group alone: no name service is asked, which could hang or list a whole directory. */
#ifndef GARDE_TOOL_DOCTOR_PEOPLE_H
#define GARDE_TOOL_DOCTOR_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

struct person {
    char *name;
    bool is_admin;  /* a member of sudo, wheel or admin */
    bool is_root;   /* uid 0 */
    bool confirmed; /* set by whoever knows */
};

struct people {
    struct person *all; /* with a shell, in the order of their names */
    size_t count;
    bool unread; /* a file could not be read, or there is no memory */
};

void people_read(const char *passwd, const char *group, struct people *out_people);
struct person *people_find(const struct people *people, const char *name);
void people_drop(struct people *people);
#define people_owner __attribute__((cleanup(people_drop)))

#endif
