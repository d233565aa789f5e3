#include "suite.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crowd.h"

#define MEMBERS 100

static struct member {
    int fd;
    unsigned handled;
    uint32_t events;
    struct member *takes_away; /* leaves and is closed when this one is handled */
} members[MEMBERS];

static sd_event *event;
static struct crowd crowd;
static unsigned others;

static void close_member(struct member *member)
{
    if (member->fd < 0)
        return;
    crowd_leave(&crowd, member->fd, member);
    (void)close(member->fd);
    member->fd = -1;
}

static void on_member(void *context, uint32_t events)
{
    struct member *member = context;
    ck_assert_int_ge(member->fd, 0); /* not one that has left */
    member->handled++;
    member->events = events;
    if (member->takes_away != NULL)
        close_member(member->takes_away);
}

static int on_other(sd_event_source *source, int fd, uint32_t events, void *context)
{
    (void)source, (void)fd, (void)events, (void)context;
    others++;
    return 0;
}

static void begin(unsigned count)
{
    others = 0;
    ck_assert_int_ge(sd_event_new(&event), 0);
    ck_assert_int_eq(crowd_begin(&crowd, event, 0, on_member), STATUS_OK);
    for (unsigned i = 0; i < MEMBERS; i++) {
        members[i] = (struct member){.fd = i < count ? eventfd(1, EFD_CLOEXEC) : -1};
        if (i < count)
            ck_assert_int_eq(crowd_join(&crowd, members[i].fd, EPOLLIN, &members[i]), STATUS_OK);
    }
}

static void end(void)
{
    for (unsigned i = 0; i < MEMBERS; i++)
        close_member(&members[i]);
    crowd_end(&crowd);
    crowd_end(&crowd);
    sd_event_unref(event);
}

static unsigned handled(void)
{
    unsigned all = 0;
    for (unsigned i = 0; i < MEMBERS; i++)
        all += members[i].handled;
    return all;
}

START_TEST(a_turn_handles_a_few_however_many_are_ready)
{
    begin(MEMBERS);
    ck_assert_int_eq(sd_event_run(event, 0), 1);
    ck_assert_uint_eq(handled(), CROWD_AT_ONCE);
    end();
}
END_TEST

START_TEST(in_a_turn_nobody_is_handled_twice)
{
    begin(1);
    ck_assert_int_eq(sd_event_run(event, 0), 1);
    ck_assert_uint_eq(handled(), 1);
    end();
}
END_TEST

START_TEST(who_is_ready_comes_round_in_order)
{
    begin(MEMBERS);
    while (handled() < 2 * MEMBERS)
        ck_assert_int_eq(sd_event_run(event, 0), 1);
    for (unsigned i = 0; i < MEMBERS; i++) {
        ck_assert_uint_ge(members[i].handled, 2);
        ck_assert_uint_le(members[i].handled, 3);
    }
    end();
}
END_TEST

START_TEST(another_source_of_higher_priority_has_its_turn_in_between)
{
    begin(MEMBERS);
    sd_event_source *source = NULL;
    int fd = eventfd(1, EFD_CLOEXEC);
    ck_assert_int_ge(sd_event_add_io(event, &source, fd, EPOLLIN, on_other, NULL), 0);
    ck_assert_int_ge(sd_event_source_set_priority(source, -1), 0);
    ck_assert_int_eq(sd_event_run(event, 0), 1);
    ck_assert_uint_eq(others, 1);
    ck_assert_uint_eq(handled(), 0);
    sd_event_source_disable_unref(source);
    (void)close(fd);
    end();
}
END_TEST

START_TEST(one_that_another_takes_away_is_not_handled)
{
    begin(2);
    members[0].takes_away = &members[1];
    members[1].takes_away = &members[0];
    ck_assert_int_eq(sd_event_run(event, 0), 1);
    ck_assert_uint_ge(handled(), 1);
    ck_assert(members[0].handled == 0 || members[1].handled == 0);
    end();
}
END_TEST

START_TEST(a_member_hears_what_it_wants_and_its_end)
{
    int pipes[2];
    begin(0);
    ck_assert_int_eq(pipe(pipes), 0);
    members[0].fd = pipes[0];
    ck_assert_int_eq(crowd_join(&crowd, pipes[0], 0, &members[0]), STATUS_OK);
    ck_assert_int_eq(write(pipes[1], "", 1), 1);
    ck_assert_int_eq(sd_event_run(event, 0), 0);
    crowd_want(&crowd, pipes[0], EPOLLIN, &members[0]);
    ck_assert_int_eq(sd_event_run(event, 0), 1);
    ck_assert_uint_eq(members[0].events, EPOLLIN);
    crowd_want(&crowd, pipes[0], 0, &members[0]);
    (void)close(pipes[1]);
    ck_assert_int_eq(sd_event_run(event, 0), 1);
    ck_assert_uint_eq(members[0].events, EPOLLHUP);
    end();
}
END_TEST

SUITE("crowd", a_turn_handles_a_few_however_many_are_ready, in_a_turn_nobody_is_handled_twice,
      who_is_ready_comes_round_in_order, another_source_of_higher_priority_has_its_turn_in_between,
      one_that_another_takes_away_is_not_handled, a_member_hears_what_it_wants_and_its_end)
