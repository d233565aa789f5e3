/* The arguments of a line in /etc/pam.d. pam_garde(8) describes them. */
#ifndef GARDE_PAM_OPTIONS_H
#define GARDE_PAM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/status.h>

enum mode {
    MODE_PROMPT = 0, /* asks for the code with a prompt of its own */
    MODE_SPLIT,      /* before the line of the password: takes the code off the typed text */
    MODE_VERIFY,     /* behind it: has that code checked */
    MODE_CONCAT,     /* both in one line */
};

struct options {
    enum mode mode;
    const char *socket; /* argument, or the default for this caller */
    const char *prompt; /* NULL: the compiled-in text */
    int64_t timeout_ms; /* for one exchange with the verifier, not for the person */
    bool echo;          /* show what is typed */
    bool quiet;         /* never a message beside the prompt */
    bool debug;         /* log each step */
    bool nodelay;       /* ask for no delay after a failure */
};

/* root: whether the caller may use the trusted socket. The strings point into argv.
 * STATUS_INVALID: *out_bad is the first argument that is unknown, repeated, a second mode, or has a bad value; or one that does not go with the mode. */
enum status options_parse(int argc, const char **argv, bool root, struct options *out_options,
                          const char **out_bad) GARDE_MUST_CHECK;

/* What a line is meant to be where options_parse finds a word of it bad: sets mode and nodelay, in options of zeroes. */
void options_by_words(int argc, const char **argv, struct options *out_options);

#endif
