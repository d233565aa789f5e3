#include "peers.h"

#include <garde/number.h>
#include <garde/speech.h>

#include "passwd.h"

static enum status uid_of(const char *name, const char *passwd_file, uint32_t *out_uid)
{
    uint64_t number = 0;
    if (number_parse(name, 0, NO_UID - 1, &number) == STATUS_OK) {
        *out_uid = (uint32_t)number;
        return STATUS_OK;
    }
    uid_t uid = 0;
    gid_t gid = 0;
    enum status status = passwd_find(passwd_file, name, &uid, &gid);
    if (status == STATUS_OK)
        *out_uid = uid;
    return status;
}

void peers_resolve(const struct settings *settings, const char *passwd_file, peers_tell *tell, struct peers *out_peers)
{
    struct peers peers = {0};

    for (size_t i = 0; i < settings->peer_count; i++) {
        const struct settings_peer *peer = &settings->peers[i];
        uint32_t uid = NO_UID;

        if (uid_of(peer->name, passwd_file, &uid) != STATUS_OK)
            tell(peer->name, _("is no user of /etc/passwd"));
        else if (uid == 0 || uid == OVERFLOW_UID)
            tell(peer->name, _("is root or nobody, which cannot be a peer"));
        else if (peers_find(&peers, uid) != NULL)
            tell(peer->name, _("has the uid of another peer"));
        else {
            peers.rows[peers.count].uid = uid;
            peers.rows[peers.count++].peer = *peer;
        }
    }
    *out_peers = peers;
}

const struct settings_peer *peers_find(const struct peers *peers, uint32_t uid)
{
    for (size_t i = 0; i < peers->count; i++)
        if (peers->rows[i].uid == uid)
            return &peers->rows[i].peer;
    return NULL;
}
