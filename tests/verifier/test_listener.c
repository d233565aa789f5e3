#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "house.h"

static struct house house;

static enum wire_type hear(int fd, struct wire_message *message)
{
    return house_hear(&house, fd, message);
}

START_TEST(one_uid_fills_its_own_places_and_nobody_elses)
{
    int fds[CENSUS_PER_UID + 1];
    struct wire_message message;

    house_open(&house, 4096);
    for (size_t i = 0; i < CENSUS_PER_UID; i++) {
        fds[i] = house_call(&house, WIRE_VERIFY_SOCKET);
        house_ask(fds[i], "alice", "i3lock");
        ck_assert_int_eq(hear(fds[i], &message), WIRE_PROMPT);
    }
    int last = house_call(&house, WIRE_VERIFY_SOCKET);
    ck_assert_int_eq(hear(last, &message), WIRE_REFUSE);
    ck_assert_int_eq(message.refuse.why, WIRE_REFUSE_BUSY);
    ck_assert_int_eq(hear(last, &message), 0);
    close(last);

    int trusted = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(trusted, "alice", "sshd");
    ck_assert_int_eq(hear(trusted, &message), WIRE_PROMPT);
    close(trusted);

    close(fds[0]);
    house_settle(&house);
    fds[0] = house_call(&house, WIRE_VERIFY_SOCKET);
    house_ask(fds[0], "alice", "i3lock");
    ck_assert_int_eq(hear(fds[0], &message), WIRE_PROMPT);
    for (size_t i = 0; i < CENSUS_PER_UID; i++)
        close(fds[i]);
    while (house.desk->notes == 0)
        ck_assert_int_ge(house_turn(&house, 1000000), 0);
    house_close(&house);
}
END_TEST

START_TEST(a_full_public_door_leaves_descriptors_for_trusted_callers)
{
    struct wire_message message;
    int trusted[64];

    house_open(&house, CENSUS_OWN_FILES + CENSUS_ADMIN_MAX + 4 + 64);
    unsigned room = house.server.census.public_max;
    ck_assert_uint_ge(house.server.census.trusted_max, 32);
    for (unsigned uid = 0; uid < room; uid++)
        ck_assert(census_admit(&house.server.census, DOOR_PUBLIC, 100000 + uid));
    int stranger = house_call(&house, WIRE_VERIFY_SOCKET);
    ck_assert_int_eq(hear(stranger, &message), WIRE_REFUSE);
    close(stranger);
    for (unsigned i = 0; i < house.server.census.trusted_max; i++) {
        trusted[i] = house_call(&house, WIRE_TRUSTED_SOCKET);
        house_ask(trusted[i], "alice", "sshd");
        ck_assert_int_eq(hear(trusted[i], &message), WIRE_PROMPT);
    }
    for (unsigned i = 0; i < house.server.census.trusted_max; i++)
        close(trusted[i]);
    house_close(&house);
}
END_TEST

START_TEST(the_trusted_and_admin_doors_are_shut_for_other_uids)
{
    static const char *const doors[] = {WIRE_TRUSTED_SOCKET, WIRE_ADMIN_SOCKET};
    struct wire_message message;

    house_open(&house, 4096);
    if (getuid() != 0) {
        house_close(&house);
        return; /* only root can be somebody else */
    }
    for (size_t i = 0; i < 2; i++) {
        /* a connection keeps the uid of the moment it was made; real garded has file modes in front of this */
        char path[128];
        snprintf(path, sizeof path, "%s/%s", house.sockets_folder, doors[i]);
        ck_assert_int_eq(chmod(path, 0666), 0);
        ck_assert_int_eq(chmod(house.folder, 0755), 0);
        ck_assert_int_eq(seteuid(4242), 0);
        int fd = house_call(&house, doors[i]);
        ck_assert_int_eq(seteuid(0), 0);
        ck_assert_int_eq(hear(fd, &message), WIRE_REFUSE);
        ck_assert_int_eq(message.refuse.why, WIRE_REFUSE_DENIED);
        close(fd);
    }
    house_close(&house);
}
END_TEST

