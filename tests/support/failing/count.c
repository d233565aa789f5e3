#include "../failing.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Shared with child processes. */
struct plan {
    atomic_bool armed;
    int nth;
    int times;
    int error;
    atomic_int calls;
    char which[64];
};
static struct plan *plan;
static bool counted; /* in this process, and those that it makes from then on */

__attribute__((constructor)) static void begin(void)
{
    void *page = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        abort();
    plan = page;
}

void failing_start(int nth, int times, int error)
{
    counted = true;
    plan->nth = nth;
    plan->times = times;
    plan->error = error;
    plan->calls = 0;
    (void)snprintf(plan->which, sizeof plan->which, "none");
    plan->armed = true;
}

void failing_hold(void)
{
    plan->armed = false;
}

void failing_go_on(void)
{
    plan->armed = true;
}

int failing_stop(void)
{
    plan->armed = false;
    plan->nth = 0;
    return plan->calls;
}

const char *failing_which(void)
{
    return plan->which;
}

bool failing_now(const char *name)
{
    if (!counted || !plan->armed)
        return false;
    int call = atomic_fetch_add(&plan->calls, 1) + 1;
    if (plan->nth == 0 || call < plan->nth || call - plan->nth >= plan->times)
        return false;
    if (call == plan->nth)
        (void)snprintf(plan->which, sizeof plan->which, "%s", name);
    errno = plan->error;
    return true;
}

int failing_error(void)
{
    return plan->error;
}
