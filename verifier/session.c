/* MUST 1  WIRE_VERDICT accepted is sent for a JOB_ATTEMPT that came back accepted, WIRE_SKIP for a JOB_LOOK, or for a JOB_ATTEMPT after a PROMPT
 *         that may stay empty, that came back LOOK_SKIP, and neither for any other reason.
 * MUST 2  A code is in memory from its arrival until its job is back, and no longer.
 * MUST 3  What an unprivileged peer's attempt waits for is its own attempts only: the line it stands in is named after its uid. It keeps
 *         its place until its refusal may leave, also when it has hung up: each refusal is an entry, and one uid must not
 *         make more than one for each point of the grid. So when a rule lets it through, which it hears at once. So with its looks,
 *         which can wait for the scan: of one uid one is at the worker.
 * MUST 4  After LOOK there is one word, PROMPT, SKIP or REFUSE, and then the end: no code is taken, and no SKIP recorded.
 * MUST 5  Of the public door's jobs only so many are with the worker at once, so that no crowd is a batch that root's login waits for.
 */
#include "session.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <garde/policy.h>

#include "caller.h"

enum session_state {
    SESSION_ASKING = 0,
    SESSION_LOOKING,
    SESSION_PROMPTED,
    SESSION_JUDGING,
    SESSION_HOLDING,
    SESSION_GONE,
};

struct session {
    struct connection connection; /* first */
    enum session_state state;
    struct settings_peer peer; /* a copy: the configuration may change */
    struct caller caller;
    char user[USER_SIZE];
    struct job *job; /* ours while the worker does not have it */
    bool working;    /* the worker has one */
    struct lookup *lookup;
    unsigned settings_age; /* those that the look-up is for, and the rules from it */
    bool only_looks;       /* nobody is to be let through, nor asked for a code: the next word is the last */
    bool may_be_empty;     /* the prompt was sent so */
    struct unenrolled_rule pending_rule;
    struct waiter waiter;
    struct guest guest;
    bool at_once;      /* its refusal does not wait for the grid */
    uint64_t begun_us; /* where its grid begins: the arrival of ANSWER, or of its turn where it keeps its place */
};

static struct session *of(struct connection *connection)
{
    return (struct session *)connection;
}

static void free_session(struct session *session)
{
    connection_forget(&session->connection);
    free(session);
}

static bool keeps_its_place(const struct session *session)
{
    return session->connection.door == DOOR_PUBLIC;
}

/* NULL: root's programs do not wait for a place at the worker. */
static struct gate *gate_of(const struct session *session)
{
    struct server *server = session->connection.server;
    if (session->connection.door == DOOR_PUBLIC)
        return &server->people_at_worker;
    return session->connection.door == DOOR_PEER ? &server->peers_at_worker : NULL;
}

static void hand_over(struct session *session)
{
    struct job *job = session->job;
    if (keeps_its_place(session))
        session->begun_us = timers_now_us(); /* the wait in the line was of its own making */
    session->job = NULL;
    session->working = true;
    worker_submit(session->connection.server->worker, job);
}

static void submit(struct session *session)
{
    struct gate *gate = gate_of(session);
    if (gate == NULL || gate_enter(gate, &session->guest))
        hand_over(session);
}

static void leave_worker(struct session *session)
{
    struct gate *gate = gate_of(session);
    struct guest *next = gate != NULL ? gate_leave(gate, &session->guest) : NULL;
    if (next != NULL)
        hand_over((struct session *)(void *)((char *)next - offsetof(struct session, guest)));
}

static void leave_line(struct session *session)
{
    struct waiter *next = waiting_leave(&session->connection.server->waiting, &session->waiter);
    if (next != NULL)
        submit((struct session *)(void *)((char *)next - offsetof(struct session, waiter)));
}

/* Until the next point of the grid that belongs to the answer. */
static void hold(struct session *session)
{
    uint64_t now_us = timers_now_us();
    connection_late_at(&session->connection,
                       session->at_once ? now_us : timers_grid(session->begun_us, now_us, SESSION_GRID_US));
}

