/* MUST 1  Who a peer is, is what the kernel says (SO_PEERCRED) and nothing else. Uid 65534 stands for every uid that the kernel
 *         cannot name here, and is refused at every door.
 * MUST 2  At the trusted and the admin door only uid 0 and the uid that started the verifier are served, whatever the file modes
 *         say.
 * MUST 3  A lack of descriptors pauses the listener; it never spins.
 */
#include "listener.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <garde/wire.h>

#include "admin_session.h"
#include "caller.h"
#include "journal.h"
#include "session.h"

static void turn_away(int fd, enum wire_refuse_why why)
{
    const struct wire_message message = {.type = WIRE_REFUSE, .refuse = {.why = why}};
    enum status status = wire_send(fd, &message, 0);
    (void)status; /* who does not read it is told by the close */
    (void)close(fd);
}

static bool may_enter(const struct listener *listener, uint32_t uid)
{
    if (uid == OVERFLOW_UID || uid == NO_UID)
        return false;
    return listener->door == DOOR_PUBLIC || uid == 0 || uid == listener->server->started_as;
}

static void admit(struct listener *listener, int fd)
{
    struct server *server = listener->server;
    enum door door = listener->door;
    struct ucred peer = {.uid = NO_UID};
    socklen_t len = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || !may_enter(listener, peer.uid)) {
        turn_away(fd, WIRE_REFUSE_DENIED);
        return;
    }
    const struct settings_peer *named = door == DOOR_PUBLIC ? peers_find(&server->peers, peer.uid) : NULL;
    if (named != NULL)
        door = DOOR_PEER;
    if (!census_admit(&server->census, door, peer.uid)) {
        struct caller caller;
        caller_of_login(door, peer.uid, named, NULL, &caller);
        server_note(server, &caller, REASON_BUSY);
        turn_away(fd, WIRE_REFUSE_BUSY);
        return;
    }
    if (door == DOOR_ADMIN)
        admin_session_start(server, fd, peer.uid);
    else
        session_start(server, fd, door, peer.uid, named);
}

static void pause_taking(struct listener *listener, int error)
{
    journal_say(LOG_WARNING, "cannot take a connection: %s; trying again shortly", strerror(error));
    (void)sd_event_source_set_enabled(listener->io, SD_EVENT_OFF);
    timers_set(&listener->server->timers, &listener->pause, timers_now_us() + LISTENER_PAUSE_US);
}

static void on_pause_over(void *context)
{
    struct listener *listener = context;
    (void)sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct listener *listener = context;

    (void)source, (void)events;
    for (unsigned i = 0; i < LISTENER_AT_ONCE; i++) {
        int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (peer >= 0) {
            admit(listener, peer);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno != EAGAIN)
            pause_taking(listener, errno);
        break;
    }
    return 0;
}

static int64_t priority_of(enum door door)
{
    if (door == DOOR_PUBLIC)
        return PRIORITY_PUBLIC + PRIORITY_TAKING;
    return (door == DOOR_ADMIN ? PRIORITY_ADMIN : PRIORITY_TRUSTED) + PRIORITY_TAKING;
}

static enum status begin_one(struct listener *listener)
{
    sd_event *event = listener->server->event;

    if (timers_join(&listener->server->timers, &listener->pause, on_pause_over, listener) != STATUS_OK ||
        sd_event_add_io(event, &listener->io, listener->fd, EPOLLIN, on_connection, listener) < 0 ||
        sd_event_source_set_priority(listener->io, priority_of(listener->door)) < 0)
        return STATUS_FAILED;
    return STATUS_OK;
}

enum status listeners_begin(struct listeners *listeners, const struct sockets *sockets, struct server *server)
{
    *listeners = (struct listeners){.count = sockets->count};
    for (size_t i = 0; i < sockets->count; i++) {
        struct listener *listener = &listeners->rows[i];
        listener->server = server;
        listener->door = sockets->rows[i].door;
        listener->fd = sockets->rows[i].fd;
        if (begin_one(listener) != STATUS_OK) {
            listeners_end(listeners);
            return STATUS_FAILED;
        }
    }
    return STATUS_OK;
}

void listeners_end(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        listeners->rows[i].io = sd_event_source_disable_unref(listeners->rows[i].io);
        if (listeners->rows[i].server != NULL)
            timers_leave(&listeners->rows[i].server->timers, &listeners->rows[i].pause);
    }
    listeners->count = 0;
}
