/* `garde enroll --from FILE --sheets FOLDER`: a sheet and a factor for each user of a list.
 *
 * MUST 1  A user's sheet is on disk before the factor is made, and is taken away when none was made, or when nobody knows.
 * MUST 2  Nobody gets a second factor by a list: who has a confirmed one is passed over, and a pending one of an earlier sheet ends in the same change
 *         in which the new one is made. So a list can be run again after whatever ended it, and then each sheet is its user's only one.
 * MUST 3  The secret is on the sheet and nowhere else.
 */
#ifndef GARDE_TOOL_BULK_H
#define GARDE_TOOL_BULK_H

#include "enrolment.h"

enum tool_exit bulk_enrol(struct tool *tool, const struct enrolment *pattern) GARDE_MUST_CHECK;

#endif
