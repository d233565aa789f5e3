#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <garde/wire.h>

#include "messages.h"

#define LONG_MS 20000 /* a deadline that is never met */

static const struct wire_message list = {.type = WIRE_LIST};

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

static void make_pair(int pair[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
}

/* A folder of its own with a socket in it; gone with place_remove. */
struct place {
    char folder[64];
    char path[80];
    int listener;
};

static void place_make(struct place *place, int kind, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(place->folder, "/tmp/garde-wire-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place->folder));
    ck_assert_int_eq(chmod(place->folder, 0755), 0);
    (void)snprintf(place->path, sizeof place->path, "%s/s", place->folder);
    strcpy(address.sun_path, place->path);
    place->listener = socket(AF_UNIX, kind | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(place->listener, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(place->listener, backlog), 0);
}

static void place_remove(struct place *place)
{
    (void)close(place->listener);
    (void)unlink(place->path);
    (void)rmdir(place->folder);
}

/* A signal every millisecond; at the 20th something happens. */
static volatile sig_atomic_t ticks;
static volatile int accept_from = -1;
static volatile int send_to = -1;

static void tick(int number)
{
    (void)number;
    int saved = errno;
    if (++ticks == 20 && accept_from >= 0)
        (void)accept(accept_from, NULL, NULL);
    if (ticks == 20 && send_to >= 0)
        (void)send(send_to, "\x01\x14", 2, MSG_DONTWAIT);
    errno = saved;
}

static void start_storm(void)
{
    struct sigaction action = {.sa_handler = tick}; /* no SA_RESTART */
    struct itimerval every = {{0, 1000}, {0, 1000}};
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
}

static void stop_storm(void)
{
    struct itimerval never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
}

START_TEST(a_message_goes_through_a_socket)
{
    int pair[2];
    make_pair(pair);
    struct wire_message all[MESSAGES];
    messages_make(all);
    for (size_t i = 0; i < MESSAGES; i++) {
        wire_owner struct wire_message back = {0};
        ck_assert_int_eq(wire_send(pair[0], &all[i], wire_deadline_ms(LONG_MS)), STATUS_OK);
        ck_assert_int_eq(wire_receive(pair[1], &back, wire_deadline_ms(LONG_MS)), STATUS_OK);
        ck_assert_int_eq(back.type, all[i].type);
    }
    messages_wipe(all);
}
END_TEST

static bool is_zero(const struct secret *packet)
{
    size_t zeroes = 0;
    while (zeroes < WIRE_PACKET_MAX && secret_read(packet)[zeroes] == 0)
        zeroes++;
    return zeroes == WIRE_PACKET_MAX && secret_len(packet) == WIRE_PACKET_MAX;
}

START_TEST(one_packet_carries_all_messages_and_keeps_nothing_of_them)
{
    int pair[2];
    make_pair(pair);
    struct wire_message all[MESSAGES];
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    messages_make(all);
    for (size_t i = 0; i < MESSAGES; i++) {
        wire_owner struct wire_message back = {0};
        ck_assert_int_eq(wire_send_by(pair[0], &all[i], packet, 0), STATUS_OK);
        ck_assert(is_zero(packet));
        ck_assert_int_eq(wire_receive_by(pair[1], packet, 0, &back), STATUS_OK);
        ck_assert(is_zero(packet));
        ck_assert_int_eq(back.type, all[i].type);
    }
    messages_wipe(all);
}
END_TEST

START_TEST(a_packet_that_fails_to_go_or_to_be_read_is_wiped_too)
{
    int pair[2];
    make_pair(pair);
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    secret_owner struct secret *shorter = secret_new(WIRE_PACKET_MAX - 1);
    struct wire_message answer = {.type = WIRE_ANSWER, .answer = {.code = secret_copy("123456", 6)}};
    struct wire_message out = {0};

    ck_assert_int_eq(wire_send_by(pair[0], &answer, shorter, 0), STATUS_INVALID);
    ck_assert_int_eq(wire_receive_by(pair[1], shorter, 0, &out), STATUS_INVALID);
    ck_assert_int_eq(send(pair[0],
                          "\1\5\0\007"
                          "123456",
                          10, 0),
                     10); /* says 7 bytes, has 6 */
    ck_assert_int_eq(wire_receive_by(pair[1], packet, 0, &out), STATUS_INVALID);
    ck_assert(is_zero(packet));
    (void)close(pair[1]);
    ck_assert_int_eq(wire_send_by(pair[0], &answer, packet, 0), STATUS_CLOSED);
    ck_assert(is_zero(packet));
    wire_wipe(&answer);
}
END_TEST

START_TEST(receive_gives_up_at_its_deadline)
{
    int pair[2];
    make_pair(pair);
    struct wire_message out = {0};
    ck_assert_int_eq(wire_receive(pair[1], &out, 0), STATUS_TIMEOUT);

    int64_t before = wire_deadline_ms(0);
    ck_assert_int_eq(wire_receive(pair[1], &out, before + 30), STATUS_TIMEOUT);
    int64_t took = wire_deadline_ms(0) - before;
    ck_assert_int_ge(took, 30);
    ck_assert_int_lt(took, 5000);
}
END_TEST

START_TEST(a_deadline_of_zero_still_takes_what_is_there)
{
    int pair[2];
    make_pair(pair);
    wire_owner struct wire_message out = {0};
    ck_assert_int_eq(wire_send(pair[0], &list, 0), STATUS_OK);
    ck_assert_int_eq(wire_receive(pair[1], &out, 0), STATUS_OK);
    ck_assert_int_eq(out.type, WIRE_LIST);
}
END_TEST

START_TEST(send_gives_up_when_the_other_side_does_not_read)
{
    int pair[2];
    make_pair(pair);
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < 100000 && status == STATUS_OK; i++)
        status = wire_send(pair[0], &list, 0);
    ck_assert_int_eq(status, STATUS_TIMEOUT);
    ck_assert_int_eq(wire_send(pair[0], &list, wire_deadline_ms(20)), STATUS_TIMEOUT);

    wire_owner struct wire_message out = {0};
    ck_assert_int_eq(wire_receive(pair[1], &out, 0), STATUS_OK);
}
END_TEST

START_TEST(a_peer_that_is_gone_is_closed)
{
    int pair[2];
    make_pair(pair);
    (void)close(pair[1]);
    struct wire_message out = {0};
    ck_assert_int_eq(wire_send(pair[0], &list, wire_deadline_ms(LONG_MS)), STATUS_CLOSED);
    ck_assert_int_eq(wire_receive(pair[0], &out, wire_deadline_ms(LONG_MS)), STATUS_CLOSED);
}
END_TEST

START_TEST(a_peer_that_left_without_reading_is_closed)
{
    int pair[2];
    make_pair(pair);
    ck_assert_int_eq(wire_send(pair[0], &list, 0), STATUS_OK);
    (void)close(pair[1]); /* the next receive says ECONNRESET */
    struct wire_message out = {0};
    ck_assert_int_eq(wire_receive(pair[0], &out, wire_deadline_ms(LONG_MS)), STATUS_CLOSED);
}
END_TEST

START_TEST(an_oversized_packet_is_refused_and_the_next_one_is_whole)
{
    int pair[2];
    make_pair(pair);
    uint8_t big[WIRE_PACKET_MAX + 1] = {WIRE_VERSION, WIRE_LIST};
    ck_assert_int_eq(send(pair[0], big, sizeof big, 0), sizeof big);
    ck_assert_int_eq(wire_send(pair[0], &list, 0), STATUS_OK);
    wire_owner struct wire_message out = {0};
    ck_assert_int_eq(wire_receive(pair[1], &out, 0), STATUS_INVALID);
    ck_assert_int_eq(wire_receive(pair[1], &out, 0), STATUS_OK);
}
END_TEST

static void send_with_descriptors(int fd, const int *passed, size_t count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } control = {0};
    char packet[] = {WIRE_VERSION, WIRE_LIST};
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(&control.header), passed, count * sizeof(int));
    ck_assert_int_eq(sendmsg(fd, &message, 0), sizeof packet);
}

