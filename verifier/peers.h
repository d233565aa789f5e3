/* The [peer NAME] sections of the configuration, with their names resolved. */
#ifndef GARDE_VERIFIER_PEERS_H
#define GARDE_VERIFIER_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include <garde/settings.h>

struct peers {
    size_t count;
    struct {
        uint32_t uid;
        struct settings_peer peer;
    } rows[SETTINGS_PEERS_MAX];
};

/* Told for each peer that is left out, with why ("is no user of /etc/passwd" ...). */
typedef void peers_tell(const char *name, const char *why);

/* A name that passwd_file does not know, uid 0, "nobody" and a uid that has a section already are left out, loudly. */
void peers_resolve(const struct settings *settings, const char *passwd_file, peers_tell *tell, struct peers *out_peers);

/* NULL: uid is not named in the configuration. */
const struct settings_peer *peers_find(const struct peers *peers, uint32_t uid);

#endif
