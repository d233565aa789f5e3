/* The commands of garded. Each returns the exit code. */
#ifndef GARDE_VERIFIER_COMMANDS_H
#define GARDE_VERIFIER_COMMANDS_H

#include <stdbool.h>

/* Makes key ring, store and the first entry of the audit; refuses if one of them is there; undoes what it made if it fails. */
int command_init(const char *config);

/* Examines configuration, key ring and store, and says what it found on standard output. */
int command_check(const char *config);
/* The configuration and nothing else, which takes no rights: before a reload. */
int command_check_settings(const char *config);

/* Shows what in the rows of the store does not go with the head over them, and takes them as they are if the admin says so: `yes`, or asked at a terminal.
 * The verifier must be stopped. */
int command_accept(const char *config, bool yes);

/* Serves until SIGTERM. */
int command_serve(const char *config);

#endif