static void end(struct session *session)
{
    bool held = session->state == SESSION_HOLDING && keeps_its_place(session);

    connection_close(&session->connection);
    session->state = SESSION_GONE;
    if (session->lookup != NULL)
        names_cancel(session->lookup);
    session->lookup = NULL;
    job_free(session->job);
    session->job = NULL;
    if (session->working)
        return; /* session_done frees it; its place in the line and in the census is taken until then */
    if (held) {
        hold(session); /* on_late frees it */
        return;
    }
    leave_worker(session);
    leave_line(session);
    free_session(session);
}

/* false: the other side does not read, or is gone. */
static bool tell(struct session *session, const struct wire_message *message)
{
    return session->connection.fd >= 0 && wire_send(session->connection.fd, message, 0) == STATUS_OK;
}

static void await_person(struct session *session)
{
    session->state = SESSION_PROMPTED;
    connection_want(&session->connection, EPOLLIN);
    connection_late_in(&session->connection, SESSION_PERSON_US);
}

static void work_on(struct session *session, enum session_state state)
{
    session->state = state;
    connection_want(&session->connection, 0);
    connection_never_late(&session->connection);
}

static void prompt(struct session *session)
{
    const struct settings *settings = &session->connection.server->settings;
    const struct wire_message message = {
        .type = WIRE_PROMPT,
        .prompt = {.language = settings->language, .digits = settings->digits, .may_be_empty = session->may_be_empty}};
    if (session->connection.server->draining || !tell(session, &message) || session->only_looks)
        end(session);
    else
        await_person(session);
}

static void refuse(struct session *session, enum wire_refuse_why why)
{
    const struct wire_message message = {.type = WIRE_REFUSE, .refuse = {.why = why}};
    (void)tell(session, &message);
    end(session);
}

/* Turned away here, not by the desk: have it counted. */
static void refuse_and_note(struct session *session, enum wire_refuse_why why, enum reason reason)
{
    server_note(session->connection.server, &session->caller, reason);
    refuse(session, why);
}

static void stand_in_line(struct session *session, const char *name)
{
    struct connection *connection = &session->connection;
    char key[WAITING_KEY_SIZE];

    if (connection->door == DOOR_PUBLIC)
        (void)snprintf(key, sizeof key, "%u/%s", connection->uid, name);
    else
        (void)snprintf(key, sizeof key, "/%s", name);
    if (waiting_enter(&connection->server->waiting, &session->waiter, key))
        submit(session);
}

/* MUST 3 */
static void submit_look(struct session *session)
{
    if (session->connection.door == DOOR_PUBLIC)
        stand_in_line(session, "");
    else
        submit(session);
}

static void take_ask(struct session *session, const struct wire_ask *ask)
{
    struct connection *connection = &session->connection;

    caller_of_login(connection->door, connection->uid, &session->peer, ask, &session->caller);
    memcpy(session->user, ask->user, sizeof session->user);

    struct settings_rules loosest = caller_loosest_rules(&connection->server->settings, &session->caller);
    int64_t now_s = (int64_t)time(NULL);
    bool is_nobody = session->user[0] == '\0'; /* it wants to know how this site asks */
    if (is_nobody || (!policy_skips(&loosest.unenrolled, now_s) && !policy_skips(&loosest.pending, now_s))) {
        prompt(session); /* the same for every name, and nothing was looked at */
        return;
    }
    session->job = job_new(JOB_LOOK);
    if (session->job == NULL) {
        refuse(session, WIRE_REFUSE_BUSY);
        return;
    }
    session->job->caller = session->caller;
    session->job->only_looks = session->only_looks;
    session->job->rule = loosest.unenrolled;
    session->job->pending_rule = loosest.pending;
    session->job->owner = session;
    session->job->waits_since_ms = wire_deadline_ms(0); /* its look-up of the name is part of the caller's patience */
    memcpy(session->job->user, session->user, sizeof session->user);
    work_on(session, SESSION_LOOKING);
    submit_look(session);
}

static void take_look(struct session *session, const struct wire_look *look)
{
    session->only_looks = true;
    take_ask(session, &look->ask);
}

static void take_found(struct session *session, const struct names_found *found)
{
    struct server *server = session->connection.server;
    struct job *job = session->job;

    server_tell_missing(server, found->missing);
    const struct settings_rules rules = caller_rules(&server->settings, &session->caller, found->groups);
    job->rule = rules.unenrolled;
    job->pending_rule = rules.pending;
    job->resolved_uid = found->uid;
    (void)snprintf(job->canonical, sizeof job->canonical, "%s", found->canonical);
}