START_TEST(uid_65534_is_refused_at_every_door)
{
    static const char *const doors[] = {WIRE_VERIFY_SOCKET, WIRE_TRUSTED_SOCKET, WIRE_ADMIN_SOCKET};
    struct wire_message message;

    house_open(&house, 4096);
    house.server.started_as = OVERFLOW_UID;
    ck_assert_int_eq(chmod(house.folder, 0755), 0);
    for (size_t i = 0; getuid() == 0 && i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", house.sockets_folder, doors[i]);
        ck_assert_int_eq(chmod(path, 0666), 0);
        ck_assert_int_eq(seteuid(OVERFLOW_UID), 0);
        int fd = house_call(&house, doors[i]);
        ck_assert_int_eq(seteuid(0), 0);
        ck_assert_int_eq(hear(fd, &message), WIRE_REFUSE);
        close(fd);
    }
    house_close(&house);
}
END_TEST

START_TEST(without_descriptors_the_listener_pauses_and_goes_on)
{
    struct wire_message message;
    struct rlimit before, now;

    house_open(&house, 4096);
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "alice", "sshd");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    now.rlim_cur = (rlim_t)fd + 1; /* every lower one is taken */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
    unsigned turns = 0;
    while (house_turn(&house, 0) > 0)
        ck_assert_uint_lt(turns++, 10); /* it does not spin */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    int next = house_call(&house, WIRE_TRUSTED_SOCKET); /* (valgrind loses the first: it closes what it may not have) */
    house_ask(next, "alice", "sshd");
    ck_assert_int_eq(hear(next, &message), WIRE_PROMPT);
    close(next);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(sockets_are_made_with_their_modes_and_never_over_a_served_one)
{
    static const struct {
        const char *name;
        mode_t mode;
    } rows[] = {{"", 0755}, {WIRE_VERIFY_SOCKET, 0666}, {WIRE_TRUSTED_SOCKET, 0600}, {WIRE_ADMIN_SOCKET, 0600}};
    struct sockets again;
    struct problem problem = {0};

    house_open(&house, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[128];
        struct stat stat_of;
        snprintf(path, sizeof path, "%s/%s", house.sockets_folder, rows[i].name);
        ck_assert_int_eq(stat(path, &stat_of), 0);
        ck_assert_int_eq(stat_of.st_mode & 07777, rows[i].mode);
    }
    ck_assert_int_eq(sockets_make(house.sockets_folder, &again, &problem), STATUS_FAILED);
    ck_assert_int_eq(problem.kind, PROBLEM_BUSY);
    house_close(&house);
}
END_TEST

