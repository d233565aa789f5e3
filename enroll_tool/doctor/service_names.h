/* The services that PAM is configured for, by their files. */
#ifndef GARDE_TOOL_DOCTOR_SERVICE_NAMES_H
#define GARDE_TOOL_DOCTOR_SERVICE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "stack.h"

#define SERVICE_NAMES_MAX 512

struct service_names {
    char *names[SERVICE_NAMES_MAX]; /* in the order of the alphabet, each once */
    size_t count;
    bool single;   /* all of them are in pam.conf */
    bool unseen;   /* a folder, or pam.conf, could not be read */
    bool too_many; /* there are more */
};

/* What is only there to be included, and copies that editors and package managers leave, are no services. */
void service_names_find(const struct stack_places *places, struct service_names *out_names);
void service_names_drop(struct service_names *names);
#define service_names_owner __attribute__((cleanup(service_names_drop)))

#endif
