/* Units of systemd as they lie in its folders. Nothing is asked of systemd itself: what a unit is now is not seen, only what a boot makes of it. */
#ifndef GARDE_TOOL_DOCTOR_SYSTEMD_UNIT_H
#define GARDE_TOOL_DOCTOR_SYSTEMD_UNIT_H

#include <stdbool.h>

enum unit_state {
    UNIT_NONE = 0, /* there is no such unit */
    UNIT_MASKED,   /* it cannot be started */
    UNIT_LEFT,     /* nothing starts it at boot */
    UNIT_WANTED,
};

/* Did systemd boot this machine? */
bool systemd_unit_runs(void);

enum unit_state systemd_unit_look(const char *name);

/* Is this drop-in ("garded.service.d/plain-key.conf") there, and in force? */
bool systemd_unit_has_drop_in(const char *name);

/* Is this credential in a store of encrypted ones? out_path: where. false also for who may not look into a store. */
#define SYSTEMD_PATH_SIZE 512
bool systemd_unit_has_credential(const char *name, char out_path[SYSTEMD_PATH_SIZE]);

#endif
