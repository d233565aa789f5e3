/* Stands in for systemd: makes the three sockets in a folder and starts the verifier when somebody connects to one of them.
 *
 *   activate FOLDER PROGRAM [ARGUMENT ...]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <garde/wire.h>

#define FIRST   3
#define SOCKETS 3

static int open_one(const char *folder, const char *name, int wanted_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

    if (len < 0 || (size_t)len >= sizeof address.sun_path || fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 256) != 0)
        return -1;
    return fd == wanted_fd ? fd : dup2(fd, wanted_fd);
}

int main(int argc, char **argv)
{
    static const char *const names[SOCKETS] = {WIRE_VERIFY_SOCKET, WIRE_TRUSTED_SOCKET, WIRE_ADMIN_SOCKET};
    struct pollfd sockets[SOCKETS];
    char self[24];

    if (argc < 3)
        return 2;
    for (int i = 0; i < SOCKETS; i++) {
        sockets[i] = (struct pollfd){.fd = open_one(argv[1], names[i], FIRST + i), .events = POLLIN};
        if (sockets[i].fd < 0) {
            perror(names[i]);
            return 1;
        }
    }
    (void)printf("listening\n");
    (void)fflush(stdout);
    if (poll(sockets, SOCKETS, -1) <= 0)
        return 1;
    (void)snprintf(self, sizeof self, "%ld", (long)getpid());
    (void)setenv("LISTEN_PID", self, 1);
    (void)setenv("LISTEN_FDS", "3", 1);
    (void)execv(argv[2], argv + 2);
    return 1;
}
