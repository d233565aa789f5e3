#include "connection.h"

#include <sys/epoll.h>
#include <unistd.h>

void connection_ready(void *member, uint32_t events)
{
    struct connection *connection = member;
    connection->kind->ready(connection, events);
}

static struct crowd *crowd_of(const struct connection *connection)
{
    switch (connection->door) {
    case DOOR_TRUSTED:
        return &connection->server->trusted;
    case DOOR_ADMIN:
        return &connection->server->admins;
    case DOOR_PUBLIC:
    case DOOR_PEER:
        break;
    }
    return &connection->server->people;
}

static void on_timer(void *context)
{
    struct connection *connection = context;
    connection->kind->late(connection);
}

enum status connection_open(struct connection *connection, const struct connection_kind *kind, struct server *server,
                            int fd, enum door door, uint32_t uid)
{
    *connection = (struct connection){.kind = kind, .server = server, .door = door, .uid = uid, .fd = fd};
    if (timers_join(&server->timers, &connection->timer, on_timer, connection) != STATUS_OK)
        return STATUS_NO_MEMORY;
    if (crowd_join(crowd_of(connection), fd, EPOLLIN, connection) != STATUS_OK) {
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
        crowd_want(crowd_of(connection), connection->fd, events, connection);
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
    crowd_leave(crowd_of(connection), connection->fd, connection);
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
