#include "sheet_hand_out.h"

#include <inttypes.h>
#include <stdio.h>

#include "moment.h"
#include "picture_file.h"
#include "text.h"

static void tell(const struct tool *tool, const struct enrolment *enrolment, const struct wire_result *result)
{
    char user[TEXT_SHOWN_SIZE(USER_SIZE)], file[4096], until[MOMENT_SIZE];

    text_show(user, sizeof user, enrolment->user);
    tool_say(tool, _("Factor %" PRId64 " of %s (uid %" PRIu32 "), pending until %s\n\n"), result->number, user,
             enrolment->uid, moment_show(result->until_s, until));
    if (enrolment->from_uri || enrolment->token != TOKEN_KEY_NONE)
        tool_say(tool, _("The sheet is in %s\nPrint it, and hand it over with the device. There is no secret on it.\n"),
                 text_show(file, sizeof file, enrolment->sheet));
    else
        tool_say(tool,
                 _("The sheet is in %s\nPrint it, hand it over, delete the file: whoever has it has the secret.\n"),
                 text_show(file, sizeof file, enrolment->sheet));
    tool_say(
        tool,
        _("The first right code at a login makes the factor active. To try it here and now:\n  garde confirm %s\n"),
        user);
}

enum tool_exit sheet_hand_out(struct tool *tool, const struct enrolment *enrolment)
{
    picture_file_owner struct picture_file file = PICTURE_FILE_NONE;
    qr_owner struct qr *qr = NULL;
    struct wire_result result = {.code = WIRE_OK};

    enum tool_exit done = enrolment_check_first_use(enrolment);
    if (done == TOOL_DONE)
        done = enrolment_make_symbol(&enrolment->uri, &qr);
    if (done == TOOL_DONE)
        done = picture_file_open(&file, enrolment->sheet);
    if (done != TOOL_DONE)
        return done;

    const struct sheet sheet = enrolment_sheet(tool, enrolment, qr);
    done = picture_file_write_sheet(&file, &sheet);
    if (done == TOOL_DONE)
        done = picture_file_place(&file);
    if (done == TOOL_DONE)
        done = enrolment_send(tool, enrolment, &result);
    if (done != TOOL_DONE)
        return done;
    picture_file_keep(&file);
    tell(tool, enrolment, &result);
    return TOOL_DONE;
}
