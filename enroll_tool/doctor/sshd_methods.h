/* Ways into sshd, by its settings. Pure. */
#ifndef GARDE_TOOL_DOCTOR_SSHD_METHODS_H
#define GARDE_TOOL_DOCTOR_SSHD_METHODS_H

#include "sshd_settings.h"

enum sshd_way {
    SSHD_WAY_AROUND_PAM = 1 << 0,   /* UsePAM no: sshd checks passwords itself */
    SSHD_WAY_WITHOUT_CODE = 1 << 1, /* a key, a host or a ticket is enough: PAM is never asked (C16) */
    SSHD_WAY_PASSWORD_ONLY =
        1 << 2, /* PAM is asked by the password method alone, which shows no prompt: nobody gets in (C2, C4) */
    SSHD_WAY_BOTH =
        1 << 3, /* by the password method, too: whoever tries it sends the password where the code belongs */
    SSHD_WAY_NONE = 1 << 4,     /* PAM's prompt cannot be shown at all */
    SSHD_WAY_KERBEROS = 1 << 5, /* a password that Kerberos knows is enough: PAM is then asked for no code */
};

/* Bits of enum sshd_way, where sshd's stack asks for a code. has_prompt: by a prompt of its own; else the code is taken off what is typed as the
 * password, and the password method is as good as any. *out_method: the one of SSHD_WAY_WITHOUT_CODE. */
unsigned sshd_methods_judge(const struct sshd_settings *settings, bool has_prompt, const char **out_method);

#endif