START_TEST(descriptors_that_come_along_are_not_kept)
{
    int pair[2], passed[8];
    make_pair(pair);
    for (size_t i = 0; i < 8; i++)
        passed[i] = STDIN_FILENO;
    unsigned before = open_descriptors();
    for (unsigned round = 0; round < 50; round++) {
        struct wire_message out = {0};
        send_with_descriptors(pair[0], passed, 8);
        ck_assert_int_eq(wire_receive(pair[1], &out, wire_deadline_ms(LONG_MS)), STATUS_INVALID);
    }
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_storm_of_signals_neither_ends_nor_stretches_the_wait)
{
    int pair[2];
    make_pair(pair);
    struct wire_message out = {0};
    start_storm();
    int64_t before = wire_deadline_ms(0);
    ck_assert_int_eq(wire_receive(pair[1], &out, before + 60), STATUS_TIMEOUT);
    int64_t took = wire_deadline_ms(0) - before;
    ck_assert_int_ge(took, 60);
    ck_assert_int_lt(took, 5000);
    stop_storm();
    ck_assert_int_gt(ticks, 5);
}
END_TEST

START_TEST(a_message_that_comes_during_a_storm_is_received)
{
    int pair[2];
    make_pair(pair);
    send_to = pair[0];
    start_storm();
    wire_owner struct wire_message out = {0};
    ck_assert_int_eq(wire_receive(pair[1], &out, wire_deadline_ms(LONG_MS)), STATUS_OK);
    stop_storm();
    ck_assert_int_eq(out.type, WIRE_LIST);
    ck_assert_int_ge(ticks, 20);
}
END_TEST

