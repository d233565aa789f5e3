#include "house.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int on_done(sd_event_source *source, int fd, uint32_t events, void *context)
{
    (void)source, (void)fd, (void)events;
    server_take_done(context);
    return 0;
}

void house_open(struct house *house, size_t files)
{
    struct problem problem;
    sigset_t child;

    *house = (struct house){.folder = "/tmp/garde-test-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(house->folder));
    snprintf(house->sockets_folder, sizeof house->sockets_folder, "%s/run", house->folder);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);

    struct server *server = &house->server;
    ck_assert_int_eq(server_begin(server), STATUS_OK);
    server->settings.language = LANGUAGE_FR;
    server->settings.digits = 6;
    server->started_as = getuid();
    census_begin(&server->census, files);
    house->desk = fake_desk_new();
    ck_assert_int_eq(worker_start(house->desk, &(struct worker_times){.idle_after_ms = 100000, .look_waits_ms = 100000},
                                  &server->worker),
                     STATUS_OK);
    ck_assert_int_ge(sd_event_add_io(server->event, &house->done, worker_fd(server->worker), EPOLLIN, on_done, server),
                     0);
    ck_assert_int_eq(names_new(server->event, &server->timers, NAMES_CHILD, NAMES_TIME_US, &server->names), STATUS_OK);
    ck_assert_int_eq(sockets_make(house->sockets_folder, &house->sockets, &problem), STATUS_OK);
    ck_assert_int_eq(listeners_begin(&house->listeners, &house->sockets, server), STATUS_OK);
}

void house_close(struct house *house)
{
    house_settle(house);
    listeners_end(&house->listeners);
    server_drain(&house->server);
    for (int i = 0; i < 1000 && house->server.connections != NULL; i++)
        ck_assert_int_ge(house_turn(house, 1000000), 0);
    ck_assert_ptr_null(house->server.connections);
    sockets_close(&house->sockets);
    worker_stop(house->server.worker);
    names_free(house->server.names);
    sd_event_source_disable_unref(house->done);
    server_end(&house->server);
    ck_assert_int_eq(rmdir(house->sockets_folder), 0);
    ck_assert_int_eq(rmdir(house->folder), 0);
}

int house_call(struct house *house, const char *name)
{
    char path[128];
    int fd = -1;
    snprintf(path, sizeof path, "%s/%s", house->sockets_folder, name);
    ck_assert_int_eq(wire_connect(path, 0, &fd), STATUS_OK);
    return fd;
}

void house_say(int fd, const struct wire_message *message)
{
    ck_assert_int_eq(wire_send(fd, message, 0), STATUS_OK);
}

void house_ask(int fd, const char *user, const char *service)
{
    struct wire_message ask = {.type = WIRE_ASK};
    snprintf(ask.ask.user, sizeof ask.ask.user, "%s", user);
    snprintf(ask.ask.service, sizeof ask.ask.service, "%s", service);
    house_say(fd, &ask);
}

void house_look(int fd, const char *user, const char *service)
{
    struct wire_message look = {.type = WIRE_LOOK};
    snprintf(look.look.ask.user, sizeof look.look.ask.user, "%s", user);
    snprintf(look.look.ask.service, sizeof look.look.ask.service, "%s", service);
    house_say(fd, &look);
}

static void answer_by(int fd, const char *code, bool at_once)
{
    wire_owner struct wire_message answer = {.type = WIRE_ANSWER, .answer = {.at_once = at_once}};
    answer.answer.code = secret_copy(code, strlen(code));
    house_say(fd, &answer);
}

void house_answer(int fd, const char *code)
{
    answer_by(fd, code, false);
}

void house_answer_at_once(int fd, const char *code)
{
    answer_by(fd, code, true);
}

enum wire_type house_hear(struct house *house, int fd, struct wire_message *out_message)
{
    for (int i = 0; i < 10000; i++) {
        enum status status = wire_receive(fd, out_message, 0);
        if (status == STATUS_OK)
            return out_message->type;
        if (status != STATUS_TIMEOUT)
            return (enum wire_type)0;
        ck_assert_int_gt(house_turn(house, 5000000), 0); /* 0: nothing is going to come */
    }
    ck_abort_msg("the loop spins");
    return (enum wire_type)0;
}

int house_turn(struct house *house, uint64_t at_most_us)
{
    return timers_turn(&house->server.timers, house->server.event, at_most_us);
}

void house_settle(struct house *house)
{
    while (house_turn(house, 0) > 0)
        ;
}
