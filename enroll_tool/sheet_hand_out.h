/* `garde enroll USER --sheet FILE`: a factor for somebody who is not here.
 *
 * MUST 1  The sheet is whole and on disk, under its name, before its factor is made; when none is made it goes away again.
 * MUST 2  The secret is on the sheet and nowhere else: nothing of it is shown in the terminal.
 *
 * No code is asked for: the first right one at a login makes the factor active. Where the person does stand at the desk, `garde confirm` does so at once.
 * A sheet of the same user that was not used yet is worth nothing any more with the new one: who asks for another sheet has lost the first.
 */
#ifndef GARDE_TOOL_SHEET_HAND_OUT_H
#define GARDE_TOOL_SHEET_HAND_OUT_H

#include "enrolment.h"

enum tool_exit sheet_hand_out(struct tool *tool, const struct enrolment *enrolment) GARDE_MUST_CHECK;

#endif