START_TEST(connect_gives_a_descriptor_that_closes_on_exec_and_works)
{
    struct place place;
    place_make(&place, SOCK_SEQPACKET, 8);
    int fd = -1;
    ck_assert_int_eq(wire_connect(place.path, wire_deadline_ms(LONG_MS), &fd), STATUS_OK);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);

    int server = accept(place.listener, NULL, NULL);
    wire_owner struct wire_message out = {0};
    ck_assert_int_eq(wire_send(fd, &list, wire_deadline_ms(LONG_MS)), STATUS_OK);
    ck_assert_int_eq(wire_receive(server, &out, wire_deadline_ms(LONG_MS)), STATUS_OK);
    place_remove(&place);
}
END_TEST

START_TEST(connect_tells_why_it_could_not_and_leaves_nothing_open)
{
    struct place place, stream;
    place_make(&place, SOCK_SEQPACKET, 8);
    place_make(&stream, SOCK_STREAM, 8);
    unsigned before = open_descriptors();
    int fd = -1;
    ck_assert_int_eq(wire_connect("/tmp/garde-no-such-folder/s", 0, &fd), STATUS_NOT_FOUND);
    ck_assert_int_eq(wire_connect("/etc/passwd/s", 0, &fd), STATUS_NOT_FOUND);
    ck_assert_int_eq(wire_connect("", 0, &fd), STATUS_INVALID);
    ck_assert_int_eq(wire_connect(stream.path, 0, &fd), STATUS_FAILED);

    char longer[109];
    memset(longer, 'x', 108);
    longer[0] = '/';
    longer[108] = '\0';
    ck_assert_int_eq(wire_connect(longer, 0, &fd), STATUS_INVALID);
    longer[107] = '\0';
    ck_assert_int_eq(wire_connect(longer, 0, &fd), STATUS_NOT_FOUND);
    ck_assert_uint_eq(open_descriptors(), before);

    (void)close(place.listener); /* the file stays, nobody listens */
    ck_assert_int_eq(wire_connect(place.path, wire_deadline_ms(LONG_MS), &fd), STATUS_NOT_FOUND);
    ck_assert_int_eq(fd, -1);
    place_remove(&place);
    place_remove(&stream);
}
END_TEST

