#include <sys/timex.h>

#include "checkup.h"

void check_clock(struct checkup *checkup)
{
    struct timex clock = {.modes = 0}; /* nothing is set */
    struct findings *findings = &checkup->findings;
    int state = adjtimex(&clock);

    if (state == -1) {
        struct finding *unseen = finding_add(findings, SUBJECT_CLOCK, LEVEL_NOTE, EFFECT_UNSEEN, "clock-unseen");
        finding_what(unseen, _("the kernel does not say whether the clock is synchronised"));
    } else if (state == TIME_ERROR || (clock.status & STA_UNSYNC) != 0) {
        struct finding *off =
            finding_add(findings, SUBJECT_CLOCK, LEVEL_WARNING, EFFECT_LOCKS_OUT, "clock-unsynchronised");
        finding_what(off, _("nothing keeps the clock right: when it is a minute off, right codes are refused"));
        finding_mend(off, _("run an NTP client, such as systemd-timesyncd or chrony"));
    } else {
        struct finding *good = finding_add(findings, SUBJECT_CLOCK, LEVEL_OK, EFFECT_NONE, "clock");
        finding_what(good, _("synchronised, within %ld ms as the kernel has it"), clock.maxerror / 1000);
    }
}
