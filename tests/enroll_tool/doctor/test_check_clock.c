#include "suite.h"

#include <errno.h>
#include <string.h>
#include <sys/timex.h>

#include "doctor/checkup.h"

static int answer;
static int status;

int __wrap_adjtimex(struct timex *clock);
int __wrap_adjtimex(struct timex *clock)
{
    ck_assert_uint_eq(clock->modes, 0); /* asks, and sets nothing */
    clock->status = status;
    clock->maxerror = 12345;
    errno = EPERM;
    return answer;
}

START_TEST(the_clock_is_as_the_kernel_says)
{
    static const struct {
        int answer, status;
        const char *id;
        enum finding_level level;
    } cases[] = {{TIME_OK, STA_PLL, "clock", LEVEL_OK},
                 {TIME_INS, STA_INS, "clock", LEVEL_OK},
                 {TIME_ERROR, STA_UNSYNC, "clock-unsynchronised", LEVEL_WARNING},
                 {TIME_OK, STA_UNSYNC, "clock-unsynchronised", LEVEL_WARNING},
                 {TIME_ERROR, 0, "clock-unsynchronised", LEVEL_WARNING},
                 {-1, 0, "clock-unseen", LEVEL_NOTE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct checkup checkup = {.answers = false};
        answer = cases[i].answer;
        status = cases[i].status;
        check_clock(&checkup);
        ck_assert_uint_eq(checkup.findings.count, 1);
        ck_assert_str_eq(checkup.findings.all[0].id, cases[i].id);
        ck_assert_int_eq(checkup.findings.all[0].level, cases[i].level);
        ck_assert_uint_gt(strlen(checkup.findings.all[0].what), 0);
        findings_drop(&checkup.findings);
    }
}
END_TEST

SUITE("check_clock", the_clock_is_as_the_kernel_says)
