/* A log that is read and dropped: sink PATH... */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKETS_MAX 4

static int open_one(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || len >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, len);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0666) != 0)
        return -1;
    return fd;
}

int main(int argc, char **argv)
{
    struct pollfd sockets[SOCKETS_MAX];
    nfds_t count = 0;
    char line[65536];

    for (int i = 1; i < argc && count < SOCKETS_MAX; i++) {
        sockets[count] = (struct pollfd){.fd = open_one(argv[i]), .events = POLLIN};
        if (sockets[count++].fd < 0) {
            perror(argv[i]);
            return 1;
        }
    }
    while (poll(sockets, count, -1) > 0)
        for (nfds_t i = 0; i < count; i++)
            while (recv(sockets[i].fd, line, sizeof line, MSG_DONTWAIT) >= 0)
                ;
    return 1;
}
