/* garde.conf: what the site has decided. Component; reads one file, changes nothing.
 *
 * INI as in garde.conf(5). Unknown sections and keys, repeated keys, empty values, numbers with a rest and lines over the
 * limit (199 bytes) are errors with file and line: the first one is told. A file with nothing in it is the default of
 * everything. The file must be regular, belong to root or the caller, and not be writable by group or others; a link to such
 * a file is followed. A comment has a line of its own: " ;" and " #" behind a value or header are errors, and so are control
 * bytes. Indentation means nothing; CRLF and a byte order mark are taken. A section may be opened again.
 *
 *   [verifier]  socket_folder key_ring store user language digits log
 *   [policy]    window lock_for pending_for un_enrolled pending
 *   [enrolment] issuer help_desk
 *   [service NAME]             un_enrolled pending   NAME: PAM service, upper case or lower case; a key that is left out is no rule
 *   [group NAME]               un_enrolled pending   NAME: group, as the name service spells it; blanks may be inside, no ':' ',' '[' ']'
 *   [service NAME group NAME]  un_enrolled pending   for this group's members at this service
 *   [peer NAME]                service               NAME: user that may speak for others on the public socket; must have the key;
 *                                                    not root, 0 or nobody's number
 */
#ifndef GARDE_SETTINGS_H
#define GARDE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <garde/account.h>
#include <garde/factor.h>
#include <garde/problem.h>
#include <garde/status.h>

#define SETTINGS_DEFAULT_FILE       "/etc/garde/garde.conf"
#define SETTINGS_PATH_SIZE          1024
#define SETTINGS_SOCKET_FOLDER_SIZE 90 /* sun_path is 108, and the sockets' names follow */
#define SETTINGS_SERVICES_MAX       64
#define SETTINGS_GROUPS_MAX         64 /* a bit of a uint64_t each */
#define SETTINGS_EXCEPTIONS_MAX     256
#define SETTINGS_PEERS_MAX          16
#define SETTINGS_NAME_SIZE          64
#define SETTINGS_GROUP_SIZE         64

enum settings_log {
    SETTINGS_LOG_SYSTEM = 0, /* the journal; syslog (authpriv) where there is none */
    SETTINGS_LOG_STDERR = 1, /* a line on standard error */
};

/* What a section says about logins without a code. */
struct settings_said {
    bool given; /* false: nothing */
    struct unenrolled_rule rule;
};
struct settings_section {
    struct settings_said unenrolled;
    struct settings_said pending;
};

struct settings_service {
    char name[SERVICE_SIZE];
    struct settings_section says;
};

/* Every group that the file names, in a section of its own or in that of a service. */
struct settings_group {
    char name[SETTINGS_GROUP_SIZE];
    struct settings_section says;
};

/* [service NAME group NAME] */
struct settings_exception {
    char service[SERVICE_SIZE];
    size_t group; /* in `groups` */
    struct settings_section says;
};

struct settings_peer {
    char name[SETTINGS_NAME_SIZE]; /* a user of /etc/passwd, or a number */
    char service[SERVICE_SIZE];    /* the service its attempts are recorded under */
};

struct settings {
    char socket_folder[SETTINGS_SOCKET_FOLDER_SIZE]; /* absolute; /run/garde */
    char key_ring[SETTINGS_PATH_SIZE];               /* absolute; /etc/garde/master.key */
    char store[SETTINGS_PATH_SIZE];                  /* absolute; /var/lib/garde/garde.db */
    char user[SETTINGS_NAME_SIZE];                   /* whom garded becomes when started as root; garde */
    enum language language;                          /* of the module's texts: en, fr; en */
    uint32_t digits;                                 /* told to the module; 6 */
    enum settings_log log;                           /* system, stderr; system */
    uint32_t window_steps;                           /* window: 0..2; 1 */
    int64_t lock_for_s;                              /* 1min..24h; 15min */
    int64_t pending_for_s;                           /* 1min..90d; 15min */
    char issuer[ISSUER_SIZE];                        /* shown in the phone's app; "garde" */
    char help_desk[SETTINGS_NAME_SIZE];              /* on the sheet: a number or what else helps; "" */
    struct unenrolled_rule unenrolled; /* refuse, allow, allow-until YYYY-MM-DD (that day included); refuse */
    struct unenrolled_rule pending;    /* the same */
    size_t service_count;
    struct settings_service services[SETTINGS_SERVICES_MAX];
    size_t group_count;
    struct settings_group groups[SETTINGS_GROUPS_MAX];
    size_t exception_count;
    struct settings_exception exceptions[SETTINGS_EXCEPTIONS_MAX];
    size_t peer_count;
    struct settings_peer peers[SETTINGS_PEERS_MAX];
};

/* STATUS_NOT_FOUND, STATUS_DENIED, STATUS_INVALID, STATUS_NO_MEMORY or STATUS_FAILED with *out_problem filled in. */
enum status settings_load(const char *path, struct settings *out_settings,
                          struct problem *out_problem) GARDE_MUST_CHECK;

/* The rules of one login: for a user who was never enrolled, and for one with nothing but factors that were never confirmed. */
struct settings_rules {
    struct unenrolled_rule unenrolled;
    struct unenrolled_rule pending;
};

/* The rules for a member of these groups (bit n: groups[n]) at this service (NULL: at one that may not have rules of its own). For each of the two:
 * the strictest of what [service NAME group NAME] says for a group of the user's; else the strictest of what [service NAME] and the
 * user's [group NAME] say; else that of [policy]. */
struct settings_rules settings_rules(const struct settings *settings, const char *service, uint64_t groups);

/* No member of whatever groups has looser rules than these at this service: where they let nobody through, no group need be looked up. */
struct settings_rules settings_loosest_rules(const struct settings *settings, const char *service);

/* Refuse is stricter than allow-until, an earlier date than a later one, and any than allow. */
struct unenrolled_rule settings_stricter(struct unenrolled_rule one, struct unenrolled_rule other);

#endif