START_TEST(a_socket_that_was_left_over_is_replaced)
{
    struct sockets left, again;
    struct problem problem;
    char folder[] = "/tmp/garde-test-XXXXXX", run[64];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(run, sizeof run, "%s/run", folder);
    ck_assert_int_eq(sockets_make(run, &left, &problem), STATUS_OK);
    for (size_t i = 0; i < left.count; i++)
        close(left.rows[i].fd); /* as after a crash */
    ck_assert_int_eq(sockets_make(run, &again, &problem), STATUS_OK);
    sockets_close(&again);
    ck_assert_int_eq(rmdir(run), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_folder_that_others_can_write_is_not_used)
{
    struct sockets sockets;
    struct problem problem;
    char folder[] = "/tmp/garde-test-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (mode_t mode = 0775; mode != 0; mode = mode == 0775 ? 0757 : 0) {
        ck_assert_int_eq(chmod(folder, mode), 0);
        ck_assert_int_eq(sockets_make(folder, &sockets, &problem), STATUS_DENIED);
        ck_assert_int_eq(problem.kind, PROBLEM_MODE);
        ck_assert_uint_eq(problem.have_mode, mode);
        ck_assert_uint_eq(problem.want_mode, 0755);
    }
    ck_assert_int_eq(chmod(folder, 0755), 0);
    if (getuid() == 0) {
        ck_assert_int_eq(chown(folder, 4242, 4242), 0);
        ck_assert_int_eq(sockets_make(folder, &sockets, &problem), STATUS_DENIED);
        ck_assert_int_eq(problem.kind, PROBLEM_OWNER);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_folder_that_is_a_link_is_not_used)
{
    struct sockets sockets;
    struct problem problem;
    char folder[] = "/tmp/garde-test-XXXXXX", link[64];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(link, sizeof link, "%s/link", folder);
    ck_assert_int_eq(symlink("/tmp", link), 0);
    ck_assert_int_eq(sockets_make(link, &sockets, &problem), STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FOLDER);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static int listen_at(const char *folder, const char *name, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

static void remove_socket(const char *folder, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_int_eq(unlink(path), 0);
}

START_TEST(a_socket_of_another_program_is_not_replaced)
{
    struct sockets sockets;
    struct problem problem;
    char folder[] = "/tmp/garde-test-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    int fd = listen_at(folder, WIRE_VERIFY_SOCKET, SOCK_STREAM);
    ck_assert_int_eq(sockets_make(folder, &sockets, &problem), STATUS_FAILED);
    ck_assert_int_eq(problem.kind, PROBLEM_BUSY);
    close(fd);
    remove_socket(folder, WIRE_VERIFY_SOCKET);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void move(int fd, int number)
{
    ck_assert_int_eq(dup3(fd, number, O_CLOEXEC), number);
    ck_assert_int_eq(close(fd), 0);
}

START_TEST(sockets_handed_over_are_told_apart_by_name_and_each_comes_once)
{
    char folder[] = "/tmp/garde-test-XXXXXX", other[] = "/tmp/garde-test-XXXXXX";
    static const enum door doors[] = {DOOR_ADMIN, DOOR_PUBLIC, DOOR_TRUSTED};
    const int first = 100; /* beyond whatever this program was started with */
    struct sockets sockets;
    struct problem problem;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_ptr_nonnull(mkdtemp(other));
    move(listen_at(folder, WIRE_ADMIN_SOCKET, SOCK_SEQPACKET), first);
    move(listen_at(folder, WIRE_VERIFY_SOCKET, SOCK_SEQPACKET), first + 1);
    move(listen_at(folder, WIRE_TRUSTED_SOCKET, SOCK_SEQPACKET), first + 2);
    move(listen_at(other, WIRE_ADMIN_SOCKET, SOCK_SEQPACKET), first + 3);
    move(listen_at(other, WIRE_VERIFY_SOCKET, SOCK_STREAM), first + 4);
    move(listen_at(other, "strange.sock", SOCK_SEQPACKET), first + 5);

    ck_assert_int_eq(sockets_take(first, 4, &sockets, &problem), STATUS_INVALID); /* two admin sockets */
    ck_assert_int_eq(sockets_take(first + 4, 1, &sockets, &problem), STATUS_INVALID);
    ck_assert_int_eq(sockets_take(first + 5, 1, &sockets, &problem), STATUS_INVALID);
    ck_assert_int_eq(sockets_take(STDIN_FILENO, 1, &sockets, &problem), STATUS_INVALID);
    ck_assert_int_eq(problem.kind, PROBLEM_FOREIGN);
    ck_assert_int_eq(sockets_take(first, 3, &sockets, &problem), STATUS_OK);
    ck_assert_uint_eq(sockets.count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(sockets.rows[i].door, doors[i]);
        ck_assert_int_ne(fcntl(first + (int)i, F_GETFL) & O_NONBLOCK, 0);
        ck_assert_int_ne(fcntl(first + (int)i, F_GETFD) & FD_CLOEXEC, 0);
    }
    sockets_close(&sockets); /* leaves the files to who made them */
    for (int fd = first + 3; fd < first + 6; fd++)
        close(fd);
    remove_socket(folder, WIRE_ADMIN_SOCKET);
    remove_socket(folder, WIRE_VERIFY_SOCKET);
    remove_socket(folder, WIRE_TRUSTED_SOCKET);
    remove_socket(other, WIRE_ADMIN_SOCKET);
    remove_socket(other, WIRE_VERIFY_SOCKET);
    remove_socket(other, "strange.sock");
    ck_assert_int_eq(rmdir(folder) + rmdir(other), 0);
}
END_TEST

SUITE("listener", one_uid_fills_its_own_places_and_nobody_elses,
      a_full_public_door_leaves_descriptors_for_trusted_callers, the_trusted_and_admin_doors_are_shut_for_other_uids,
      uid_65534_is_refused_at_every_door, without_descriptors_the_listener_pauses_and_goes_on,
      sockets_are_made_with_their_modes_and_never_over_a_served_one, a_socket_that_was_left_over_is_replaced,
      a_folder_that_others_can_write_is_not_used, a_folder_that_is_a_link_is_not_used,
      a_socket_of_another_program_is_not_replaced, sockets_handed_over_are_told_apart_by_name_and_each_comes_once)
