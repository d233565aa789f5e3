#include "../failing.h"

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

FAILING(int, sd_event_new, (sd_event * *out_event), (out_event), -failing_error())
FAILING(int, sd_event_add_io,
        (sd_event * event, sd_event_source **out_source, int fd, uint32_t events, sd_event_io_handler_t handler,
         void *context),
        (event, out_source, fd, events, handler, context), -failing_error())
FAILING(int, sd_event_add_signal,
        (sd_event * event, sd_event_source **out_source, int number, sd_event_signal_handler_t handler, void *context),
        (event, out_source, number, handler, context), -failing_error())
FAILING(int, sd_event_add_child,
        (sd_event * event, sd_event_source **out_source, pid_t pid, int options, sd_event_child_handler_t handler,
         void *context),
        (event, out_source, pid, options, handler, context), -failing_error())
FAILING(int, sd_listen_fds, (int forget), (forget), -failing_error())