START_TEST(connect_is_denied_where_the_mode_says_so)
{
    struct place place;
    int fd = -1;
    place_make(&place, SOCK_SEQPACKET, 8);
    ck_assert_int_eq(chmod(place.path, 0), 0);
    uid_t self = geteuid();
    if (self == 0) /* root connects whatever the mode */
        ck_assert_int_eq(seteuid(12345), 0);
    enum status status = wire_connect(place.path, wire_deadline_ms(LONG_MS), &fd);
    ck_assert_int_eq(seteuid(self), 0);
    place_remove(&place);
    ck_assert_int_eq(status, STATUS_DENIED);
}
END_TEST

static void fill_backlog(const struct place *place)
{
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < 8 && status == STATUS_OK; i++) {
        int fd = -1;
        status = wire_connect(place->path, 0, &fd);
    }
    ck_assert_int_eq(status, STATUS_TIMEOUT);
}

START_TEST(connect_to_a_full_backlog_gives_up_at_its_deadline)
{
    struct place place;
    place_make(&place, SOCK_SEQPACKET, 1);
    fill_backlog(&place);
    unsigned before_open = open_descriptors();
    int fd = -1;
    int64_t before = wire_deadline_ms(0);
    enum status status = wire_connect(place.path, before + 150, &fd);
    int64_t took = wire_deadline_ms(0) - before;
    place_remove(&place);
    ck_assert_int_eq(status, STATUS_TIMEOUT);
    ck_assert_int_ge(took, 150);
    ck_assert_int_lt(took, 5000);
    ck_assert_uint_eq(open_descriptors() + 1, before_open); /* less the listener */
}
END_TEST

START_TEST(connect_to_a_full_backlog_gets_through_when_there_is_room_whatever_signals_come)
{
    struct place place;
    int fd = -1;
    place_make(&place, SOCK_SEQPACKET, 1);
    fill_backlog(&place);
    accept_from = place.listener;
    start_storm();
    enum status status = wire_connect(place.path, wire_deadline_ms(LONG_MS), &fd);
    stop_storm();
    place_remove(&place);
    ck_assert_int_eq(status, STATUS_OK);
    ck_assert_int_ge(ticks, 20);
}
END_TEST

START_TEST(a_deadline_far_away_does_not_wrap)
{
    ck_assert(wire_deadline_ms(INT64_MAX) == INT64_MAX);
    int64_t now = wire_deadline_ms(0);
    ck_assert_int_gt(now, 0);
    ck_assert_int_ge(wire_deadline_ms(1000), now + 1000);
}
END_TEST

SUITE("wire socket", a_message_goes_through_a_socket, one_packet_carries_all_messages_and_keeps_nothing_of_them,
      a_packet_that_fails_to_go_or_to_be_read_is_wiped_too, receive_gives_up_at_its_deadline,
      a_deadline_of_zero_still_takes_what_is_there, send_gives_up_when_the_other_side_does_not_read,
      a_peer_that_is_gone_is_closed, a_peer_that_left_without_reading_is_closed,
      an_oversized_packet_is_refused_and_the_next_one_is_whole, descriptors_that_come_along_are_not_kept,
      a_storm_of_signals_neither_ends_nor_stretches_the_wait, a_message_that_comes_during_a_storm_is_received,
      connect_gives_a_descriptor_that_closes_on_exec_and_works, connect_tells_why_it_could_not_and_leaves_nothing_open,
      connect_is_denied_where_the_mode_says_so, connect_to_a_full_backlog_gives_up_at_its_deadline,
      connect_to_a_full_backlog_gets_through_when_there_is_room_whatever_signals_come,
      a_deadline_far_away_does_not_wrap)
