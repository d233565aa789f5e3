/* MUST 1  Nothing waits past its deadline: every call on a socket is non-blocking, or (connect) has a time-out.
 * MUST 2  The caller of PAM keeps its process as it was: no signal is raised, no handler or timer is set, no descriptor is
 *         left open or inherited, none is taken from the peer.
 * MUST 3  A packet exists in a struct secret only.
 */
#include "codec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_WAIT_MS 100 /* in one connect(): then look again, should the kernel have woken somebody else */

/* Without a clock every deadline is past: a clock that stood still would make one wait for ever. */
static int64_t now_ms(void)
{
    struct timespec now = {0};
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return INT64_MAX;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t wire_deadline_ms(int64_t in_ms)
{
    int64_t now = now_ms();
    if (now == INT64_MAX)
        return 0;
    return in_ms > INT64_MAX - now ? INT64_MAX : now + in_ms;
}

static int64_t left_ms(int64_t deadline_ms)
{
    int64_t now = now_ms();
    return deadline_ms > now ? deadline_ms - now : 0;
}

static enum status status_of_errno(int error)
{
    switch (error) {
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
        return STATUS_CLOSED;
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        return STATUS_NOT_FOUND;
    case EACCES:
    case EPERM:
        return STATUS_DENIED;
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
        return STATUS_NO_MEMORY;
    default:
        return STATUS_FAILED;
    }
}

/* After a call that gave EAGAIN or EINTR: STATUS_OK when it is worth another one. */
static enum status wait_for(int fd, short events, int64_t deadline_ms, int error)
{
    if (error == EINTR)
        return left_ms(deadline_ms) > 0 ? STATUS_OK : STATUS_TIMEOUT;
    if (error != EAGAIN)
        return status_of_errno(error);

    for (;;) {
        int64_t left = left_ms(deadline_ms);
        if (left == 0)
            return STATUS_TIMEOUT;
        struct pollfd wanted = {.fd = fd, .events = events};
        int ready = poll(&wanted, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return (wanted.revents & POLLNVAL) != 0 ? STATUS_FAILED : STATUS_OK;
        if (ready < 0 && errno != EINTR)
            return status_of_errno(errno);
    }
}

static enum status send_packet(int fd, const uint8_t *packet, size_t len, int64_t deadline_ms)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        ssize_t sent = send(fd, packet, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) /* SOCK_SEQPACKET: the whole packet or nothing */
            return (size_t)sent == len ? STATUS_OK : STATUS_FAILED;
        status = wait_for(fd, POLLOUT, deadline_ms, errno);
    }
    return status;
}

static enum status receive_packet(int fd, uint8_t *packet, int64_t deadline_ms, size_t *out_len)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        struct iovec part = {packet, WIRE_PACKET_MAX};
        struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
        ssize_t got = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (got == 0) /* an empty packet looks the same, and nobody of ours sends one */
            return STATUS_CLOSED;
        if (got > 0 && (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
            return STATUS_INVALID; /* too long, or descriptors came along (the kernel has closed them) */
        if (got > 0) {
            *out_len = (size_t)got;
            return STATUS_OK;
        }
        status = wait_for(fd, POLLIN, deadline_ms, errno);
    }
    return status;
}

enum status wire_send_by(int fd, const struct wire_message *message, struct secret *packet, int64_t deadline_ms)
{
    size_t len = 0;
    if (secret_len(packet) < WIRE_PACKET_MAX)
        return STATUS_INVALID;
    enum status status = wire_encode_into(message, secret_fill(packet), &len);
    if (status == STATUS_OK)
        status = send_packet(fd, secret_read(packet), len, deadline_ms);
    secret_wipe(secret_fill(packet), WIRE_PACKET_MAX);
    return status;
}

enum status wire_receive_by(int fd, struct secret *packet, int64_t deadline_ms, struct wire_message *out_message)
{
    size_t len = 0;
    if (secret_len(packet) < WIRE_PACKET_MAX)
        return STATUS_INVALID;
    enum status status = receive_packet(fd, secret_fill(packet), deadline_ms, &len);
    if (status == STATUS_OK)
        status = wire_decode(secret_read(packet), len, out_message);
    secret_wipe(secret_fill(packet), WIRE_PACKET_MAX);
    return status;
}

enum status wire_send(int fd, const struct wire_message *message, int64_t deadline_ms)
{
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    return packet != NULL ? wire_send_by(fd, message, packet, deadline_ms) : STATUS_NO_MEMORY;
}

enum status wire_receive(int fd, struct wire_message *out_message, int64_t deadline_ms)
{
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    return packet != NULL ? wire_receive_by(fd, packet, deadline_ms, out_message) : STATUS_NO_MEMORY;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* A full backlog: a blocking connect() queues in the kernel, first come first served, where polling would be overtaken. */
static enum status wait_in_line(int fd, int64_t deadline_ms)
{
    int64_t left = left_ms(deadline_ms);
    if (left == 0)
        return STATUS_TIMEOUT;
    suseconds_t wait_ms = left > CONNECT_WAIT_MS ? CONNECT_WAIT_MS : (suseconds_t)left;
    struct timeval wait = {.tv_usec = wait_ms * 1000};
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 || fcntl(fd, F_SETFL, 0) != 0)
        return status_of_errno(errno);
    return STATUS_OK;
}

enum status wire_connect(const char *path, int64_t deadline_ms, int *out_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path)
        return STATUS_INVALID;
    memcpy(address.sun_path, path, len);

    int fd __attribute__((cleanup(close_fd))) = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    enum status status = fd >= 0 ? STATUS_OK : status_of_errno(errno);
    while (status == STATUS_OK) {
        if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
            *out_fd = fd;
            fd = -1;
            return STATUS_OK;
        }
        if (errno == EAGAIN || errno == EINTR)
            status = wait_in_line(fd, deadline_ms);
        else
            status = status_of_errno(errno);
    }
    return status;
}
