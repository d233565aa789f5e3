/* Room for changes on a disk that is full: looks, refills the reserve in the store, and tells the log.
 *
 * The log is told at each change of state: LOW, when the disk is so full that the reserve could not be made again; NONE, when the first
 * login could not be recorded; BACK, when half of the reserve is there again and the disk could make it twice, so that a disk that is
 * just about full does not tell its story every minute.
 */
#ifndef GARDE_VERIFIER_DESK_ROOM_H
#define GARDE_VERIFIER_DESK_ROOM_H

#include <stdbool.h>

#include <garde/store.h>

#include "../job.h"
#include "../notice.h"

struct room {
    struct store_room last; /* as it was seen last */
    bool known;             /* it was seen */
    bool refused;           /* a job was refused for want of room, since it was last seen to be back */
    bool told_low;
    bool told_none;
};

/* true: there is something to tell, and *out_notice is it. To be asked again until there is nothing. */
bool room_judge(struct room *room, struct notice *out_notice);

#endif
