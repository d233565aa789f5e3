/* What sshd's configuration comes to, as sshd itself says it ("sshd -T"): nothing of it is read here. */
#ifndef GARDE_TOOL_DOCTOR_SSHD_SETTINGS_H
#define GARDE_TOOL_DOCTOR_SSHD_SETTINGS_H

#include <stdbool.h>

#define SSHD_TEXT_SIZE 1024

struct sshd_settings {
    bool use_pam, password, keyboard_interactive, public_key, host_based, gssapi;
    bool kerberos;                  /* KerberosAuthentication: what the password method does before it asks PAM */
    char methods[SSHD_TEXT_SIZE];   /* AuthenticationMethods: "any", or lists between blanks; "": not told */
    char root_login[64];            /* PermitRootLogin */
    char complaint[SSHD_TEXT_SIZE]; /* where it does not work: the first line that it said */
};

enum sshd_said {
    SSHD_NOT_THERE = 0, /* no sshd on this host */
    SSHD_REFUSES,       /* it does not say: see the complaint */
    SSHD_SAID,
};

enum sshd_said sshd_settings_ask(struct sshd_settings *out_settings);
/* The same from the text of its answer. false: no such answer. */
bool sshd_settings_read(const char *text, struct sshd_settings *out_settings);

#endif
