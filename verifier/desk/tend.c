/* What is done between the batches. */
#include "inside.h"

enum status desk_tend(struct desk *desk, bool still, bool *out_more)
{
    enum status status = desk_scan_step(desk, still, out_more);

    if (status == STATUS_OK && (still || store_checkpoint_is_due(desk->store)))
        status = store_checkpoint(desk->store);
    if (status == STATUS_OK || status == STATUS_NO_SPACE)
        status = desk_room_tend(desk, out_more);
    return status;
}
