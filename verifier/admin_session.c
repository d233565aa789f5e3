#include "admin_session.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "caller.h"

enum admin_state {
    ADMIN_READING = 0,
    ADMIN_WAITING, /* for the next page's turn at the worker */
    ADMIN_WORKING, /* the worker has the job */
    ADMIN_WRITING, /* a page is being sent */
    ADMIN_GONE,    /* hung up while the worker has the job */
};

struct admin_session {
    struct connection connection; /* first */
    enum admin_state state;
    struct job *job; /* while waiting and writing */
    size_t sent;     /* rows of the page */
    struct guest guest;
};

static void free_session(struct admin_session *session)
{
    connection_forget(&session->connection);
    free(session);
}

static void submit(struct admin_session *session)
{
    struct job *job = session->job;
    session->job = NULL;
    session->state = ADMIN_WORKING;
    worker_submit(session->connection.server->worker, job);
}

static void leave_worker(struct admin_session *session)
{
    struct guest *next = gate_leave(&session->connection.server->pages_at_worker, &session->guest);
    if (next != NULL)
        submit((struct admin_session *)(void *)((char *)next - offsetof(struct admin_session, guest)));
}

static void end(struct admin_session *session)
{
    bool working = session->state == ADMIN_WORKING;

    connection_close(&session->connection);
    session->state = ADMIN_GONE;
    job_free(session->job);
    session->job = NULL;
    if (working)
        return; /* admin_session_done frees it */
    leave_worker(session);
    free_session(session);
}

static void begin_work(struct admin_session *session, struct job *job)
{
    session->job = job;
    connection_want(&session->connection, 0);
    connection_never_late(&session->connection);
}

static void read_on(struct admin_session *session)
{
    session->state = ADMIN_READING;
    connection_want(&session->connection, EPOLLIN);
    connection_late_in(&session->connection, ADMIN_IDLE_US);
}

static void finish(struct admin_session *session)
{
    job_free(session->job);
    session->job = NULL;
    if (session->connection.server->draining)
        end(session);
    else
        read_on(session);
}

/* The next message of the page; NULL: all of it is sent. */
static const struct wire_message *next_message(const struct admin_session *session)
{
    const struct job *job = session->job;
    if (session->sent < job->row_count)
        return &job->rows[session->sent];
    return session->sent == job->row_count && job->finished ? &job->reply : NULL;
}

static void next_page(struct admin_session *session)
{
    session->sent = 0;
    session->job->row_count = 0;
    session->state = ADMIN_WAITING;
    begin_work(session, session->job);
    if (gate_enter(&session->connection.server->pages_at_worker, &session->guest))
        submit(session);
}

static void write_on(struct admin_session *session)
{
    connection_want(&session->connection, EPOLLOUT);
    connection_late_in(&session->connection, ADMIN_WRITE_US);
}

/* Sends as much as the other side takes: a few rows, then others have their turn. After a page the next one comes from the worker. */
static void write_page(struct admin_session *session)
{
    unsigned rows = 0;

    for (const struct wire_message *message = next_message(session); message != NULL; message = next_message(session)) {
        enum status status = wire_send(session->connection.fd, message, 0);
        if (status == STATUS_TIMEOUT) {
            write_on(session);
            return;
        }
        if (status != STATUS_OK) {
            end(session);
            return;
        }
        session->sent++;
        if (++rows == ADMIN_ROWS_AT_ONCE && next_message(session) != NULL) {
            write_on(session);
            return;
        }
    }
    if (session->job->finished)
        finish(session);
    else if (session->connection.server->draining)
        end(session);
    else
        next_page(session);
}

void admin_session_done(struct job *job)
{
    struct admin_session *session = job->owner;

    leave_worker(session);
    if (session->state == ADMIN_GONE) {
        job_free(job);
        free_session(session);
        return;
    }
    session->job = job;
    session->sent = 0;
    session->state = ADMIN_WRITING;
    write_page(session);
}

static bool is_request(enum wire_type type)
{
    return type >= WIRE_ENROL && type <= WIRE_EXPORT;
}

/* Takes the secrets out of the message. */
static void take_request(struct admin_session *session, struct wire_message *message)
{
    struct job *job = job_new(JOB_ADMIN);
    if (job == NULL) {
        end(session);
        return;
    }
    caller_of_admin(session->connection.uid, message, &job->caller);
    job->owner = session;
    job->request = *message;
    *message = (struct wire_message){0};
    begin_work(session, job);
    submit(session);
}

static void on_ready(struct connection *connection, uint32_t events)
{
    struct admin_session *session = (struct admin_session *)connection;
    wire_owner struct wire_message message = {0};

    if (session->state == ADMIN_WRITING && (events & EPOLLOUT) != 0 && (events & (EPOLLHUP | EPOLLERR)) == 0) {
        write_page(session);
        return;
    }
    if (session->state != ADMIN_READING || (events & EPOLLIN) == 0) {
        end(session); /* hung up */
        return;
    }
    enum status status = wire_receive(connection->fd, &message, 0);
    if (status == STATUS_TIMEOUT)
        return;
    if (status == STATUS_OK && is_request(message.type))
        take_request(session, &message);
    else
        end(session);
}

static void on_late(struct connection *connection)
{
    end((struct admin_session *)connection);
}

static void on_drain(struct connection *connection)
{
    struct admin_session *session = (struct admin_session *)connection;
    if (session->state == ADMIN_READING)
        end(session);
}

void admin_session_start(struct server *server, int fd, uint32_t uid)
{
    static const struct connection_kind kind = {.ready = on_ready, .late = on_late, .drain = on_drain};
    struct admin_session *session = calloc(1, sizeof *session);

    if (session == NULL || connection_open(&session->connection, &kind, server, fd, DOOR_ADMIN, uid) != STATUS_OK) {
        free(session);
        census_leave(&server->census, DOOR_ADMIN, uid);
        (void)close(fd);
        return;
    }
    connection_late_in(&session->connection, ADMIN_IDLE_US);
}
