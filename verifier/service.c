#include "service.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <systemd/sd-daemon.h>

#include "journal.h"
#include "listener.h"
#include "passwd.h"
#include "server.h"

struct service {
    const struct installation *installation;
    struct server server;
    struct listeners listeners;
    struct timer counter;
    struct timer drain_limit;
    struct timer watchdog;
    uint64_t watchdog_us;
    bool told_stuck;
    bool last_counted;
    bool ended;
};

static void tell_peer(const char *name, const char *why)
{
    journal_say(LOG_WARNING, "configuration: peer `%s` %s and is left out", name, why);
}

/* What a running verifier cannot change. */
static void tell_restart(const struct settings *old, const struct settings *new)
{
    const struct {
        const char *key, *before, *after;
    } fixed[] = {{"socket_folder", old->socket_folder, new->socket_folder},
                 {"key_ring", old->key_ring, new->key_ring},
                 {"store", old->store, new->store},
                 {"user", old->user, new->user}};

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (strcmp(fixed[i].before, fixed[i].after) != 0)
            journal_say(LOG_WARNING, "configuration: a new `%s` needs a restart; %s stays in use until then",
                        fixed[i].key, fixed[i].before);
}

static void adopt(struct service *service, const struct settings *settings)
{
    struct server *server = &service->server;
    const struct desk_rules rules = installation_rules(settings);

    journal_open(settings->log);
    tell_restart(&service->installation->settings, settings);
    server_adopt(server, settings);
    peers_resolve(settings, PASSWD_FILE, tell_peer, &server->peers);
    worker_adopt(server->worker, &rules);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    struct service *service = context;
    struct settings settings;
    struct problem problem = {0};

    (void)source, (void)info;
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, timers_now_us());
    if (settings_load(service->installation->config, &settings, &problem) == STATUS_OK) {
        adopt(service, &settings);
        journal_say(LOG_NOTICE, "configuration read again");
    } else {
        journal_problem(LOG_ERR, "configuration not taken, the old one stays in force", &problem);
    }
    (void)sd_notify(0, "READY=1");
    return 0;
}

static void on_drain_limit(void *context)
{
    struct service *service = context;
    journal_say(LOG_WARNING, "some callers did not get their answer in time");
    if (!service->last_counted)
        server_count(&service->server, true); /* the worker still does what is queued before it ends */
    service->ended = true;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    struct service *service = context;

    (void)source, (void)info;
    if (service->server.draining)
        return 0;
    (void)sd_notify(0, "STOPPING=1");
    journal_say(LOG_NOTICE, "ending: finishing what is under way");
    listeners_end(&service->listeners);
    timers_leave(&service->server.timers, &service->counter);
    server_drain(&service->server);
    timers_set(&service->server.timers, &service->drain_limit, timers_now_us() + SERVICE_DRAIN_US);
    return 0;
}

/* After each turn: is the drain done? The counted entries are the last thing that is written. */
static void go_on_draining(struct service *service)
{
    struct server *server = &service->server;

    if (!server->draining || server->connections != NULL || server->notes > 0 || server->counting)
        return;
    if (!service->last_counted)
        server_count(server, true);
    service->ended = service->last_counted || !server->counting;
    service->last_counted = true;
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct service *service = context;
    (void)source, (void)fd, (void)events;
    server_take_done(&service->server);
    return 0;
}

static void on_count(void *context)
{
    struct service *service = context;
    if (!service->server.counting)
        server_count(&service->server, false);
    timers_set(&service->server.timers, &service->counter, timers_now_us() + SERVICE_COUNT_US);
}

static void on_watchdog(void *context)
{
    struct service *service = context;
    int64_t busy_ms = worker_busy_ms(service->server.worker, wire_deadline_ms(0));
    bool stuck = busy_ms >= (int64_t)(service->watchdog_us / 2000);

    /* A loop that turns is not enough: behind it, a worker that hangs would refuse everybody for ever. */
    if (!stuck)
        (void)sd_notify(0, "WATCHDOG=1");
    else if (!service->told_stuck)
        journal_say(LOG_CRIT, "the store has not answered for %" PRId64 " s: waiting to be restarted", busy_ms / 1000);
    service->told_stuck = stuck;
    timers_set(&service->server.timers, &service->watchdog, timers_now_us() + service->watchdog_us / 4);
}

static enum status watch_signals(struct service *service)
{
    static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    sd_event *event = service->server.event;
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
        (void)sigaddset(&set, handled[i]);
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return STATUS_FAILED;

