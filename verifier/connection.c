#include "connection.h"

#include <sys/epoll.h>
#include <unistd.h>

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct connection *connection = context;
    (void)source, (void)fd;
    connection->kind->ready(connection, events);
    return 0;
}

static void on_timer(void *context)
{
    struct connection *connection = context;
    connection->kind->late(connection);
}

enum status connection_open(struct connection *connection, const struct connection_kind *kind, struct server *server,
                            int fd, enum door door, uint32_t uid)
{
    bool crowd = door == DOOR_PUBLIC || door == DOOR_PEER;

    *connection = (struct connection){.kind = kind, .server = server, .door = door, .uid = uid, .fd = fd};
    if (timers_join(&server->timers, &connection->timer, on_timer, connection) != STATUS_OK)
        return STATUS_NO_MEMORY;
    if (sd_event_add_io(server->event, &connection->io, fd, EPOLLIN, on_io, connection) < 0 ||
        sd_event_source_set_priority(connection->io, crowd ? PRIORITY_PUBLIC : PRIORITY_TRUSTED) < 0) {
        sd_event_source_disable_unref(connection->io);
        timers_leave(&server->timers, &connection->timer);
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

void connection_late_at(struct connection *connection, uint64_t at_us)
{
    timers_set(&connection->server->timers, &connection->timer, at_us);
}

void connection_late_in(struct connection *connection, uint64_t in_us)
{
    connection_late_at(connection, timers_now_us() + in_us);
}

void connection_never_late(struct connection *connection)
{
    connection_late_at(connection, TIMER_NEVER);
}

void connection_close(struct connection *connection)
{
    if (connection->fd < 0)
        return;
    connection->io = sd_event_source_disable_unref(connection->io);
    connection_never_late(connection);
    (void)close(connection->fd);
    connection->fd = -1;
}

void connection_forget(struct connection *connection)
{
    *connection->link = connection->next;
    if (connection->next != NULL)
        connection->next->link = connection->link;
    timers_leave(&connection->server->timers, &connection->timer);
    census_leave(&connection->server->census, connection->door, connection->uid);
}
