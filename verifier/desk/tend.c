/* What is done between the batches. */
#include "inside.h"

enum status desk_tend(struct desk *desk, bool still, bool *out_more)
{
    *out_more = false;
    if (!still && !store_checkpoint_is_due(desk->store))
        return STATUS_OK;
    return store_checkpoint(desk->store);
}
