/* The arguments of a line in /etc/pam.d. pam_garde(8) describes them. */
#ifndef GARDE_PAM_OPTIONS_H
#define GARDE_PAM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/status.h>

struct options {
    const char *socket; /* argument, or the default for this caller */
    const char *prompt; /* NULL: the compiled-in text */
    int64_t timeout_ms; /* for one exchange with the verifier, not for the person */
    bool echo;          /* show what is typed */
    bool quiet;         /* never a message beside the prompt */
    bool debug;         /* log each step */
};

/* root: whether the caller may use the trusted socket. The strings point into argv.
 * STATUS_INVALID: *out_bad is the first argument that is unknown, repeated, or has a bad value. */
enum status options_parse(int argc, const char **argv, bool root, struct options *out_options,
                          const char **out_bad) GARDE_MUST_CHECK;

#endif