/* No rule for this name: whose factor waits for a first code may still have it. */
static void do_without_name(struct session *session)
{
    if (session->job->look != LOOK_PENDING) {
        refuse_and_note(session, WIRE_REFUSE_LOOKUP, REASON_LOOKUP);
        return;
    }
    job_free(session->job);
    session->job = NULL;
    prompt(session);
}

/* The rules were found under the settings that are in force. */
static bool rules_hold(const struct session *session)
{
    return session->settings_age == session->connection.server->settings_age;
}

static void on_name(enum names_result result, const struct names_found *found, void *context)
{
    struct session *session = context;

    session->lookup = NULL;
    bool is_odd = result == NAMES_NO_SUCH_NAME && session->job->look == LOOK_PENDING;
    if (result == NAMES_FAILED || is_odd || !rules_hold(session)) {
        do_without_name(session);
        return;
    }
    session->job->resolved = result == NAMES_FOUND ? RESOLVED_FOUND : RESOLVED_NO_SUCH_NAME;
    if (found != NULL)
        take_found(session, found);
    submit_look(session);
}

static enum status find_name(struct session *session)
{
    const struct server *server = session->connection.server;
    const struct settings *settings = &server->settings;
    const char *groups[SETTINGS_GROUPS_MAX];
    _Static_assert(SETTINGS_GROUPS_MAX <= NAMES_GROUPS_MAX, "one look-up asks about all of them");

    for (size_t i = 0; i < settings->group_count; i++)
        groups[i] = settings->groups[i].name;
    const struct names_question question = {.name = session->user,
                                            .uid = session->connection.door == DOOR_TRUSTED ? NAMES_TRUSTED
                                                                                            : session->connection.uid,
                                            .groups = groups,
                                            .group_count = settings->group_count,
                                            .answer = on_name,
                                            .context = session};
    session->settings_age = server->settings_age;
    return names_find(server->names, &question, &session->lookup);
}

static void resolve(struct session *session, struct job *job)
{
    if (job->resolved != RESOLVED_NOT_ASKED) { /* the desk asks twice: never in a loop */
        job_free(job);
        refuse_and_note(session, WIRE_REFUSE_LOOKUP, REASON_LOOKUP);
        return;
    }
    session->job = job;
    if (find_name(session) != STATUS_OK)
        do_without_name(session);
}

static enum wire_refuse_why why_refused(enum reason reason)
{
    if (reason == REASON_LOOKUP)
        return WIRE_REFUSE_LOOKUP;
    return reason == REASON_BUSY || reason == REASON_UNAVAILABLE || reason == REASON_NO_SPACE ? WIRE_REFUSE_BUSY
                                                                                              : WIRE_REFUSE_DENIED;
}

static void let_through(struct session *session, enum wire_skip_why why)
{
    const struct wire_message skip = {.type = WIRE_SKIP, .skip = {.why = why}};

    (void)tell(session, &skip);
    if (!session->only_looks)
        session->state = SESSION_HOLDING; /* MUST 3 */
    end(session);
}

static void looked(struct session *session, struct job *job)
{
    enum look look = job->look;
    enum reason reason = job->reason;

    if (look == LOOK_UNKNOWN || look == LOOK_PENDING) {
        resolve(session, job);
        return;
    }
    memcpy(session->user, job->user, sizeof session->user); /* canonical from here on */
    session->may_be_empty = job->may_be_empty;
    session->pending_rule = job->pending_rule;
    job_free(job);
    if (look == LOOK_ENROLLED)
        prompt(session);
    else if (look == LOOK_SKIP)
        let_through(session, WIRE_SKIP_UNENROLLED);
    else
        refuse(session, why_refused(reason));
}

