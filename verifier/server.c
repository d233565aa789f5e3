#include "server.h"

#include "admin_session.h"
#include "connection.h"
#include "journal.h"
#include "session.h"

enum status server_begin(struct server *server)
{
    server->people_at_worker.most = PEOPLE_AT_WORKER;
    server->peers_at_worker.most = PEERS_AT_WORKER;
    server->pages_at_worker.most = PAGES_AT_WORKER;
    if (sd_event_new(&server->event) < 0)
        return STATUS_NO_MEMORY;
    enum status status = crowd_begin(&server->trusted, server->event, PRIORITY_TRUSTED, connection_ready);
    if (status == STATUS_OK)
        status = crowd_begin(&server->admins, server->event, PRIORITY_ADMIN, connection_ready);
    if (status == STATUS_OK)
        status = crowd_begin(&server->people, server->event, PRIORITY_PUBLIC, connection_ready);
    return status;
}

void server_end(struct server *server)
{
    crowd_end(&server->trusted);
    crowd_end(&server->admins);
    crowd_end(&server->people);
    server->event = sd_event_unref(server->event);
    timers_free(&server->timers);
}

void server_adopt(struct server *server, const struct settings *settings)
{
    server->settings = *settings;
    server->settings_age++;
    server->missing_groups = 0;
}

void server_tell_missing(struct server *server, uint64_t groups)
{
    const struct settings *settings = &server->settings;
    uint64_t fresh = groups & ~server->missing_groups;

    server->missing_groups |= groups;
    for (size_t i = 0; i < settings->group_count; i++)
        if ((fresh >> i & 1) != 0)
            journal_say(LOG_WARNING,
                        "configuration: there is no group `%s`, so what it says for its members holds for nobody",
                        settings->groups[i].name);
}

static void give_back(struct server *server, struct job *job)
{
    switch (job->kind) {
    case JOB_LOOK:
    case JOB_ATTEMPT:
        session_done(job);
        return;
    case JOB_ADMIN:
        admin_session_done(job);
        return;
    case JOB_NOTE:
        server->notes--;
        break;
    case JOB_COUNTS:
        server->counting = false;
        break;
    }
    job_free(job);
}

void server_take_done(struct server *server)
{
    for (struct job *job = worker_take_done(server->worker), *next = NULL; job != NULL; job = next) {
        next = job->next;
        job->next = NULL;
        give_back(server, job);
    }
}

void server_note(struct server *server, const struct caller *caller, enum reason reason)
{
    struct job *job = server->notes < NOTES_MAX ? job_new(JOB_NOTE) : NULL;
    if (job == NULL)
        return;
    job->caller = *caller;
    job->reason = reason;
    server->notes++;
    worker_submit(server->worker, job);
}

void server_count(struct server *server, bool last)
{
    struct job *job = job_new(JOB_COUNTS);
    if (job == NULL)
        return;
    job->last = last;
    server->counting = true;
    worker_submit(server->worker, job);
}

void server_drain(struct server *server)
{
    server->draining = true;
    for (struct connection *at = server->connections, *next = NULL; at != NULL; at = next) {
        next = at->next;
        at->kind->drain(at);
    }
}
