#include "crowd.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Each once: one that is ready for ever has its next turn when others had theirs. */
static int on_ready(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct crowd *crowd = context;
    struct epoll_event ready[CROWD_AT_ONCE];
    int count = epoll_wait(fd, ready, CROWD_AT_ONCE, 0);

    (void)source, (void)events;
    for (int i = 0; i < count; i++)
        crowd->turn[i] = ready[i].data.ptr;
    for (int i = 0; i < count; i++)
        if (crowd->turn[i] != NULL)
            crowd->ready(crowd->turn[i], ready[i].events);
    memset(crowd->turn, 0, sizeof crowd->turn);
    return 0;
}

enum status crowd_begin(struct crowd *crowd, sd_event *event, int64_t priority, crowd_ready *ready)
{
    *crowd = (struct crowd){.fd = epoll_create1(EPOLL_CLOEXEC), .ready = ready};
    if (crowd->fd < 0)
        return STATUS_NO_MEMORY;
    if (sd_event_add_io(event, &crowd->source, crowd->fd, EPOLLIN, on_ready, crowd) < 0) {
        (void)close(crowd->fd);
        return STATUS_NO_MEMORY;
    }
    (void)sd_event_source_set_priority(crowd->source, priority);
    return STATUS_OK;
}

void crowd_end(struct crowd *crowd)
{
    if (crowd->source == NULL)
        return;
    crowd->source = sd_event_source_disable_unref(crowd->source);
    (void)close(crowd->fd);
}

enum status crowd_join(struct crowd *crowd, int fd, uint32_t events, void *member)
{
    struct epoll_event event = {.events = events, .data.ptr = member};
    return epoll_ctl(crowd->fd, EPOLL_CTL_ADD, fd, &event) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

void crowd_want(struct crowd *crowd, int fd, uint32_t events, void *member)
{
    struct epoll_event event = {.events = events, .data.ptr = member};
    (void)epoll_ctl(crowd->fd, EPOLL_CTL_MOD, fd, &event);
}

void crowd_leave(struct crowd *crowd, int fd, const void *member)
{
    for (unsigned i = 0; i < CROWD_AT_ONCE; i++)
        if (crowd->turn[i] == member)
            crowd->turn[i] = NULL;
    (void)epoll_ctl(crowd->fd, EPOLL_CTL_DEL, fd, NULL);
}
