/* What is done between the batches. */
#include "inside.h"

enum status desk_tend(struct desk *desk, bool still, bool *out_more)
{
    enum status status = desk_scan_step(desk, still, out_more);
    if (status != STATUS_OK)
        return status;
    if (!still && !store_checkpoint_is_due(desk->store))
        return STATUS_OK;
    return store_checkpoint(desk->store);
}
