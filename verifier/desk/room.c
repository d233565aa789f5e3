#include "inside.h"

bool room_judge(struct room *room, struct notice *out_notice)
{
    const struct store_room *last = &room->last;
    enum notice_kind kind = NOTICE_ROOM_LOW;

    if (room->refused && !room->told_none) {
        kind = NOTICE_ROOM_NONE;
        room->told_low = room->told_none = true;
    } else if (last->low && !room->told_low) {
        room->told_low = true;
    } else if (room->told_low && !last->low && last->disk_bytes >= UINT64_C(2) * STORE_RESERVE_BYTES &&
               last->reserve_bytes >= STORE_RESERVE_BYTES / 2) {
        kind = NOTICE_ROOM_BACK;
        room->told_low = room->told_none = room->refused = false;
    } else {
        return false;
    }
    *out_notice =
        (struct notice){.kind = kind, .number = (int64_t)last->disk_bytes, .other = (int64_t)last->reserve_bytes};
    return true;
}

void desk_room_tell(struct desk *desk)
{
    struct notice notice;
    while (room_judge(&desk->room, &notice))
        if (desk->notice != NULL)
            desk->notice(&notice, desk->context);
}

/* Somebody may have made room since the last look. */
bool desk_room_find(struct desk *desk, bool *flush_failed)
{
    bool more = false;
    enum status status = store_refill(desk->store, &more);
    *flush_failed = status == STATUS_FAILED;
    return status == STATUS_OK;
}

void desk_room_refuse(struct desk *desk, struct job *job)
{
    desk->room.refused = true;
    if (job->kind != JOB_NOTE)
        job->reason = REASON_NO_SPACE;
    job->reply.result.reason = REASON_NO_SPACE;
}

enum status desk_room_tend(struct desk *desk, bool *more)
{
    bool another = false;
    struct store_room seen;

    enum status status = store_refill(desk->store, &another);
    if (status == STATUS_OK || status == STATUS_NO_SPACE)
        status = store_look_at_room(desk->store, &seen);
    if (status != STATUS_OK)
        return status;
    desk->room.last = seen;
    desk->room.known = true;
    *more = *more || another;
    desk_room_tell(desk);
    return STATUS_OK;
}