    sd_event_source *end = NULL, *interrupt = NULL, *reload = NULL;
    if (sd_event_add_signal(event, &end, SIGTERM, on_end, service) < 0 ||
        sd_event_add_signal(event, &interrupt, SIGINT, on_end, service) < 0 ||
        sd_event_add_signal(event, &reload, SIGHUP, on_reload, service) < 0)
        return STATUS_FAILED;
    sd_event_source *const sources[] = {end, interrupt, reload};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        (void)sd_event_source_set_priority(sources[i], PRIORITY_SIGNALS);
        (void)sd_event_source_set_floating(sources[i], 1);
        (void)sd_event_source_unref(sources[i]);
    }
    return STATUS_OK;
}

static enum status watch_worker(struct service *service)
{
    struct server *server = &service->server;
    sd_event_source *done = NULL;

    if (sd_event_add_io(server->event, &done, worker_fd(server->worker), EPOLLIN, on_done, service) < 0)
        return STATUS_FAILED;
    (void)sd_event_source_set_priority(done, PRIORITY_VERDICTS);
    (void)sd_event_source_set_floating(done, 1);
    (void)sd_event_source_unref(done);
    return STATUS_OK;
}

static enum status set_timers(struct service *service)
{
    struct timers *timers = &service->server.timers;

    if (timers_join(timers, &service->counter, on_count, service) != STATUS_OK ||
        timers_join(timers, &service->drain_limit, on_drain_limit, service) != STATUS_OK ||
        timers_join(timers, &service->watchdog, on_watchdog, service) != STATUS_OK)
        return STATUS_NO_MEMORY;
    timers_set(timers, &service->counter, timers_now_us() + SERVICE_COUNT_US);
    if (sd_watchdog_enabled(0, &service->watchdog_us) > 0)
        timers_set(timers, &service->watchdog, 0);
    return STATUS_OK;
}

static enum status open_loop(struct service *service, const struct installation *installation, size_t files)
{
    struct server *server = &service->server;

    service->installation = installation;
    server->settings = installation->settings;
    server->started_as = installation->started_as;
    census_begin(&server->census, files);
    if (server_begin(server) != STATUS_OK || watch_signals(service) != STATUS_OK ||
        names_new(server->event, &server->timers, "/proc/self/exe", NAMES_TIME_US, &server->names) != STATUS_OK)
        return STATUS_FAILED;
    return STATUS_OK;
}

static enum status serve(struct service *service, const struct sockets *sockets)
{
    struct server *server = &service->server;

    if (watch_worker(service) != STATUS_OK || set_timers(service) != STATUS_OK ||
        listeners_begin(&service->listeners, sockets, server) != STATUS_OK)
        return STATUS_FAILED;
    if (sockets->count < SOCKETS_MAX)
        journal_say(LOG_WARNING, "only %zu of the three sockets were handed over", sockets->count);
    adopt(service, &service->installation->settings);
    journal_say(LOG_INFO, "ready");
    (void)sd_notify(0, "READY=1");
    while (!service->ended) {
        if (timers_turn(&server->timers, server->event, UINT64_MAX) < 0)
            return STATUS_FAILED;
        go_on_draining(service);
    }
    return STATUS_OK;
}

static void service_free(struct service *service)
{
    listeners_end(&service->listeners);
    worker_stop(service->server.worker);
    names_free(service->server.names);
    server_end(&service->server);
    free(service);
}

enum status service_run(const struct installation *installation, struct desk *desk, const struct sockets *sockets,
                        size_t files)
{
    static const struct worker_times times = {.idle_after_ms = SERVICE_IDLE_MS, .look_waits_ms = SERVICE_LOOK_MS};
    struct service *service = calloc(1, sizeof *service);

    if (service == NULL || open_loop(service, installation, files) != STATUS_OK) {
        desk_close(desk);
        if (service != NULL)
            service_free(service);
        journal_say(LOG_ERR, "the event loop could not be made");
        return STATUS_FAILED;
    }
    journal_open(installation->settings.log); /* the worker may have something to say at once */
    enum status status = journal_start();
    if (status == STATUS_OK)
        status = worker_start(desk, &times, &service->server.worker);
    else
        desk_close(desk);
    if (status == STATUS_OK)
        status = serve(service, sockets);
    service_free(service);
    if (status != STATUS_OK)
        journal_say(LOG_ERR, "the event loop failed");
    journal_end();
    return status;
}
