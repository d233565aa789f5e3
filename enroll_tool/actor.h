/* Who sits at the tool, for the audit. */
#ifndef GARDE_TOOL_ACTOR_H
#define GARDE_TOOL_ACTOR_H

#include <garde/wire.h>

/* From /proc/self/loginuid and, in an environment that can be trusted, SUDO_USER. */
struct wire_actor actor_find(void);

/* The login uid in such a file; NO_UID: none (the kernel says 4294967295), or the file cannot be read. */
uint32_t actor_login_uid(const char *path);

#endif
