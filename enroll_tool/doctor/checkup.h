/* The parts of `garde doctor`. Each looks at one subject, adds what it finds, and changes nothing.
 *
 * They run in the order below: later ones use what earlier ones have seen.
 */
#ifndef GARDE_TOOL_DOCTOR_CHECKUP_H
#define GARDE_TOOL_DOCTOR_CHECKUP_H

#include <garde/wire.h>

#include "../tool.h"
#include "finding.h"
#include "stack.h"

struct checkup {
    struct tool *tool;
    const struct stack_places *places;
    struct findings findings;
    bool has_settings; /* tool->settings are the site's; else only their socket folder is filled in, with the default */
    bool has_rule;     /* some rule lets people through without a code today */
    bool answers;      /* the verifier gave its state */
    bool tampered;     /* ... and says that the store was changed without the key */
    bool cannot_record;      /* ... or that nothing can be recorded */
    bool is_asked;           /* some PAM service reaches pam_garde.so */
    bool is_asked_by_sshd;   /* sshd's does */
    bool has_sshd_prompt;    /* ... and shows a prompt of its own for the code */
    bool takes_code_off;     /* some service takes the code off the password */
    struct wire_state state; /* valid if it answers */
};

void check_configuration(struct checkup *checkup);
/* Rules that let people through without a code. */
void check_rules(struct checkup *checkup);
/* Units and credentials of systemd, where it runs: by their files alone. */
void check_service(struct checkup *checkup);
/* Key ring, store, sockets: by their names alone, nothing is opened. */
void check_files(struct checkup *checkup);
void check_verifier(struct checkup *checkup);
void check_clock(struct checkup *checkup);
/* Who can change the files of PAM. */
void check_pam_files(struct checkup *checkup);
/* ... and those that the stack takes in from elsewhere. */
void check_pam_files_of(struct checkup *checkup, const struct stack *stack);
void check_pam(struct checkup *checkup);
void check_sshd(struct checkup *checkup);
/* Users of /etc/passwd with a shell, admins, factors that were never confirmed. */
void check_people(struct checkup *checkup);

#endif