/* Takes the code out of the message. */
static void take_answer(struct session *session, struct wire_message *message)
{
    session->job = job_new(JOB_ATTEMPT);
    if (session->job == NULL) {
        end(session);
        return;
    }
    session->job->caller = session->caller;
    session->job->owner = session;
    memcpy(session->job->user, session->user, sizeof session->user);
    session->job->may_be_empty = session->may_be_empty && rules_hold(session);
    session->job->pending_rule = session->pending_rule;
    session->job->request = *message;
    *message = (struct wire_message){0};
    session->at_once = session->job->request.answer.at_once == 1 && !keeps_its_place(session);
    session->begun_us = timers_now_us();
    work_on(session, SESSION_JUDGING);
    stand_in_line(session, session->user);
}

static void judged(struct session *session, struct job *job)
{
    enum verdict verdict = job->verdict;
    bool skips = job->look == LOOK_SKIP && session->may_be_empty;

    job_free(job); /* and the code with it */
    if (skips) {
        let_through(session, WIRE_SKIP_PENDING);
        return;
    }
    if (verdict != VERDICT_ACCEPTED) {
        session->state = SESSION_HOLDING;
        hold(session);
        return;
    }
    const struct wire_message message = {.type = WIRE_VERDICT, .verdict = {.verdict = VERDICT_ACCEPTED}};
    (void)tell(session, &message);
    end(session);
}

static void let_refusal_go(struct session *session)
{
    const struct wire_message message = {.type = WIRE_VERDICT, .verdict = {.verdict = VERDICT_REFUSED}};

    leave_line(session);
    session->state = SESSION_PROMPTED;
    if (!tell(session, &message) || session->connection.server->draining)
        end(session);
    else
        await_person(session);
}

/* MUST 3: refused, or let through by a rule. */
static bool is_bounded(const struct session *session, const struct job *job)
{
    bool is_entry =
        job->kind == JOB_ATTEMPT ? job->verdict != VERDICT_ACCEPTED : job->look == LOOK_SKIP && !session->only_looks;
    return is_entry && keeps_its_place(session);
}

void session_done(struct job *job)
{
    struct session *session = job->owner;
    bool stays = is_bounded(session, job);

    session->working = false;
    leave_worker(session);
    if (!stays)
        leave_line(session);
    if (session->state == SESSION_GONE) {
        job_free(job);
        if (stays)
            hold(session);
        else
            free_session(session);
    } else if (job->kind == JOB_LOOK) {
        looked(session, job);
    } else {
        judged(session, job);
    }
}

static void on_ready(struct connection *connection, uint32_t events)
{
    struct session *session = of(connection);
    wire_owner struct wire_message message = {0};

    bool reads = session->state == SESSION_ASKING || session->state == SESSION_PROMPTED;
    if (!reads || (events & EPOLLIN) == 0) {
        end(session); /* hung up */
        return;
    }
    enum status status = wire_receive(connection->fd, &message, 0);
    if (status == STATUS_TIMEOUT)
        return;
    if (status == STATUS_OK && session->state == SESSION_ASKING && message.type == WIRE_ASK)
        take_ask(session, &message.ask);
    else if (status == STATUS_OK && session->state == SESSION_ASKING && message.type == WIRE_LOOK)
        take_look(session, &message.look);
    else if (status == STATUS_OK && session->state == SESSION_PROMPTED && message.type == WIRE_ANSWER)
        take_answer(session, &message);
    else
        end(session);
}

static void on_late(struct connection *connection)
{
    struct session *session = of(connection);
    if (session->state == SESSION_HOLDING)
        let_refusal_go(session);
    else
        end(session); /* too late, or gone and at the end of its hold */
}

static void on_drain(struct connection *connection)
{
    struct session *session = of(connection);
    if (session->state == SESSION_ASKING || session->state == SESSION_PROMPTED)
        end(session);
}

void session_start(struct server *server, int fd, enum door door, uint32_t uid, const struct settings_peer *peer)
{
    static const struct connection_kind kind = {.ready = on_ready, .late = on_late, .drain = on_drain};
    struct session *session = calloc(1, sizeof *session);

    if (session == NULL || connection_open(&session->connection, &kind, server, fd, door, uid) != STATUS_OK) {
        free(session);
        census_leave(&server->census, door, uid);
        (void)close(fd);
        return;
    }
    if (peer != NULL)
        session->peer = *peer;
    connection_late_in(&session->connection, SESSION_ASK_US);
    on_ready(&session->connection, EPOLLIN); /* its ASK is often there already */
}
