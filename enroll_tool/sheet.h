/* The sheet: one A4 page of HTML that a clinician gets, to scan, to log in with, and to destroy.
 *
 * MUST 1  A page is the secret: it goes out through a sink and nowhere else.
 * MUST 2  It is whole by itself: no script, nothing from outside, not even when the browser would like to (its own policy forbids it).
 * MUST 3  Texts from outside (names, labels, issuer, help desk) go through html_text.
 *
 * Its language is the clinician's and not that of the admin's terminal, so its texts are a table that is compiled in, in both
 * languages, as the module's are (sheet_texts.h): it needs no locale that a server lacks, no switch of a process-wide state for
 * each line of a list of thousands, and a test sees that no text is missing.
 */
#ifndef GARDE_TOOL_SHEET_H
#define GARDE_TOOL_SHEET_H

#include <stdint.h>

#include <garde/account.h>
#include <garde/otp.h>

#include "qr.h"
#include "sink.h"

struct sheet {
    enum language language;
    const struct otp_uri *uri; /* account, issuer, key, and what makes a code */
    const struct qr *
        qr; /* of the URI; NULL: the device has its secret already (a token), so neither QR code nor key is on the page */
    const char *label;     /* "": none */
    const char *help_desk; /* a number or what else to do; "": none */
    int64_t made_s;
    int64_t until_s;      /* the first login must be before */
    int64_t not_before_s; /* the factor's own limits; 0: none */
    int64_t not_after_s;
};

/* STATUS_NO_MEMORY; what the sink met is told by sink_close. */
enum status sheet_write(const struct sheet *sheet, struct sink *sink) GARDE_MUST_CHECK;

#endif
