#include "connection.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EXACT_US 1000
#define ROUGH_US 50000

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct connection *connection = context;
    (void)source, (void)fd;
    connection->kind->ready(connection, events);
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
    struct connection *connection = context;
    (void)source, (void)usec;
    connection->kind->late(connection);
    return 0;
}

enum status connection_open(struct connection *connection, const struct connection_kind *kind, struct server *server,
                            int fd, enum door door, uint32_t uid)
{
    bool crowd = door == DOOR_PUBLIC || door == DOOR_PEER;
    int64_t priority = crowd ? PRIORITY_PUBLIC : PRIORITY_TRUSTED;

    *connection = (struct connection){.kind = kind, .server = server, .door = door, .uid = uid, .fd = fd};
    if (sd_event_add_io(server->event, &connection->io, fd, EPOLLIN, on_io, connection) < 0 ||
        sd_event_add_time(server->event, &connection->timer, CLOCK_MONOTONIC, UINT64_MAX, ROUGH_US, on_timer,
                          connection) < 0 ||
        sd_event_source_set_priority(connection->io, priority) < 0 ||
        sd_event_source_set_priority(connection->timer, priority) < 0) {
        sd_event_source_disable_unref(connection->io);
        sd_event_source_disable_unref(connection->timer);
        return STATUS_NO_MEMORY;
    }
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next != NULL)
        connection->next->link = &connection->next;
    server->connections = connection;
    return STATUS_OK;
}

void connection_want(struct connection *connection, uint32_t events)
{
    if (connection->fd >= 0)
        (void)sd_event_source_set_io_events(connection->io, events);
}

static void set_timer(struct connection *connection, uint64_t at_us, uint64_t accuracy_us)
{
    if (connection->fd < 0)
        return;
    (void)sd_event_source_set_time_accuracy(connection->timer, accuracy_us);
    (void)sd_event_source_set_time(connection->timer, at_us);
    (void)sd_event_source_set_enabled(connection->timer, at_us == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

void connection_late_in(struct connection *connection, uint64_t in_us)
{
    set_timer(connection, connection_woke_us(connection) + in_us, ROUGH_US);
}

void connection_late_at(struct connection *connection, uint64_t at_us)
{
    set_timer(connection, at_us, EXACT_US);
}

void connection_never_late(struct connection *connection)
{
    set_timer(connection, UINT64_MAX, ROUGH_US);
}

uint64_t connection_woke_us(const struct connection *connection)
{
    uint64_t now = 0;
    (void)sd_event_now(connection->server->event, CLOCK_MONOTONIC, &now);
    return now;
}

void connection_close(struct connection *connection)
{
    if (connection->fd < 0)
        return;
    connection->io = sd_event_source_disable_unref(connection->io);
    connection->timer = sd_event_source_disable_unref(connection->timer);
    (void)close(connection->fd);
    connection->fd = -1;
}

void connection_forget(struct connection *connection)
{
    *connection->link = connection->next;
    if (connection->next != NULL)
        connection->next->link = connection->link;
    census_leave(&connection->server->census, connection->door, connection->uid);
}
