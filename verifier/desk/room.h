/* Room for changes on a disk that is full: looks, refills the reserve in the store, and tells the log. */
#ifndef GARDE_VERIFIER_DESK_ROOM_H
#define GARDE_VERIFIER_DESK_ROOM_H

#include <stdbool.h>

#include <garde/store.h>

struct room {
    struct store_room last; /* as it was seen last */
    bool known;             /* it was seen */
};

#endif
